"""A desk's day: first come, first served, within capacity and patience."""

from __future__ import annotations

import numpy as np
import pytest

from sim.channels.service import DROPPED, GOODWILL, QUICK, RESOLVED, UNRESOLVED, serve


def desk(waiting_since: list[int], *, day: int = 10, gone: list[int] = (), credit=0.0, capacity=100.0, resolved=1.0,
         goodwill=0.0, quick=1, patience=14):  # fmt: skip
    """Serve a queue of consumers 0, 1, 2 … and return outcome, handled, credit."""
    queue = np.arange(len(waiting_since), dtype=np.int32)
    left = np.isin(queue, list(gone))
    since = np.array(waiting_since, np.int32)
    return serve(day, 1, queue, since, left, credit, capacity, resolved, goodwill, quick, patience)


def test_the_first_come_first_and_the_rest_wait() -> None:
    outcome, handled, credit = desk([8, 9, 10], capacity=2.0)
    assert list(outcome) == [RESOLVED, QUICK, 0]
    assert list(handled) == [True, True, False]
    assert credit == 0.0


def test_part_time_staff_save_up_for_a_case() -> None:
    outcome, _, credit = desk([10], capacity=0.4)
    assert (list(outcome), credit) == ([0], 0.4)
    outcome, _, credit = desk([10], capacity=0.4, credit=0.8)
    assert list(outcome) == [QUICK]
    assert credit == pytest.approx(0.2)


def test_idle_staff_save_up_one_case_at_most() -> None:
    assert desk([10], capacity=50.0)[2] == 1.0


def test_those_who_left_are_dropped_and_cost_nothing() -> None:
    outcome, handled, _ = desk([8, 9, 10], gone=[0, 1], capacity=1.0)
    assert list(outcome) == [DROPPED, DROPPED, QUICK]
    assert list(handled) == [False, False, True]


def test_patience_ends_unresolved_without_staff() -> None:
    outcome, handled, _ = desk([0, 9], day=10, patience=9)
    assert list(outcome) == [UNRESOLVED, QUICK]
    assert list(handled) == [False, True]


def test_quick_means_within_quick_days() -> None:
    assert list(desk([8], quick=1)[0]) == [RESOLVED]
    assert list(desk([8], quick=2)[0]) == [QUICK]


def test_what_is_not_resolved_may_be_settled_with_goodwill() -> None:
    outcome, _, _ = desk([10] * 4000, capacity=1e6, resolved=0.6, goodwill=0.25)
    shares = [np.mean(outcome == kind) for kind in (QUICK, GOODWILL, UNRESOLVED)]
    expected = [0.6, 0.4 * 0.25, 0.4 * 0.75]
    assert shares == pytest.approx(expected, abs=4.5 * 0.5 / np.sqrt(4000))


def test_the_luck_of_a_case_does_not_depend_on_when_it_is_handled() -> None:
    """With as many hands, whoever is settled a day later is settled in the same way: so plans share a case's luck."""
    cases = [10 - k % 4 for k in range(2000)]
    today, _, _ = desk(cases, day=10, capacity=1e6, resolved=0.6, goodwill=0.5, quick=100, patience=100)
    later, _, _ = desk(cases, day=17, capacity=1e6, resolved=0.6, goodwill=0.5, quick=100, patience=100)
    assert np.array_equal(today, later)
    assert len(set(today)) == 3
