"""The plan: a checked scenario turned into read-only arrays, names into indices, units resolved.

Personas, touchpoints, rivals and layers are sorted by name here, once, so that their order in the file means nothing.
Below this line nobody looks at the scenario again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import TypeVar

import numpy as np

from sim.luck import name_hash
from sim.rules import OUTCOMES, Rules, make_rules
from sim.scenario.market import Rival
from sim.scenario.personas import CONTACT_CHANNELS, Persona
from sim.scenario.scenario import Scenario
from sim.scenario.talk import TalkRates, Ties
from sim.scenario.touchpoints import PHASES, Touchpoint
from sim.storm_plan import StormPlan, make_storm_plan

Named = TypeVar("Named", Persona, Touchpoint, Ties, Rival)

STAGE_NAMES = (
    "unaware", "awareness", "consideration", "decision", "service", "retention", "loyalty", "advocacy", "lapsed",
)  # fmt: skip
FORM_CODES = ("impressions", "influencers", "curation", "visits", "sends", "referral")
KIND_CODES = ("paid", "owned", "earned")

#: What kernels need to know of a touchpoint; one record each, sorted by name.
TOUCHPOINT = np.dtype(
    [
        ("what", np.uint64),  # hash of the name, for luck
        ("kind", np.int64),  # KIND_CODES
        ("form", np.int64),  # FORM_CODES
        ("required", np.uint32),  # membership bits a consumer must have
        ("group", np.int64),  # index into Plan.groups of that requirement
        ("cap", np.int64),  # contacts per week, 0 = none
        ("cap_column", np.int64),  # column of the weekly counts, -1 = none
        ("lands_on", np.int64),  # index of a touchpoint, -1 = none
        ("has_budget", np.int64),  # a spend of its own
        ("two_way", np.int64),
        ("attention", np.float64),
        ("weight", np.float64),
        ("message_belief", np.float64),
        ("message_feeling", np.float64),
        ("inform", np.float64),
        ("touch", np.float64),
        ("bond", np.float64),
        ("synergy", np.float64),
        ("personalisation", np.float64),
        ("irritation", np.float64),
        ("prompt", np.float64),
        ("click", np.float64),
        ("reaction_share", np.float64),
        ("scale", np.float64),
        ("cpm_eur", np.float64),
        ("cost_per_contact_eur", np.float64),
        ("cost_per_post_eur", np.float64),
        ("reach_per_post", np.float64),
        ("visits_per_week", np.float64),
        ("sends_per_week", np.float64),
    ]
)


@dataclass(frozen=True)
class PersonaArrays:
    """Personas sorted by name. P personas, B membership bits; all float64."""

    names: tuple[str, ...]
    cumulative_share: np.ndarray  # [P]
    share: np.ndarray  # [P]
    needs: np.ndarray  # [P]
    attention: np.ndarray  # [P]
    involvement: np.ndarray  # [P]
    price_sensitivity: np.ndarray  # [P]
    trust: np.ndarray  # [P, 3] by KIND_CODES
    trust_earned: np.ndarray  # [P], its last column
    complaint_share: np.ndarray  # [P]
    contact: np.ndarray  # [P, 5] cumulative shares by CONTACT_CHANNELS
    membership: np.ndarray  # [P, B]


@dataclass(frozen=True)
class TouchpointArrays:
    """Touchpoints sorted by name. C touchpoints, D days."""

    names: tuple[str, ...]
    settings: tuple[Touchpoint, ...]
    record: np.ndarray  # TOUCHPOINT [C]
    affinity: np.ndarray  # float64 [C, P]
    stages: np.ndarray  # bool [C, STAGES]
    spend_cents: np.ndarray  # int64 [D, C]
    gathered_cents: np.ndarray  # int64 [D, C], of it what is kept until it is used: by mailings, for rewards
    fixed_cents: np.ndarray  # int64 [D, C]
    capped: np.ndarray  # int64 [K], touchpoints with a frequency cap
    invite_discount: np.ndarray  # float64 [C], share taken off for who was invited
    each_eur: np.ndarray  # float64 [3, C], what costs by the piece: visits and messages; rewards; answered comments
    answers: tuple[tuple[int, float], ...]  # touchpoints with staff, and negative comments it can answer a day
    advertising: np.ndarray  # int64 [any], touchpoints whose spend is part of the brand's voice
    referrals: tuple[tuple[int, int], ...]  # referral programmes that are on, and cents of a reward


@dataclass(frozen=True)
class BrandArrays:
    """Alternatives of a choice: focal first, rivals by name, nothing last if it is one. J alternatives."""

    names: tuple[str, ...]
    what: np.ndarray  # uint64 [J]
    shape: np.ndarray  # float64 [J], of the gamma-distributed taste
    price: np.ndarray  # float64 [J], EUR; own price and nothing: 0, not used
    weekly_spend: np.ndarray  # float64 [J], EUR
    has_nothing: bool

    @cached_property
    def spent_weekly(self) -> float:
        """What all rivals together spend on advertising, EUR a week."""
        return float(self.weekly_spend.sum())


@dataclass(frozen=True)
class TalkArrays:
    """How often people speak. Rates are per day by stage, of somebody of mean involvement and neutral mood."""

    talk_rate: np.ndarray  # float64 [STAGES], in person
    post_rate: np.ndarray  # float64 [STAGES], on a platform
    talk_limit: np.ndarray  # int64 [P, STAGES], screening byte above which nobody talks; -1 = nobody ever does
    post_limit: np.ndarray  # int64 [P, STAGES]
    posting_mask: np.uint32  # membership bits of platforms that have a layer
    weights: np.ndarray  # int64 [4], hundredths: of a message in person, good and bad, and on a platform, good and bad


@dataclass(frozen=True)
class ServiceArrays:
    """What becomes of a problem: outcomes in the order of `rules.OUTCOMES`, desks in that of CONTACT_CHANNELS."""

    ladder: np.ndarray  # float64 [5], by outcome: share who stay
    aftertaste: np.ndarray  # float64 [5], by outcome: satisfaction towards which they move
    inflow: np.ndarray  # float64 [P, 5], complaints expected of a customer a day, by desk
    capacity: np.ndarray  # float64 [5], cases of the market a desk's staff can handle a day
    resolved_share: np.ndarray  # float64 [5], of the cases it handles


@dataclass(frozen=True)
class Plan:
    """Everything a run needs, as arrays. Built by `make_plan`."""

    scenario: Scenario
    seed: int
    agents: int
    days: int
    weight: float  # people per agent
    personas: PersonaArrays
    touchpoints: TouchpointArrays
    brands: BrandArrays
    bits: tuple[str, ...]  # names of the membership bits
    bit_what: np.ndarray  # uint64 [B]
    groups: np.ndarray  # uint32 [R], distinct membership requirements; 0 first
    layers: tuple[Ties, ...]  # sorted by name
    layer_what: np.ndarray  # uint64 [L]
    posting_bits: np.ndarray  # uint32 [L'], platforms that have a layer, sorted by name
    posting_what: np.ndarray  # int64 [L], index into posting_bits, -1 for close layers
    season: np.ndarray  # float64 [D]
    discount: np.ndarray  # float64 [D], 0..1
    need_code: int  # 0 durable, 1 repeat, 2 subscription
    talk: TalkArrays
    service: ServiceArrays
    rules: Rules
    storm: StormPlan

    @cached_property
    def rule(self) -> SimpleNamespace:
        """The rules as plain numbers, for reading a setting by name outside of kernels."""
        return SimpleNamespace(**{name: self.rules[0][name].item() for name in self.rules.dtype.names or ()})

    @cached_property
    def dates(self) -> list[date]:
        """Calendar date of each day."""
        return [self.scenario.start_date + timedelta(days=t) for t in range(self.days)]


def cents(eur: float) -> int:
    """EUR to whole cents, halves up."""
    return int(np.floor(100.0 * eur + 0.5))


def cumulated_cents(eur_per_day: np.ndarray) -> np.ndarray:
    """Whole cents per day whose running total never strays more than half a cent: float64 [D] -> int64 [D]."""
    total = np.floor(100.0 * np.cumsum(eur_per_day) + 0.5).astype(np.int64)
    return np.diff(total, prepend=np.int64(0))


def spend_per_day(touchpoint: Touchpoint, start: date, days: int) -> np.ndarray:
    """What a line spends each day, EUR, float64 [days]: weekly amount, flights and weeks of a media plan over seven."""
    spend = touchpoint.spend
    weekly = np.full(days, float(spend.weekly_eur))
    for flight in spend.flights:
        first = max(0, (flight.start - start).days)
        last = max(0, min(days, (flight.end - start).days + 1))  # 0 for a flight that was over before
        weekly[first:last] += flight.weekly_eur
    if spend.weeks_eur:
        week = (np.arange(days) + (start - (spend.weeks_start or start)).days) // 7
        inside = (week >= 0) & (week < len(spend.weeks_eur))
        weekly[inside] += np.asarray(spend.weeks_eur, np.float64)[week[inside]]
    return touchpoint.scale * weekly / 7.0


def has_own_spend(touchpoint: Touchpoint) -> bool:
    """Whether a line has a budget of its own, as opposed to costing what its use costs."""
    spend = touchpoint.spend
    return spend.weekly_eur > 0 or bool(spend.flights) or bool(spend.weeks_eur)


def addressed(touchpoint: Touchpoint) -> np.ndarray:
    """Stages a touchpoint addresses, bool [STAGES]."""
    named = set(touchpoint.stages) or {stage for phase in touchpoint.phases for stage in PHASES[phase]}
    return np.array([stage in named for stage in STAGE_NAMES])


def restricted(touchpoint: Touchpoint) -> bool:
    """Whether only those who opted in are reached."""
    return touchpoint.opt_in < 1.0 or bool(touchpoint.opt_in_by_persona)


def _sorted(parts: list[Named]) -> list[Named]:
    return sorted(parts, key=lambda part: part.name)


def _membership(
    personas: list[Persona], touchpoints: list[Touchpoint], layers: list[Ties]
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Names, luck and shares [P, B] of all membership bits: platforms first, then opt-ins, each sorted by name."""
    platforms = {name for persona in personas for name in persona.platforms}
    platforms |= {t.platform for t in touchpoints if t.platform} | {t.platform for t in layers if t.platform}
    names = [f"platform:{name}" for name in sorted(platforms)]
    shares = [[persona.platforms.get(name, 0.0) for persona in personas] for name in sorted(platforms)]
    for touchpoint in touchpoints:
        if restricted(touchpoint):
            names.append(f"optin:{touchpoint.name}")
            shares.append([touchpoint.opt_in_by_persona.get(p.name, touchpoint.opt_in) for p in personas])
    matrix = np.array(shares, np.float64).reshape(len(names), len(personas)).T.copy()
    return tuple(names), np.array([name_hash(name) for name in names], np.uint64), matrix


