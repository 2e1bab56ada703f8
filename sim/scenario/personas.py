"""Personas: concrete types of customers standing for a part of the target group."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.base import Name, NonNegative, Part, Positive, Share

ContactChannel = Literal["branch", "self_service", "service_centre", "portal", "social"]
CONTACT_CHANNELS: tuple[ContactChannel, ...] = ("branch", "self_service", "service_centre", "portal", "social")


class ContactPreference(Part):
    """Where a customer with a problem seeks help; shares that sum to 1. Defaults are assumptions."""

    branch: Share = 0.15
    self_service: Share = 0.15
    service_centre: Share = 0.40
    portal: Share = 0.20
    social: Share = 0.10


class Persona(Part):
    """One type of customer. Multipliers are 1 for the average consumer.

    Trust has the order and about the size of Nielsen (2015), Global Trust in Advertising: people one knows 83 %,
    branded websites 70 %, advertisements online 42-48 %. Other defaults without a source are assumptions.
    """

    name: Name
    share: Annotated[float, Field(gt=0, le=1)]  # of the market; all shares sum to 1
    segment: str = ""  # personas of one segment; more than three get a warning
    description: str = ""
    platforms: dict[Name, Share] = {}  # share of weekly users by platform
    needs: Positive = 1.0  # multiplies market.needs_per_year
    attention: Positive = 1.0  # multiplies the attention of touchpoints
    involvement: NonNegative = 1.0  # multiplies talk and the way to ADVOCACY
    price_sensitivity: NonNegative = 3.0  # utility lost when the price rises by the reference price
    trust_paid: Share = 0.4  # multiplies attention by source
    trust_owned: Share = 0.6
    trust_earned: Share = 0.85
    complaint_share: Share = 0.5  # of those with a problem who complain (Customer Rage Survey 2023: half)
    contact: ContactPreference = ContactPreference()
