"""The reduced journey as a scenario of this simulator: whole days of `sim.Engine`, its record of every day included.

With the argument `two` on two threads.
"""

from __future__ import annotations

import sys

from benchmarks.peers import journey as j
from benchmarks.peers.task import main
from sim.engine import Engine
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.scenario import Scenario
from sim.version import VERSION

CPM = 10.0
FOREVER = 1e9  # a half-life in days
STAGES = ("awareness", "consideration", "decision", "service", "retention", "loyalty", "advocacy", "lapsed")
OWNING = STAGES[3:7]


def reduced(agents: int, edges: str) -> Scenario:
    """The scenario; one agent stands for one person."""
    quiet = {"synergy": 0.0, "irritation": 0.0, "inform": 0.0, "touch": 0.0, "attention": 0.3}
    talks = dict.fromkeys(OWNING, j.TALKS_PER_WEEK_OWNING)
    talks |= dict.fromkeys(STAGES[1:3], j.TALKS_PER_WEEK_CONSIDERING)
    return Scenario.from_dict(
        {
            "days": j.DAYS,
            "agents": agents,
            "panel": 0,
            "market": {
                "kind": "repeat", "size": float(agents), "price": 10.0, "rivals": [{"name": "other", "price": 10.0}],
                "taste_concentration": j.TASTE_SHAPE, "share_of_voice_weight": 0.0,
                "needs_per_year": 365.0 * j.NEEDS_PER_DAY, "needs_shape": "none", "decision_days": 0.0,
            },
            "personas": [
                {
                    "name": "everybody", "share": 1.0, "trust_paid": j.TV_NOTICED / 0.3,
                    "trust_owned": j.SITE_NOTICED / 0.3,
                }
            ],
            "touchpoints": [
                {
                    "name": "tv", "kind": "paid", "purpose": "brand", "cpm_eur": CPM, **quiet,
                    "spend": {"weekly_eur": 7.0 * j.TV_CONTACTS * agents * CPM / 1000.0},
                },
                {
                    "name": "website", "kind": "owned", "purpose": "brand", **quiet,
                    "visits_per_week": 7.0 * j.SITE_CONTACTS,
                },
            ],
            "ties": [{"name": "friends", "kind": "file", "file": edges, "transmission": j.HEARD}],
            "memory": {
                "salience_half_life_days": j.SALIENCE_HALF_LIFE_DAYS, "awareness_scale": j.AWARENESS_SCALE,
                "belief_half_life_days": FOREVER, "feeling_half_life_days": FOREVER, "synergy_most": 0,
            },
            "interest": {
                "base": j.INTEREST_BASE, "salience": j.INTEREST_PER_SALIENCE, "belief": 0.0, "feeling": 0.0,
            },
            "choice": {"belief": 0.0, "feeling": 0.0, "loyalty": 0.0, "salience": 0.0, "friends": 0.0, "reviews": 0.0},
            "experience": {
                "satisfaction_gain": 0.0, "feeling_gain": 0.0, "learning": 0.0, "loyalty_gain": 0.0,
                "leave_a": "none", "leave_b": "none",
            },
            "talk": {
                "in_person_per_week": dict.fromkeys(STAGES, 0.0) | talks, "posts_per_week": dict.fromkeys(STAGES, 0.0),
                "inform": 0.0, "touch": 0.0, "negativity": 1.0, "weight": 1.0, "influencer_share": 0.0,
            },
            "reviews": {"probability": 0.0},
            "service": {
                "failures_per_year": 0.0, "desks": {channel: {"staff": 0.0} for channel in CONTACT_CHANNELS},
            },
        }
    )  # fmt: skip


def prepare(network):
    scenario = reduced(network.agents, str(network.path.with_suffix(".txt").resolve()))
    threads = 2 if "two" in sys.argv[3:] else 1

    def run(engine: Engine) -> float:
        while not engine.finished:
            engine.step()
        return float(engine.everybody()["purchases"].sum())

    return lambda seed: Engine(scenario, seed=seed, threads=threads), run


if __name__ == "__main__":
    main("journey_ours", VERSION, prepare, steps=j.DAYS)