def _persona_arrays(personas: list[Persona], membership: np.ndarray) -> PersonaArrays:
    def column(pick: Callable[[Persona], float]) -> np.ndarray:
        return np.array([pick(persona) for persona in personas], np.float64)

    share = column(lambda p: p.share)
    contact = np.array([[getattr(p.contact, c) for c in CONTACT_CHANNELS] for p in personas], np.float64)
    return PersonaArrays(
        names=tuple(p.name for p in personas),
        cumulative_share=np.cumsum(share),
        share=share,
        needs=column(lambda p: p.needs),
        attention=column(lambda p: p.attention),
        involvement=column(lambda p: p.involvement),
        price_sensitivity=column(lambda p: p.price_sensitivity),
        trust=np.array([[p.trust_paid, p.trust_owned, p.trust_earned] for p in personas], np.float64),
        trust_earned=column(lambda p: p.trust_earned),
        complaint_share=column(lambda p: p.complaint_share),
        contact=np.cumsum(contact, axis=1),
        membership=membership,
    )


def _touchpoint_arrays(
    touchpoints: list[Touchpoint], personas: list[Persona], bits: tuple[str, ...], start: date, days: int
) -> tuple[TouchpointArrays, np.ndarray]:
    """Touchpoints as arrays, and the distinct membership requirements among them."""
    index = {t.name: c for c, t in enumerate(touchpoints)}
    record = np.zeros(len(touchpoints), TOUCHPOINT)
    groups = [0]
    capped: list[int] = []
    for c, t in enumerate(touchpoints):
        required = 1 << bits.index(f"platform:{t.platform}") if t.platform else 0
        if restricted(t):
            required |= 1 << bits.index(f"optin:{t.name}")
        if required not in groups:
            groups.append(required)
        if t.frequency_cap_per_week:
            capped.append(c)
        row = record[c]
        row["what"] = name_hash(f"touchpoint:{t.name}")
        row["kind"] = KIND_CODES.index(t.kind)
        row["form"] = FORM_CODES.index(t.mechanism)
        row["required"] = required
        row["group"] = groups.index(required)
        row["cap"] = t.frequency_cap_per_week or 0
        row["cap_column"] = len(capped) - 1 if t.frequency_cap_per_week else -1
        target = index[t.lands_on] if t.lands_on else -1
        row["lands_on"] = target if target >= 0 and touchpoints[target].scale > 0 else -1
        row["has_budget"] = has_own_spend(t)
        for field in (TOUCHPOINT.names or ())[9:]:
            row[field] = getattr(t, field)

    def each(pick: Callable[[Touchpoint], float]) -> np.ndarray:
        return np.array([pick(t) for t in touchpoints], np.float64)

    def per_day(amount: Callable[[Touchpoint], np.ndarray]) -> np.ndarray:
        columns = [cumulated_cents(amount(t)) for t in touchpoints]
        return np.array(columns, np.int64).reshape(len(columns), days).T.copy()

    forms = [t.mechanism for t in touchpoints]
    spend_cents = per_day(lambda t: spend_per_day(t, start, days))
    affinity = np.array([[t.affinity.get(p.name, 1.0) for p in personas] for t in touchpoints], np.float64)
    arrays = TouchpointArrays(
        names=tuple(index),
        settings=tuple(touchpoints),
        record=record,
        affinity=affinity.reshape(len(touchpoints), len(personas)),
        stages=np.array([addressed(t) for t in touchpoints], np.bool_).reshape(len(touchpoints), len(STAGE_NAMES)),
        spend_cents=spend_cents,
        gathered_cents=spend_cents * np.array([form in ("sends", "referral") for form in forms], np.int64),
        fixed_cents=per_day(lambda t: np.full(days, t.scale * t.fixed_eur_per_week / 7.0)),
        capped=np.array(capped, np.int64),
        invite_discount=each(lambda t: t.invite_discount_percent / 100.0),
        each_eur=np.array(
            [
                each(lambda t: t.cost_per_contact_eur if t.mechanism in ("visits", "sends") else 0.0),
                each(lambda t: t.reward_eur if t.mechanism == "referral" else 0.0),
                each(lambda t: t.answer_cost_eur),
            ]
        ),
        answers=tuple(
            (c, t.scale * t.answers_per_day) for c, t in enumerate(touchpoints) if t.scale * t.answers_per_day > 0
        ),
        advertising=np.array(
            [c for c, t in enumerate(touchpoints) if t.kind == "paid" or t.mechanism == "influencers"], np.int64
        ),
        referrals=tuple(
            (c, cents(t.reward_eur)) for c, t in enumerate(touchpoints) if forms[c] == "referral" and t.scale > 0
        ),
    )
    return arrays, np.array(groups, np.uint32)


