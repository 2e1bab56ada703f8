"""laser-core keeps the people (a LaserFrame), NumPy walks the edges: LASER itself has no network of single ties."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from laser.core import LaserFrame

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main

SUSCEPTIBLE, INFECTIOUS, RECOVERED = range(3)


def prepare(network):
    source = np.concatenate([network.pairs[:, 0], network.pairs[:, 1]])
    target = np.concatenate([network.pairs[:, 1], network.pairs[:, 0]])

    def build(seed: int):
        rng = np.random.default_rng(seed)
        people = LaserFrame(network.agents, network.agents)
        people.add_scalar_property("state", dtype=np.uint8, default=SUSCEPTIBLE)
        people.state[network.first_infected(rng)] = INFECTIOUS
        return rng, people

    def run(model) -> float:
        rng, people = model
        state = people.state
        for _ in range(STEPS):
            tried = target[(state == INFECTIOUS)[source]]
            caught = tried[rng.random(tried.size, np.float32) < TRANSMISSION]
            caught = caught[state[caught] == SUSCEPTIBLE]
            ill = np.flatnonzero(state == INFECTIOUS)
            state[ill[rng.random(ill.size, np.float32) < RECOVERY]] = RECOVERED
            state[caught] = INFECTIOUS
        return float(np.count_nonzero(state))

    return build, run


if __name__ == "__main__":
    main("laser_core", version("laser-core"), prepare)
