"""Random scenarios for property tests: small enough to run, wide enough to reach every form, tie and market.

`scenario_dicts()` are tables as a person might write them, right or wrong; `valid_dicts()` only right ones;
`valid_scenarios()` the same, loaded.
"""

from __future__ import annotations

import copy
import math
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from sim.scenario import Scenario

PERSONAS = ("ada", "ben", "cleo", "dora")
PLATFORMS = ("alpha", "beta", "gamma")
TOUCHPOINTS = ("advert", "blog", "card", "desk", "event", "forum", "gift")
RIVALS = ("acme", "bolt", "core")
LAYERS = ("friends", "kin", "fans", "crowd")
FORMS = ("impressions", "visits", "sends", "curation", "influencers", "referral")
KINDS = {"impressions": "paid", "visits": "owned", "sends": "owned"}
STAGES = ("unaware", "awareness", "consideration", "decision", "service", "retention", "loyalty", "advocacy", "lapsed")
JUNK = (None, True, -1, -0.5, 2.0, 1e13, 10**30, math.nan, math.inf, "", "text", "none", [], {}, [1], date(1999, 1, 1))

shares = st.floats(0, 1, allow_subnormal=False)
signed = st.floats(-1, 1, allow_subnormal=False)


def amounts(most: float) -> st.SearchStrategy[float]:
    """Nothing, or anything up to a limit."""
    return st.just(0.0) | st.floats(0.001, most)


@st.composite
def split(draw: st.DrawFn, count: int, total: float = 1.0) -> list[float]:
    """Shares above 0 that sum to a total."""
    weights = draw(st.lists(st.integers(1, 100), min_size=count, max_size=count))
    return [total * weight / sum(weights) for weight in weights]


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A table with any of these keys."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def personas(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One to four personas whose shares sum to 1."""
    names = draw(st.lists(st.sampled_from(PERSONAS), min_size=1, max_size=4, unique=True))
    entries = []
    for name, share in zip(names, draw(split(len(names))), strict=True):
        entry = draw(
            some(
                {
                    "platforms": st.dictionaries(st.sampled_from(PLATFORMS), shares, max_size=3),
                    "segment": st.sampled_from(["", "city"]),
                    "needs": st.floats(0.1, 5),
                    "attention": st.floats(0.1, 3),
                    "involvement": amounts(3),
                    "price_sensitivity": amounts(10),
                    "trust_paid": shares,
                    "trust_owned": shares,
                    "trust_earned": shares,
                    "complaint_share": shares,
                }
            )
        )
        if draw(st.booleans()):
            channels = ("branch", "self_service", "service_centre", "portal", "social")
            entry["contact"] = dict(zip(channels, draw(split(5)), strict=True))
        entries.append({"name": name, "share": share, **entry})
    return entries


@st.composite
def markets(draw: st.DrawFn, start: date, days: int) -> dict[str, Any]:
    """Every kind of market, with none to three rivals."""
    rival = some({"attraction": st.floats(0.05, 5), "price": st.floats(0.5, 500), "weekly_spend_eur": amounts(1e5)})
    names = draw(st.lists(st.sampled_from(RIVALS), max_size=3, unique=True))
    market: dict[str, Any] = draw(
        some(
            {
                "size": st.floats(1, 1e8),
                "price": amounts(1000),
                "unit_cost": amounts(500),
                "period_days": st.integers(1, 40),
                "reference_price": st.floats(0.1, 1000),
                "attraction": st.floats(0.05, 5),
                "taste_concentration": st.floats(0.1, 20),
                "nothing_attraction": amounts(5),
                "availability": st.floats(0.01, 1),
                "share_of_voice_weight": amounts(3),
                "needs_per_year": st.floats(0.1, 400),
                "needs_shape": st.just("none") | st.floats(0.1, 10),
                "instant_decision": st.booleans(),
                "decision_days": amounts(20),
                "season": st.lists(st.floats(0.1, 3), min_size=12, max_size=12),
                "discount_rate_per_year": shares,
            }
        )
    )
    market["kind"] = draw(st.sampled_from(["durable", "repeat", "subscription"]))
    market["rivals"] = [{"name": name, **draw(rival)} for name in names]
    if market.get("nothing_attraction") and not names:
        market.setdefault("reference_price", 10.0)
    if draw(st.booleans()):
        first, last = draw(periods(start, days))
        market["discounts"] = [{"start": first, "end": last, "percent": draw(st.floats(0, 100))}]
    return market


