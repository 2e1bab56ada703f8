"""Law 6: what retention, margin and cheaper acquisition are worth in a run is what the algebra of customer equity says.

Gupta, Lehmann & Stuart (2004), Journal of Marketing Research 41, 7-18: at retention .7 to .9 and a discount of 12 %,
1 % better retention raises customer equity by 2.5 to 7 %, 1 % more margin by .9 to 1.1 %, 1 % cheaper acquisition by
.02 to .3 %.

A firm with customers of its own and an S-curve of customers still to be won is run as a subscription in which
everybody leaves with the same probability; a year of the paper is one period of PERIOD days, whatever that is. Runs
that differ in one lever have the same seed: the same people have the same luck.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine import Engine, simulate
from sim.studies.value import AcquisitionCurve, CustomerBase, lifetime_value, present_value, retention_elasticity
from sim.summary import summarise
from tests.laws.worlds import Z, advert, bare, days_of, everybody, merged, scenario

pytestmark = pytest.mark.law

DISCOUNT = 0.12  # per period
RETENTIONS = (0.7, 0.8, 0.9)
PERIOD = 5  # days
YEARLY = (1.0 + DISCOUNT) ** (365.0 / PERIOD) - 1.0  # the same discount for `present_value`, which counts in days
PERIODS = 60  # (.9 / 1.12) ** 60 = 2e-6
AGENTS = 40_000
OWN = 0.75  # share who are customers now; a quarter is still to be won, so a third of the base
PRICE, COST = 50.0, 10.0
ALIKE = 1e8  # a + b of the beta distribution of leaving: all have its mean within 5e-5


def leaving(retention: float) -> dict[str, Any]:
    return {"experience": {"leave_a": ALIKE * (1.0 - retention), "leave_b": ALIKE * retention}}


def base(retention: float, *, periods: int = PERIODS) -> dict[str, Any]:
    """Customers who renew for the first time after one period, and nobody else."""
    tables = bare(kind="subscription", agents=AGENTS, days=PERIOD * periods + 1)
    market = {"period_days": PERIOD, "price": PRICE, "unit_cost": COST, "instant_decision": True}
    start = {"retention": 1.0, "renewals_spread": False}
    return merged(tables, {"market": market, "start": start, "interest": {"base": 50.0}} | leaving(retention))


def firm(retention: float, *, cheaper: float = 0.0) -> dict[str, Any]:
    """With an advert two days before each period that reaches, along an S-curve, people who do not know the brand."""
    curve = AcquisitionCurve(ceiling=AGENTS, base=np.log(OWN / (1.0 - OWN)), speed=0.5)
    contacts = curve.won_in(25) * 1.5
    cpm = 1000.0 * 18.0 * (1.0 - cheaper)
    days = np.arange(25) * PERIOD + PERIOD - 2
    flights = [
        {"start": str(day), "end": str(day), "weekly_eur": 7.0 * float(n) * cpm / 1000.0}
        for day, n in zip(np.datetime64("2026-01-05") + days, contacts, strict=True)
    ]
    line = advert(0.0, AGENTS, cpm_eur=cpm, spend={"flights": flights}, stages=["unaware"])
    return merged(
        base(retention),
        {"start_date": "2026-01-05", "start": {"retention": OWN}, "touchpoints": [line]},
    )


@cache
def payments(retention: float) -> NDArray[np.float64]:
    """Discounted number of payments of each of AGENTS customers who have just paid."""
    engine = Engine(scenario(base(retention)))
    found = np.zeros(AGENTS)
    for day in days_of(engine):
        found += (engine.world.people.last_purchase == day) * (day > 0) * (1.0 + DISCOUNT) ** (-day / PERIOD)
    return found


@pytest.mark.parametrize("retention", RETENTIONS)
def test_lifetime_value(retention: float) -> None:
    found = payments(retention)
    expected = lifetime_value(margin_eur=1.0, retention=retention, discount=DISCOUNT)
    assert found.mean() == pytest.approx(expected, abs=Z * found.std() / np.sqrt(AGENTS))


@pytest.mark.parametrize("by", [0.01, 0.05])
@pytest.mark.parametrize("retention", RETENTIONS)
def test_value_of_retention(retention: float, by: float) -> None:
    """Person by person: nobody stays shorter if retention is better. The gain is that of the algebra."""
    before, after = payments(retention), payments(retention * (1.0 + by))
    assert (after >= before - 1e-12).all()
    gained = after - before
    error = np.std(gained - gained.mean() / before.mean() * before) / np.sqrt(AGENTS) / before.mean()
    values = [lifetime_value(margin_eur=1.0, retention=r, discount=DISCOUNT) for r in (retention, retention * (1 + by))]
    gain = gained.mean() / before.mean()
    assert gain == pytest.approx(values[1] / values[0] - 1.0, abs=Z * error)
    if by == 0.01:
        slope = retention_elasticity(retention=retention, discount=DISCOUNT)
        assert gain == pytest.approx(by * slope, abs=0.1 * gain + Z * error)


def test_five_points_more_retention() -> None:
    """.85 -> .90 is worth 20 to 45 % without tenure effects."""
    assert 1.20 <= payments(0.90).mean() / payments(0.85).mean() <= 1.45


@cache
def run(retention: float, margin: float = 0.0, cheaper: float = 0.0) -> tuple[float, CustomerBase, CustomerBase]:
    """Present value of daily profit in a firm's ledger; the firm as the algebra sees it: own customers, those won."""
    price = PRICE + margin * (PRICE - COST)
    results = simulate(scenario(firm(retention, cheaper=cheaper), {"market": {"price": price}}))
    daily = everybody(results)
    equity = present_value(daily["profit_cents"].to_numpy(np.float64) / 100.0, discount_per_year=YEARLY)
    wins = daily["first_purchases"].to_numpy()
    assert wins.sum() > 0.6 * (1 - OWN) * AGENTS
    assert set(np.flatnonzero(wins) % PERIOD) == {0}
    spent = present_value(daily["cost_for_acquisition_cents"].to_numpy(np.float64) / 100.0, discount_per_year=YEARLY)
    own = AGENTS - daily["stage_unaware"].iloc[0]
    margin_eur = (PRICE - COST) * (1.0 + margin)
    common = {"margin_eur": margin_eur, "retention": retention, "discount": DISCOUNT}
    customers = CustomerBase(customers=own, **common)
    won = CustomerBase(customers=0.0, won=wins[::PERIOD], timing="now", **common)
    cost = spent / won.won_discounted
    return equity, customers, CustomerBase(**{**vars(won), "acquisition_cost_eur": cost})


