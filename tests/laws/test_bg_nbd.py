"""Limit: repeat purchase with leaving after each purchase is the BG/NBD.

Fader, Hardie & Lee (2005), "'Counting Your Customers' the Easy Way", Marketing Science 24, 275-284: needs are Poisson
at gamma-distributed rates, and after every repeat purchase a customer leaves with his own beta-distributed
probability.

Customers of the data first bought at some day of twelve weeks. A run starts everybody on the day of his first
purchase (day 0); customer i stands for customer i mod 2,357 of the data, is looked at over the days that one was
(`first purchase` to the end of week 39), and his purchases enter the calendar of the data on his own first day + t.
Without the data all are looked at over the same 39 weeks.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import betaln, gammaln
from scipy.stats import chi2, chi2_contingency

from sim.engine import Engine
from tests.laws.worlds import bare, data_folder, days_of, scenario

pytestmark = pytest.mark.law

R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426  # weeks
CUSTOMERS = 2357
#: Customers by repeat purchases 0 ... 6, 7+ in 39 weeks: seen, and expected by the model (table 2).
SEEN = (1411, 439, 214, 100, 62, 38, 29, 64)
EXPECTED = (1407.7, 460.3, 192.5, 101.2, 59.8, 38.1, 25.5, 71.9)
CALIBRATED, ALL = 39 * 7, 78 * 7  # days
COPIES = 20  # agents per customer of the data
LEVEL = 1e-4


def shares(weeks: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """P(0 ... 6, 7+ repeat purchases) in weeks [..., 1] since the first: equation (8) of the paper."""
    t = np.atleast_1d(np.asarray(weeks, np.float64))[:, None]
    x = np.arange(7)
    gone, here = t / (ALPHA + t), ALPHA / (ALPHA + t)
    nbd = np.exp(gammaln(R + x) - gammaln(R) - gammaln(x + 1)) * here**R * gone**x
    alive = np.exp(betaln(A, B + x) - betaln(A, B)) * nbd
    left = np.exp(betaln(A + 1, B + x - 1) - betaln(A, B)) * (1.0 - (np.cumsum(nbd, axis=1) - nbd))
    p = alive + np.where(x > 0, left, 0.0)
    return np.hstack([p, 1.0 - p.sum(axis=1, keepdims=True)])


@dataclass(frozen=True)
class Cohorts:
    """Customers by their first day in the calendar of the data, and what each has bought."""

    first: NDArray[np.int64]  # [CUSTOMERS], day since 1 January 1997
    seen: NDArray[np.int64]  # [CUSTOMERS], repeat purchases until the end of week 39
    weekly: NDArray[np.int64]  # [78], cumulative repeat purchases


@cache
def cohorts() -> Cohorts:
    folder = data_folder("cdnow")
    days: dict[str, list[date]] = {}
    with (folder / "purchases_sample.csv").open() as file:
        for row in csv.DictReader(file):
            days.setdefault(row["masterid"], []).append(date.fromisoformat(row["date"]))
    start = date(1997, 1, 1)
    first = [min(bought) for bought in days.values()]
    end = CALIBRATED  # the first day after week 39
    seen = [len({d for d in bought if (d - start).days < end}) - 1 for bought in days.values()]
    with (folder / "cumulative_repeat_78_weeks.csv").open() as file:
        weekly = [int(row["cum_repeat_transactions"]) for row in csv.DictReader(file)]
    return Cohorts(np.array([(d - start).days for d in first]), np.array(seen), np.array(weekly))


@cache
def repeat_purchases(days: int) -> NDArray[np.int64]:
    """Repeat purchases of every customer until each evening since his first purchase, int16 [days + 1, N]."""
    agents = CUSTOMERS * COPIES
    world = scenario(
        bare(kind="repeat", agents=agents, days=days),
        {
            "market": {"needs_per_year": 365.0 / 7.0 * R / ALPHA, "needs_shape": R},
            "start": {"retention": 1.0},
            "experience": {"leave_a": A, "leave_b": B},
        },
    )
    engine = Engine(world)
    bought = np.zeros((days + 1, agents), np.int16)
    for day in days_of(engine):
        bought[day + 1] = engine.world.people.purchases - 1
    return bought


def histogram(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(np.minimum(counts, 7), minlength=8)


def chi_square(seen: NDArray[np.int64], expected: NDArray[np.float64]) -> float:
    return float(((seen - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("weeks", [13, 39])
def test_purchases_in_so_many_weeks(weeks: int) -> None:
    seen = histogram(repeat_purchases(ALL)[7 * weeks])
    expected = shares(weeks)[0] * seen.sum()
    assert chi_square(seen, expected) < chi2.isf(LEVEL, 7)


def test_customers_leave_after_a_purchase_and_never_before() -> None:
    """Who has not bought again never leaves, so that his chance to come back stays; the mean grows ever more slowly."""
    mean = repeat_purchases(ALL).mean(axis=1)
    assert mean[ALL] - mean[CALIBRATED] < 0.8 * mean[CALIBRATED]
    quiet = repeat_purchases(ALL)[CALIBRATED] == 0
    later = (repeat_purchases(ALL)[ALL][quiet] > 0).mean()
    here = ALPHA / (ALPHA + 78.0), ALPHA / (ALPHA + 39.0)
    expected = 1.0 - (here[0] / here[1]) ** R
    error = np.sqrt(expected * (1 - expected) / quiet.sum())
    assert later == pytest.approx(expected, abs=3.89 * error)


def test_histogram_of_39_weeks() -> None:
    """Against the model, the published expectations, and the customers themselves."""
    data = cohorts()
    days = CALIBRATED - 1 - data.first  # the paper counts days from the first purchase to the last day of week 39
    expected = shares(days / 7.0).sum(axis=0)
    assert expected == pytest.approx(EXPECTED, abs=2.0)  # of 2,357: parameters are published to three digits
    assert histogram(data.seen).tolist() == list(SEEN)
    bought = repeat_purchases(ALL)
    seen = histogram(bought[np.tile(days, COPIES), np.arange(CUSTOMERS * COPIES)])
    assert chi_square(seen, COPIES * expected) < chi2.isf(LEVEL, 7)
    assert chi2_contingency(np.array([seen, SEEN])).pvalue > LEVEL


def test_forecast_of_weeks_40_to_78() -> None:
    """Cumulative repeat purchases by calendar week: parameters know 39 weeks, the next 39 are met within 10 %."""
    data = cohorts()
    bought = repeat_purchases(ALL)
    per_day = np.zeros(ALL + 1)
    for first in np.unique(data.first):
        cohort = np.flatnonzero(np.tile(data.first == first, COPIES))
        per_day[first:] += bought[: ALL + 1 - first][:, cohort].sum(axis=1)
    weekly = per_day[7::7] / COPIES
    assert weekly[39:] == pytest.approx(data.weekly[39:], rel=0.10)
    assert weekly[12:39] == pytest.approx(data.weekly[12:39], rel=0.15)
