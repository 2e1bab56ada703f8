"""Mesa at its leanest: still one agent per consumer, but only those who are infectious are visited."""

from __future__ import annotations

import mesa
import numpy as np

from benchmarks.peers.engines.mesa_ties import befriended
from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main


class Person(mesa.Agent):
    """Knows his ties and whether he can still be infected."""

    def __init__(self, model):
        super().__init__(model)
        self.susceptible = True
        self.friends = ()


class Epidemic(mesa.Model):
    """A network of people and the list of those who are infectious."""

    def __init__(self, network, rows, seed):
        super().__init__(seed=seed)
        people = befriended([Person(self) for _ in range(network.agents)], rows)
        self.infectious = [people[i] for i in network.first_infected(np.random.default_rng(seed)).tolist()]
        for person in self.infectious:
            person.susceptible = False

    def step(self):
        draw = self.random.random
        caught, still = [], []
        for person in self.infectious:
            for friend in person.friends:
                if friend.susceptible and draw() < TRANSMISSION:
                    friend.susceptible = False
                    caught.append(friend)
            if draw() >= RECOVERY:
                still.append(person)
        self.infectious = still + caught


def prepare(network):
    rows = network.rows()

    def run(model: Epidemic) -> float:
        for _ in range(STEPS):
            model.step()
        return sum(not person.susceptible for person in model.agents)

    return lambda seed: Epidemic(network, rows, seed), run


if __name__ == "__main__":
    main("mesa_lean", mesa.__version__, prepare, warm=False)
