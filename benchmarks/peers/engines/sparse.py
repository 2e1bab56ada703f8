"""NumPy and SciPy alone: a sparse matrix times who is infectious, every day. What a good hour's work gives."""

from __future__ import annotations

import numpy as np
import scipy
from scipy.sparse import csr_array

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main


def prepare(network):
    ptr, idx = network.rows()
    ties = csr_array((np.ones(idx.size, np.float32), idx, ptr), (network.agents, network.agents))
    escaping = np.float32(1.0 - TRANSMISSION) ** np.arange(int(np.diff(ptr).max()) + 1, dtype=np.float32)

    def build(seed: int):
        rng = np.random.default_rng(seed)
        susceptible = np.ones(network.agents, bool)
        infectious = np.zeros(network.agents, bool)
        first = network.first_infected(rng)
        susceptible[first], infectious[first] = False, True
        return rng, susceptible, infectious

    def run(model) -> float:
        rng, susceptible, infectious = model
        for _ in range(STEPS):
            tries = (ties @ infectious.astype(np.float32)).astype(np.int32)
            exposed = np.flatnonzero(susceptible & (tries > 0))
            caught = exposed[rng.random(exposed.size, np.float32) >= escaping[tries[exposed]]]
            ill = np.flatnonzero(infectious)
            infectious[ill[rng.random(ill.size, np.float32) < RECOVERY]] = False
            susceptible[caught], infectious[caught] = False, True
        return float(network.agents - susceptible.sum())

    return build, run


if __name__ == "__main__":
    main("sparse", f"NumPy {np.__version__}, SciPy {scipy.__version__}", prepare)
