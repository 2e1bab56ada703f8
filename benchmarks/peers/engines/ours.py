"""This simulator: the storm in its SIR limit, without the rest of the day. One hour of the storm is one step.

Everybody who is outraged tells close ties every hour, each hears it with the transmission, and whoever hears it joins.
Outrage lasts geometrically: (1 + a / scale) ** -shape of a power law with a large shape is exp(-a shape / scale). With
the argument `day` the whole day is lived instead, with nothing in it but the storm: `sim.Engine.step`; with `two`, two
threads are used, and what counts are the `wall_seconds` of a machine that does nothing else.
"""

from __future__ import annotations

import math
import sys
from datetime import date

from benchmarks.peers.task import FIRST, RECOVERY, STEPS, TRANSMISSION, main
from sim.day.storm_step import storm_step
from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.version import VERSION

SHAPE = 1000.0
_START_HOUR = 24 - STEPS % 24  # so that the last hour of the last day is the last step
DAYS = (_START_HOUR + STEPS) // 24


def limit(agents: int, edges: str) -> Scenario:
    """A scenario in which nothing happens but a storm that is an SIR epidemic on an edge list."""
    start = date(2026, 1, 5)
    return Scenario.from_dict(
        {
            "start_date": start,
            "days": DAYS,
            "agents": agents,
            "panel": 0,
            "market": {"kind": "durable", "size": float(agents), "needs_shape": "none"},
            "personas": [{"name": "everybody", "share": 1.0}],
            "touchpoints": [],
            "talk": {"enabled": False},
            "reviews": {"probability": 0.0},
            "service": {"failures_per_year": 0.0},
            "ties": [{"name": "friends", "kind": "file", "file": edges, "transmission": TRANSMISSION}],
            "storm": {
                "triggers": [
                    {
                        "date": start, "hour": _START_HOUR, "severity": 1.0, "first_posters": "random",
                        "posters": float(round(FIRST * agents)),
                    }
                ],
                "spread": {
                    "join": 1.0, "arousal": 0.0, "relation": 0.0, "close_strength": 1.0,
                    "tells_per_hour": 1.0, "posts_per_hour": 0.0,
                    "novelty_half_life_hours": "none", "immune_days": "none",
                    "fatigue_hours": -SHAPE / math.log(1.0 - RECOVERY), "fatigue_shape": SHAPE, "longest_hours": 8760,
                },
                "trolls": {"share": 0.0},
                "media": {"threshold_posts_per_hour": "none"},
                "harm": {"salience": 0.0, "belief": 0.0, "feeling": 0.0, "fresh": 0.0, "review": 0.0},
            },
        }
    )  # fmt: skip


def prepare(network):
    scenario = limit(network.agents, str(network.path.with_suffix(".txt").resolve()))
    whole_day, threads = "day" in sys.argv[3:], 2 if "two" in sys.argv[3:] else 1

    def build(seed: int) -> Engine:
        return Engine(scenario, seed=seed, threads=threads)

    def run(engine: Engine) -> float:
        joined = 0
        for _ in range(DAYS):
            if whole_day:
                engine.step()
            else:
                storm_step(engine.world)
                engine.world.day += 1
            assert engine.world.storm is not None
            joined += sum(int(hour["joined"][0]) for hour in engine.world.storm.hours)
        return float(joined)

    return build, run


if __name__ == "__main__":
    main("ours_day" if "day" in sys.argv[3:] else "ours", VERSION, prepare)
