"""The same with storms: lit, answered, repaired, and what is left of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from .scenarios import repeat, subscription


def calendar() -> dict[str, Any]:
    """The grocery brand whose customers may leave every nine days, whatever they buy, in the days after a storm too."""
    return {
        **repeat(),
        "title": "Twin, leaving by the calendar",
        "experience": {**repeat()["experience"], "leave_every_days": 9, "lapse_after_days": 0},
        "storm": {"triggers": [{"date": date(2026, 6, 25), "severity": 0.9, "posters": 2000.0}]},
    }


def storm() -> dict[str, Any]:
    """The subscription in three storms: answered in all ways that go together, reported, over platforms and a crowd."""
    return {
        **subscription(),
        "days": 34,
        "storm": {
            "triggers": [
                {"date": date(2026, 1, 26), "hour": 5, "severity": 0.9, "vividness": 0.7, "posters": 60.0},
                {"date": date(2026, 1, 27), "hour": 3, "kind": "social_failure", "severity": 0.5, "justified": False,
                 "first_posters": "influencers", "posters": 20.0},
                {"date": date(2026, 2, 11), "first_posters": "trolls", "posters": 15.0, "severity": 0.4},
            ],
            "spread": {"betrayal": 0.8, "immune_days": 6.0, "tells_per_hour": 0.2, "posts_per_hour": 0.3},
            "trolls": {"share": 0.1},
            "hub": {"share": 0.5, "most_share_per_hour": 0.2},
            "media": {"threshold_posts_per_hour": 60.0, "hours": 5},
            "moderators": {"staff": 1.0, "answers_per_hour": 20.0, "wage_eur_per_day": 33.33},
            "supporters": {"share": 0.7, "answers_per_hour": 2.0},
            "listening": {"eur_per_week": 11.11, "threshold_posts_per_hour": 20.0, "lag_hours": 1},
            "responses": [
                {"kind": "supporters", "delay_hours": 4},
                {"kind": "apologise", "delay_hours": 2, "cost_eur": 100.01},
                {"kind": "explain", "delay_hours": 0, "tone": -0.5},
                {"kind": "private_channel", "delay_hours": 1, "cost_per_case_eur": 0.37},
                {"kind": "compensate", "delay_hours": 3, "cost_per_case_eur": 1.23},
            ],
        },
    }  # fmt: skip


def ignition() -> dict[str, Any]:
    """Bad service lights storms by itself; nobody forgets them, everything is deleted, and rivals suffer."""
    return {
        **repeat(),
        "days": 40,
        "storm": {
            "ignition": {"threshold": 10.0, "chance": 0.6, "wait_days": 8, "kind": "product_failure", "severity": 0.9},
            "spread": {"novelty_half_life_hours": "none", "immune_days": "none", "longest_hours": 30},
            "listening": {"threshold_posts_per_hour": 5.0},
            "responses": [{"kind": "delete", "delay_hours": 1, "cost_eur": 5.0}],
            "effects": {"impatience_half_life_hours": "none"},
            "contagion": {"product_failure": 0.8},
            "harm": {"fresh_half_life_days": 30.0, "review": 0.3},
            "media": {"threshold_posts_per_hour": "none"},
        },
    }  # fmt: skip


def repair() -> dict[str, Any]:
    """All that a storm did is made good again and again on one day, and is seen again in between."""
    kinds = ("explain", "apologise", "compensate", "private_channel")
    answered = {"tone": 1.0, "credibility": 1.0}
    return {
        **subscription(),
        "days": 8,
        "market": {**subscription()["market"], "size": float(subscription()["agents"])},
        "storm": {
            "triggers": [{"date": date(2026, 1, 21), "hour": 1, "severity": 1.0, "posters": 20.0,
                          "first_posters": "random"}],
            "spread": {"join": 0.0, "posts_per_hour": 1.0, "fatigue_hours": 500.0},
            "hub": {"share": 1.0, "most_share_per_hour": 0.5, "views_per_post": 1e6},
            "listening": {"threshold_posts_per_hour": 1.0, "lag_hours": 0},
            "responses": [{"kind": kind, "delay_hours": 3 * k, **answered} for k, kind in enumerate(kinds, 1)],
            "effects": {kind: {"repairs": 1.0, "hides": 0.0} for kind in kinds}
            | {"take_up": 1.0, "impatience_half_life_hours": "none"},
        },
    }  # fmt: skip
