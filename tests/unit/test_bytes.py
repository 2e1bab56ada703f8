"""What a consumer and a tie take in memory, by the sizes of the arrays."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim.agents.consumers import NEVER
from sim.agents.stages import Stage
from sim.bench.memory import count_bytes
from sim.engine import Engine
from sim.errors import ScenarioError
from sim.luck import Purpose, draw_key, uniform
from sim.scenario.scenario import Scenario

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_ties_of_several_layers_are_kept_once() -> None:
    scenario = Scenario.load("coffee_subscription").with_changes(
        {"agents": 2000, "days": 1, "ties": [{"name": "friends"}, {"name": "club", "kind": "power_law"}]}
    )
    world = Engine(scenario).world
    found = count_bytes(world)
    assert found.per_tie == 4.0
    assert world.ties.idx.size == found.directions > 2 * 2000 * 7
    starts = sum(ties.ptr.nbytes for ties in world.layers if ties is not None)
    assert starts == world.ties.ptr.nbytes == 2 * 4 * 2001


def test_what_is_due_beyond_all_dates_is_due_never() -> None:
    scenario = Scenario.load("coffee_subscription").with_changes(
        {
            "agents": 60_000, "days": 2, "start.awareness": 0.0, "start.consideration": 1.0, "start.retention": 0.0,
            "start.loyalty": 0.0, "start.advocacy": 0.0, "start.lapsed": 0.0,
            "market.needs_per_year": 365.0, "market.decision_days": 3650.0,
        }
    )  # fmt: skip
    engine = Engine(scenario)
    engine.step()
    people = engine.world.people
    who = np.flatnonzero(people.stage == Stage.DECISION)
    key = np.uint64(draw_key(engine.plan.seed, Purpose.DURATION, 0, 0))
    due = np.array([math.floor(-math.log(uniform(key, i)) * 3650.0) for i in who])
    assert due.max() > NEVER
    assert people.due[who].tolist() == np.minimum(due, NEVER).tolist()


def test_a_run_ends_before_dates_do() -> None:
    scenario = Scenario.load("coffee_subscription")
    assert scenario.with_changes({"days": 32_000, "touchpoints": []}).days < NEVER
    with pytest.raises(ScenarioError, match="expected a whole number from 1 to 32,000"):
        scenario.with_changes({"days": 32_001, "touchpoints": []})


@pytest.mark.parametrize(("story", "most"), [("coffee", 98.9), ("ten touchpoints", 86.6), ("minimal", 79.2)])
def test_bytes_of_a_consumer_and_of_a_tie(story: str, most: float) -> None:
    """Targets: 100 bytes per consumer, 4.5 per tie and direction. A column more has to be worth it."""
    files = {"coffee": "coffee_subscription", "ten touchpoints": BENCHMARKS / "million.toml"}
    scenario = Scenario.load(files.get(story, BENCHMARKS / "minimal.toml"))
    engine = Engine(scenario.with_changes({"agents": 20_000, "days": 2}), threads=1)
    while not engine.finished:
        engine.step()
    found = count_bytes(engine.world)
    assert found.each <= most
    assert found.directions == 0 or found.per_tie == 4.0
