"""A storm week beside a calm one over a million consumers, and a whole storm study.

`JOURNEY_BENCH_SMALL=1` keeps the shape and shrinks the numbers. The difference between the weeks is what a storm costs.
"""

from __future__ import annotations

import os

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.studies.storms import storms, with_trigger

SMALL = os.environ.get("JOURNEY_BENCH_SMALL") == "1"
#: On the first morning of the week: severe and vivid, so that it reaches a third of the market.
TRIGGER = {"date": "2026-01-12", "severity": 0.9, "vividness": 0.9, "posters": 5000.0}


@pytest.fixture(scope="module")
def week() -> tuple[Engine, Scenario]:
    """A run on the eighth morning, and the same with a storm about to break out; everything is compiled."""
    calm = Scenario.load("coffee_subscription").with_changes({"agents": 20_000 if SMALL else 1_000_000, "days": 14})
    stormy = calm.with_changes({"storm.triggers": [TRIGGER]})
    small = Engine(stormy.with_changes({"agents": 2_000}))
    while not small.finished:
        small.step()
    engine = Engine(calm)
    for _ in range(7):
        engine.step()
    return engine, stormy


@pytest.mark.parametrize("storm", [False, True], ids=["calm", "storm"])
def test_a_week(benchmark: BenchmarkFixture, week: tuple[Engine, Scenario], storm: bool) -> None:
    """Target: less than a second more with the storm."""
    trunk, stormy = week

    def branch() -> tuple[tuple[Engine], dict[str, object]]:
        return (trunk.branch(stormy if storm else trunk.plan.scenario),), {}

    def live(engine: Engine) -> Engine:
        while not engine.finished:
            engine.step()
        return engine

    engine = benchmark.pedantic(live, setup=branch, rounds=1 if SMALL else 3)
    if storm:
        benchmark.extra_info["reached"] = float(engine.world.storm.seen.size) / engine.plan.agents
        assert engine.results().storm["joined"].sum() > 0


def test_a_study(benchmark: BenchmarkFixture) -> None:
    """5 responses by 4 delays by 10 seeds, 100,000 consumers, 120 days: target below 90 s on two cores."""
    size = {"agents": 2_000, "days": 40} if SMALL else {"agents": 100_000, "days": 120}
    scenario = with_trigger(Scenario.load("coffee_subscription").with_changes(size))
    kinds = ("silence", "explain", "apologise", "compensate", "supporters")
    found = benchmark.pedantic(
        storms, args=(scenario,), kwargs={"responses": kinds, "seeds": 1 if SMALL else 10}, rounds=1
    )
    assert len(found.cells) == 17
