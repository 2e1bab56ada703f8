"""The totals of a run and the formulas of what they mean: rates, values of customers, money by purpose.

Undefined values (a cost per customer won when nobody was won) are NaN, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.plan import cumulated_cents
from sim.record import Results
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import Purpose

if TYPE_CHECKING:
    import pandas as pd

CUSTOMER_STAGES = ("service", "retention", "loyalty", "advocacy")
#: Moves by which somebody becomes a customer, and stops being one.
WINNING = ("flow_decision_to_service",)
LOSING = ("flow_service_to_lapsed", "flow_retention_to_lapsed")
#: Share of its customers and value a base loses a year at least, so that no lifetime value is infinite.
LEAST_DECAY_PER_YEAR = 0.01
#: What is spent on service beside touchpoints.
SERVICE_COSTS = ("cost_of_wages_cents", "cost_of_goodwill_cents", "cost_of_storm_cents")


@dataclass(frozen=True)
class Ledger:
    """Totals of one run on which all indicators rest.

    Attributes
    ----------
    days : DataFrame            rows of persona "all", one per day, in order
    market_size : float         people
    price, unit_cost : float    EUR
    discount_rate : float       per year
    kind : str                  durable, repeat or subscription
    listening_eur_per_week : float      paid storm or not
    """

    days: pd.DataFrame
    market_size: float
    price: float
    unit_cost: float
    discount_rate: float
    kind: str
    listening_eur_per_week: float

    def total(self, *columns: str) -> float:
        """Sum of some columns over the run."""
        return float(sum(self.days[column].sum() for column in columns))

    def last(self, *columns: str) -> float:
        """Sum of some columns on the last day."""
        return float(sum(self.days[column].iloc[-1] for column in columns))

    def eur(self, *columns: str) -> float:
        """Sum of some columns in cents over the run, in EUR."""
        return self.total(*columns) / 100.0

    def cost(self, purpose: Purpose) -> float:
        """EUR spent for one purpose; wages and goodwill are service."""
        return self.eur(f"cost_for_{purpose}_cents")

    @cached_property
    def customers(self) -> np.ndarray:
        """Customers every evening, float64 [days]."""
        return self.days[[f"stage_{stage}" for stage in CUSTOMER_STAGES]].sum(axis=1).to_numpy(np.float64)

    @property
    def years(self) -> float:
        return len(self.days) / 365.0

    @cached_property
    def customers_start(self) -> float:
        """Customers on the first morning: the first evening's, with that day's moves undone."""
        first = self.days.iloc[0]
        return float(self.customers[0] - sum(first[move] for move in WINNING) + sum(first[move] for move in LOSING))

    @cached_property
    def customer_years(self) -> float:
        """Years of custom: the mean of each day's morning and evening customers, summed up."""
        mornings = np.concatenate([[self.customers_start], self.customers[:-1]])
        return float((mornings + self.customers).sum() / 2.0 / 365.0)

    @cached_property
    def margin(self) -> float:
        """Contribution margin: revenue less variable cost, EUR."""
        return self.eur("revenue_cents") - self.eur("unit_cost_cents")

    @cached_property
    def first_margin(self) -> float:
        """The part of the margin that first purchases earned, EUR, at each day's mean margin per purchase."""
        daily = (self.days["revenue_cents"] - self.days["unit_cost_cents"]).to_numpy(np.float64) / 100.0
        bought = self.days["purchases"].to_numpy(np.float64)
        first = self.days["first_purchases"].to_numpy(np.float64)
        return float((daily * np.divide(first, bought, out=np.zeros_like(first), where=bought > 0)).sum())

    @cached_property
    def old_years(self) -> float:
        """Years of custom of those who were customers on the first morning and have not left since."""
        gone = self.days["lost_of_start"].to_numpy(np.float64)
        evenings = self.customers_start - np.cumsum(gone)
        return float((evenings + gone / 2.0).sum() / 365.0)

    @cached_property
    def storm_cost(self) -> float:
        """EUR spent because storms raged: answers, compensation, moderators. Listening is paid anyway."""
        listening = cumulated_cents(np.full(len(self.days), self.listening_eur_per_week / 7.0))
        return self.eur("cost_of_storm_cents") - float(listening.sum()) / 100.0

    @property
    def force_of_interest(self) -> float:
        """Discount rate for continuous time, per year: ln(1 + discount rate)."""
        return math.log1p(self.discount_rate)

    @cached_property
    def leaving_rate(self) -> float:
        """Customers lost per customer and year; NaN without customers."""
        return ratio(self.total(*LOSING), self.customer_years)


