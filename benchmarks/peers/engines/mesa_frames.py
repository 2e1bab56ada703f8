"""mesa-frames on Polars: people are a frame, ties another, a day is a join of both."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main

SUSCEPTIBLE, INFECTIOUS, RECOVERED = range(3)


class People(AgentSetPolars):
    """Everybody, with the state and a row number as column; rows stay in the order of the numbers."""

    def __init__(self, model, ties: pl.DataFrame, agents: int, first: np.ndarray):
        super().__init__(model)
        self.ties = ties
        state = np.zeros(agents, np.uint8)
        state[first] = INFECTIOUS
        self += pl.DataFrame({"unique_id": np.arange(agents), "state": state})

    def step(self) -> None:
        draw = self.model.random.random
        state = self.agents["state"]
        ill = (state == INFECTIOUS).arg_true()
        tried = self.ties.lazy().filter((state == INFECTIOUS).gather(self.ties["source"])).select("target").collect()
        tried = tried["target"]
        caught = tried.filter(pl.Series(draw(len(tried), np.float32) < TRANSMISSION)).unique()
        caught = caught.filter(state.gather(caught) == SUSCEPTIBLE)
        well = ill.filter(pl.Series(draw(len(ill), np.float32) < RECOVERY))
        state = state.clone().scatter(well, RECOVERED).scatter(caught, INFECTIOUS)
        self.agents = self.agents.with_columns(state.alias("state"))


class Epidemic(ModelDF):
    """A network of people."""

    def __init__(self, network, ties: pl.DataFrame, seed: int):
        super().__init__(seed)
        self.people = People(self, ties, network.agents, network.first_infected(np.random.default_rng(seed)))
        self.agents += self.people

    def step(self) -> None:
        self.agents.step()


def prepare(network):
    pairs = network.pairs
    ties = pl.DataFrame(
        {
            "source": np.concatenate([pairs[:, 0], pairs[:, 1]]).astype(np.uint32),
            "target": np.concatenate([pairs[:, 1], pairs[:, 0]]).astype(np.uint32),
        }
    )

    def run(model: Epidemic) -> float:
        for _ in range(STEPS):
            model.step()
        return float((model.get_agents_of_type(People).agents["state"] != SUSCEPTIBLE).sum())

    return lambda seed: Epidemic(network, ties, seed), run


if __name__ == "__main__":
    main("mesa_frames", version("mesa-frames"), prepare)
