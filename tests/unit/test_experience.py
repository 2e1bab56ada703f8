"""Who complained is listed chunk by chunk, and looked for where the list has no room; what waits at the desks."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.consumers import CHUNK, DATE, NO_CASE
from sim.agents.stages import Stage
from sim.counters import PersonCount
from sim.day.experience import ROOM
from sim.day.settle import _gather_complainers
from sim.engine import Engine
from sim.scenario.scenario import Scenario


@pytest.mark.parametrize("many", [0, 1, ROOM, ROOM + 1, CHUNK])
def test_all_complainers_are_found_in_order(many: int) -> None:
    day, n = 40, 2 * CHUNK + 700
    rng = np.random.default_rng(many)
    channel, since = np.full(n, NO_CASE, np.uint8), np.full(n, day, DATE)
    earlier = rng.choice(n, 900, replace=False)
    channel[earlier], since[earlier] = 1, day - 1  # still waiting
    before = np.sort(np.concatenate([rng.choice(CHUNK, many, replace=False), [CHUNK + 3, n - 1]]))
    channel[before], since[before] = 2, day
    listed, complained = np.zeros((3, ROOM), np.int32), np.zeros(3, np.int64)
    for chunk in range(3):
        here = before[before // CHUNK == chunk]
        complained[chunk] = here.size
        listed[chunk, : here.size] = here[:ROOM]
    assert _gather_complainers(day, listed, complained, channel, since).tolist() == before.tolist()


def test_a_product_that_breaks_daily_loses_no_complaint() -> None:
    start = {"start.awareness": 0.0, "start.consideration": 0.0, "start.retention": 0.9}
    engine = Engine(
        Scenario.load("coffee_retention").with_changes(
            {**start, "agents": CHUNK + 500, "days": 2, "service.failures_per_year": 365.0, "touchpoints": []}
        ),
        threads=1,
    )
    engine.step()
    complaints = engine.recorder.person[0, :, PersonCount.COMPLAINTS].sum()
    assert complaints > 2 * ROOM
    people = engine.world.people
    waiting = np.flatnonzero((people.case_channel != NO_CASE) & (people.case_day == 0))
    queued = engine.world.company.cases["who"]
    assert np.isin(waiting, queued).all()
    handled = engine.recorder.person[0, :, PersonCount.CASES_HANDLED].sum()
    assert queued.size + handled == complaints


def test_whoever_waits_waits_once_and_with_his_open_case() -> None:
    """Who stops buying leaves in the evening; his case goes the day after, before he could be back with another one."""
    changes = {
        "agents": 6000, "days": 40, "panel": 0, "service.failures_per_year": 60.0, "interest.win_back_days": 0,
        "experience.lapse_after_days": 20,
    }  # fmt: skip
    staff = {f"service.desks.{desk}.staff": 0.0 for desk in ("service_centre", "branch", "social")}
    engine = Engine(Scenario.load("grocery_brand").with_changes(changes | staff), threads=1)
    people, waited, left, gone = engine.world.people, 0, 0, np.empty(0, np.int32)
    for _ in range(40):
        engine.step()
        cases = engine.world.company.cases
        assert np.unique(cases["who"]).size == cases.size
        where = people.stage[cases["who"]]
        stays = (where >= Stage.SERVICE) & (where <= Stage.ADVOCACY)
        assert np.array_equal(people.case_channel[cases["who"]][stays], cases["desk"][stays])
        assert np.array_equal(people.case_day[cases["who"]][stays], cases["opened"][stays])
        assert not np.isin(cases["who"], gone).any()
        gone = cases["who"][~stays]
        waited += int(stays.sum())
        left += gone.size
    assert waited > 1000 and left > 10
