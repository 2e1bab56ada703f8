"""Choice and experience: known answers of the logit, of disconfirmation and of leaving."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numba import njit

from sim.agents import choice, experience
from sim.agents.consumers import TASTE
from sim.luck import Purpose, draw_key, own_key

RULE = SimpleNamespace(
    choice_belief=0.5,
    choice_feeling=0.25,
    choice_loyalty=2.0,
    choice_salience=1.0,
    log_availability=-0.1,
    leave_reference=0.5,
    leave_satisfaction=2.0,
    leave_loyalty=1.0,
    leave_feeling=0.5,
)


def test_price_utility_is_zero_at_the_reference() -> None:
    assert choice.price_utility(10.0, 10.0, 3.0) == 0.0
    assert choice.price_utility(11.0, 10.0, 3.0) == pytest.approx(-0.3)
    assert choice.price_utility(11.0, 0.0, 3.0) == 0.0


def test_attraction_adds_what_the_brand_has_gained() -> None:
    assert choice.attraction.py_func(RULE, 0.4, -0.2, 0.5, 1.0) == pytest.approx(0.2 - 0.05 + 1.0 + 0.5 - 0.1)


@njit
def _picks(n, taste, gained, other, sensitivity, shaken, with_focal):
    counts = np.zeros(taste.size + 1, np.int64)
    tastes, weights = taste.reshape(1, -1), np.empty(taste.size)
    key = draw_key(7, Purpose.CHOOSE, 3, 0)
    for i in range(n):
        own = own_key(key, i)
        counts[choice.pick(own, 0, tastes, 0, gained, other, sensitivity, shaken, with_focal, weights)] += 1
    return counts


def test_choices_follow_the_logit() -> None:
    """Shares of 200,000 choices within 4.5 standard errors of the softmax."""
    n = 200_000
    taste = np.array([150, -256, 50], TASTE)
    other = np.array([[0.0, 0.0, 9.0], [0.2, 0.1, 0.8], [0.0, -0.2, 0.0]])
    utility = taste / 512 + np.array([0.7, 0.2 - 3 * 0.1 - 0.5 * 0.8, 3 * 0.2])
    for with_focal, among in ((True, [0, 1, 2]), (False, [1, 2])):
        share = np.exp(utility[among]) / np.exp(utility[among]).sum()
        counts = _picks(n, taste, 0.7, other, 3.0, 0.5, with_focal)
        assert counts.sum() == counts[among].sum()
        assert np.all(abs(counts[among] / n - share) < 4.5 * np.sqrt(share * (1 - share) / n))


def test_a_better_brand_loses_nobody() -> None:
    """Draws are nested: who chooses the focal brand also does when it has gained."""
    taste = np.zeros(2, TASTE)
    few, many = (_picks(5000, taste, gained, np.zeros((2, 3)), 1.0, 0.0, True)[0] for gained in (0.0, 0.5))
    assert few < many
    key = draw_key(7, Purpose.CHOOSE, 3, 0)
    for i in range(300):
        picks = [
            choice.pick(own_key(key, i), 0, taste.reshape(1, 2), 0, g, np.zeros((2, 3)), 1.0, 0.0, True, np.empty(2))
            for g in (0.0, 0.5)
        ]
        assert not (picks[0] == 0 and picks[1] != 0)


def test_nobody_to_choose_from() -> None:
    assert (
        choice.pick(
            np.uint64(5), 0, np.zeros((1, 1), TASTE), 0, 0.0, np.zeros((1, 3)), 1.0, 0.0, False, np.empty(1)
        )
        == -1
    )  # fmt: skip


def test_over_promising_backfires() -> None:
    """Same quality, higher expectation: less satisfaction, and losses weigh more than gains (Oliver 1980)."""
    met = experience.satisfaction_target(0.4, 0.4, 0.6, 2.25)
    exceeded = experience.satisfaction_target(0.4, 0.2, 0.6, 2.25)
    disappointed = experience.satisfaction_target(0.4, 0.6, 0.6, 2.25)
    assert met == pytest.approx(0.4)
    assert exceeded - met == pytest.approx(0.6 * 0.2)
    assert met - disappointed == pytest.approx(2.25 * 0.6 * 0.2)


def test_leaving_shifts_the_logit() -> None:
    from math import exp

    logit = -2.0 + 0.5 - (2.0 * 0.3 + 1.0 * 0.4 + 0.5 * 0.2)
    assert experience.leaving.py_func(RULE, -2.0, 0.3, 0.4, 0.2) == pytest.approx(1 / (1 + exp(-logit)))
    assert experience.leaving.py_func(RULE, -np.inf, 0.0, 0.0, 0.0) == 0.0
