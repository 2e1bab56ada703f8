"""Small, lively scenarios that between them use everything there is: as plain dicts, like a scenario file."""

from __future__ import annotations

from datetime import date
from typing import Any

PERSONAS: list[dict[str, Any]] = [
    {
        "name": "urban",
        "share": 0.45,
        "platforms": {"pictures": 0.8, "videos": 0.5},
        "needs": 1.3,
        "attention": 1.6,
        "involvement": 2.5,
        "price_sensitivity": 2.0,
        "trust_paid": 0.6,
        "complaint_share": 0.7,
    },
    {
        "name": "family",
        "share": 0.35,
        "platforms": {"pictures": 0.4},
        "needs": 0.8,
        "involvement": 1.5,
        "contact": {"branch": 0.3, "self_service": 0.2, "service_centre": 0.2, "portal": 0.2, "social": 0.1},
    },
    {
        "name": "senior",
        "share": 0.2,
        "attention": 0.7,
        "trust_owned": 0.9,
        "trust_earned": 0.95,
        "complaint_share": 0.4,
    },
]

RIVALS: list[dict[str, Any]] = [
    {"name": "zenith", "attraction": 1.4, "price": 9.0, "weekly_spend_eur": 900.0},
    {"name": "apex", "attraction": 0.7, "price": 12.5},
]

TIES: list[dict[str, Any]] = [
    {"name": "friends", "kind": "small_world", "mean_degree": 6.0, "transmission": 0.35},
    {"name": "feed", "kind": "power_law", "platform": "pictures", "mean_degree": 8.0, "transmission": 0.5},
    {"name": "clips", "kind": "mixing", "platform": "videos", "mean_degree": 10.0, "transmission": 0.4},
    {"name": "office", "kind": "mixing", "mean_degree": 3.0, "transmission": 0.3},
]

TALK: dict[str, Any] = {
    "in_person_per_week": {"awareness": 0.5, "consideration": 0.8, "service": 1.0, "loyalty": 1.0, "advocacy": 3.0},
    "posts_per_week": {"awareness": 0.2, "consideration": 0.4, "service": 0.5, "loyalty": 0.5, "advocacy": 3.0},
    "influencer_share": 0.05,
    "influencer_posts": 6.0,
}

DIALOGUE: dict[str, Any] = {"like_share": 0.4, "comment_share": 0.35, "share_share": 0.15, "save_share": 0.1}

SERVICE: dict[str, Any] = {
    "failures_per_year": 5.0,
    "patience_days": 4,
    "goodwill_share": 0.5,
    "goodwill_eur": 7.5,
    "public_share": 0.5,
    "desks": {
        "branch": {"staff": 0.7, "cases_per_staff_day": 5.0, "wage_eur_per_day": 171.3, "resolved_share": 0.6},
        "self_service": {"staff": 0.2, "cases_per_staff_day": 7.0, "wage_eur_per_day": 12.0, "resolved_share": 0.4},
        "service_centre": {"staff": 1.5, "cases_per_staff_day": 3.0, "resolved_share": 0.7},
        "portal": {"staff": 0.3, "cases_per_staff_day": 4.0, "resolved_share": 0.5},
        "social": {"staff": 0.2, "cases_per_staff_day": 4.0, "resolved_share": 0.5},
    },
}


