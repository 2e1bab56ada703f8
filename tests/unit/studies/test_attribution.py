"""Rules of attribution on journeys worked out by hand, and paths read from a journal written by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.studies.attribution import (
    RULES,
    first_touch,
    last_touch,
    linear,
    markov_removal,
    position_based,
    time_decay,
    transitions,
)
from sim.studies.credit import TRUTH, divided_by_credit
from sim.studies.paths import Paths, paths_of

NAMES = ("a", "b", "c")


def paths(*journeys: tuple[str, bool], ages: list[float] | None = None) -> Paths:
    """Journeys such as ("aab", True), each touch one day after the other, the last on the day of the end."""
    touch = np.array([NAMES.index(letter) for journey, _ in journeys for letter in journey], np.int64)
    age = ages if ages is not None else [float(k) for journey, _ in journeys for k in range(len(journey))[::-1]]
    start = np.cumsum([0, *(len(journey) for journey, _ in journeys)])
    return Paths(NAMES, touch, np.array(age, np.float64), start, np.array([won for _, won in journeys], np.bool_))


SOME = paths(("abc", True), ("aabb", True), ("b", True), ("ac", False), ("", True), ("ccc", False))


def test_first_and_last() -> None:
    assert last_touch(SOME).tolist() == [0, 2, 1]
    assert first_touch(SOME).tolist() == [2, 1, 0]


def test_linear() -> None:
    assert linear(SOME) == pytest.approx([1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 1, 1 / 3])


def test_position_based() -> None:
    assert position_based(SOME) == pytest.approx([0.4 + 0.4 + 0.1, 0.2 + 0.1 + 0.4 + 1, 0.4])
    assert position_based(paths(("ab", True))) == pytest.approx([0.5, 0.5, 0.0])


def test_time_decay() -> None:
    found = time_decay(paths(("ab", True), ages=[14.0, 0.0]), half_life_days=7.0)
    assert found == pytest.approx([0.2, 0.8, 0.0])  # a quarter against one


def test_markov_chain_by_hand() -> None:
    """Start to a (1); a to won .5, to b .5; b to won or lost .5 each: P(won) = .75, without a 0, without b .5."""
    some = paths(("a", True), ("ab", True), ("ab", False), ("a", True))
    chances = transitions(some)
    assert chances[3].tolist() == [1, 0, 0, 0, 0, 0]
    assert chances[0].tolist() == [0, 0.5, 0, 0, 0.5, 0]
    assert chances[1].tolist() == [0, 0, 0, 0, 0.5, 0.5]
    effect_a, effect_b = 1.0, 1.0 - 0.5 / 0.75
    assert markov_removal(some) == pytest.approx(np.array([effect_a, effect_b, 0]) * 3 / (effect_a + effect_b))


def test_markov_with_repeated_touches() -> None:
    """Loops lead out again: removing the only touchpoint there is takes everything."""
    assert markov_removal(paths(("aaa", True), ("aa", False))) == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("name", RULES)
def test_credit_adds_up_to_the_wins_that_were_touched(name: str) -> None:
    assert RULES[name](SOME).sum() == pytest.approx(3.0)
    assert RULES[name](SOME).min() >= 0.0


@pytest.mark.parametrize("name", RULES)
def test_nobody_won_and_nobody_there(name: str) -> None:
    assert RULES[name](paths(("ab", False), ("", False))).tolist() == [0, 0, 0]
    assert RULES[name](paths()).tolist() == [0, 0, 0]


def journal(*rows: tuple[int, int, str, str | None, str, str]) -> SimpleNamespace:
    columns = ("consumer", "day", "event", "touchpoint", "from_stage", "to_stage")
    table = pd.DataFrame(list(rows), columns=list(columns)).astype(dict.fromkeys(columns[2:], "category"))
    scenario = SimpleNamespace(days=100, touchpoints=[SimpleNamespace(name=name) for name in NAMES])
    return SimpleNamespace(journeys=table, scenario=scenario)


def test_paths_end_with_the_purchase_and_begin_again_with_leaving() -> None:
    found = paths_of(
        journal(
            (0, 1, "contact", "b", "unaware", "unaware"),
            (0, 3, "noticed", "a", "awareness", "awareness"),
            (0, 3, "heard_good", None, "awareness", "awareness"),
            (0, 5, "moved", None, "decision", "service"),
            (0, 6, "contact", "c", "service", "service"),  # a customer's contact belongs to no path
            (0, 90, "contact", "c", "lapsed", "lapsed"),
            (1, 2, "invited", "c", "consideration", "consideration"),  # too long before the end of the run
            (1, 40, "contact", "b", "consideration", "consideration"),
            (2, 7, "moved", None, "decision", "service"),  # won without a touch
        ),
        lookback_days=60,
    )
    assert found.start.tolist() == [0, 2, 3, 4, 4]
    assert [NAMES[k] for k in found.touch] == ["b", "a", "c", "b"]
    assert found.age.tolist() == [4, 2, 10, 60]
    assert found.won.tolist() == [True, False, False, True]


def test_a_line_that_drives_customers_away_gets_none_of_the_truths_money() -> None:
    """Without `a` two more are won, without `b` six fewer: what `a` truly caused is not to be paid for."""
    won = {"current": 10.0, "without a": 12.0, "without b": 4.0}
    runs = pd.DataFrame([{"plan": plan, "seed": seed, "won": value} for seed in (1, 2) for plan, value in won.items()])
    credited = np.ones((2, len(RULES), 2))
    shares = divided_by_credit(runs, credited, ("a", "b"), ("a", "b"))
    assert shares[TRUTH] == {"a": 0.0, "b": 1.0}
    assert all(shares[rule] == {"a": 0.5, "b": 0.5} for rule in RULES)
