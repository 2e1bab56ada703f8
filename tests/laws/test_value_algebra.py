"""Law 6, the algebra: closed forms against sums written out, and the elasticities of Gupta, Lehmann & Stuart (2004).

The published ranges are of a firm's customer equity: customers it has, whose acquisition is sunk, and those it will
win along an S-curve. Hence acquisition cost matters little, and margin by 1 % plus what acquisition cost does.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import hyp2f1

from sim.studies.value import (
    AcquisitionCurve,
    CustomerBase,
    gain,
    lifetime_value,
    per_period,
    present_value,
    retention_by_tenure,
    retention_elasticity,
    survival,
)

pytestmark = pytest.mark.law

DISCOUNT = 0.12
RETENTIONS = (0.7, 0.75, 0.8, 0.85, 0.9)
FIRST_PAYMENT = {"now": 0, "after_renewal": 1, "period_end": 1}
TIMINGS = tuple(FIRST_PAYMENT)


def written_out(margin, rates, discount, growth, payments, timing):
    """The definition, payment by payment."""
    total = 0.0
    first = FIRST_PAYMENT[timing]
    for t in range(first, first + payments):
        renewals = t - 1 if timing == "period_end" else t
        there = 1.0
        for k in range(renewals):
            there *= rates[min(k, len(rates) - 1)]
        total += margin * there * (1 + growth) ** renewals / (1 + discount) ** t
    return total


@given(
    rates=st.lists(st.floats(0, 1), min_size=1, max_size=6),
    discount=st.floats(-0.2, 1),
    growth=st.floats(-0.2, 0.2),
    payments=st.integers(0, 12),
    timing=st.sampled_from(TIMINGS),
)
def test_finite_horizons_equal_the_sum_written_out(rates, discount, growth, payments, timing):
    value = lifetime_value(
        margin_eur=7.0, retention=rates, discount=discount, growth=growth, periods=payments, timing=timing
    )
    expected = written_out(7.0, rates, discount, growth, payments, timing)
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("rates", [[0.85], [0.5, 0.7, 0.9], [0.3]])
def test_no_horizon_is_the_limit_of_long_ones(rates, timing):
    forever = lifetime_value(margin_eur=1.0, retention=rates, discount=DISCOUNT, timing=timing)
    assert forever == pytest.approx(written_out(1.0, rates, DISCOUNT, 0.0, 300, timing), rel=1e-12)


def test_the_three_closed_forms():
    r, d, m = 0.8, 0.12, 50.0
    for timing, expected in (("now", 1.12 / 0.32), ("after_renewal", 0.8 / 0.32), ("period_end", 1 / 0.32)):
        assert lifetime_value(margin_eur=m, retention=r, discount=d, timing=timing) == pytest.approx(m * expected)
    grown = lifetime_value(margin_eur=m, retention=r, discount=d, growth=0.05, timing="after_renewal")
    assert grown == pytest.approx(m * r * 1.05 / (1.12 - r * 1.05))


def test_multiple_of_the_textbook():
    """Gupta & Lehmann (2003), table of margin multiples: 90 % retention at 12 % gives 4.09, 60 % at 10 % gives 1.20."""
    assert lifetime_value(margin_eur=1, retention=0.9, discount=0.12) == pytest.approx(4.09, abs=0.005)
    assert lifetime_value(margin_eur=1, retention=0.6, discount=0.10) == pytest.approx(1.20, abs=0.005)


@pytest.mark.parametrize(("a", "b"), [(0.668, 3.806), (0.704, 1.182)])
def test_customers_who_differ_are_worth_what_theory_says(a, b):
    """Discounted lifetime of the shifted beta-geometric: 2F1(1, b; a + b; 1 / (1 + d)) (Fader & Hardie 2010)."""
    rates = retention_by_tenure(a=a, b=b, periods=4000)
    value = lifetime_value(margin_eur=1.0, retention=rates, discount=0.1, timing="now")
    assert value == pytest.approx(hyp2f1(1, b, a + b, 1 / 1.1), rel=1e-10)
    average = lifetime_value(margin_eur=1.0, retention=rates[0], discount=0.1, timing="now")
    assert value > 1.1 * average  # the first renewal rate alone undervalues customers


def test_survival_after_seven_years():
    """Observed 49.1 % and 24.1 %; the curves fitted to these seven years miss both by .2 (Fader & Hardie 2007)."""
    assert survival(retention_by_tenure(a=0.668, b=3.806, periods=7), 7)[-1] == pytest.approx(0.491, abs=0.003)
    assert survival(retention_by_tenure(a=0.704, b=1.182, periods=7), 7)[-1] == pytest.approx(0.241, abs=0.003)


def firm(retention, *, cost_to_value=0.3, still_to_win=0.3):
    """A base of a million customers on an S-curve; what one costs to win is a share of what he is worth."""
    curve = AcquisitionCurve(ceiling=1e6 * (1 + still_to_win), base=math.log(1 / still_to_win), speed=0.5)
    value = lifetime_value(margin_eur=40.0, retention=retention, discount=DISCOUNT)
    return CustomerBase(
        customers=1e6,
        won=curve.won_in(60),
        margin_eur=40.0,
        retention=retention,
        discount=DISCOUNT,
        acquisition_cost_eur=cost_to_value * value,
    )


@pytest.mark.parametrize("cost_to_value", [0.15, 0.3, 0.45])
@pytest.mark.parametrize("retention", RETENTIONS)
def test_published_elasticities_of_customer_equity(retention, cost_to_value):
    base = firm(retention, cost_to_value=cost_to_value)
    assert 0.025 <= gain(base, "retention") <= 0.07
    assert 0.009 <= gain(base, "margin_eur") <= 0.011
    assert 0.0002 <= gain(base, "acquisition_cost_eur") <= 0.003
    assert gain(base, "retention") > 2.5 * gain(base, "margin_eur") > 5 * gain(base, "acquisition_cost_eur")
    assert gain(base, "retention") > 4 * gain(base, "discount")  # "almost five times"


@given(
    retention=st.floats(0.3, 0.97),
    cost_to_value=st.floats(0.0, 0.9),
    still_to_win=st.floats(0.05, 3),
    k=st.floats(0.1, 9),
)
def test_margin_counts_one_plus_acquisition_cost(retention, cost_to_value, still_to_win, k):
    base = firm(retention, cost_to_value=cost_to_value, still_to_win=still_to_win)
    cost = gain(base, "acquisition_cost_eur")
    assert gain(base, "margin_eur") == pytest.approx(0.01 + cost, abs=1e-9)
    assert cost == pytest.approx(0.01 * base.acquisition_cost_eur * base.won_discounted / base.equity_eur, abs=1e-9)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("retention", RETENTIONS)
def test_elasticity_to_retention_is_the_derivative(retention, timing):
    def log_value(r):
        return math.log(lifetime_value(margin_eur=1, retention=r, discount=DISCOUNT, timing=timing))

    slope = (log_value(retention * (1 + 1e-6)) - log_value(retention * (1 - 1e-6))) / 2e-6
    assert slope == pytest.approx(retention_elasticity(retention=retention, discount=DISCOUNT, timing=timing), rel=1e-6)


@pytest.mark.parametrize("timing", TIMINGS)
def test_five_points_more_retention(timing):
    """.85 -> .90 is worth 20-45 % without tenure effects."""
    low, high = (
        lifetime_value(margin_eur=1, retention=r, discount=DISCOUNT, timing=timing) for r in (0.85, 0.90)
    )  # fmt: skip
    assert 1.20 <= high / low <= 1.45


def test_five_points_more_retention_for_a_firm():
    assert 1.20 <= firm(0.90).equity_eur / firm(0.85).equity_eur <= 1.45
    assert 0.20 <= gain(firm(0.85), "retention", by=0.05 / 0.85) <= 0.45


def test_equity_is_the_sum_over_cohorts_and_years():
    base = firm(0.8)
    total = base.customers * written_out(40.0, [0.8], DISCOUNT, 0.0, 300, "after_renewal")
    for k, won in enumerate(base.won):
        each = written_out(40.0, [0.8], DISCOUNT, 0.0, 300, "after_renewal") - base.acquisition_cost_eur
        total += won * each / (1 + DISCOUNT) ** k
    assert base.equity_eur == pytest.approx(total, rel=1e-10)


def test_acquisition_follows_an_s():
    curve = AcquisitionCurve(ceiling=1000, base=-5, speed=0.5)
    assert curve.won_until(10) == pytest.approx(500)
    assert curve.won_until([-1e9, 1e9]).tolist() == [0, 1000]
    won = curve.won_in(40)
    assert won.sum() == pytest.approx(curve.won_until(40) - curve.won_until(0))
    assert int(np.argmax(won)) in (9, 10)
    assert won.max() == pytest.approx(1000 * 0.5 / 4, rel=0.03)


def test_years_and_periods():
    month = per_period(0.12, 365 / 12)
    assert (1 + month) ** 12 == pytest.approx(1.12)
    kept = 1 + per_period(0.7 - 1, 365 / 12)
    assert kept**12 == pytest.approx(0.7)
    flows = np.zeros(366)
    flows[[0, 365]] = 100.0
    assert present_value(flows, discount_per_year=0.12) == pytest.approx(100 + 100 / 1.12)


def test_what_has_no_value_is_refused():
    for wrong in ({"retention": 1.2}, {"retention": []}, {"discount": -1.0}, {"periods": -1}, {"growth": -1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            lifetime_value(**({"margin_eur": 1.0, "retention": 0.8, "discount": 0.1} | wrong))
    with pytest.raises(ValueError, match="no bound"):
        lifetime_value(margin_eur=1.0, retention=1.0, discount=0.0)
    assert lifetime_value(margin_eur=1.0, retention=1.0, discount=0.0, periods=5) == 5.0
    with pytest.raises(ValueError, match="lever"):
        gain(firm(0.8), "luck")
