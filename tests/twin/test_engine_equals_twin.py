"""The engine lives every scenario as the slow twin does: integers exactly, real numbers to 1e-6, every day."""

from __future__ import annotations

from typing import Any

import numba
import pytest
from hypothesis import HealthCheck, given, settings

from sim.counters import PersonCount, TouchCount
from sim.engine import Engine
from sim.scenario import Scenario
from tests.strategies import valid_dicts

from .catalogue import ALL
from .compare import first_difference
from .stories import lived, story
from .world import PER_PERSONA, PER_TOUCHPOINT

MOST_AGENTS, MOST_DAYS = 150, 15


def small(tables: dict[str, Any]) -> Scenario:
    """A generated scenario, with no more consumers and days than the twin has patience for."""
    sizes = {"agents": min(tables["agents"], MOST_AGENTS), "days": min(tables["days"], MOST_DAYS)}
    return Scenario.from_dict(tables | sizes)


needs_two = pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="numba has one thread here")


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=needs_two)])
@pytest.mark.parametrize("name", ALL)
def test_engine_lives_the_twins_days(name: str, threads: int) -> None:
    """Counters, flows, money, queues and every consumer's columns, day by day."""
    told = story(name)
    assert first_difference(Engine(told.scenario, seed=told.seed, threads=threads), told) == ""


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(valid_dicts().map(small))
def test_engine_lives_generated_scenarios_as_the_twin_does(scenario: Scenario) -> None:
    """Any scenario that is accepted, not only those somebody thought of."""
    told = lived(scenario, scenario.seed)
    assert first_difference(Engine(scenario, threads=1), told) == ""


def test_the_twin_counts_all_that_the_engine_counts() -> None:
    """A new counter of the engine has to be counted by the twin too."""
    assert {count.name.lower() for count in PersonCount} | {"unit_cost_cents"} == set(PER_PERSONA)
    only_the_twins = {"spend_cents", "cost_cents", "likes", "comments", "shares", "saves"}
    assert {count.name.lower() for count in TouchCount} | only_the_twins == set(PER_TOUCHPOINT)