def _brand_arrays(scenario: Scenario) -> BrandArrays:
    market = scenario.market
    rivals = _sorted(market.rivals)
    has_nothing = market.nothing_attraction > 0
    names = ["", *(r.name for r in rivals)]
    keys = [f"brand:{name}" for name in names] + (["nothing:"] if has_nothing else [])
    attraction = [market.attraction, *(r.attraction for r in rivals)]
    attraction += [market.nothing_attraction] if has_nothing else []
    empty = [0.0] if has_nothing else []
    return BrandArrays(
        names=("focal", *names[1:], *(["nothing"] if has_nothing else [])),
        what=np.array([name_hash(key) for key in keys], np.uint64),
        shape=market.taste_concentration * np.array(attraction, np.float64),
        price=np.array([0.0, *(r.price for r in rivals), *empty], np.float64),
        weekly_spend=np.array([0.0, *(r.weekly_spend_eur for r in rivals), *empty], np.float64),
        has_nothing=has_nothing,
    )


def _talk_arrays(scenario: Scenario, personas: PersonaArrays, posting_bits: np.ndarray) -> TalkArrays:
    """Rates of talking with the limits of their draws: involvement is at most twice its mean, mood at most extreme."""
    talk = scenario.talk
    liveliest = 1.0 + max(talk.satisfied, talk.dissatisfied)
    loudest = max(1.0, talk.influencer_posts) if talk.influencer_share > 0 else 1.0
    most = 2.0 * personas.involvement[:, None] * liveliest

    def daily(rates: TalkRates) -> np.ndarray:
        return np.array([0.0, *(getattr(rates, stage) / 7.0 for stage in STAGE_NAMES[1:])])  # UNAWARE do not talk

    def limit(rate: np.ndarray) -> np.ndarray:
        return np.where(rate > 0.0, np.floor(-256.0 * np.expm1(-rate)), -1.0).astype(np.int64)

    talk_rate, post_rate = daily(talk.in_person_per_week), daily(talk.posts_per_week)
    return TalkArrays(
        talk_rate=talk_rate,
        post_rate=post_rate,
        talk_limit=limit(most * talk_rate),
        post_limit=limit(most * loudest * post_rate),
        posting_mask=np.uint32(np.bitwise_or.reduce(posting_bits, initial=0)),
        weights=np.array(
            [
                math.floor(100.0 * influence * louder + 0.5)
                for influence in (talk.influence_in_person, talk.influence_post)
                for louder in (1.0, talk.negativity)
            ],
            np.int64,
        ),
    )


