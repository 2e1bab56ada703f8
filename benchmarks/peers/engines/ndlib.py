"""NDlib's own SIR model, without keeping every node's state of every day.

Its iteration 0 reports the first morning, so that one more is needed.
"""

from __future__ import annotations

from importlib.metadata import version

import ndlib.models.epidemics as epidemics
import networkx as nx
import numpy as np
from ndlib.models.ModelConfig import Configuration

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main


def prepare(network):
    graph = nx.Graph()
    graph.add_nodes_from(range(network.agents))
    graph.add_edges_from(network.pairs.tolist())

    def build(seed: int):
        np.random.seed(seed)  # noqa: NPY002  (NDlib draws from the global generator)
        model = epidemics.SIRModel(graph)
        settings = Configuration()
        settings.add_model_parameter("beta", TRANSMISSION)
        settings.add_model_parameter("gamma", RECOVERY)
        first = network.first_infected(np.random.default_rng(seed)).tolist()
        settings.add_model_initial_configuration("Infected", first)
        model.set_initial_status(settings)
        return model

    def run(model) -> float:
        for _ in range(STEPS + 1):
            counts = model.iteration(node_status=False)["node_count"]
        return float(network.agents - counts[0])

    return build, run


if __name__ == "__main__":
    main("ndlib", version("ndlib"), prepare, warm=False)
