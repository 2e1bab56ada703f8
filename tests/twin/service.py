"""docs/model.md section 7.6: problems, complaints, queues, goodwill."""

from __future__ import annotations

import math

from sim.luck import Purpose

from .luck import poisson_count
from .words import CHANNELS, along, clip, toward
from .world import Consumer, World


def service(world: World) -> None:
    """New problems first, then each desk."""
    for c in world.consumers:
        if c.is_customer and c.left is None and c.case_channel is None:
            problem(world, c)
    for channel in range(len(CHANNELS)):
        give_turns(world, channel)
        work(world, channel)


def give_turns(world: World, channel: int) -> None:
    """Today's complaints of the market, the simulated among them, and how far the staff gets by this evening."""
    rules, day = world.s.service, world.day
    desk = getattr(rules.desks, CHANNELS[channel])
    fails = 1 - math.exp(-rules.failures_per_year / 365)
    expected = sum(
        customers * fails * persona.complaint_share * getattr(persona.contact, CHANNELS[channel])
        for customers, persona in zip(world.customers_this_morning, world.personas, strict=True)
    )
    rest = poisson_count(world.luck.u(Purpose.INFLOW, day, 0, channel), max(0.0, world.weight - 1) * expected)
    own = min(1.0, world.weight)
    fresh = [c for c in world.consumers if c.case_channel == channel and c.case_day == day]
    came = own * len(fresh) + rest
    before = world.arrived[channel][-1]
    for r, c in enumerate(fresh, 1):
        c.turn = before + (r - 0.5) * came / len(fresh) + own / 2
    world.arrived[channel].append(before + came)
    gave_up = world.arrived[channel][max(0, day - rules.patience_days)]
    able = desk.staff * desk.cases_per_staff_day
    world.served[channel] = min(before + came, max(world.served[channel], gave_up) + able)


def problem(world: World, c: Consumer) -> None:
    """Something fails; the customer complains or stays silent."""
    rules, luck, day = world.s.service, world.luck, world.day
    if not luck.screened(Purpose.FAILURE, day, c.i) < 1 - math.exp(-rules.failures_per_year / 365):
        return
    world.count("problems", c)
    c.satisfaction = clip(c.satisfaction - rules.failure_pain)
    c.feeling = clip(c.feeling - rules.failure_pain)
    if not luck.u(Purpose.COMPLAIN, day, c.i) < world.persona(c).complaint_share:
        settle(world, c, "silent", day)
        return
    c.store()
    world.count("complaints", c)
    preference = [getattr(world.persona(c).contact, channel) for channel in CHANNELS]
    c.case_channel = min(along(luck.u(Purpose.CHANNEL, day, c.i), preference), len(CHANNELS) - 1)
    c.case_day = day
    c.angry = luck.u(Purpose.PUBLIC, day, c.i) < rules.public_share


def work(world: World, channel: int) -> None:
    """One desk's day."""
    rules = world.s.service
    desk = getattr(rules.desks, CHANNELS[channel])
    queue = [world.consumers[i] for i in world.queues[channel]]
    queue += [c for c in world.consumers if c.case_channel == channel and c.case_day == world.day]
    queue = [c for c in queue if c.is_customer and c.left is None and c.case_channel == channel]
    for c in queue:
        if world.day - c.case_day > rules.patience_days:
            settle(world, c, "unresolved", c.case_day)
    queue = [c for c in queue if c.case_channel is not None]
    for c in queue:
        if c.turn <= world.served[channel] + 1e-9:
            handle(world, c, desk.resolved_share)
    world.queues[channel] = [c.i for c in queue if c.case_channel is not None]


def handle(world: World, c: Consumer, resolved_share: float) -> None:
    """Somebody answers."""
    rules, luck, day = world.s.service, world.luck, world.day
    waited = day - c.case_day
    world.count("cases_handled", c)
    world.count("response_days", c, waited)
    if luck.u(Purpose.RESOLVE, c.case_day, c.i) < resolved_share:
        settle(world, c, "quick" if waited <= rules.quick_days else "resolved", c.case_day)
    elif luck.u(Purpose.GOODWILL, c.case_day, c.i) < rules.goodwill_share:
        world.goodwill_cases += 1
        settle(world, c, "goodwill", c.case_day)
    else:
        settle(world, c, "unresolved", c.case_day)


def settle(world: World, c: Consumer, outcome: str, met: int) -> None:
    """How a problem met on a day ends, and whether the customer stays: the recovery ladder."""
    rules = world.s.service
    world.count("outcome_" + outcome, c)
    c.case_channel = None
    c.satisfaction = toward(c.satisfaction, getattr(rules.aftertaste, outcome), rules.aftertaste_gain)
    if world.luck.u(Purpose.RECOVER, met, c.i) >= getattr(rules.ladder, outcome):
        c.left = "lost_after_problem"
    c.store()