def subscription() -> dict[str, Any]:
    """Coffee by post: all forms of touchpoints, all layers, dialogue, a season, a discount, short periods."""
    return {
        "title": "Twin, subscription",
        "days": 60,
        "agents": 260,
        "start_date": date(2026, 1, 20),
        "market": {
            "kind": "subscription",
            "size": 1300.0,
            "price": 9.97,
            "unit_cost": 4.37,
            "period_days": 14,
            "nothing_attraction": 0.6,
            "availability": 0.95,
            "needs_per_year": 30.0,
            "needs_shape": 0.8,
            "decision_days": 1.5,
            "season": [1.2, 0.8, 1.6, 0.9, 1.0, 1.0, 0.7, 0.7, 1.0, 1.1, 1.2, 1.4],
            "rivals": RIVALS,
            "discounts": [
                {"start": date(2026, 2, 2), "end": date(2026, 2, 8), "percent": 20.0},
                {"start": date(2026, 2, 6), "end": date(2026, 2, 12), "percent": 12.5},
            ],
        },
        "start": {
            "awareness": 0.15,
            "consideration": 0.1,
            "retention": 0.12,
            "loyalty": 0.08,
            "advocacy": 0.08,
            "lapsed": 0.08,
            "satisfaction": 0.45,
        },
        "personas": PERSONAS,
        "touchpoints": subscription_touchpoints(),
        "ties": TIES,
        "memory": {"synergy_window_days": 5, "synergy_most": 2, "annoyance_tolerance": 0.15, "annoyance_effect": 0.1},
        "interest": {"base": -1.5, "win_back_penalty": 0.5, "win_back_days": 6},
        "choice": {"salience": 0.4},
        "experience": {
            "quality": 0.45,
            "quality_sd": 0.4,
            "first_period_days": 14,
            "loyal_from": 0.3,
            "advocate_from": 0.2,
            "loyalty_gain": 0.4,
        },
        "dialogue": DIALOGUE,
        "talk": TALK,
        "reviews": {"probability": 0.4, "initial_good": 12.0, "initial_bad": 5.0, "half_trust": 20.0},
        "service": SERVICE,
    }


