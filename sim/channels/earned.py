"""Earned reach the brand can pay for: hired influencers, and reposts of what advocates made."""

from __future__ import annotations

from numba import njit


@njit
def hired_contacts(spend_eur: float, cost_per_post_eur: float, reach_per_post: float) -> float:
    """Contacts made by the posts that a day's spend hires."""
    return reach_per_post * spend_eur / cost_per_post_eur if spend_eur > 0 else 0.0


@njit
def curated_posts(spend_eur: float, cost_per_post_eur: float, posts_made: float) -> float:
    """Posts reposted: as many as the budget pays for, of those that advocates made yesterday."""
    return min(spend_eur / cost_per_post_eur, posts_made) if spend_eur > 0 else 0.0
