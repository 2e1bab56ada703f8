"""Step *storm* bound to the state of a run: what sets a storm off, and the hours of its days."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np
from numba import get_num_threads

from sim.counters import PersonCount
from sim.day import storm_state as o
from sim.day.state import World
from sim.day.storm_end import forget, still_outraged
from sim.day.storm_first import chance_of, rank_first, set_off, smallest
from sim.day.storm_hour import make_room, note_infections, rage
from sim.day.storm_settle import settle_day
from sim.day.storm_state import Outrage, calm_before
from sim.luck import Purpose
from sim.plan import cents
from sim.scenario.storm import Posters
from sim.storm_plan import Cause, StormPlan

_WANTED: tuple[Posters, ...] = get_args(Posters)


def storm_step(world: World) -> None:
    """Let a storm break out, rage hour by hour, be answered, and go out; nothing at all where none is possible."""
    plan = world.plan.storm
    if not plan.possible:
        return
    storm = world.storm
    if storm is not None:
        storm.hours, storm.infections, storm.cents = [], [], 0
        kept = math.exp2(-1.0 / plan.settings.harm.fresh_half_life_days)
        storm.shaken.size = forget(kept, storm.shaken.who, storm.shaken.size, storm.fresh, storm.state)
    today = [cause for cause in plan.causes if cause.moment // 24 == world.day]
    angry = _ignited(world, plan)
    if angry is not None:
        settings = plan.settings.ignition
        today.insert(0, Cause(
            24 * world.day, settings.kind, settings.severity, settings.vividness, True, "angry_customers", 0.0
        ))  # fmt: skip
    if not today and not (storm and storm.alive):
        return
    if storm is None:
        storm = world.storm = calm_before(world.plan)
    try:
        with ThreadPoolExecutor(get_num_threads()) as storm.pool:  # starts no thread before there is much to do
            raged = _day(world, plan, storm, today, angry)
    finally:
        storm.pool, storm.calendars = None, []
    if raged:
        moderators = plan.settings.moderators
        storm.cents += cents(moderators.staff * moderators.wage_eur_per_day)


def _day(world: World, plan: StormPlan, storm: Outrage, today: list[Cause], angry: np.ndarray | None) -> bool:
    """All hours of a day; whether a storm raged in any."""
    if storm.alive:
        active, midnight = storm.active, 24 * world.day
        active.size = still_outraged(midnight, active.who, active.since, active.until, active.size)
        settle_day(world, plan, storm, midnight, 0)
    raged = False
    for moment in range(24 * world.day, 24 * world.day + 24):
        for cause in today:
            if cause.moment == moment:
                _break_out(world, plan, storm, cause, angry if angry is not None and cause is today[0] else None)
        if storm.alive:
            raged = True
            rage(world, plan, storm, moment)
    for calendar in storm.calendars:
        world.tally.person[0][:, PersonCount.STORM_POSTS] += calendar.posts
    return raged


def _ignited(world: World, plan: StormPlan) -> np.ndarray | None:
    """Who posts first if enough anger on the hub sets off a storm this morning, int32; None if it does not."""
    settings, storm, company = plan.settings.ignition, world.storm, world.company
    if settings.threshold is None or (storm is not None and storm.alive):
        return None
    if storm is not None and world.day - storm.out_day <= settings.wait_days:
        return None
    bad_posts = np.flatnonzero((world.people.speaking & o.BAD_POST) == o.BAD_POST).astype(np.int32)
    quick = world.plan.rule.quick_days
    waiting = company.cases["who"][world.day - company.cases["opened"] > quick]
    anger = bad_posts.size + waiting.size + int(company.unanswered.sum())
    if world.plan.weight * anger < settings.threshold:
        return None
    if chance_of(world.plan.seed, Purpose.STORM_IGNITE, world.day) >= settings.chance:
        return None
    posters = bad_posts if bad_posts.size else np.unique(waiting)
    return posters if posters.size else None


def _first_posters(world: World, plan: StormPlan, storm: Outrage, cause: Cause) -> np.ndarray:
    """Those who post first: as many agents as stand for the people named, but one at least, int32."""
    people, settings = world.people, plan.settings
    rank = np.empty(world.plan.agents)
    mask = np.uint32(np.bitwise_or.reduce(world.plan.posting_bits, initial=0))
    rank_first(
        world.plan.seed, cause.moment, _WANTED.index(cause.first_posters), world.plan.rule.influencer_share,
        settings.trolls.share, mask, people.member, people.stage, people.satisfaction, storm.state, rank,
    )  # fmt: skip
    wanted = max(1, math.floor(cause.posters / world.plan.weight + 0.5))
    return np.asarray(smallest(rank, wanted))


def _break_out(
    world: World, plan: StormPlan, storm: Outrage, cause: Cause, posters: np.ndarray | None
) -> None:  # fmt: skip
    """A trigger: the first posters, and the brand knows nothing of it yet. It takes the place of an earlier cause."""
    if posters is None:
        posters = _first_posters(world, plan, storm, cause)
    if not posters.size:
        return
    storm.cause = cause
    storm.spill = plan.contagion_of[cause.kind]
    storm.media_until, storm.reported, storm.detected, storm.fired = -1, False, -1, 0
    storm.calm, storm.relief, storm.hidden, storm.boost, storm.given, storm.moved = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0
    spread, panel = plan.settings.spread, world.panel
    new, until = np.empty(posters.size, np.bool_), np.empty(posters.size, np.int32)
    set_off(
        world.plan.seed, cause.moment, posters, spread.fatigue_hours, spread.fatigue_shape, spread.longest_hours,
        plan.settings.harm.review, world.people.persona, world.people.stage, storm.state, new, until,
        world.tally.person[0], panel.stride, panel.entries, panel.used,
    )  # fmt: skip
    make_room(storm, cause.moment, posters.size)
    before = storm.active.size
    storm.active.add(posters, cause.moment, until)
    storm.seen.add(posters[new])
    storm.begun_new += int(np.count_nonzero(new))
    storm.begun += posters.size
    storm.outraged += posters.size
    settle_day(world, plan, storm, cause.moment, before)
    note_infections(plan, storm, cause.moment, posters, np.full(posters.size, -1), np.zeros(posters.size))
