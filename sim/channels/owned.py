"""Owned touchpoints: visited by consumers (pull) or sent to them (push)."""

from __future__ import annotations

import math

from numba import njit


@njit
def sent_today(day: int, sends_per_week: float) -> bool:
    """Whether a mailing goes out: sends are spread evenly, floor((t + 1) r / 7) > floor(t r / 7)."""
    return math.floor((day + 1) * sends_per_week / 7.0) > math.floor(day * sends_per_week / 7.0)


@njit
def funded_share(spend_eur: float, cost_per_contact_eur: float, expected_contacts: float) -> float:
    """Share of the expected contacts (people) that the day's budget pays for, at most 1."""
    needed = cost_per_contact_eur * expected_contacts
    return min(1.0, spend_eur / needed) if needed > 0 else 1.0