@st.composite
def periods(draw: st.DrawFn, start: date, days: int) -> tuple[date, date]:
    """Two dates in order, in or around the run."""
    first, length = draw(st.integers(-5, days)), draw(st.integers(0, days))
    return start + timedelta(days=first), start + timedelta(days=first + length)


@st.composite
def spends(draw: st.DrawFn, start: date, days: int) -> dict[str, Any]:
    """A budget above 0: weekly, in flights or by weeks."""
    way = draw(st.sampled_from(["weekly", "flight", "weeks"]))
    amount = draw(st.floats(0.01, 1e5))
    if way == "weekly":
        return {"weekly_eur": amount}
    if way == "flight":
        first, last = draw(periods(start, days))
        return {"flights": [{"start": first, "end": last, "weekly_eur": amount}]}
    early = draw(st.integers(0, 10))
    count = (early + days + 6) // 7 + draw(st.integers(0, 2))
    weeks = draw(st.lists(amounts(1e5), min_size=count, max_size=count))
    return {"weeks_eur": [amount, *weeks[1:]], "weeks_start": start - timedelta(days=early)}


@st.composite
def touchpoints(draw: st.DrawFn, people: list[dict[str, Any]], start: date, days: int) -> list[dict[str, Any]]:
    """None to seven touchpoints of any form, complete in what their form needs."""
    names = draw(st.lists(st.sampled_from(TOUCHPOINTS), max_size=7, unique=True))
    who = st.sampled_from([person["name"] for person in people])
    entries: list[dict[str, Any]] = []
    for name in names:
        form = draw(st.sampled_from(FORMS))
        entry = draw(
            some(
                {
                    "scale": amounts(3),
                    "phases": st.lists(st.sampled_from(["before", "during", "after", "lapsed"]), unique=True),
                    "stages": st.lists(st.sampled_from(STAGES), unique=True, max_size=4),
                    "affinity": st.dictionaries(who, amounts(5), max_size=2),
                    "platform": st.sampled_from(PLATFORMS),
                    "opt_in": st.floats(0.01, 1),
                    "opt_in_by_persona": st.dictionaries(who, shares, max_size=2),
                    "fixed_eur_per_week": amounts(1e4),
                    "frequency_cap_per_week": st.integers(1, 10),
                    "attention": shares,
                    "weight": amounts(5),
                    "message_belief": signed,
                    "message_feeling": signed,
                    "inform": shares,
                    "touch": shares,
                    "bond": shares,
                    "synergy": amounts(2),
                    "personalisation": amounts(2),
                    "irritation": amounts(2),
                    "prompt": shares,
                    "click": shares,
                    "two_way": st.booleans(),
                    "reaction_share": shares,
                    "answers_per_day": amounts(1000),
                    "answer_cost_eur": amounts(10),
                }
            )
        )
        entry |= {
            "name": name,
            "kind": KINDS.get(form, "earned"),
            "form": form,
            "purpose": draw(st.sampled_from(["acquisition", "retention", "brand", "service"])),
        }
        entries.append(entry | draw(_of_form(form, start, days)))
    pages = [entry["name"] for entry in entries if entry["form"] == "visits"]
    for entry in entries:
        others = [page for page in pages if page != entry["name"]]
        if others and draw(st.booleans()):
            entry["lands_on"] = draw(st.sampled_from(others))
    return entries


