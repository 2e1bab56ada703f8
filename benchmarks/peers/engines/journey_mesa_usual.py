"""The reduced journey in Mesa as its tutorials write models: everybody's turn comes in random order, a day is recorded.

What our own engine records every day, too: how many stand where, and what was bought.
"""

from __future__ import annotations

from collections import Counter

import mesa

from benchmarks.peers import journey as j
from benchmarks.peers.engines.journey_mesa import Market
from benchmarks.peers.task import main


class RecordedMarket(Market):
    """Consumers on a network, in random order, with a data collector."""

    def __init__(self, agents, rows, seed):
        super().__init__(agents, rows, seed)
        self.datacollector = mesa.DataCollector(
            model_reporters={"purchases": "purchases", "stages": lambda model: Counter(model.agents.get("stage"))}
        )

    def step(self):
        self.agents.shuffle_do("live")
        self.agents.shuffle_do("talk")
        self.datacollector.collect(self)


def prepare(network):
    rows = network.rows()

    def run(model: RecordedMarket) -> float:
        for _ in range(j.DAYS):
            model.step()
        return float(model.datacollector.get_model_vars_dataframe()["purchases"].iloc[-1])

    return lambda seed: RecordedMarket(network.agents, rows, seed), run


if __name__ == "__main__":
    main("journey_mesa_usual", mesa.__version__, prepare, warm=False, steps=j.DAYS)
