"""docs/model.md section 7.1: pressure and money of the day."""

from __future__ import annotations

import math
from datetime import timedelta

from .words import rounded
from .world import Consumer, Line, World


def plan(world: World) -> None:
    """What each line spends, and the contacts per unit of affinity (rho) that follow."""
    start_week(world)
    world.eligible_mass = {line.index: mass(world, line) for line in world.lines}
    for line in world.lines:
        spend_today(world, line)
        line.bought = line.rho = line.posts = 0.0
        PRESSURE[line.t.mechanism](world, line)
    advertise(world)
    discounts = [d.percent for d in world.s.market.discounts if d.start <= world.date <= d.end]
    world.discount = max(discounts, default=0.0)
    insight(world)


def start_week(world: World) -> None:
    """Frequency counts start anew on days divisible by 7."""
    if world.day % 7 == 0:
        for consumer in world.consumers:
            consumer.counts.clear()


def eligible(line: Line, c: Consumer) -> bool:
    """May the line contact this consumer today?"""
    t = line.t
    return (
        c.stage in line.stages
        and (t.platform is None or t.platform in c.platforms)
        and (not line.restricted or t.name in c.opted)
        and (t.frequency_cap_per_week is None or c.counts.get(line.index, 0) < t.frequency_cap_per_week)
    )


def mass(world: World, line: Line) -> float:
    """A_c: affinity summed over the eligible."""
    heads = [0 for _ in world.personas]
    for consumer in world.consumers:
        heads[consumer.p] += eligible(line, consumer)
    return sum(n * line.affinity(persona) for n, persona in zip(heads, world.personas, strict=True))


def spend_today(world: World, line: Line) -> None:
    """Planned spend and fixed cost in cents, by cumulated rounding."""
    t, spend = line.t, line.t.spend
    weekly = spend.weekly_eur
    for flight in spend.flights:
        if flight.start <= world.date <= flight.end:
            weekly += flight.weekly_eur
    week = (world.date - (spend.weeks_start or world.s.start_date)) // timedelta(days=7)
    if 0 <= week < len(spend.weeks_eur):
        weekly += spend.weeks_eur[week]
    before = line.spend_so_far
    line.spend_so_far += t.scale * weekly / 7
    line.spend_cents = rounded(100 * line.spend_so_far) - rounded(100 * before)
    before = line.fixed_so_far
    line.fixed_so_far += t.scale * t.fixed_eur_per_week / 7
    line.fixed_cents = rounded(100 * line.fixed_so_far) - rounded(100 * before)
    world.touch["spend_cents"][line.index] = line.spend_cents


def impressions(world: World, line: Line) -> None:
    """Reach bought per thousand or per contact."""
    spend = line.spend_cents / 100
    if line.t.cpm_eur > 0:
        buy(world, line, 1000 * spend / line.t.cpm_eur)
    elif line.t.cost_per_contact_eur > 0:
        buy(world, line, spend / line.t.cost_per_contact_eur)


def influencers(world: World, line: Line) -> None:
    """Hired posts."""
    if line.t.cost_per_post_eur > 0:
        buy(world, line, line.t.reach_per_post * (line.spend_cents / 100) / line.t.cost_per_post_eur)


def curation(world: World, line: Line) -> None:
    """Reposts of what advocates made yesterday."""
    if world.eligible_mass[line.index] > 0 and line.spend_cents > 0:
        line.posts = min(line.spend_cents / 100 / line.t.cost_per_post_eur, world.ugc_pool)
        buy(world, line, line.t.reach_per_post * line.posts)


def buy(world: World, line: Line, contacts: float) -> None:
    """B contacts of people, spread over the eligible."""
    if world.eligible_mass[line.index] > 0:
        line.bought = contacts
        line.rho = contacts / (world.weight * world.eligible_mass[line.index])


def visits(world: World, line: Line) -> None:
    """Pull."""
    line.rho = funded(world, line, line.t.scale * line.t.visits_per_week / 7, line.spend_cents)


def sends(world: World, line: Line) -> None:
    """Push: rho is the probability per unit of affinity on days of sending, 0 on others; money gathers in between."""
    line.pool_cents += line.spend_cents
    r = line.t.scale * line.t.sends_per_week
    if math.floor((world.day + 1) * r / 7) > math.floor(world.day * r / 7):
        line.rho = funded(world, line, 1.0, line.pool_cents)
        if line.rho * world.eligible_mass[line.index] > 0:
            line.pool_cents = 0


def referral(world: World, line: Line) -> None:
    """No contacts of its own: the spend fills the pool of rewards."""
    line.pool_cents += line.spend_cents


def funded(world: World, line: Line, rho: float, cents: int) -> float:
    """rho as far as the money goes."""
    spend = line.t.spend
    wanted = line.t.cost_per_contact_eur * world.weight * world.eligible_mass[line.index] * rho
    if wanted > 0 and (spend.weekly_eur > 0 or spend.flights or spend.weeks_eur):
        return rho * min(1.0, cents / 100 / wanted)
    return rho


PRESSURE = {
    "impressions": impressions,
    "influencers": influencers,
    "curation": curation,
    "visits": visits,
    "sends": sends,
    "referral": referral,
}


def advertise(world: World) -> None:
    """Smoothed weekly advertising and the rivals' shares of voice."""
    advertising = [line for line in world.lines if line.t.kind == "paid" or line.t.mechanism == "influencers"]
    x = 7 * sum(line.spend_cents for line in advertising if line.bought > 0) / 100
    if world.smoothed_advertising is None:
        world.smoothed_advertising = x
    world.smoothed_advertising += (x - world.smoothed_advertising) / 28
    everybody = sum(rival.weekly_spend_eur for rival in world.rivals) + world.smoothed_advertising
    world.share_of_voice = [rival.weekly_spend_eur / everybody if everybody > 0 else 0.0 for rival in world.rivals]


def insight(world: World) -> None:
    """What the brand has learnt about each persona until last evening (7.2)."""
    size = world.s.market.size
    full = world.s.dialogue.insight_reactions
    world.insight = [
        1 - math.exp(-reactions * world.weight / (full * persona.share * size))
        for reactions, persona in zip(world.reactions_so_far, world.personas, strict=True)
    ]
