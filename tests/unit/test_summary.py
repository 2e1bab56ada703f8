"""Indicators against figures worked out by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from sim.intervals import interval
from sim.record import Results
from sim.summary import INDICATORS, for_people, intervals, summarise

#: Two days of a market of 1000 people: 100 customers at the start, 20 won at 10 EUR, 10 lost, price 10, unit cost 4.
DAYS = {
    "day": [0, 1],
    "persona": ["all", "all"],
    "stage_unaware": [500.0, 400.0],
    "stage_service": [10.0, 20.0],
    "stage_retention": [60.0, 50.0],
    "stage_loyalty": [20.0, 20.0],
    "stage_advocacy": [20.0, 20.0],
    "flow_decision_to_service": [10.0, 10.0],
    "flow_service_to_lapsed": [0.0, 2.0],
    "lost_of_start": [0.0, 6.0],
    "flow_retention_to_lapsed": [0.0, 8.0],
    "flow_lapsed_to_consideration": [0.0, 3.0],
    "purchases": [10.0, 30.0],
    "first_purchases": [10.0, 10.0],
    "rival_purchases": [20.0, 40.0],
    "revenue_cents": [10_000, 30_000],
    "unit_cost_cents": [4_000, 12_000],
    "profit_cents": [-10_000, -4_000],
    "cost_for_acquisition_cents": [10_000, 10_000],
    "cost_for_retention_cents": [3_000, 3_000],
    "cost_for_brand_cents": [0, 0],
    "cost_for_service_cents": [6_000, 6_000],
    "cost_of_wages_cents": [5_000, 4_000],
    "cost_of_goodwill_cents": [0, 1_000],
    "cost_of_storm_cents": [0, 0],
    "promoters": [0.0, 66.0],
    "detractors": [0.0, 11.0],
    "feeling": [0.1, 0.2],
    "belief": [0.1, 0.3],
    "satisfaction": [0.1, 0.4],
    "loyalty": [0.1, 0.5],
    "talk_good": [6.0, 6.0],
    "talk_bad": [2.0, 1.0],
    "posts_good": [9.0, 9.0],
    "posts_bad": [1.0, 1.0],
    "reviews_good_stock": [3.0, 9.0],
    "reviews_bad_stock": [1.0, 3.0],
    "problems": [4.0, 6.0],
    "complaints": [2.0, 3.0],
    "outcome_unresolved": [0.0, 1.0],
    "outcome_resolved": [0.0, 2.0],
    "outcome_quick": [1.0, 0.0],
    "outcome_goodwill": [0.0, 0.0],
    "response_days": [0.0, 6.0],
    "cases_handled": [1.0, 2.0],
}


def results(kind: str = "subscription", **columns: list[float]) -> Results:
    """A result with only what a summary reads; `columns` replace some of DAYS."""
    daily = pd.DataFrame({**DAYS, **columns})
    other = daily.assign(persona="students") * 1  # rows of a persona must not be counted
    market = SimpleNamespace(size=1000.0, price=10.0, unit_cost=4.0, discount_rate_per_year=0.1, kind=kind)
    storm = SimpleNamespace(listening=SimpleNamespace(eur_per_week=0.0))
    scenario: Any = SimpleNamespace(market=market, storm=storm)
    none = pd.DataFrame()
    return Results(scenario, 1, 1.0, pd.concat([other, daily]), none, none, none, none, none)


def test_customers_add_up() -> None:
    found = summarise(results())
    assert found["customers_start"] == 100
    assert (found["won"], found["lost"], found["customers_end"]) == (20, 10, 110)
    assert found["customers_start"] + found["won"] - found["lost"] == found["customers_end"]
    assert found["kept"] == 94
    assert found["penetration"] == pytest.approx(0.11)
    assert found["aware"] == pytest.approx(0.6)


def test_retention_is_a_rate_over_customer_time() -> None:
    found = summarise(results())
    customer_years = ((100 + 110) / 2 + (110 + 110) / 2) / 365
    assert found["retention_rate"] == pytest.approx(math.exp(-10 / customer_years))
    assert found["retention_rate_period"] == pytest.approx(math.exp(-10 / customer_years * 2 / 365))


def test_acquisition_cost_counts_acquisition_money_only() -> None:
    found = summarise(results(cost_for_brand_cents=[1_000, 1_000]))
    assert found["cac"] == pytest.approx(200 / 20)
    assert found["cac_loaded"] == pytest.approx(220 / 20)


def test_lifetime_value() -> None:
    customer_years = ((100 + 110) / 2 + (110 + 110) / 2) / 365
    first_margin = 10 * 6 + 10 * 6
    later = 240 - first_margin - 60 - 120  # margin less retention and service
    expected = first_margin / 20 + later / customer_years / (10 / customer_years + math.log(1.1))
    assert summarise(results())["clv"] == pytest.approx(expected)


def test_lifetime_value_is_the_textbook_perpetuity_if_nobody_leaves() -> None:
    still = {"flow_service_to_lapsed": [0.0, 0.0], "flow_retention_to_lapsed": [0.0, 0.0]}
    quiet = {f"cost_for_{purpose}_cents": [0, 0] for purpose in ("retention", "service")}
    found = summarise(results(first_purchases=[0.0, 0.0], flow_decision_to_service=[0.0, 0.0], **still, **quiet))
    yearly = 240 / (110 * 2 / 365)
    assert found["clv"] == pytest.approx(6 + yearly / math.log(1.1))
    assert found["retention_rate"] == 1.0


def test_lifetime_value_is_finite_without_leaving_and_discount() -> None:
    still = {"flow_service_to_lapsed": [0.0, 0.0], "flow_retention_to_lapsed": [0.0, 0.0]}
    run = results(**still)
    run.scenario.market.discount_rate_per_year = 0.0
    assert math.isfinite(summarise(run)["clv"])


def test_customer_equity_is_discounted_profit_and_the_customers_held() -> None:
    """100 of before, of whom 6 leave on the second day; 20 won, of whom 4 leave: worked out by hand."""
    service = [3_000, 1_000]
    years, d = 2 / 365, math.log(1.1)
    old_years = (100 + 97) / 365
    all_years = ((100 + 110) / 2 + (110 + 110) / 2) / 365
    yearly = (240 - 120 - 60 - 40) / all_years
    decay_old = 6 / old_years + d
    decay_new = 4 / (all_years - old_years) + d
    survive = math.exp(-decay_new * years)
    held = yearly * (94 / decay_old + 16 * ((1 - survive) / decay_new + survive / decay_old))
    expected = -100 - 40 * 1.1 ** (-1 / 365) + held * 1.1 ** (-years)
    assert summarise(results(cost_for_service_cents=service))["equity"] == pytest.approx(expected, rel=1e-12)


def test_what_a_storm_costs_is_paid_once() -> None:
    """A euro of it on the second day takes a discounted euro of equity, and nothing of a lifetime; wages take more."""
    calm = results(cost_for_service_cents=[3_000, 1_000])
    dearer = {"profit_cents": [-10_000, -4_100], "cost_for_service_cents": [3_000, 1_100]}
    once, wages = results(**dearer, cost_of_storm_cents=[0, 100]), results(**dearer)
    found = summarise(once)
    assert found["equity"] - summarise(calm)["equity"] == pytest.approx(-(1.1 ** (-1 / 365)), rel=1e-9)
    assert found["clv"] == summarise(calm)["clv"]
    assert summarise(wages)["clv"] < found["clv"] - 0.01


def test_listening_is_paid_every_week() -> None:
    """35 EUR a week is 5 a day, storm or not: a cost of keeping customers."""
    listening = results(cost_of_storm_cents=[500, 500])
    listening.scenario.storm.listening.eur_per_week = 35.0
    assert summarise(listening)["clv"] == summarise(results())["clv"]
    assert summarise(listening)["clv"] < summarise(results(cost_of_storm_cents=[500, 500]))["clv"]


def test_customers_who_only_cost_are_no_debt() -> None:
    discounted = -100 - 40 * 1.1 ** (-1 / 365)
    assert summarise(results())["equity"] == pytest.approx(discounted)  # 120 later margin, 180 for keeping them


def test_newcomers_are_worth_less_if_they_leave_faster() -> None:
    """The same 10 leave, out of those there at the start or out of those won; margins are positive."""
    cheap = {f"cost_for_{purpose}_cents": [0, 0] for purpose in ("retention", "service")}
    newcomers = summarise(results(lost_of_start=[0.0, 0.0], **cheap))["equity"]
    old = summarise(results(lost_of_start=[0.0, 10.0], **cheap))["equity"]
    assert newcomers > old  # 100 who never leave and 10 who do are worth more than 90 who leave and 20 who do not


def test_customer_equity_without_customers_is_the_discounted_profit() -> None:
    none = {f"stage_{stage}": [0.0, 0.0] for stage in ("service", "retention", "loyalty", "advocacy")}
    moves = {"flow_decision_to_service": [0.0, 0.0], "flow_service_to_lapsed": [0.0, 0.0]}
    moves |= {"flow_retention_to_lapsed": [0.0, 0.0], "lost_of_start": [0.0, 0.0]}
    assert summarise(results(**none, **moves))["equity"] == pytest.approx(-100 - 40 * 1.1 ** (-1 / 365))


def test_booked_profits_add_up_to_the_profit() -> None:
    found = summarise(results())
    booked = sum(found[f"profit_{purpose}"] for purpose in ("acquisition", "retention", "brand", "service"))
    assert booked == pytest.approx(found["revenue"] - found["unit_cost"] - 200 - 60 - 0 - 120)
    assert found["return_acquisition"] == pytest.approx(120 / 200)
    assert found["return_retention"] == pytest.approx(120 / 60)
    assert found["return_service"] == pytest.approx(240 / 120)
    assert math.isnan(found["return_brand"])  # nothing was spent


def test_money() -> None:
    found = summarise(results())
    assert (found["revenue"], found["unit_cost"], found["profit"]) == (400.0, 160.0, -140.0)
    assert found["service_cost"] == 100.0
    assert found["marketing_cost"] == 200 + 60 + 120 - 100


def test_share_of_the_category_is_not_defined_for_subscriptions() -> None:
    assert math.isnan(summarise(results("subscription"))["market_share"])
    assert summarise(results("repeat"))["market_share"] == pytest.approx(40 / 100)


def test_sentiment_and_service() -> None:
    found = summarise(results())
    assert found["nps"] == pytest.approx(50)
    assert found["talk_ratio"] == pytest.approx(30 / 5)
    assert found["negative_mentions"] == pytest.approx(2 / 20)
    assert found["rating"] == pytest.approx(0.5)
    assert (found["feeling"], found["satisfaction"]) == (0.2, 0.4)
    assert found["response_days"] == pytest.approx(2)
    assert found["quick_share"] == pytest.approx(0.25)


def test_nothing_happened_is_undefined_and_not_zero() -> None:
    empty = {name: [0.0, 0.0] for name in DAYS if name not in ("day", "persona")}
    found = summarise(results(**empty))
    for name in ("cac", "clv", "retention_rate", "nps", "talk_ratio", "rating", "response_days", "quick_share"):
        assert math.isnan(found[name]), name
    assert found["won"] == 0


def test_names_are_unique_and_every_indicator_is_explained() -> None:
    names = [indicator.name for indicator in INDICATORS]
    assert len(set(names)) == len(names)
    assert all(indicator.label and indicator.how for indicator in INDICATORS)


def test_interval_is_students_t() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0])
    half = 3.182446305284263 * math.sqrt(5 / 3) / 2  # t(0.975, 3 degrees of freedom)
    assert found.mean == 2.5
    assert (found.low, found.high) == (pytest.approx(2.5 - half), pytest.approx(2.5 + half))
    assert found.seeds == 4


def test_interval_ends_where_the_quantity_does() -> None:
    found = interval([0.9, 1.0, 0.95], "share")
    assert found.low > 0.8
    assert found.high == 1.0
    assert interval([0.0, 1.0, 5.0], "people").low == 0.0


def test_interval_leaves_undefined_values_out() -> None:
    assert interval([1.0, math.nan, 3.0]).mean == 2.0
    assert interval([1.0, math.nan, 3.0]).seeds == 2
    lone = interval([5.0])
    assert (lone.mean, lone.seeds) == (5.0, 1)
    assert math.isnan(lone.low)
    assert interval([math.nan]).seeds == 0


def test_interval_of_equal_seeds_has_no_width() -> None:
    summary = summarise(results())
    found = intervals([summary, summary])["won"]
    assert found.low == found.high == found.mean == 20


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.1234, "share", "12.3 %"),
        (1234567.8, "people", "1,234,568"),
        (9.9, "EUR", "9.90"),
        (-1234.5, "EUR", "-1,234"),
        (12.34, "points", "12.3"),
        (0.256, "-1..1", "0.26"),
        (math.nan, "EUR", "–"),
        (math.inf, "EUR", "–"),
    ],
)
def test_numbers_for_people(value: float, unit: str, shown: str) -> None:
    assert for_people(value, unit) == shown