def subscription_touchpoints() -> list[dict[str, Any]]:
    """One of each form at least, with caps, opt-ins, landings, prompts, two-way talk, flights and little money."""
    return [
        {
            "name": "tv",
            "kind": "paid",
            "purpose": "brand",
            "cpm_eur": 12.0,
            "spend": {"weekly_eur": 20.0},
            "affinity": {"senior": 1.8, "urban": 0.5},
            "phases": ["before", "during", "after", "lapsed"],
            "irritation": 0.1,
            "reaction_share": 0.5,
        },
        {
            "name": "banner",
            "kind": "paid",
            "purpose": "acquisition",
            "cost_per_contact_eur": 0.02,
            "spend": {
                "weekly_eur": 25.01,
                "flights": [
                    {"start": date(2026, 1, 3), "end": date(2026, 1, 14), "weekly_eur": 500.0},  # over before the start
                    {"start": date(2026, 1, 18), "end": date(2026, 1, 21), "weekly_eur": 30.0},
                    {"start": date(2026, 2, 1), "end": date(2026, 2, 15), "weekly_eur": 40.0},
                    {"start": date(2026, 3, 17), "end": date(2026, 4, 1), "weekly_eur": 20.0},
                    {"start": date(2026, 5, 1), "end": date(2026, 6, 1), "weekly_eur": 500.0},
                ],
                "weeks_eur": [10.0, 0.0, 33.33, 0.0, 0.0, 5.0, 12.34, 0.0, 60.0, 1.0],
                "weeks_start": date(2026, 1, 17),
            },
            "frequency_cap_per_week": 2,
            "platform": "pictures",
            "stages": ["unaware", "awareness", "consideration", "lapsed"],
            "click": 0.4,
            "lands_on": "website",
            "prompt": 0.1,
        },
        {
            "name": "website",
            "kind": "owned",
            "purpose": "acquisition",
            "form": "visits",
            "scale": 1.3,
            "visits_per_week": 0.4,
            "cost_per_contact_eur": 0.013,
            "fixed_eur_per_week": 31.5,
            "stages": ["awareness", "consideration", "decision", "retention"],
            "prompt": 0.15,
            "inform": 0.1,
            "personalisation": 0.5,
            "click": 0.5,
            "lands_on": "hub",
        },
        {
            "name": "hub",
            "kind": "owned",
            "purpose": "brand",
            "form": "visits",
            "visits_per_week": 3.0,
            "platform": "pictures",
            "phases": ["before", "during", "after", "lapsed"],
            "two_way": True,
            "reaction_share": 0.6,
            "answers_per_day": 6.0,
            "answer_cost_eur": 0.35,
            "touch": 0.1,
            "personalisation": 1.0,
            "click": 0.2,
            "lands_on": "website",
        },
        {
            "name": "app",
            "kind": "owned",
            "purpose": "retention",
            "form": "visits",
            "visits_per_week": 2.5,
            "cost_per_contact_eur": 0.05,
            "spend": {"weekly_eur": 35.0},
            "frequency_cap_per_week": 3,
            "phases": ["after"],
            "opt_in": 0.7,
            "bond": 0.05,
        },
        {
            "name": "newsletter",
            "kind": "owned",
            "purpose": "retention",
            "form": "sends",
            "sends_per_week": 2.5,
            "cost_per_contact_eur": 0.03,
            "spend": {"weekly_eur": 60.0},
            "phases": ["before", "after", "lapsed"],
            "opt_in": 0.5,
            "opt_in_by_persona": {"senior": 0.9},
            "affinity": {"family": 0.8},
            "frequency_cap_per_week": 2,
            "prompt": 0.3,
            "click": 0.3,
            "lands_on": "app",
        },
        {
            "name": "reposts",
            "kind": "earned",
            "purpose": "brand",
            "form": "curation",
            "cost_per_post_eur": 4.0,
            "reach_per_post": 40.0,
            "spend": {"weekly_eur": 150.0},
            "platform": "pictures",
        },
        {
            "name": "creators",
            "kind": "earned",
            "purpose": "acquisition",
            "form": "influencers",
            "cost_per_post_eur": 30.0,
            "reach_per_post": 200.0,
            "spend": {"weekly_eur": 75.0},
            "platform": "videos",
            "frequency_cap_per_week": 1,
            "two_way": True,
            "reaction_share": 0.3,
        },
        {
            "name": "bring_a_friend",
            "kind": "earned",
            "purpose": "acquisition",
            "form": "referral",
            "reward_eur": 8.0,
            "spend": {"weekly_eur": 75.0},
            "invite_share": 0.6,
            "invite_discount_percent": 30.0,
            "stages": ["retention", "loyalty", "advocacy"],
            "scale": 1.2,
        },
        {
            "name": "give_a_cup",
            "kind": "earned",
            "purpose": "acquisition",
            "form": "referral",
            "reward_eur": 12.004,
            "spend": {"weekly_eur": 20.0},
            "invite_share": 0.9,
            "invite_discount_percent": 5.0,
            "scale": 0.7,
        },
    ]