def ratio(above: float, below: float) -> float:
    """above / below, NaN if there is nothing to divide by."""
    return above / below if below > 0 else math.nan


def retention_rate(ledger: Ledger) -> float:
    """Share of customers who stay for one year, 0..1: exp(-rate of leaving per customer-year).

    A rate over person-time (as in survival analysis) rather than (end - won) / start: it needs no customers on the
    first day, does not charge the leaving of new customers to the old ones, and stays within 0..1.
    """
    return math.exp(-ledger.leaving_rate)


def retention_rate_period(ledger: Ledger) -> float:
    """Share of customers who stay for as long as the run lasted, 0..1, at the same rate of leaving."""
    return math.exp(-ledger.leaving_rate * ledger.years)


def cac(ledger: Ledger) -> float:
    """Customer acquisition cost, EUR: spending with purpose acquisition per customer won (winning back included)."""
    return ratio(ledger.cost("acquisition"), ledger.total(*WINNING))


def cac_loaded(ledger: Ledger) -> float:
    """Fully loaded acquisition cost, EUR: acquisition and brand spending together per customer won."""
    return ratio(ledger.cost("acquisition") + ledger.cost("brand"), ledger.total(*WINNING))


def lifetime_value(ledger: Ledger) -> float:
    """Value of a customer at the moment of the first purchase, EUR, before the cost of winning him.

    CLV = m_1 + m / (h + d): margin of the first purchase, plus the yearly margin m of a customer afterwards (less
    spending for retention and service), present value of a stream that ends at rate h = customers lost per
    customer-year and is discounted at d = ln(1 + discount rate). This is the continuous form of
    m (1 + i) / (1 + i - r) (Gupta, Lehmann & Stuart 2004, Journal of Marketing Research 41; Berger & Nasr 1998).
    The first payment stands apart, so a durable that is bought once is valued rightly too. Finite even if nobody
    leaves: h + d is at least `LEAST_DECAY_PER_YEAR`.
    """
    won = ledger.total(*WINNING)
    first = ledger.first_margin / won if won > 0 else ledger.price - ledger.unit_cost
    decay = max(LEAST_DECAY_PER_YEAR, ledger.leaving_rate + ledger.force_of_interest)
    return first + later_margin(ledger) / decay


def later_margin(ledger: Ledger) -> float:
    """Margin after the first purchase per customer and year, less spending for retention and service, EUR.

    What storms cost is not in it: it is paid once and costs no customer every year. The profit of the run has it.
    """
    service = ledger.cost("service") - ledger.storm_cost
    later = ledger.margin - ledger.first_margin - ledger.cost("retention") - service
    return ratio(later, ledger.customer_years)


def held_value(ledger: Ledger) -> float:
    """Value on the last evening of the customers held then, EUR: what they will bring, not what they have brought.

    Customers differ, and who has stayed long stays longer (shifted beta-geometric; Fader & Hardie 2007, 2010), so two
    classes of tenure are told apart. Those here since the first morning leave at the rate h_old that their like showed
    in the run; those won in the run leave at their own rate h_new for one more length T of the run, and whoever is
    left then at h_old. With the yearly margin m of a customer (`later_margin`) and d = ln(1 + discount rate):

        V_old = m / (h_old + d),  V_new = m (1 - s) / (h_new + d) + s V_old,  s = exp(-(h_new + d) T)

    the continuous form of the margin multiple of Gupta & Lehmann (2003). Assumed is that margin, spending per customer
    and rates of leaving stay as they were in the run; rates of a class nobody is in are those of all customers.
    Customers who would cost more than they bring are worth nothing, not less: the brand need not go on spending.
    """
    held, margin = float(ledger.customers[-1]), later_margin(ledger)
    if held <= 0.0 or margin <= 0.0:
        return 0.0
    old = min(held, max(0.0, ledger.customers_start - ledger.total("lost_of_start")))
    new_years = ledger.customer_years - ledger.old_years
    lost_old = ledger.total("lost_of_start")
    leaving_old = lost_old / ledger.old_years if ledger.old_years > 0 else ledger.leaving_rate
    leaving_new = (ledger.total(*LOSING) - lost_old) / new_years if new_years > 0 else ledger.leaving_rate
    decay_old = max(LEAST_DECAY_PER_YEAR, leaving_old + ledger.force_of_interest)
    decay_new = max(LEAST_DECAY_PER_YEAR, leaving_new + ledger.force_of_interest)
    survive = math.exp(-decay_new * ledger.years)
    multiple_new = (1.0 - survive) / decay_new + survive / decay_old
    return margin * (old / decay_old + (held - old) * multiple_new)