@pytest.mark.parametrize("retention", RETENTIONS)
def test_equity_in_the_ledger_is_customer_equity(retention: float) -> None:
    """Present value of profit, to what luck does to the number of renewals."""
    equity, customers, won = run(retention)
    spread = payments(retention).std() / payments(retention).mean() / np.sqrt(AGENTS)
    assert equity == pytest.approx(customers.equity_eur + won.equity_eur, rel=Z * spread + 1e-3)
    assert 0.1 < won.acquisition_cost_eur / won.customer_value_eur < 0.6


@pytest.mark.parametrize("retention", RETENTIONS)
def test_published_elasticities(retention: float) -> None:
    equity, customers, won = run(retention)
    expected = customers.equity_eur + won.equity_eur

    better, *firms = run(retention * 1.01)
    gain = better / equity - 1.0
    assert 0.025 <= gain <= 0.07
    assert gain == pytest.approx(sum(firm.equity_eur for firm in firms) / expected - 1.0, rel=0.10)

    better, *firms = run(retention, margin=0.01)
    gain_of_margin = better / equity - 1.0
    assert 0.009 <= gain_of_margin <= 0.011
    assert gain_of_margin == pytest.approx(sum(firm.equity_eur for firm in firms) / expected - 1.0, rel=0.02)

    better, *firms = run(retention, cheaper=0.01)
    gain_of_cost = better / equity - 1.0
    assert 0.0002 <= gain_of_cost <= 0.003
    assert gain_of_cost == pytest.approx(sum(firm.equity_eur for firm in firms) / expected - 1.0, rel=0.02)
    assert gain > 2.5 * gain_of_margin > 5 * gain_of_cost


# -- the same through the indicator of a run that ends long before its customers do

SHORT = 6  # periods that are run
LONG_PERIOD = 60  # days, so that the discount of a period is one a scenario may have
SHORT_RUN = {
    "agents": 8000,
    "days": SHORT * LONG_PERIOD,
    "market": {"period_days": LONG_PERIOD, "discount_rate_per_year": (1.0 + DISCOUNT) ** (365.0 / LONG_PERIOD) - 1.0},
}


@cache
def equity_of(retention: float, margin: float = 0.0) -> float:
    """The indicator `equity` per customer, renewals spread over a period; nobody else is won."""
    price = {"market": {"price": PRICE + margin * (PRICE - COST)}, "start": {"renewals_spread": True}}
    return summarise(simulate(scenario(base(retention), SHORT_RUN, price)))["equity"] / AGENTS


@pytest.mark.parametrize("retention", RETENTIONS)
def test_the_indicator_values_customers_and_their_retention_as_the_algebra_does(retention: float) -> None:
    """Six periods and the value of the customers held at their end say what all periods say.

    Whose first renewal comes at u of a period, u uniform, is worth (1 + d)^(1 - u) times who has just paid:
    d / ln(1 + d) on average. The level to 3 %: the indicator discounts and loses customers all the time, the algebra at
    renewals.
    """
    whole = equity_of(retention)
    just_paid = lifetime_value(margin_eur=PRICE - COST, retention=retention, discount=DISCOUNT)
    assert whole == pytest.approx(just_paid * DISCOUNT / np.log1p(DISCOUNT), rel=0.03)
    assert 0.025 <= equity_of(retention * 1.01) / whole - 1.0 <= 0.07
    assert equity_of(retention, margin=0.01) / whole - 1.0 == pytest.approx(0.01, rel=1e-6)


def test_the_indicator_values_acquisition_as_published() -> None:
    """1 % cheaper acquisition and 1 % more margin, for a firm with customers of its own and others still to be won."""

    def equity(margin: float = 0.0, cheaper: float = 0.0) -> float:
        tables = firm(0.8, cheaper=cheaper)
        flights = tables["touchpoints"][0]["spend"]["flights"][: SHORT - 1]
        for k, flight in enumerate(flights):
            flight["start"] = flight["end"] = str(np.datetime64("2026-01-05") + (k + 1) * LONG_PERIOD - 2)
        tables["touchpoints"][0]["spend"]["flights"] = flights
        price = {"market": {"price": PRICE + margin * (PRICE - COST)}}
        return summarise(simulate(scenario(tables, SHORT_RUN, price)))["equity"]

    whole = equity()
    assert 0.0002 <= equity(cheaper=0.01) / whole - 1.0 <= 0.003
    assert 0.009 <= equity(margin=0.01) / whole - 1.0 <= 0.011