def repeat() -> dict[str, Any]:
    """A grocery brand: Poisson needs, lapsing by inactivity, over-promising, weak service, other scales."""
    return {
        "title": "Twin, repeat purchase",
        "days": 50,
        "agents": 240,
        "start_date": date(2026, 6, 10),
        "market": {
            "kind": "repeat",
            "size": 36_000.0,
            "price": 3.49,
            "unit_cost": 1.8,
            "reference_price": 3.2,
            "needs_per_year": 60.0,
            "needs_shape": 1.2,
            "decision_days": 0.6,
            "rivals": [*RIVALS, {"name": "budget", "attraction": 1.0, "price": 2.0, "weekly_spend_eur": 3000.0}],
            "nothing_attraction": 0.3,
            "share_of_voice_weight": 1.0,
        },
        "start": {"awareness": 0.3, "consideration": 0.1, "retention": 0.25, "loyalty": 0.15, "lapsed": 0.05},
        "personas": PERSONAS,
        "touchpoints": [
            {
                "name": "poster",
                "kind": "paid",
                "purpose": "brand",
                "cpm_eur": 3.0,
                "spend": {"weekly_eur": 300.0},
                "message_belief": 0.95,
                "inform": 0.3,
                "attention": 0.6,
            },
            {
                "name": "leaflet",
                "kind": "owned",
                "purpose": "retention",
                "form": "sends",
                "sends_per_week": 1.0,
                "cost_per_contact_eur": 0.1,
                "prompt": 0.3,
                "scale": 2.0,
                "phases": ["before", "after", "lapsed"],
            },
            {"name": "switched_off", "kind": "owned", "purpose": "brand", "form": "visits", "scale": 0.0},
            {
                "name": "shelf",
                "kind": "owned",
                "purpose": "acquisition",
                "form": "visits",
                "visits_per_week": 1.0,
                "click": 0.5,
                "lands_on": "switched_off",
            },
            {
                "name": "fans",
                "kind": "earned",
                "purpose": "brand",
                "form": "curation",
                "cost_per_post_eur": 1.0,
                "reach_per_post": 100.0,
                "spend": {"weekly_eur": 60.0},
            },
            {"name": "fans_unpaid", "kind": "earned", "purpose": "brand", "form": "curation", "reach_per_post": 50.0},
        ],
        "ties": TIES[:2],
        "experience": {
            "quality": 0.3,
            "quality_sd": 0.5,
            "first_period_days": 7,
            "loyal_from": 0.25,
            "advocate_from": 0.1,
            "loyalty_half_life_days": 20.0,
            "loyalty_gain": 0.5,
            "lapse_after_days": 21,
            "leave_reference": 2.0,
        },
        "interest": {"base": -1.0, "win_back_days": 0, "win_back_penalty": 0.0},
        "talk": {**TALK, "valence_base": -0.5, "negativity": 2.2, "influence_post": 0.33},
        "reviews": {"probability": 0.1},
        "service": {"failures_per_year": 12.0, "ladder": {"silent": 0.2}, "desks": SERVICE["desks"]},
    }


def durable() -> dict[str, Any]:
    """E-bikes: one purchase, then use; two close layers, communities."""
    return {
        "title": "Twin, durable",
        "days": 45,
        "agents": 200,
        "market": {
            "kind": "durable",
            "size": 200.0,
            "price": 2500.0,
            "unit_cost": 1700.0,
            "needs_per_year": 9.0,
            "needs_shape": None,
            "rivals": [{"name": "wheels", "price": 2400.0, "weekly_spend_eur": 500.0}],
        },
        "start": {"awareness": 0.3, "consideration": 0.3, "loyalty": 0.1, "retention": 0.1, "lapsed": 0.05},
        "personas": PERSONAS,
        "touchpoints": [
            {
                "name": "shop",
                "kind": "owned",
                "purpose": "acquisition",
                "form": "visits",
                "visits_per_week": 1.0,
                "phases": ["before", "during"],
                "prompt": 0.1,
            },
            {
                "name": "search",
                "kind": "paid",
                "purpose": "acquisition",
                "cpm_eur": 40.0,
                "spend": {"weekly_eur": 70.0},
            },
        ],
        "ties": [
            {"name": "neighbours", "kind": "communities", "mean_degree": 5.0, "transmission": 0.4},
            {"name": "club", "kind": "power_law", "mean_degree": 3.0, "transmission": 0.6},
        ],
        "experience": {
            "use_every_days": 6,
            "first_period_days": 0,
            "lapse_after_days": 3,
            "leave_a": None,
            "leave_b": None,
            "loyal_from": 0.3,
        },
        "memory": {"salience_half_life_days": 8.0},
        "talk": TALK,
        "reviews": {"probability": 0.5},
        "service": {**SERVICE, "failures_per_year": 60.0},
    }


