"""EoN, event-driven: delays drawn per tie and duration. In whole days they are geometric, which is the task's law.

`fast_SIR` draws exponential delays: it is another law, with the same code behind it.
"""

from __future__ import annotations

import math
import random
from importlib.metadata import version

import EoN
import networkx as nx
import numpy as np

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main

_TRY, _STAY = 1.0 / math.log(1.0 - TRANSMISSION), 1.0 / math.log(1.0 - RECOVERY)


def delays(node, susceptible, draw):
    """Days until each susceptible tie is infected, as a dict, and until recovery: 1 + floor(log u / log(1 - p))."""
    log = math.log
    stays = 1 + int(log(1.0 - draw()) * _STAY)
    return {friend: 1 + int(log(1.0 - draw()) * _TRY) for friend in susceptible}, stays


def prepare(network):
    graph = nx.Graph()
    graph.add_nodes_from(range(network.agents))
    graph.add_edges_from(network.pairs.tolist())

    def build(seed: int):
        return random.Random(seed).random, network.first_infected(np.random.default_rng(seed)).tolist()

    def run(model) -> float:
        draw, first = model
        _, susceptible, _, _ = EoN.fast_nonMarkov_SIR(
            graph, trans_and_rec_time_fxn=delays, trans_and_rec_time_args=(draw,), initial_infecteds=first, tmax=STEPS
        )
        return float(network.agents - susceptible[-1])

    return build, run


if __name__ == "__main__":
    main("eon", version("EoN"), prepare, warm=False)