@st.composite
def _of_form(draw: st.DrawFn, form: str, start: date, days: int) -> dict[str, Any]:
    spend = {"spend": draw(spends(start, days))} if draw(st.integers(0, 3)) else {}
    per_contact = {"cost_per_contact_eur": draw(amounts(2))}
    if form == "impressions":
        key = draw(st.sampled_from(["cpm_eur", "cost_per_contact_eur"]))
        return {key: draw(st.floats(0.01, 100)), **spend}
    if form == "visits":
        return {"visits_per_week": draw(amounts(7)), **per_contact, **spend}
    if form == "sends":
        return {"sends_per_week": draw(st.floats(0.1, 7)), **per_contact, **spend}
    if form == "referral":
        share = draw(shares)
        return {"reward_eur": draw(st.floats(0.01, 50)), "invite_share": share, **spend} | draw(
            some({"invite_discount_percent": st.floats(0, 100)})
        )
    return {"cost_per_post_eur": draw(st.floats(0.1, 1000)), "reach_per_post": draw(st.floats(1, 1e5)), **spend}


@st.composite
def ties(draw: st.DrawFn) -> list[dict[str, Any]]:
    """None to four layers of any kind but edge lists."""
    names = draw(st.lists(st.sampled_from(LAYERS), max_size=4, unique=True))
    layer = some(
        {
            "platform": st.sampled_from(PLATFORMS),
            "mean_degree": st.floats(0.5, 20),
            "rewired": shares,
            "exponent": st.floats(2.05, 6),
            "within": shares,
            "transmission": shares,
        }
    )
    kinds = st.sampled_from(["small_world", "power_law", "communities", "mixing"])
    return [{"name": name, "kind": draw(kinds), **draw(layer)} for name in names]


@st.composite
def storms(draw: st.DrawFn, start: date, days: int) -> dict[str, Any]:
    """None, or a storm or two with some answers."""
    if draw(st.booleans()):
        return {}
    kinds = st.lists(
        st.sampled_from(["explain", "apologise", "compensate", "private_channel", "supporters"]),
        unique=True,
        max_size=3,
    )
    trigger = some(
        {
            "hour": st.integers(0, 23),
            "severity": shares,
            "vividness": shares,
            "justified": st.booleans(),
            "kind": st.sampled_from(["product_failure", "service_failure", "social_failure", "communication_failure"]),
            "first_posters": st.sampled_from(["random", "angry_customers"]),
            "posters": st.floats(1, 1e5),
        }
    )
    dates = draw(st.lists(st.integers(0, days), min_size=1, max_size=2))
    return {
        "triggers": [{"date": start + timedelta(days=day), **draw(trigger)} for day in dates],
        "responses": [
            {
                "kind": kind,
                "delay_hours": draw(st.integers(0, 48)),
                "cost_eur": draw(amounts(1e4)),
                "tone": draw(signed),
            }
            for kind in draw(kinds)
        ],
        "listening": {"threshold_posts_per_hour": draw(st.floats(1, 1e4)), "lag_hours": draw(st.integers(0, 9))},
    } | draw(
        some(
            {
                "spread": some({"join": shares, "relation": amounts(3), "betrayal": amounts(2)}),
                "media": some({"threshold_posts_per_hour": st.floats(1, 1e4), "reach": shares}),
                "ignition": some({"threshold": st.floats(1, 1e4), "wait_days": st.integers(0, 9)}),
                "harm": some({"feeling": shares, "fresh": shares, "purchase": amounts(5), "review": shares}),
            }
        )
    )