def bass() -> dict[str, Any]:
    """Durable, instant decision, complete mixing."""
    return {
        "title": "Twin, Bass",
        "days": 30,
        "agents": 200,
        "market": {"kind": "durable", "size": 20_000.0, "instant_decision": True, "needs_shape": None},
        "personas": [{"name": "everybody", "share": 1.0, "attention": 2.5}],
        "touchpoints": [
            {"name": "ad", "kind": "paid", "purpose": "brand", "cpm_eur": 10.0, "spend": {"weekly_eur": 60.0}}
        ],
        "ties": [{"name": "all", "kind": "mixing", "mean_degree": 4.0, "transmission": 0.5}],
        "memory": {"awareness_scale": 0.0},
        "interest": {"base": 20.0},
        "talk": {"in_person_per_week": {"service": 2.0, "retention": 2.0, "loyalty": 2.0, "advocacy": 2.0}},
        "service": {"failures_per_year": 0.0},
    }


def cascade() -> dict[str, Any]:
    """Talk only, one try per tie."""
    return {
        "title": "Twin, independent cascade",
        "days": 15,
        "agents": 200,
        "market": {"kind": "repeat", "size": 200.0, "needs_per_year": 1e-6},
        "personas": [{"name": "everybody", "share": 1.0}],
        "touchpoints": [
            {
                "name": "seed",
                "kind": "paid",
                "purpose": "brand",
                "cpm_eur": 1000.0,
                "spend": {"flights": [{"start": date(2026, 1, 5), "end": date(2026, 1, 5), "weekly_eur": 210.0}]},
                "attention": 1.0,
            }
        ],
        "ties": [{"name": "friends", "kind": "small_world", "mean_degree": 6.0, "transmission": 0.4}],
        "memory": {"awareness_scale": 0.0, "salience_half_life_days": 1e9},
        "interest": {"base": -1000.0, "salience": 0.0, "belief": 0.0, "feeling": 0.0},
        "talk": {"once": True},
    }


def forgetting() -> dict[str, Any]:
    """One week of advertising, whoever remembers anything knows the brand, and memory is short."""
    flight = {"start": date(2026, 1, 5), "end": date(2026, 1, 11), "weekly_eur": 20.0}
    return {
        "title": "Twin, forgetting",
        "days": 30,
        "agents": 80,
        "market": {"kind": "durable", "size": 80.0},
        "personas": [{"name": "everybody", "share": 1.0, "attention": 4.0}],
        "touchpoints": [
            {
                "name": "ad",
                "kind": "paid",
                "purpose": "brand",
                "cpm_eur": 140.0,
                "spend": {"flights": [flight]},
                "attention": 1.0,
            }
        ],
        "memory": {"awareness_scale": 0.0, "salience_half_life_days": 0.7},
        "interest": {"base": -30.0},
        "talk": {"enabled": False},
    }


def crowd() -> dict[str, Any]:
    """The subscription for three days with more consumers than one thread works on at a time; most hardly ever talk."""
    quiet = dict.fromkeys(("awareness", "consideration", "retention", "lapsed"), 0.0015)
    talk = {**TALK, "in_person_per_week": {**TALK["in_person_per_week"], **quiet}}
    return {**subscription(), "title": "Twin, crowd", "days": 3, "agents": 9003, "panel": 0, "talk": talk}


def silence() -> dict[str, Any]:
    """Repeat purchase without touchpoints and talk: needs, choice, leaving; who left forgets before he can return."""
    return {
        "title": "Twin, silence",
        "days": 40,
        "agents": 200,
        "market": {"kind": "repeat", "size": 200.0, "needs_per_year": 50.0, "rivals": RIVALS, "attraction": 2.0},
        "start": {"awareness": 0.3, "advocacy": 0.5, "lapsed": 0.1, "satisfaction": 0.125},
        "personas": PERSONAS,
        "memory": {"salience_half_life_days": 0.8},
        "interest": {"base": 1.0, "win_back_days": 18, "win_back_penalty": 0.0},
        "talk": {"enabled": False},
        "experience": {"leave_reference": 2.5},
        "service": {"failures_per_year": 40.0, "ladder": {"silent": 0.9, "unresolved": 0.9}},
    }


def breakdown() -> dict[str, Any]:
    """Every customer has a problem every day."""
    return {
        **subscription(),
        "days": 3,
        "service": {**subscription().get("service", {}), "failures_per_year": 1e6},
    }
