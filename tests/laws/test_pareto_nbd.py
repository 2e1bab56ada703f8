"""Limit: repeat purchase with leaving by date is the PDO model, which ends in the Pareto/NBD and in the NBD.

Jerath, Fader & Hardie (2011), "New Perspectives on Customer 'Death' Using a Generalization of the Pareto/NBD Model",
Marketing Science 30, 866-880: needs are Poisson at gamma-distributed rates; every tau days since his first purchase,
whatever he bought, a customer leaves with his own beta-distributed probability. With tau to 0 and b = beta / tau it is
the Pareto/NBD (Schmittlein, Morrison & Colombo 1987), and with tau longer than anybody looks the NBD.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad_vec
from scipy.special import betaln, gammaln
from scipy.stats import chi2, chi2_contingency

from sim.agents.stages import Stage
from sim.engine import Engine
from sim.scenario.scenario import Scenario
from tests.laws.worlds import Z, bare, days_of, scenario

pytestmark = pytest.mark.law

Floats = NDArray[np.float64]

R, ALPHA, S, BETA = 0.5534, 10.5776 * 7, 0.6061, 11.669 * 7  # CDNOW, Fader, Hardie & Lee (2005), table 2; days
AGENTS, DAYS = 40_000, 300
CELLS = 8  # customers by repeat purchases 0 ... 6, 7+
LEVEL = 1e-4
NEVER = 3650


def nbd(days: Floats) -> Floats:
    """P(0 ... 6 purchases in so many days [...]) at gamma-distributed rates, float64 [..., 7]."""
    t, x = np.asarray(days, np.float64)[..., None], np.arange(CELLS - 1)
    ways = np.exp(gammaln(R + x) - gammaln(R) - gammaln(x + 1))
    return np.asarray(ways * (ALPHA / (ALPHA + t)) ** R * (t / (ALPHA + t)) ** x)


def completed(p: Floats) -> Floats:
    """P(0 ... 6) and P(7+)."""
    return np.append(p, 1.0 - p.sum())


def still_there(b: float, chances: NDArray[np.int64]) -> Floats:
    """Share that has not left after so many chances to: B(s, b + k) / B(s, b)."""
    return np.asarray(np.exp(betaln(S, b + chances) - betaln(S, b)))


def shares(every: int, days: int) -> Floats:
    """P(0 ... 6, 7+ repeat purchases) of the PDO model: who left at the j-th chance to bought until then."""
    chances = np.arange(days // every + 1)
    there = still_there(BETA / every, chances)
    return completed(-np.diff(there) @ nbd(every * chances[1:]) + there[-1] * nbd(np.array(days)))


def expected_purchases(every: int, days: int) -> float:
    """R / ALPHA times the expected days as a customer, at most `days`."""
    there = still_there(BETA / every, np.arange(days // every + 1))
    return float(R / ALPHA * (every * there[:-1].sum() + days % every * there[-1]))


def pareto_shares(days: int) -> Floats:
    """P(0 ... 6, 7+ repeat purchases) of the Pareto/NBD, integrated over the time of leaving."""

    def left(t: float) -> Floats:
        return np.asarray(S / BETA * (BETA / (BETA + t)) ** (S + 1.0) * nbd(np.array(t)))

    return completed(quad_vec(left, 0.0, days)[0] + (BETA / (BETA + days)) ** S * nbd(np.array(days)))


def world(every: int, **start: bool) -> Scenario:
    """Customers who all have just bought first; b such that they leave at about the same rate for any `every`."""
    return scenario(
        bare(kind="repeat", agents=AGENTS, days=DAYS),
        {
            "market": {"needs_per_year": 365.0 * R / ALPHA, "needs_shape": R},
            "start": {"retention": 1.0, "renewals_spread": False, **start},
            "experience": {"leave_a": S, "leave_b": BETA / (every or 1), "leave_every_days": every},
        },
    )


@dataclass(frozen=True)
class Lives:
    """What customers did.

    Attributes
    ----------
    bought : int16 [DAYS + 1, N]    repeat purchases until each evening
    left : int32 [N]                day of leaving, DAYS of who has not
    """

    bought: NDArray[np.int16]
    left: NDArray[np.int32]


def lives_of(tables: Scenario) -> Lives:
    engine = Engine(tables)
    people = engine.world.people
    bought = np.zeros((DAYS + 1, AGENTS), np.int16)
    for day in days_of(engine):
        bought[day + 1] = people.purchases - 1
    return Lives(bought, np.where(people.stage == Stage.LAPSED, people.since, DAYS))


@cache
def lives(every: int) -> Lives:
    return lives_of(world(every))


def chi_square(every: int, days: int, expected: Floats) -> float:
    seen = np.bincount(np.minimum(lives(every).bought[days], CELLS - 1), minlength=CELLS)
    return float(((seen - AGENTS * expected) ** 2 / (AGENTS * expected)).sum())


@pytest.mark.parametrize("days", [60, 91, DAYS])
@pytest.mark.parametrize("every", [7, 30, 91])
def test_purchases_in_so_many_days(every: int, days: int) -> None:
    assert chi_square(every, days, shares(every, days)) < chi2.isf(LEVEL, CELLS - 1)


@pytest.mark.parametrize("every", [7, 30, 91])
def test_the_mean_grows_as_customers_become_fewer(every: int) -> None:
    """Expected purchases from day to day, within Z standard errors."""
    for days in range(20, DAYS + 1, 20):
        bought = lives(every).bought[days]
        error = bought.std() / np.sqrt(AGENTS)
        assert bought.mean() == pytest.approx(expected_purchases(every, days), abs=Z * error), days


@pytest.mark.parametrize("every", [7, 30, 91])
def test_customers_leave_on_their_dates_whatever_they_bought(every: int) -> None:
    told = lives(every)
    chances = np.arange(1, (DAYS - 1) // every + 1)
    assert set(told.left[told.left < DAYS]) <= set(every * chances)
    expected = still_there(BETA / every, chances)
    found = (told.left > every * chances[:, None]).mean(axis=1)
    assert found == pytest.approx(expected, abs=Z * np.sqrt(0.25 / AGENTS))
    before = np.minimum(told.bought[every], 2)  # until the first chance everybody is there
    table = np.array([np.bincount(before[told.left == every], minlength=3), np.bincount(before, minlength=3)])
    assert chi2_contingency(np.array([table[0], table[1] - table[0]])).pvalue > LEVEL
    assert (told.bought[DAYS] == told.bought[told.left, np.arange(AGENTS)]).all(), "who has left buys no more"


@pytest.mark.parametrize("days", [60, DAYS])
def test_short_intervals_are_the_pareto_nbd(days: int) -> None:
    """At a chance a day; those of a quarter are told apart from it, so that the test can tell."""
    assert chi_square(1, days, pareto_shares(days)) < chi2.isf(LEVEL, CELLS - 1)
    assert chi_square(91, days, pareto_shares(days)) > chi2.isf(LEVEL, CELLS - 1)


def test_long_intervals_are_the_nbd() -> None:
    """Nobody has a chance to leave, and all have the luck of those who never would."""
    stay = {"experience.leave_a": None, "experience.leave_b": None, "experience.leave_every_days": 0}
    assert (lives(NEVER).left == DAYS).all()
    np.testing.assert_array_equal(lives(NEVER).bought, lives_of(world(NEVER).with_changes(stay)).bought)
    assert chi_square(NEVER, DAYS, completed(nbd(np.array(DAYS)))) < chi2.isf(LEVEL, CELLS - 1)


def test_first_chances_spread_over_the_interval() -> None:
    """Customers of a running business began on different days: each of the first interval has its share."""
    every = 30
    left = lives_of(world(every, renewals_spread=True)).left
    first = np.bincount(left[left < every], minlength=every)
    expected = AGENTS * (1.0 - still_there(BETA / every, np.array([1]))[0]) / every
    assert ((first - expected) ** 2 / expected).sum() < chi2.isf(LEVEL, every - 1)