def equity(ledger: Ledger) -> float:
    """Customer equity, EUR: discounted profit over the run, and the discounted value of the customers held at its end.

    sum_t profit_t (1 + d)^(-t / 365) + held_value (1 + d)^(-D / 365), t = 0 ... D-1, d the discount rate per year
    (Gupta, Lehmann & Stuart 2004, Journal of Marketing Research 41, with the horizon cut at D and extended). The value
    of customers held on the first morning is in it, as their profit is; what they once cost to win is sunk. Customers
    who will be won after the run, and what winning them will cost, are not.
    """
    profit = ledger.days["profit_cents"].to_numpy(np.float64) / 100.0
    discount = np.exp(-ledger.force_of_interest * np.arange(len(profit) + 1) / 365.0)
    return float(profit @ discount[:-1] + held_value(ledger) * discount[-1])


def market_share(ledger: Ledger) -> float:
    """Share of the category's purchases, 0..1. NaN for subscriptions, where rivals' renewals are not simulated."""
    if ledger.kind == "subscription":
        return math.nan
    own = ledger.total("purchases")
    return ratio(own, own + ledger.total("rival_purchases"))


#: Which purchases are booked to a purpose; brand and service serve them all.
EARNS: dict[Purpose, str] = {"acquisition": "first purchases", "retention": "later purchases"}


def _earned(ledger: Ledger) -> dict[Purpose, float]:
    """Margin booked to each purpose of `EARNS`, EUR."""
    return {"acquisition": ledger.first_margin, "retention": ledger.margin - ledger.first_margin}


def cost_of(purpose: Purpose) -> Callable[[Ledger], float]:
    """EUR spent for a purpose."""
    return lambda ledger: ledger.cost(purpose)


def profit_of(purpose: Purpose) -> Callable[[Ledger], float]:
    """Profit booked to a purpose: its margin less its cost. The four add up to the profit.

    Bookkeeping, not cause and effect: first purchases are booked to acquisition and later ones to retention, whatever
    brought them about. What a purpose *changes* is the difference between two runs.
    """
    return lambda ledger: _earned(ledger).get(purpose, 0.0) - ledger.cost(purpose)


def return_of(purpose: Purpose) -> Callable[[Ledger], float]:
    """Margin per EUR spent for a purpose: of first purchases (acquisition), later ones (retention), or all.

    Bookkeeping like `profit_of`.
    """
    return lambda ledger: ratio(_earned(ledger).get(purpose, ledger.margin), ledger.cost(purpose))


def response_days(ledger: Ledger) -> float:
    """Mean days from complaint to answer, over the cases that were handled."""
    return ratio(ledger.total("response_days"), ledger.total("cases_handled"))


def quick_share(ledger: Ledger) -> float:
    """Share of complaints with an outcome that were resolved quickly, 0..1."""
    quick = ledger.total("outcome_quick")
    return ratio(quick, quick + ledger.total("outcome_unresolved", "outcome_resolved", "outcome_goodwill"))


def make_ledger(results: Results) -> Ledger:
    """Collect what the indicators need from the tables of a run."""
    return ledger_of(results.everybody, results.scenario)


def ledger_of(days: pd.DataFrame, scenario: Scenario) -> Ledger:
    market, listening = scenario.market, scenario.storm.listening.eur_per_week
    return Ledger(
        days, market.size, market.price, market.unit_cost, market.discount_rate_per_year, market.kind, listening
    )