@st.composite
def valid_dicts(draw: st.DrawFn) -> dict[str, Any]:
    """Tables of a scenario that must be accepted."""
    days = draw(st.integers(5, 40))
    start = draw(st.sampled_from([date(2026, 1, 5), date(2026, 12, 20), date(2028, 2, 27)]))
    people = draw(personas())
    standing = draw(split(6, draw(shares))) if draw(st.booleans()) else [0.0] * 6
    stages = ("awareness", "consideration", "retention", "loyalty", "advocacy", "lapsed")
    market = draw(markets(start, days))
    leaving = draw(st.sampled_from([{}, {"leave_a": "none", "leave_b": "none"}, {"leave_a": 0.5, "leave_b": 2.0}]))
    if market["kind"] == "repeat":
        leaving = leaving | draw(some({"leave_every_days": st.integers(0, 20)}))
    desk = some({"staff": amounts(50), "resolved_share": shares, "cases_per_staff_day": amounts(100)})
    rates = some({"awareness": amounts(2), "service": amounts(5), "loyalty": amounts(5), "advocacy": amounts(10)})
    return {
        "days": days,
        "agents": draw(st.integers(50, 500)),
        "seed": draw(st.integers(0, 2**63 - 1)),
        "start_date": start,
        "panel": draw(st.integers(0, 20)),
        "market": market,
        "start": dict(zip(stages, standing, strict=True))
        | draw(some({"satisfaction": signed, "renewals_spread": st.booleans()})),
        "personas": people,
        "touchpoints": draw(touchpoints(people, start, days)),
        "ties": draw(ties()),
        "memory": draw(
            some(
                {
                    "salience_half_life_days": st.floats(0.5, 500),
                    "feeling_half_life_days": st.floats(0.5, 500),
                    "awareness_scale": amounts(3),
                    "synergy_window_days": st.integers(1, 30),
                    "synergy_most": st.integers(0, 31),
                    "annoyance_tolerance": amounts(3),
                    "annoyance_effect": amounts(1),
                }
            )
        ),
        "interest": draw(some({"base": st.floats(-5, 5), "win_back_days": st.integers(0, 40)})),
        "choice": draw(some({"belief": amounts(5), "salience": amounts(5), "friends": shares, "reviews": shares})),
        "experience": leaving
        | draw(
            some(
                {
                    "quality": signed,
                    "quality_sd": amounts(2),
                    "loss_aversion": st.floats(1, 5),
                    "learning": shares,
                    "loyalty_gain": shares,
                    "first_period_days": st.integers(0, 40),
                    "loyal_from": shares,
                    "advocate_from": shares,
                    "use_every_days": st.integers(1, 40),
                    "lapse_after_days": st.integers(0, 40),
                }
            )
        ),
        "talk": draw(
            some(
                {
                    "enabled": st.booleans(),
                    "once": st.booleans(),
                    "in_person_per_week": rates,
                    "posts_per_week": rates,
                    "negativity": amounts(5),
                    "inform": shares,
                    "influencer_share": shares,
                }
            )
        ),
        "reviews": draw(some({"probability": shares, "initial_good": amounts(1e4), "initial_bad": amounts(1e4)})),
        "storm": draw(storms(start, days)),
        "service": draw(
            some(
                {
                    "failures_per_year": amounts(200),
                    "failure_pain": shares,
                    "patience_days": st.integers(1, 40),
                    "quick_days": st.integers(0, 10),
                    "goodwill_share": shares,
                    "goodwill_eur": amounts(100),
                    "public_share": shares,
                    "desks": some({"branch": desk, "social": desk, "service_centre": desk}),
                }
            )
        ),
    }


@st.composite
def broken_dicts(draw: st.DrawFn) -> dict[str, Any]:
    """A valid scenario in which one to three values were replaced, dropped, doubled or invented; mostly refused."""
    tables = copy.deepcopy(draw(valid_dicts()))
    for _ in range(draw(st.integers(1, 3))):
        here: Any = tables
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            below = here[key]
            if isinstance(below, dict | list) and below and draw(st.integers(0, 3)):
                here = below
                continue
            way = draw(st.sampled_from(["junk", "junk", "drop", "double", "invent"]))
            if way == "junk":
                here[key] = draw(st.sampled_from(JUNK))
            elif way == "drop":
                del here[key]
            elif way == "double" and isinstance(here, list):
                here.append(copy.deepcopy(below))
            elif isinstance(here, dict):
                here[f"{key}_"] = below
            break
    return tables


def scenario_dicts() -> st.SearchStrategy[dict[str, Any]]:
    """Tables of a scenario, some right, some wrong."""
    return valid_dicts() | broken_dicts()


def valid_scenarios() -> st.SearchStrategy[Scenario]:
    """Checked scenarios that must run."""
    return valid_dicts().map(Scenario.from_dict)
