"""Statistics of paired differences: exact cases, and how often their intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.studies.paired import (
    band,
    difference,
    look,
    probability_better,
    ratio_of_means,
    running_intervals,
    seeds_for_width,
    seeds_saved,
    sure_after,
)


def test_a_plan_against_itself_is_exactly_zero() -> None:
    values = [1.1, 2.7, 3.3]
    found = difference(values, values, "more")
    assert (found.mean, found.low, found.high, found.probability, found.sure_after) == (0.0, 0.0, 0.0, 0.5, 0)
    assert not found.certain


def test_one_seed_has_no_interval_and_no_probability() -> None:
    found = difference([2.0], [1.0], "more")
    assert (found.mean, found.seeds, found.sure_after) == (1.0, 1, 0)
    assert math.isnan(found.low) and math.isnan(found.high) and math.isnan(found.probability)


def test_pairs_with_an_undefined_member_are_left_out() -> None:
    found = difference([2.0, math.nan, 5.0, 4.0], [1.0, 1.0, math.nan, 3.0], "more")
    assert (found.mean, found.seeds) == (1.0, 2)
    assert difference([math.nan], [1.0]).seeds == 0


def test_interval_and_probability_are_those_of_the_paired_t_test() -> None:
    plan, reference = np.array([3.0, 5.0, 4.0, 7.0]), np.array([2.0, 5.5, 3.0, 5.0])
    found = difference(plan, reference, "more")
    test = stats.ttest_rel(plan, reference, alternative="greater")
    assert found.probability == pytest.approx(1.0 - test.pvalue, rel=1e-12)
    both = stats.ttest_rel(plan, reference).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((both.low, both.high), rel=1e-12)
    assert difference(plan, reference, "less").probability == pytest.approx(test.pvalue, rel=1e-9)
    assert math.isnan(difference(plan, reference, None).probability)


@pytest.mark.parametrize(("gaps", "expected"), [([2.0, 2.0, 2.0], 1.0), ([-2.0, -2.0], 0.0), ([0.0, 0.0], 0.5)])
def test_differences_that_do_not_vary(gaps: list[float], expected: float) -> None:
    assert probability_better(gaps) == expected


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ([1.0, 1.0, 1.0], 2),  # one seed alone tells nothing
        ([0.0, 0.0, 0.0], 0),
        ([1.0, 1.1, -5.0, 1.0, 1.05], 0),  # was certain after two, but did not stay so
        ([1.0, 1.1, -0.6, *[1.0] * 9], 6),
        ([], 0),
    ],
)
def test_sign_is_certain_from_the_first_seed_after_which_it_stays_so(gaps: list[float], expected: int) -> None:
    assert sure_after(gaps) == expected
    low, high = running_intervals(gaps)
    if expected:
        assert all(a > 0 or b < 0 for a, b in zip(low[expected - 1 :], high[expected - 1 :], strict=True))
        assert not (low[expected - 2] > 0 or high[expected - 2] < 0)


def test_band_is_the_interval_of_each_day() -> None:
    gaps = np.random.default_rng(5).normal(1.0, 2.0, (6, 3))
    mean, low, high = band(gaps)
    for day in range(3):
        one = difference(gaps[:, day], np.zeros(6))
        assert (mean[day], low[day], high[day]) == pytest.approx((one.mean, one.low, one.high))
    assert np.isnan(band(gaps[:1])[1]).all()


def test_a_ratio_that_does_not_vary_has_no_width() -> None:
    found = ratio_of_means([2.0, 4.0, 6.0, 8.0, 2.0], [1.0, 2.0, 3.0, 4.0, 1.0])
    assert (found.mean, found.low, found.high) == pytest.approx((2.0, 2.0, 2.0))


def test_a_ratio_over_nothing_certain_has_no_interval() -> None:
    found = ratio_of_means([1.0, 2.0, 3.0, 2.0, 1.0], [1.0, -1.0, 2.0, -2.0, 1.0])
    assert math.isnan(found.low) and math.isnan(found.high)
    assert math.isnan(ratio_of_means([1.0, 2.0], [0.0, 0.0]).mean)


def test_resampling_gives_the_same_interval_every_time() -> None:
    top, bottom = np.random.default_rng(1).normal(5.0, 1.0, (2, 12))
    assert ratio_of_means(top, bottom) == ratio_of_means(top, bottom)


def test_intervals_of_ratios_hold_the_truth() -> None:
    luck = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        cost = 10.0 + 3.0 * luck.standard_normal(20)
        gain = 2.0 * cost + 8.0 * luck.gamma(1.5, 1.0, 20)  # skewed, and in step with the cost
        found = ratio_of_means(gain, cost)
        hits += found.low <= 2.0 + 8.0 * 1.5 / 10.0 <= found.high
    assert 0.91 <= hits / 400 <= 0.98


def _finds_something(luck: np.random.Generator, *, spending: bool) -> bool:
    gaps = luck.standard_normal(200)
    before = 0
    for seeds in (10, 20, 40, 80, 120, 160, 200):
        seen = look(list(gaps[:seeds]), before, 200)
        if seen.certain if spending else difference(gaps[:seeds], np.zeros(seeds)).certain:
            return True
        before = seeds
    return False


def test_looking_repeatedly_errs_no_more_often_than_looking_once() -> None:
    luck = np.random.default_rng(7)
    naive = sum(_finds_something(luck, spending=False) for _ in range(600)) / 600
    honest = sum(_finds_something(luck, spending=True) for _ in range(600)) / 600
    assert naive > 0.10  # what looking at 95 % intervals seven times does
    assert honest < 0.05 + 2.0 * math.sqrt(0.05 * 0.95 / 600)


def test_shared_luck_saves_the_seeds_its_variance_says() -> None:
    luck = np.random.default_rng(3)
    common = luck.normal(0.0, 3.0, 4000)
    a, b = common + luck.normal(1.0, 1.0, 4000), common + luck.normal(0.0, 1.0, 4000)
    assert seeds_saved(a, b) == pytest.approx(2 * 10.0 / 2.0, rel=0.1)
    assert seeds_saved(a, a) == math.inf
    assert seeds_for_width(a - b, 0.1) == pytest.approx(2.0 * (1.96 / 0.1) ** 2, rel=0.1)
