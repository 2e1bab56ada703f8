"""Step *storm*: what the outraged will do until midnight is settled ahead, by several threads, and put down."""

from __future__ import annotations

import numpy as np
from numba import get_num_threads

from sim.day import storm_calendar as calendars
from sim.day.state import World
from sim.day.storm_calendar import HOURS, Calendar, empty_calendar, log_of_failure
from sim.day.storm_state import Outrage
from sim.storm_plan import StormPlan

#: Days are settled for so many of the outraged at a time, and by several threads if each gets so many.
_AT_ONCE, _WORTH_A_THREAD = 16_384, 4_096


def settle_day(world: World, plan: StormPlan, storm: Outrage, moment: int, first: int) -> None:
    """Put down what the outraged from number `first` of the list on will do, from an hour on until midnight."""
    many = storm.active.size - first
    if moment // HOURS > world.day or not many:
        return  # that will be settled tomorrow morning
    threads = min(get_num_threads(), max(1, many // _WORTH_A_THREAD))
    for _ in range(len(storm.calendars), threads):
        room = 4 * world.plan.agents // get_num_threads()
        storm.calendars.append(empty_calendar(len(world.plan.layers), len(world.plan.personas.names), room))

    def settle(thread: int) -> None:
        begin, end = (first + many * (thread + k) // threads for k in (0, 1))
        for few in range(begin, end, _AT_ONCE):
            _settle(world, plan, storm, storm.calendars[thread], moment, slice(few, min(few + _AT_ONCE, end)))

    assert storm.pool is not None  # there is one while the day lasts
    others = [storm.pool.submit(settle, thread) for thread in range(1, threads)]
    settle(0)
    for other in others:
        other.result()


def _settle(world: World, plan: StormPlan, storm: Outrage, calendar: Calendar, moment: int, some: slice) -> None:
    """The same for some of the list, in one of the calendars."""
    people, spread, active = world.people, plan.settings.spread, storm.active
    who = active.who[some]
    tell_hours, post_hours = np.empty((who.size, HOURS), np.uint8), np.empty((who.size, HOURS), np.uint8)
    tells, posts, tires = (np.empty(who.size, np.uint8) for _ in range(3))
    platform = np.empty(who.size, np.int8)
    calendars.speak_up(
        world.plan.seed, moment, who, active.since[some], active.until[some], log_of_failure(spread.posts_per_hour),
        log_of_failure(spread.tells_per_hour), plan.settings.trolls.share, plan.hub >= 0, plan.settings.hub.share,
        plan.hub_bits, world.plan.posting_bits, people.persona, people.member, tell_hours, tells, post_hours, posts,
        platform, tires, calendar.said, calendar.posts,
    )  # fmt: skip
    for position, layer in enumerate(world.plan.layers):
        wanted, ties = int(world.plan.posting_what[position]), world.layers[position]
        hours, many = (tell_hours, tells) if wanted < 0 else (post_hours, posts)
        if ties is None:
            _note(calendar, HOURS * position, who, hours, many, platform, wanted)
            continue
        log_fails, done = log_of_failure(loud(plan, wanted) * layer.transmission), 0
        while log_fails < 0.0:
            done = calendars.carry(
                world.plan.seed, moment, world.plan.layer_what[position], log_fails, who, hours, many, platform,
                wanted, ties.ptr, ties.idx, HOURS * position, calendar.entries, calendar.following, calendar.first,
                calendar.end, calendar.used, done,
            )  # fmt: skip
            if done == who.size:
                break
            calendar.grow()
    today = (tires < HOURS).astype(np.uint8)
    _note(calendar, HOURS * len(world.plan.layers), who, tires[:, np.newaxis], today, platform, -1)


def _note(
    calendar: Calendar, bucket: int, who: np.ndarray, hours: np.ndarray, many: np.ndarray, platform: np.ndarray,
    wanted: int,
) -> None:  # fmt: skip
    """Put down who does something in which hours."""
    done = 0
    while True:
        done = calendars.note_hours(
            who, hours, many, platform, wanted, bucket, calendar.entries, calendar.following, calendar.first,
            calendar.end, calendar.used, done,
        )  # fmt: skip
        if done == who.size:
            return
        calendar.grow()


def loud(plan: StormPlan, wanted: int) -> float:
    """Factor on the transmission of a layer: outraged posts are shown more than others."""
    return 1.0 if wanted < 0 else plan.settings.spread.amplified
