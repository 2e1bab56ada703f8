"""Shapley values against games worked out by hand, and the axioms that define them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.studies.shapley import coalitions, shapley

PLAYERS = ("a", "b", "c")


def test_gloves() -> None:
    """One left glove, two right ones, a pair is worth 1: 4/6, 1/6, 1/6 (the textbook's game)."""
    worth = {some: float("a" in some and len(some) > 1) for some in coalitions(PLAYERS)}
    assert shapley(PLAYERS, worth) == pytest.approx({"a": 2 / 3, "b": 1 / 6, "c": 1 / 6})


def test_nobody_and_one() -> None:
    assert shapley((), {frozenset(): 3.0}) == {}
    assert shapley(("a",), {frozenset(): 1.0, frozenset("a"): 5.0}) == {"a": 4.0}


@given(st.lists(st.floats(-1e6, 1e6), min_size=16, max_size=16))
def test_efficiency(values: list[float]) -> None:
    players = (*PLAYERS, "d")
    worth = dict(zip(coalitions(players), values, strict=True))
    found = shapley(players, worth)
    assert sum(found.values()) == pytest.approx(worth[frozenset(players)] - worth[frozenset()], abs=1e-6)


@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=8))
def test_who_never_adds_anything_gets_nothing(values: list[int]) -> None:
    of_others = dict(zip(coalitions(PLAYERS), values, strict=True))
    worth = {some: float(of_others[some - {"d"}]) for some in coalitions((*PLAYERS, "d"))}
    assert shapley((*PLAYERS, "d"), worth)["d"] == 0.0