def _service_arrays(scenario: Scenario, personas: PersonaArrays) -> ServiceArrays:
    service = scenario.service
    hazard = -math.expm1(-service.failures_per_year / 365.0)
    preference = np.diff(personas.contact, axis=1, prepend=0.0)
    desks = [getattr(service.desks, name) for name in CONTACT_CHANNELS]
    return ServiceArrays(
        inflow=hazard * personas.complaint_share[:, None] * preference,
        capacity=np.array([desk.staff * desk.cases_per_staff_day for desk in desks], np.float64),
        resolved_share=np.array([desk.resolved_share for desk in desks], np.float64),
        ladder=np.array([getattr(service.ladder, name) for name in OUTCOMES], np.float64),
        aftertaste=np.array([getattr(service.aftertaste, name) for name in OUTCOMES], np.float64),
    )


def _calendar(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Season and discount of each day, float64 [D] each."""
    market = scenario.market
    mean = sum(market.season) / 12.0
    dates = [scenario.start_date + timedelta(days=t) for t in range(scenario.days)]
    season = np.array([market.season[d.month - 1] / mean for d in dates], np.float64)
    discount = np.zeros(scenario.days)
    for cut in market.discounts:
        running = np.array([cut.start <= d <= cut.end for d in dates])
        discount[running] = np.maximum(discount[running], cut.percent / 100.0)
    return season, discount


def make_plan(scenario: Scenario, seed: int | None = None) -> Plan:
    """Turn a checked scenario into arrays.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional            replaces the scenario's

    Returns
    -------
    Plan
    """
    personas = _sorted(scenario.personas)
    touchpoints = _sorted(scenario.touchpoints)
    layers = _sorted(scenario.ties)
    bits, bit_what, membership = _membership(personas, touchpoints, layers)
    touchpoint_arrays, groups = _touchpoint_arrays(touchpoints, personas, bits, scenario.start_date, scenario.days)
    season, discount = _calendar(scenario)
    posting = sorted({layer.platform for layer in layers if layer.platform})
    posting_bits = np.array([1 << bits.index(f"platform:{name}") for name in posting], np.uint32)
    persona_arrays = _persona_arrays(personas, membership)
    return Plan(
        scenario=scenario,
        seed=scenario.seed if seed is None else seed,
        agents=scenario.agents,
        days=scenario.days,
        weight=scenario.market.size / scenario.agents,
        personas=persona_arrays,
        touchpoints=touchpoint_arrays,
        brands=_brand_arrays(scenario),
        bits=bits,
        bit_what=bit_what,
        groups=groups,
        layers=tuple(layers),
        layer_what=np.array([name_hash(f"ties:{layer.name}") for layer in layers], np.uint64),
        posting_bits=posting_bits,
        posting_what=np.array([posting.index(t.platform) if t.platform else -1 for t in layers], np.int64),
        season=season,
        discount=discount,
        need_code=("durable", "repeat", "subscription").index(scenario.market.kind),
        talk=_talk_arrays(scenario, persona_arrays, posting_bits),
        service=_service_arrays(scenario, persona_arrays),
        rules=make_rules(scenario),
        storm=make_storm_plan(scenario, touchpoints, touchpoint_arrays.record["required"]),
    )


def replan_storm(plan: Plan, scenario: Scenario) -> Plan:
    """The plan of a scenario that differs from the plan's in its storm settings only."""
    lines = plan.touchpoints
    storm = make_storm_plan(scenario, list(lines.settings), lines.record["required"])
    return replace(plan, scenario=scenario, storm=storm)
