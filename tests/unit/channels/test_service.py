"""A desk's day: first come, first served, within capacity and patience; and the market's inflow to it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.channels.service import (
    CASE,
    DROPPED,
    GOODWILL,
    QUICK,
    RESOLVED,
    UNRESOLVED,
    WAITS,
    others_inflow,
    outcome_of,
    turn_of,
    turns_come,
)


def desk(opened: list[int], *, day: int = 10, gone: list[int] = (), served=1e9, resolved=1.0, goodwill=0.0,
         quick=1, patience=14):  # fmt: skip
    """Serve cases of consumers 0, 1, 2 … with turns 1, 2, 3 … and return outcomes, and who was handled."""
    cases = np.zeros(len(opened), CASE)
    cases["who"] = np.arange(cases.size)
    cases["opened"], cases["place"] = opened, cases["who"] + 1.0
    ends = [
        outcome_of(day, 1, case, k in gone, served, resolved, goodwill, quick, patience) for k, case in enumerate(cases)
    ]
    return [int(outcome) for outcome, _ in ends], [bool(handled) for _, handled in ends]


def test_the_first_come_first_and_the_rest_wait() -> None:
    outcome, handled = desk([8, 9, 10], served=2.0)
    assert list(outcome) == [RESOLVED, QUICK, WAITS]
    assert list(handled) == [True, True, False]


def test_parts_of_days_add_up_to_a_case() -> None:
    assert list(desk([10], served=0.9)[0]) == [WAITS]
    assert list(desk([10], served=sum([0.1] * 10))[0]) == [QUICK]  # 0.9999999999999999


def test_those_who_left_are_dropped_and_cost_nothing() -> None:
    outcome, handled = desk([8, 9, 10], gone=[0, 1])
    assert list(outcome) == [DROPPED, DROPPED, QUICK]
    assert list(handled) == [False, False, True]


def test_patience_ends_unresolved_without_staff() -> None:
    outcome, handled = desk([0, 9], day=10, patience=9)
    assert list(outcome) == [UNRESOLVED, QUICK]
    assert list(handled) == [False, True]


def test_the_rest_of_the_market_comes_as_often_as_expected() -> None:
    expected = np.array([0.0, 0.3, 12.0, 40.0])
    came = np.array([[others_inflow(day, 1, k, mean) for k, mean in enumerate(expected)] for day in range(4000)])
    assert (came == np.floor(came)).all()
    assert not came[:, 0].any()
    assert came.mean(axis=0) == pytest.approx(expected, abs=4.5 * np.sqrt(40.0 / 4000))
    assert came[:, 1:].var(axis=0) == pytest.approx(expected[1:], rel=0.12)
    assert abs(np.corrcoef(came[:, 2], came[:, 3])[0, 1]) < 0.08


def test_quick_means_within_quick_days() -> None:
    assert list(desk([8], quick=1)[0]) == [RESOLVED]
    assert list(desk([8], quick=2)[0]) == [QUICK]


def test_what_is_not_resolved_may_be_settled_with_goodwill() -> None:
    outcome, _ = desk([10] * 4000, resolved=0.6, goodwill=0.25)
    shares = [np.mean(np.array(outcome) == kind) for kind in (QUICK, GOODWILL, UNRESOLVED)]
    expected = [0.6, 0.4 * 0.25, 0.4 * 0.75]
    assert shares == pytest.approx(expected, abs=4.5 * 0.5 / np.sqrt(4000))


def test_the_luck_of_a_case_does_not_depend_on_when_it_is_handled() -> None:
    """With as many hands, whoever is settled a day later is settled in the same way: so plans share a case's luck."""
    cases = [10 - k % 4 for k in range(2000)]
    today, _ = desk(cases, day=10, resolved=0.6, goodwill=0.5, quick=100, patience=100)
    later, _ = desk(cases, day=17, resolved=0.6, goodwill=0.5, quick=100, patience=100)
    assert today == later
    assert len(set(today)) == 3


def test_cases_of_a_day_are_spread_evenly_among_those_of_the_market() -> None:
    turns = [turn_of(k, 4, 100.0, 40.0, 1.0) for k in range(4)]  # 4 simulated of 40 that come after the first 100
    assert turns == [105.5, 115.5, 125.5, 135.5]
    assert turn_of(0, 1, 7.0, 0.2, 0.2) == pytest.approx(7.2)  # a fifth of a case by itself


def test_staff_works_off_its_capacity_but_not_those_who_gave_up_or_have_not_come() -> None:
    assert turns_come(served=50.0, gave_up=10.0, arrived=100.0, capacity=20.0) == 70.0
    assert turns_come(served=50.0, gave_up=60.0, arrived=100.0, capacity=20.0) == 80.0
    assert turns_come(served=90.0, gave_up=10.0, arrived=100.0, capacity=20.0) == 100.0
