"""Desks work for the whole market: people wait as in a queue of all its complaints, however few are simulated."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine import simulate
from sim.intervals import interval
from sim.scenario.scenario import Scenario
from tests.laws.worlds import bare, everybody, scenario, trusting

pytestmark = pytest.mark.law

COMPLAINTS = 100.0  # a day, of the whole market


def market(*, agents: int, capacity: float, size: int = 40_000, days: int = 250, patience: int = 365) -> Scenario:
    """Customers whom nothing but problems befalls; all complain at one desk, and stay whatever comes of it."""
    stay = dict.fromkeys(("silent", "unresolved", "resolved", "quick", "goodwill"), 1.0)
    per_year = -365.0 * np.log1p(-COMPLAINTS / size)
    contact = {"branch": 0.0, "self_service": 0.0, "service_centre": 1.0, "portal": 0.0, "social": 0.0}
    return scenario(
        bare(kind="subscription", agents=agents, days=days, size=size),
        {
            "start": {"retention": 1.0},
            "market": {"period_days": 3650},
            "personas": [trusting(complaint_share=1.0, contact=contact)],
            "service": {
                "failures_per_year": float(per_year),
                "patience_days": patience,
                "ladder": stay,
                "desks": {"service_centre": {"staff": 1.0, "cases_per_staff_day": capacity}},
            },
        },
    )


def waiting_days(came: np.ndarray, capacity: float) -> float:
    """Mean wait of cases that come in numbers `came` a day to a desk that settles `capacity` (Lindley's recursion)."""
    backlog, waits, cases = 0.0, 0.0, 0.0
    for count in came:
        turns = backlog + np.arange(1, int(count) + 1)
        waits += np.ceil(np.maximum(0.0, turns - capacity) / capacity).sum()
        cases += count
        backlog = max(0.0, backlog + count - capacity)
    return waits / cases


def test_where_everybody_is_simulated_the_staff_does_what_it_can_and_no_more() -> None:
    """At one person per agent the queue is the real one: to the last case."""
    capacity = 97.5
    daily = everybody(simulate(market(agents=40_000, capacity=capacity, days=60)))
    arrived, served = 0.0, 0.0
    told = daily["cases_handled"].cumsum().to_numpy()
    for day, complaints in enumerate(daily["complaints"]):
        arrived += complaints
        served = min(arrived, served + capacity)
        assert told[day] == np.floor(served + 1e-9)
    assert daily["waiting_service_centre"].max() > 50


def response_days(agents: int, capacity: float) -> np.ndarray:
    """Mean days until an answer in 16 runs."""
    runs = [everybody(simulate(market(agents=agents, capacity=capacity), seed=seed)) for seed in range(16)]
    return np.array([run["response_days"].sum() / run["cases_handled"].sum() for run in runs])


@pytest.mark.parametrize("agents", [800, 8000], ids=["50 people each", "5 people each"])
def test_waiting_is_that_of_the_whole_markets_queue(agents: int) -> None:
    """A sample waits as long as everybody: a batch of 50 complaints at once would wait for weeks."""
    capacity = 102.0
    rng = np.random.default_rng(1)
    truth = np.mean([waiting_days(rng.poisson(COMPLAINTS, 250), capacity) for _ in range(400)])
    found = interval(response_days(agents, capacity))
    print(agents, found, truth)
    assert 0.1 < truth < 0.4
    assert found.low < truth < found.high
    assert found.high - found.low < truth


def test_who_waits_too_long_gives_up_and_makes_room() -> None:
    """With half the staff needed half of the cases are answered, after all of one's patience, in any sample."""
    for agents in (800, 40_000):
        daily = everybody(simulate(market(agents=agents, capacity=50.0, patience=10)))[60:]
        handled, gave_up = daily["cases_handled"].sum(), daily["outcome_unresolved"].sum()
        answered = daily["outcome_quick"].sum() + daily["outcome_resolved"].sum() + daily["outcome_goodwill"].sum()
        assert handled / (answered + gave_up) == pytest.approx(0.5, abs=0.05)
        assert daily["response_days"].sum() / handled == pytest.approx(10.0, abs=1.0)
