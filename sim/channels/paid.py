"""Paid reach: what money buys."""

from __future__ import annotations

from numba import njit


@njit
def contacts_bought(spend_eur: float, cpm_eur: float, cost_per_contact_eur: float) -> float:
    """Contacts (people x times) that a day's spend buys: by the thousand if `cpm_eur` is set, else one by one."""
    if spend_eur <= 0:
        return 0.0
    return 1000.0 * spend_eur / cpm_eur if cpm_eur > 0 else spend_eur / cost_per_contact_eur
