"""Mind: each equation at points where the answer is known."""

from __future__ import annotations

import pytest

from sim.agents import mind


def test_toward_closes_a_share_of_the_gap_and_never_overshoots() -> None:
    assert mind.toward(0.2, 1.0, 0.25) == pytest.approx(0.4)
    assert mind.toward(0.2, -1.0, 3.0) == -1.0
    assert mind.toward(0.2, 1.0, 0.0) == 0.2


@pytest.mark.parametrize(("x", "held"), [(-1.5, -1.0), (0.3, 0.3), (2.0, 1.0)])
def test_clip_holds_within_minus_one_and_one(x: float, held: float) -> None:
    assert mind.clip(x) == held


def test_irritation_starts_at_the_tolerance() -> None:
    assert mind.irritated(0.5, 0.4, 0.4, 1.0) == 0.5
    assert mind.irritated(0.5, 0.6, 0.4, 1.0) == pytest.approx(0.3)
    assert mind.irritated(-0.95, 5.0, 0.4, 1.0) == -1.0


def test_attitude_is_an_inverted_u_of_frequency() -> None:
    """More contacts in a day first help, then hurt (Schmidt & Eisend 2015); recall only grows."""

    def attitude_after(contacts: int) -> float:
        feeling, annoyance = 0.0, 0.0
        for _ in range(contacts):
            annoyance += 0.1
            feeling = mind.irritated(feeling, annoyance, 0.5, 0.05)
            feeling = mind.toward(feeling, 0.5, 0.05)
        return feeling

    curve = [attitude_after(n) for n in range(40)]
    best = curve.index(max(curve))
    assert 3 <= best <= 20
    assert curve[1] < curve[best] > curve[-1]


def test_noticing_is_at_least_one_of_n() -> None:
    assert mind.noticing(0.3, 1) == pytest.approx(0.3)
    assert mind.noticing(0.3, 2) == pytest.approx(1 - 0.7**2)
    assert mind.repeated(0.3, 2.0) == pytest.approx(1 - 0.7**2)


@pytest.mark.parametrize("mask", [0, 1, 0b1011, 2**31, 2**32 - 1])
def test_bits_set(mask: int) -> None:
    assert mind.bits_set(mask) == mask.bit_count()


def test_what_is_voiced_lies_between_held_and_valence() -> None:
    assert mind.voiced(0.5, 1.0) == 75
    assert mind.voiced(0.5, -1.0) == -25
    assert mind.voiced(0.0, -1.0) == -50


def test_talkativeness_is_an_asymmetric_u() -> None:
    """Anderson (1998): the very satisfied and, more so, the very dissatisfied talk most."""
    quiet, glad, angry = (mind.talkativeness(s, 1.0, 2.0) for s in (0.0, 0.8, -0.8))
    assert quiet == 1.0 < glad < angry
