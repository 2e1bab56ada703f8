"""docs/model.md section 6: how the population is drawn."""

from __future__ import annotations

import math

from sim.luck import Purpose

from .luck import name_hash
from .words import Stage, along, rounded
from .world import CONSTANT, Consumer, World


def draw_population(world: World) -> None:
    """Fill in every consumer."""
    for consumer in world.consumers:
        draw_constants(world, consumer)
        draw_start(world, consumer)
        consumer.store()
        form_opinion(consumer)


def draw_constants(world: World, c: Consumer) -> None:
    """Persona, membership, need rate, tastes, propensities."""
    luck, market, i = world.luck, world.s.market, c.i
    c.p = min(along(luck.u(Purpose.PERSONA, 0, i), [p.share for p in world.personas]), len(world.personas) - 1)
    persona = world.personas[c.p]

    for platform in world.platforms:
        if luck.u(Purpose.MEMBER, 0, i, name_hash("platform:" + platform)) < persona.platforms.get(platform, 0.0):
            c.platforms.add(platform)
    for line in world.lines:
        share = line.t.opt_in_by_persona.get(persona.name, line.t.opt_in)
        if line.restricted and luck.u(Purpose.MEMBER, 0, i, name_hash("optin:" + line.t.name)) < share:
            c.opted.add(line.t.name)

    c.need_rate = market.needs_per_year / 365 * persona.needs
    if market.needs_shape is not None:
        gamma = math.exp(luck.private(Purpose.NEED_RATE, 0, i).log_gamma(market.needs_shape))
        c.need_rate = market.needs_per_year / 365 * persona.needs * gamma / market.needs_shape

    alternatives = [("brand:", market.attraction)]
    alternatives += [("brand:" + rival.name, rival.attraction) for rival in world.rivals]
    if market.nothing_attraction > 0:
        alternatives.append(("nothing:", market.nothing_attraction))
    owner = stage_at_start(world, c) >= Stage.RETENTION
    tastes = []
    for j, (name, attraction) in enumerate(alternatives):
        shape = market.taste_concentration * attraction + (1 if j == 0 and owner else 0)
        taste = luck.private(Purpose.TASTE, 0, i, name_hash(name)).log_gamma(shape)
        tastes.append(rounded(512 * taste))
    best = max(tastes[1:], default=tastes[0])
    c.taste = [min(32_767, max(-32_767, taste - best)) for taste in tastes]

    experience = world.s.experience
    c.leave_logit = -math.inf
    if experience.leave_a is not None and experience.leave_b is not None:
        a = luck.private(Purpose.LEAVE_A, 0, i).log_gamma(experience.leave_a)
        c.leave_logit = a - luck.private(Purpose.LEAVE_B, 0, i).log_gamma(experience.leave_b)

    c.recall = -world.s.memory.awareness_scale * math.log(luck.u(Purpose.RECALL, 0, i))
    u = luck.u(Purpose.OPENNESS, 0, i)
    c.openness = math.log(u / (1 - u))
    c.store(CONSTANT)
    c.involvement = 2 * luck.u(Purpose.INVOLVEMENT, 0, i) * persona.involvement
    c.influencer = luck.u(Purpose.ROLE, 0, i) < world.s.talk.influencer_share


STARTS = (Stage.AWARENESS, Stage.CONSIDERATION, Stage.RETENTION, Stage.LOYALTY, Stage.ADVOCACY, Stage.LAPSED)


def stage_at_start(world: World, c: Consumer) -> Stage:
    """Stage on the first morning."""
    shares = [getattr(world.s.start, stage.name.lower()) for stage in STARTS]
    return (*STARTS, Stage.UNAWARE)[along(world.luck.u(Purpose.START, 0, c.i), shares)]


def draw_start(world: World, c: Consumer) -> None:
    """What follows from the stage on the first morning."""
    luck, start, market, experience = world.luck, world.s.start, world.s.market, world.s.experience
    c.stage = stage_at_start(world, c)
    if c.stage != Stage.UNAWARE:
        c.salience = c.recall + 1
    if c.is_customer:
        c.satisfaction = c.feeling = start.satisfaction
        c.belief = experience.quality
        loyal_from = experience.loyal_from
        c.loyalty = loyal_from / 2 if c.stage == Stage.RETENTION else (1 + loyal_from) / 2
        c.purchases = 1
        c.bought = {0}
        c.since = -30_000
        first_due = luck.u(Purpose.FIRST_DUE, 0, c.i)
        if market.kind == "subscription":
            c.due = math.floor(market.period_days * first_due) if start.renewals_spread else market.period_days
        elif market.kind == "durable":
            c.due = math.floor(experience.use_every_days * first_due)
        elif experience.leave_every_days > 0:
            c.due = experience.leave_every_days
            if start.renewals_spread:
                c.due = math.floor(experience.leave_every_days * first_due)
    if c.stage == Stage.LAPSED:
        c.since = -30_000
        c.purchases = 1
        c.bought = {0}


def form_opinion(c: Consumer) -> None:
    """What friends can ask for tomorrow."""
    c.opinion = rounded(100 * c.satisfaction) if c.stage >= Stage.SERVICE else None
