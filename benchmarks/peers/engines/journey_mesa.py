"""The reduced journey in Mesa: one agent per consumer, everybody lives every day."""

from __future__ import annotations

import math

import mesa

from benchmarks.peers import journey as j
from benchmarks.peers.engines.mesa_ties import befriended
from benchmarks.peers.task import main

UNAWARE, AWARE, CONSIDERING, OWNING = range(4)
TV = 1.0 - math.exp(-j.TV_CONTACTS * j.TV_NOTICED)  # chance that any of a Poisson number is noticed
SITE = 1.0 - math.exp(-j.SITE_CONTACTS * j.SITE_NOTICED)
KEPT = 2.0 ** (-1.0 / j.SALIENCE_HALF_LIFE_DAYS)
ANY_NEED = 1.0 - math.exp(-j.NEEDS_PER_DAY)


class Consumer(mesa.Agent):
    """Remembers contacts, considers, buys and talks."""

    def __init__(self, model):
        super().__init__(model)
        draw = self.random
        self.stage = UNAWARE
        self.salience = 0.0
        self.heard = 0  # messages since yesterday evening
        self.speaks = False
        self.friends = []
        self.threshold = draw.expovariate(1.0 / j.AWARENESS_SCALE)
        u = draw.random()
        self.openness = math.log(u / (1.0 - u))
        ours, other = draw.gammavariate(j.TASTE_SHAPE, 1.0), draw.gammavariate(j.TASTE_SHAPE, 1.0)
        self.preference = ours / (ours + other)
        involvement = 2.0 * draw.random()
        self.talk_considering = 1.0 - math.exp(-involvement * j.TALKS_PER_WEEK_CONSIDERING / 7.0)
        self.talk_owning = 1.0 - math.exp(-involvement * j.TALKS_PER_WEEK_OWNING / 7.0)

    def live(self):
        """Contacts, what was heard, needs, and the evening."""
        draw = self.random.random
        salience = self.salience + self.heard
        self.heard = 0
        if draw() < TV:
            salience += 1.0
        if draw() < SITE:
            salience += 1.0
        if self.stage >= CONSIDERING and draw() < ANY_NEED:
            self.choose()
        self.salience = salience = salience * KEPT
        if self.stage == UNAWARE:
            if salience > 0.0 and salience >= self.threshold:
                self.stage = AWARE
        elif self.stage == AWARE:
            if salience < self.threshold:
                self.stage = UNAWARE
            elif j.INTEREST_BASE + j.INTEREST_PER_SALIENCE * salience > self.openness:
                self.stage = CONSIDERING
        if self.stage >= CONSIDERING:
            self.speaks = draw() < (self.talk_owning if self.stage == OWNING else self.talk_considering)

    def choose(self):
        """One choice for each need of a customer, one in all of who considers."""
        draw = self.random.random
        if self.stage == CONSIDERING:
            if draw() < self.preference:
                self.stage = OWNING
                self.model.purchases += 1
            return
        needs, term = 1, j.NEEDS_PER_DAY
        left = draw() * ANY_NEED / math.exp(-j.NEEDS_PER_DAY) - term
        while left > 0.0:
            needs += 1
            term *= j.NEEDS_PER_DAY / needs
            left -= term
        for _ in range(needs):
            if draw() < self.preference:
                self.model.purchases += 1

    def talk(self):
        """Reach ties; they hear it tomorrow."""
        if self.speaks:
            draw = self.random.random
            for friend in self.friends:
                if draw() < j.HEARD:
                    friend.heard += 1


class Market(mesa.Model):
    """Consumers on a network."""

    def __init__(self, agents, rows, seed):
        super().__init__(seed=seed)
        befriended([Consumer(self) for _ in range(agents)], rows)
        self.purchases = 0

    def step(self):
        self.agents.do("live")
        self.agents.do("talk")


def prepare(network):
    rows = network.rows()

    def run(model: Market) -> float:
        for _ in range(j.DAYS):
            model.step()
        return float(model.purchases)

    return lambda seed: Market(network.agents, rows, seed), run


if __name__ == "__main__":
    main("journey_mesa", mesa.__version__, prepare, warm=False, steps=j.DAYS)
