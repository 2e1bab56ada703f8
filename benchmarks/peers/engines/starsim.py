"""Starsim's own SIR module on a network of given edges.

Its day is: recover, then transmit. Who is infected today with a duration of d days transmits on the d - 1 days after,
so that the task's duration D is d = D + 1 here; the first ones transmit on the very first day already, so they have D.
"""

from __future__ import annotations

import numpy as np
import scipy.stats
import starsim as ss

from benchmarks.peers.task import RECOVERY, STEPS, TRANSMISSION, main


class Friends(ss.Network):
    """Ties that stay as they are."""

    def step(self) -> None:
        """Nothing."""


def prepare(network):
    ends = network.pairs.astype(np.int64)

    def build(seed: int):
        friends = Friends(name="friends", p1=ends[:, 0], p2=ends[:, 1], beta=np.ones(len(ends), np.float32))
        disease = ss.SIR(
            beta=ss.probperday(TRANSMISSION), init_prev=ss.bernoulli(p=0.0), p_death=ss.bernoulli(p=0.0),
            dur_inf=ss.Dist(dist=scipy.stats.geom(p=RECOVERY, loc=1)),
        )  # fmt: skip
        sim = ss.Sim(
            n_agents=network.agents, networks=friends, diseases=disease, dt=ss.days(1),
            start=ss.days(0), dur=ss.days(STEPS - 1), rand_seed=seed, verbose=0,
        )  # fmt: skip
        sim.init()
        disease = sim.diseases[0]
        first = ss.uids(network.first_infected(np.random.default_rng(seed)))
        disease.set_prognoses(first)
        disease.susceptible[first] = False
        disease.ti_recovered[first] -= 1
        return sim

    def run(sim) -> float:
        sim.run()
        return float(network.agents - np.count_nonzero(sim.diseases[0].susceptible))

    return build, run


if __name__ == "__main__":
    main("starsim", ss.__version__, prepare)
