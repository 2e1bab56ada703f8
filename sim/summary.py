"""A run in a few numbers: every indicator is one entry of `INDICATORS`, computed from the tables alone.

To add one: write a short function of a `Ledger` (`sim/ledger.py`), add an `Indicator` to the list, add a test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.intervals import Interval, interval
from sim.ledger import (
    EARNS,
    LOSING,
    SERVICE_COSTS,
    WINNING,
    Ledger,
    cac,
    cac_loaded,
    cost_of,
    equity,
    ledger_of,
    lifetime_value,
    make_ledger,
    market_share,
    profit_of,
    quick_share,
    ratio,
    response_days,
    retention_rate,
    retention_rate_period,
    return_of,
)
from sim.record import Results
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PURPOSES

if TYPE_CHECKING:
    import pandas as pd

Group = Literal["customers", "value", "money", "purposes", "sentiment", "service"]


@dataclass(frozen=True)
class Indicator:
    """One number that describes a run.

    Attributes
    ----------
    name : str              key in summary.json and in tables
    label : str             for people
    unit : str              "people", "EUR", "share" (0..1), "days", "" for pure numbers
    group : str             heading under which it is shown
    compute : callable      Ledger -> float, NaN if undefined
    how : str               definition in a sentence
    better : str or None    "more", "less", or None if neither is better as such
    headline : bool         belongs into the short table after a run
    """

    name: str
    label: str
    unit: str
    group: Group
    compute: Callable[[Ledger], float]
    how: str
    better: Literal["more", "less"] | None = None
    headline: bool = False


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "customers_start", "Customers at the start", "people", "customers",
        lambda run: run.customers_start, "in SERVICE to ADVOCACY on the first morning", headline=True,
    ),
    Indicator(
        "won", "Customers won", "people", "customers",
        lambda run: run.total(*WINNING), "moves from DECISION to SERVICE, former customers included", "more", True,
    ),
    Indicator(
        "lost", "Customers lost", "people", "customers",
        lambda run: run.total(*LOSING), "moves to LAPSED", "less", True,
    ),
    Indicator(
        "kept", "Customers kept", "people", "customers",
        lambda run: run.customers_start - run.total("lost_of_start"),
        "customers on the first morning who never left", "more", True,
    ),
    Indicator(
        "customers_end", "Customers at the end", "people", "customers",
        lambda run: run.customers[-1], "in SERVICE to ADVOCACY on the last evening = start + won - lost", "more", True,
    ),
    Indicator(
        "won_back", "Lapsed people who reconsider", "people", "customers",
        lambda run: run.total("flow_lapsed_to_consideration"), "moves from LAPSED to CONSIDERATION", "more",
    ),
    Indicator(
        "retention_rate", "Retention rate per year", "share", "customers",
        retention_rate, "exp(-customers lost per customer-year)", "more", True,
    ),
    Indicator(
        "retention_rate_period", "Retention rate over the run", "share", "customers",
        retention_rate_period, "the same rate of leaving over the length of the run", "more",
    ),
    Indicator(
        "penetration", "Customers among the market", "share", "customers",
        lambda run: run.customers[-1] / run.market_size, "customers on the last evening / people in the market", "more",
    ),
    Indicator(
        "aware", "People who know the brand", "share", "customers",
        lambda run: 1.0 - run.last("stage_unaware") / run.market_size,
        "1 - UNAWARE / market on the last evening", "more",
    ),
    Indicator(
        "market_share", "Share of the category's purchases", "share", "customers",
        market_share, "purchases / purchases of all brands; not defined for subscriptions", "more",
    ),
    Indicator(
        "cac", "Acquisition cost per customer won (CAC)", "EUR", "value",
        cac, "spending with purpose acquisition / customers won", "less", True,
    ),
    Indicator(
        "cac_loaded", "CAC with brand spending", "EUR", "value",
        cac_loaded, "(acquisition + brand spending) / customers won", "less",
    ),
    Indicator(
        "clv", "Customer lifetime value (CLV)", "EUR", "value",
        lifetime_value,
        "first margin + yearly margin after retention and service cost / (leaving rate + ln(1 + discount rate))",
        "more", True,
    ),
    Indicator(
        "clv_to_cac", "CLV : CAC", "", "value",
        lambda run: ratio(lifetime_value(run), cac(run)), "lifetime value / acquisition cost", "more",
    ),
    Indicator(
        "equity", "Customer equity", "EUR", "value",
        equity,
        "discounted profit of the run + discounted value of the customers held at its end: yearly margin"
        " / (leaving rate by tenure + ln(1 + discount rate))",
        "more", True,
    ),
    Indicator(
        "purchases", "Purchases", "purchases", "money",
        lambda run: run.total("purchases"), "purchases and renewals of the brand", "more",
    ),
    Indicator(
        "revenue", "Revenue", "EUR", "money",
        lambda run: run.eur("revenue_cents"), "purchases at the price paid", "more", True,
    ),
    Indicator(
        "unit_cost", "Variable cost", "EUR", "money",
        lambda run: run.eur("unit_cost_cents"), "purchases at unit cost",
    ),
    Indicator(
        "marketing_cost", "Spending on touchpoints", "EUR", "money",
        lambda run: sum(run.cost(p) for p in PURPOSES) - run.eur(*SERVICE_COSTS),
        "all lines together",
    ),
    Indicator(
        "service_cost", "Service wages, goodwill and storms", "EUR", "money",
        lambda run: run.eur(*SERVICE_COSTS),
        "wages of the desks, generous settlements; listening and answers in storms",
    ),
    Indicator(
        "profit", "Profit", "EUR", "money",
        lambda run: run.eur("profit_cents"), "revenue - variable cost - touchpoints - wages - goodwill", "more", True,
    ),
    *(
        Indicator(
            f"cost_{purpose}", f"Cost: {purpose}", "EUR", "purposes", cost_of(purpose),
            f"spending with purpose {purpose}" + (", wages and goodwill" if purpose == "service" else ""),
        )
        for purpose in PURPOSES
    ),
    *(
        Indicator(
            f"profit_{purpose}", f"Booked profit: {purpose}", "EUR", "purposes", profit_of(purpose),
            f"margin of {EARNS.get(purpose, 'nothing')} - cost; bookkeeping, not cause and effect", "more",
        )
        for purpose in PURPOSES
    ),
    *(
        Indicator(
            f"return_{purpose}", f"Margin of {EARNS.get(purpose, 'all purchases')} per EUR of {purpose}", "EUR/EUR",
            "purposes", return_of(purpose),
            f"margin of {EARNS.get(purpose, 'all purchases')} / cost; bookkeeping, not cause and effect", "more",
        )
        for purpose in PURPOSES
    ),
    Indicator(
        "nps", "Net promoter score", "points", "sentiment",
        lambda run: 100.0 * ratio(run.last("promoters") - run.last("detractors"), run.customers[-1]),
        "100 (satisfied >= 0.5 - dissatisfied < 0) / customers on the last evening", "more", True,
    ),
    Indicator(
        "feeling", "Feeling of those who know the brand", "-1..1", "sentiment",
        lambda run: run.last("feeling"), "mean on the last evening", "more", True,
    ),
    Indicator(
        "belief", "Belief of those who know the brand", "-1..1", "sentiment",
        lambda run: run.last("belief"), "mean on the last evening", "more",
    ),
    Indicator(
        "satisfaction", "Satisfaction of customers", "-1..1", "sentiment",
        lambda run: run.last("satisfaction"), "mean on the last evening", "more", True,
    ),
    Indicator(
        "loyalty", "Loyalty of customers", "0..1", "sentiment",
        lambda run: run.last("loyalty"), "mean on the last evening", "more",
    ),
    Indicator(
        "talk_ratio", "Good talk per bad talk", "", "sentiment",
        lambda run: ratio(run.total("talk_good", "posts_good"), run.total("talk_bad", "posts_bad")),
        "conversations and posts, good / bad", "more", True,
    ),
    Indicator(
        "negative_mentions", "Negative share of mentions", "share", "sentiment",
        lambda run: ratio(run.total("posts_bad"), run.total("posts_bad", "posts_good")),
        "bad posts / posts, as social listening counts them", "less", True,
    ),
    Indicator(
        "rating", "Mean review", "-1..1", "sentiment",
        lambda run: ratio(run.last("reviews_good_stock") - run.last("reviews_bad_stock"),
                          run.last("reviews_good_stock", "reviews_bad_stock")),
        "(good - bad) / all reviews that stand on the last evening", "more",
    ),
    Indicator(
        "problems", "Problems", "people", "service",
        lambda run: run.total("problems"), "serious failures met by customers", "less",
    ),
    Indicator(
        "complaints", "Complaints", "people", "service",
        lambda run: run.total("complaints"), "problems reported to a contact channel",
    ),
    Indicator(
        "response_days", "Days until an answer", "days", "service",
        response_days, "mean over handled complaints", "less", True,
    ),
    Indicator(
        "quick_share", "Complaints resolved quickly", "share", "service",
        quick_share, "resolved within quick_days / complaints with an outcome", "more", True,
    ),
)  # fmt: skip


def summarise(results: Results) -> dict[str, float]:
    """All indicators of a run by name, in the order of `INDICATORS`; undefined ones are NaN."""
    ledger = make_ledger(results)
    return {indicator.name: float(indicator.compute(ledger)) for indicator in INDICATORS}


def summarise_days(days: pd.DataFrame, scenario: Scenario) -> dict[str, float]:
    """All indicators from the rows of ``all`` alone (`Engine.everybody`): the same numbers, sooner."""
    ledger = ledger_of(days, scenario)
    return {indicator.name: float(indicator.compute(ledger)) for indicator in INDICATORS}


def intervals(summaries: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    """Mean and 95 % interval of every indicator over the summaries of several seeds."""
    return {
        indicator.name: interval([summary[indicator.name] for summary in summaries], indicator.unit)
        for indicator in INDICATORS
    }


def for_people(value: float, unit: str) -> str:
    """A number as people write it: shares in per cent, small amounts with decimals, large ones in thousands groups."""
    if not math.isfinite(value):
        return "–"
    if unit == "share":
        return f"{100.0 * value:.1f} %"
    if unit in ("people", "purchases"):
        return f"{value:,.0f}"
    if unit == "EUR":
        return f"{value:,.2f}" if abs(value) < 1000.0 else f"{value:,.0f}"
    if unit in ("points", "days"):
        return f"{value:,.1f}"
    return f"{value:,.2f}"
