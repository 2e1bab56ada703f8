"""The law itself, without steps: how far the first ones reach along open ties within the days there are.

Whoever is infected stays so for D days, P(D = d) = r (1 - r)^(d - 1), and reaches a tie after G days,
P(G = g) = p (1 - p)^(g - 1), if G <= D. Somebody's day of infection is then the shortest way from the first ones (Kiss,
Miller & Simon 2017, Mathematics of Epidemics on Networks, chapter 6). Exact in law, and nothing in common with a
simulation by steps.
"""

from __future__ import annotations

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, Network, main


def prepare(network):
    ptr, idx = network.rows()
    source = np.repeat(np.arange(network.agents, dtype=np.int32), np.diff(ptr))

    def build(seed: int):
        return np.random.default_rng(seed)

    def run(rng: np.random.Generator) -> float:
        return ever_infected(network, source, idx, rng)

    return build, run


def ever_infected(network: Network, source: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> int:
    """How many the first ones reach within the days; source, target int32 [2 ties]."""
    days = rng.geometric(RECOVERY, network.agents)
    delay = rng.geometric(TRANSMISSION, source.size)
    opened = delay <= days[source]
    shape = (network.agents, network.agents)
    ways = csr_array((delay[opened].astype(float), (source[opened], target[opened])), shape)
    first = network.first_infected(rng)
    return int(np.isfinite(dijkstra(ways, indices=first, limit=STEPS, min_only=True)).sum())


if __name__ == "__main__":
    main("reference", f"SciPy {scipy.__version__}", prepare)
