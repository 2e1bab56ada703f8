"""Step *plan*: what each touchpoint spends and sends today, as expected contacts per consumer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.channels import earned, owned, paid
from sim.plan import Plan


@dataclass
class Pressure:
    """Today's pressure. C touchpoints, P personas.

    expected : float64 [C, P, STAGES]   contacts expected per consumer (sends: probability of one)
    chance : float64 [C, P, STAGES]     probability of at least one
    limit : uint8 [C]                   screening byte above which nobody is reached
    addressed : uint32 [C]              bits of the stages in which anybody is reached; 0 = idle today
    is_send : bool [C]                  at most one contact
    media_cents : int64 [C]             spent on bought reach and reposts
    unit_eur : float64 [C]              price of one bought contact
    """

    expected: np.ndarray
    chance: np.ndarray
    limit: np.ndarray
    addressed: np.ndarray
    is_send: np.ndarray
    media_cents: np.ndarray
    unit_eur: np.ndarray


def eligible_mass(plan: Plan, counts: np.ndarray, capped_out: np.ndarray) -> np.ndarray:
    """Sum of affinities over the eligible, float64 [C].

    Parameters
    ----------
    counts : int64 [R, P, STAGES]       consumers by membership requirement, persona and stage
    capped_out : int64 [K, P]           eligible consumers who reached a frequency cap
    """
    lines = plan.touchpoints
    people = (counts[lines.record["group"]] * lines.stages[:, None, :]).sum(axis=2)
    people[lines.capped] -= capped_out
    mass: np.ndarray = (people * lines.affinity).sum(axis=1)
    return mass


def press(plan: Plan, day: int, mass: np.ndarray, posts_made: float, pool_cents: np.ndarray) -> Pressure:
    """Pressure of all touchpoints on one day.

    Parameters
    ----------
    mass : float64 [C]          eligible mass, agents
    posts_made : float          advocates' posts of yesterday, people
    pool_cents : int64 [C]      money that gathers: of mailings since the last one, of referral lines
    """
    lines = plan.touchpoints
    many, stages = lines.stages.shape
    rate = np.zeros(many)
    is_send = np.zeros(many, np.bool_)
    media_cents = np.zeros(many, np.int64)
    unit_eur = np.zeros(many)
    planned, gathered = lines.spend_cents[day].tolist(), pool_cents.tolist()  # plain numbers: quicker one by one
    for c, (settings, reachable) in enumerate(zip(lines.settings, mass.tolist(), strict=True)):
        if reachable <= 0.0:
            continue
        form = settings.mechanism
        spend = planned[c] / 100.0
        if form in ("impressions", "influencers", "curation"):
            if form == "impressions":
                bought = paid.contacts_bought(spend, settings.cpm_eur, settings.cost_per_contact_eur)
            elif form == "influencers":
                bought = earned.hired_contacts(spend, settings.cost_per_post_eur, settings.reach_per_post)
            else:
                posts = earned.curated_posts(spend, settings.cost_per_post_eur, posts_made)
                bought = settings.reach_per_post * posts
                spend = posts * settings.cost_per_post_eur
            if bought <= 0.0:
                continue
            rate[c] = bought / (plan.weight * reachable)
            media_cents[c] = math.floor(100.0 * spend + 0.5)
            unit_eur[c] = spend / bought
        elif form in ("visits", "sends"):
            if form == "visits":
                natural = settings.scale * settings.visits_per_week / 7.0
            else:
                is_send[c] = True
                natural = float(owned.sent_today(day, settings.scale * settings.sends_per_week))
                spend = gathered[c] / 100.0
            if lines.has_budget[c] and settings.cost_per_contact_eur > 0:
                expected = plan.weight * reachable * natural
                natural *= owned.funded_share(spend, settings.cost_per_contact_eur, expected)
            rate[c] = natural
    expected = rate[:, None, None] * lines.affinity[:, :, None] * lines.stages[:, None, :]
    expected[is_send] = np.minimum(1.0, expected[is_send])
    chance = np.where(is_send[:, None, None], expected, -np.expm1(-expected))
    highest = chance.reshape(many, -1).max(axis=1) if many else np.zeros(0)
    limit = np.minimum(255.0, np.floor(256.0 * highest)).astype(np.uint8)
    addressed = ((chance > 0.0).any(axis=1) << np.arange(stages)).sum(axis=1, dtype=np.uint32).reshape(many)
    return Pressure(expected, chance, limit, addressed, is_send, media_cents, unit_eur)
