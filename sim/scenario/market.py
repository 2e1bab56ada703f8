"""The market: what is sold, at which price, against whom, and how often people need it."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field

from sim.scenario.base import Day, Name, NonNegative, Part, Positive, Share

MarketKind = Literal["durable", "repeat", "subscription"]


class Rival(Part):
    """A competing brand. Defaults are assumptions."""

    name: Name
    attraction: Positive = 1.0  # shape of its gamma-distributed taste, relative to the focal brand's; 1 = as liked
    price: NonNegative = 10.0  # EUR per purchase or period
    weekly_spend_eur: NonNegative = 0.0  # advertising, gives its share of voice


class Discount(Part):
    """A price cut for everybody between two dates, both included."""

    start: Day
    end: Day
    percent: Annotated[float, Field(ge=0, le=100)]


def _usual_price(data: dict[str, Any]) -> float | None:
    """EUR a buyer compares with: the rivals' mean price; without rivals the own price, if nothing else is compared.

    None where it has to be given: all rivals give their product away, or the only other choice is to buy nothing.
    """
    if data["rivals"]:
        return math.fsum(rival.price for rival in data["rivals"]) / len(data["rivals"]) or None
    return None if data["nothing_attraction"] > 0 else data["price"] or 1.0


class Market(Part):
    """One focal brand, its rivals and the category. Defaults are assumptions, to be replaced by what is known."""

    kind: MarketKind = "subscription"
    size: Annotated[float, Field(ge=1, le=1e10)] = 1_000_000.0  # people the agents stand for
    price: NonNegative = 10.0  # EUR per purchase (durable, repeat) or per period (subscription)
    unit_cost: NonNegative = 4.0  # EUR, variable cost of one purchase or period
    period_days: Annotated[int, Field(ge=1, le=3650)] = 30  # subscription: days between renewals
    attraction: Positive = 1.0  # shape of the gamma-distributed taste for the focal brand
    taste_concentration: Positive = 1.5  # multiplies all attractions; the Dirichlet's S is the sum of the products
    nothing_attraction: NonNegative = 0.0  # of buying nothing at all; 0 = a need is always met by somebody
    availability: Annotated[float, Field(gt=0, le=1)] = 1.0  # share of occasions on which the brand can be had
    share_of_voice_weight: NonNegative = 0.3  # utility a rival gains with all the advertising of the category
    needs_per_year: Annotated[float, Field(gt=0, le=3650)] = 6.0  # mean category needs of a consumer
    needs_shape: Positive | None = 1.0  # of the gamma distribution of needs over consumers; unset = everybody alike
    instant_decision: bool = False  # everybody who considers decides at once (Bass limit)
    decision_days: Annotated[float, Field(ge=0, le=3650)] = 3.0  # mean length of DECISION, exponential
    season: Annotated[list[NonNegative], Field(min_length=12, max_length=12)] = [1.0] * 12  # needs by month, 1 = mean
    rivals: list[Rival] = []
    reference_price: Positive | None = Field(default_factory=_usual_price)  # EUR a buyer compares prices with
    discounts: list[Discount] = []
    discount_rate_per_year: Annotated[float, Field(ge=0, le=1)] = 0.10  # for customer lifetime value


class Start(Part):
    """How the population stands on the first morning. What is left of 1 is UNAWARE. Defaults are assumptions."""

    awareness: Share = 0.0
    consideration: Share = 0.0
    retention: Share = 0.0
    loyalty: Share = 0.0
    advocacy: Share = 0.0
    lapsed: Share = 0.0
    satisfaction: Annotated[float, Field(ge=-1, le=1)] = 0.3  # of those who are customers
    renewals_spread: bool = True  # first renewals, or chances to leave by date, spread; false = after one full period
