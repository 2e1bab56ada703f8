"""Mesa as its tutorials write it: one agent per consumer, everybody's step every day."""

from __future__ import annotations

import mesa
import numpy as np

from benchmarks.peers.engines.mesa_ties import befriended
from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main

SUSCEPTIBLE, INFECTIOUS, RECOVERED = range(3)


class Person(mesa.Agent):
    """Tries his ties while infectious; what changes today counts from tomorrow on."""

    def __init__(self, model):
        super().__init__(model)
        self.state = self.next_state = SUSCEPTIBLE
        self.friends = []

    def step(self):
        if self.state != INFECTIOUS:
            return
        draw = self.random.random
        for friend in self.friends:
            if friend.state == SUSCEPTIBLE and draw() < TRANSMISSION:
                friend.next_state = INFECTIOUS
        if draw() < RECOVERY:
            self.next_state = RECOVERED

    def advance(self):
        self.state = self.next_state


class Epidemic(mesa.Model):
    """A network of people."""

    def __init__(self, network, rows, seed):
        super().__init__(seed=seed)
        people = befriended([Person(self) for _ in range(network.agents)], rows)
        for i in network.first_infected(np.random.default_rng(seed)).tolist():
            people[i].state = people[i].next_state = INFECTIOUS

    def step(self):
        self.agents.do("step")
        self.agents.do("advance")


def prepare(network):
    rows = network.rows()

    def run(model: Epidemic) -> float:
        for _ in range(STEPS):
            model.step()
        return sum(person.state != SUSCEPTIBLE for person in model.agents)

    return lambda seed: Epidemic(network, rows, seed), run


if __name__ == "__main__":
    main("mesa_usual", mesa.__version__, prepare, warm=False)
