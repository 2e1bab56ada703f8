"""Step *storm*: one hour. The outraged post, others see it and some join, the brand answers, some tire."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import get_num_threads

from sim.channels.storm import answered_share, appeal
from sim.day import storm_calendar as calendars
from sim.day import storm_see as seeing
from sim.day import storm_state as o
from sim.day.state import World
from sim.day.storm_answer import answer, cost_of_cases, moderated, notice
from sim.day.storm_calendar import HOURS
from sim.day.storm_end import go_out, keep_later, still_outraged, tire
from sim.day.storm_settle import loud, settle_day
from sim.day.storm_state import Outrage
from sim.day.storm_take import take_in
from sim.luck import Purpose
from sim.storm_plan import Cause, StormPlan

_EVERYBODY, _NOTHING_SAID = np.empty(0, np.int32), np.zeros(5, np.int64)
#: Seeing and what it does are shared among threads if there are so many outraged for each.
_WORTH_A_THREAD = 16_384


@dataclass(frozen=True)
class _Show:
    """Something that is seen beyond the ties: so many look, of a crowd or of everybody."""

    purpose: Purpose
    many: int
    crowd: np.ndarray
    weight: int  # hundredths of a post
    way: int


@dataclass(frozen=True)
class _Taken:
    """What an hour did to one part of the consumers; lists in order of their numbers."""

    joined: np.ndarray  # int32, newly outraged ...
    until: np.ndarray  # ... until which hour ...
    infected: np.ndarray  # ... and what they saw, among `Outrage.views`
    seen: np.ndarray  # int32, reached for the first time
    shaken: np.ndarray  # int32, on whom it begins to tell
    defending: np.ndarray  # int32, who begin to defend the brand
    reached: np.ndarray  # int64 [ways], how those were reached first
    counts: np.ndarray  # int64 [P, PERSON_COUNTS], to be added to the day's
    compensated: int


def rage(world: World, plan: StormPlan, storm: Outrage, moment: int) -> None:
    """One hour: answers begin, the outraged post, others see it and some join, some tire."""
    cause = storm.cause
    assert cause is not None  # only called while a storm is alive
    settings, weight = plan.settings, world.plan.weight
    found: dict[str, float] = dict.fromkeys(o.HOUR.names or (), 0)
    found["moment"], found["outraged"] = moment, storm.outraged
    joined, reached_first, storm.begun, storm.begun_new = storm.begun, storm.begun_new, 0, 0
    found["response"], compensated = answer(world, plan, storm, cause, moment)
    said = sum((calendar.said[moment % HOURS] for calendar in storm.calendars), _NOTHING_SAID).tolist()
    found["posts_consumers"], found["posts_trolls"], found["posts_hub"], found["told"] = said[:4]
    posts, at_hub = sum(said[:3]), said[calendars.ALL_AT_HUB]
    found["answered_hub"] = moderated(plan, storm, moment, weight * at_hub)
    found["media"] = moment < storm.media_until
    found["supporters"] = storm.defenders.size
    answers = storm.defenders.size * settings.supporters.answers_per_hour * (1.0 + storm.boost)
    answered_by_fans = answered_share(answers, float(posts), settings.supporters.effect)
    found["appeal"] = attraction = appeal(settings.spread, cause, moment, storm.calm, answered_by_fans)

    shows = _shows(world, plan, storm, moment, at_hub, found["answered_hub"])
    taken = _see_and_take_in(world, plan, storm, cause, moment, attraction, shows)
    _keep(world, plan, storm, moment, taken)
    found["joined"] = joined + sum(part.joined.size for part in taken)
    found["compensated"] = compensated = compensated + sum(part.compensated for part in taken)
    for part in taken:
        for way in np.flatnonzero(part.reached).tolist():
            found[f"reached_{o.CHANNELS[storm.channels[way]]}"] += part.reached[way]
    found["reached_first"] += reached_first
    storm.cents += cost_of_cases(plan, weight, compensated, storm.moved * at_hub)
    storm.hours.append(np.array([tuple(found.values())], o.HOUR))
    _tire(world, plan, storm, moment)
    notice(plan, storm, moment, weight * posts)
    if not storm.outraged and moment + 1 >= storm.media_until:
        _go_out(world, storm)


def _see_and_take_in(
    world: World, plan: StormPlan, storm: Outrage, cause: Cause, moment: int, appeal: float, shows: list[_Show]
) -> list[_Taken]:
    """What there is to see reaches those who see it and moves them; part by part, several at once if it is worth it."""
    threads = min(get_num_threads(), max(1, storm.outraged // _WORTH_A_THREAD))
    cuts = [world.plan.agents * part // threads for part in range(threads + 1)]

    def live(part: int) -> _Taken:
        viewers = _see(world, plan, storm, moment, shows, cuts[part], cuts[part + 1])
        return _take_in(world, plan, storm, cause, moment, appeal, viewers)

    if threads == 1:
        return [live(0)]
    assert storm.pool is not None  # there is one while the day lasts
    others = [storm.pool.submit(live, part) for part in range(1, threads)]
    return [live(0), *(other.result() for other in others)]


def _shows(
    world: World, plan: StormPlan, storm: Outrage, moment: int, at_hub: int, answered: float
) -> list[_Show]:  # fmt: skip
    """What is to be seen on the brand's page, with so many posts of which a share is answered, and in the media."""
    shows, hub, media, layers = [], plan.settings.hub, plan.settings.media, len(world.plan.layers)
    if at_hub:
        crowd = _crowd(world, storm, int(plan.hub_bits))
        users = crowd.size if plan.hub_bits else world.plan.agents
        mean = min(at_hub * (1.0 - storm.hidden) * hub.views_per_post, hub.most_share_per_hour * users)
        many = int(seeing.visitors(world.plan.seed, moment, mean))
        weight = _hundredths(hub.strength * (1.0 - plan.settings.moderators.effect * answered))
        shows.append(_Show(Purpose.STORM_VIEW, many, crowd, weight, layers))
    if moment < storm.media_until:
        many = math.floor(world.plan.agents * media.reach / media.hours + 0.5)
        shows.append(_Show(Purpose.STORM_MEDIA, many, _EVERYBODY, _hundredths(media.strength), layers + 1))
    return shows


def _see(
    world: World, plan: StormPlan, storm: Outrage, moment: int, shows: list[_Show], low: int, high: int
) -> np.ndarray:
    """Who of the consumers low .. high - 1 sees something this hour, int32, in order."""
    end, close = low, _hundredths(plan.settings.spread.close_strength)
    looks, over = (storm.state, storm.place, storm.views), np.uint8(seeing.passed_over(plan.harmless))
    for position, layer in enumerate(world.plan.layers):
        wanted, bucket = int(world.plan.posting_what[position]), HOURS * position + moment % HOURS
        weight = close if wanted < 0 else 100
        for calendar in storm.calendars:
            if not calendar.end[bucket]:
                continue
            put_down = (calendar.entries, calendar.following, calendar.first, calendar.end, bucket, low, high, over)
            if world.layers[position] is None:
                crowd = _EVERYBODY if wanted < 0 else _crowd(world, storm, int(world.plan.posting_bits[wanted]))
                end = seeing.mingle(
                    world.plan.seed, moment, world.plan.layer_what[position], *put_down, crowd, world.plan.agents,
                    loud(plan, wanted) * layer.transmission * layer.mean_degree, weight, position, *looks, end,
                )  # fmt: skip
            else:
                end = seeing.arrive(*put_down, weight, position, *looks, end)
    for show in shows:
        end = seeing.show(
            world.plan.seed, moment, show.purpose, show.many, low, high, over, show.crowd, world.plan.agents,
            show.weight, show.way, *looks, end,
        )  # fmt: skip
    return np.sort(storm.views["who"][low:end])


def _take_in(
    world: World, plan: StormPlan, storm: Outrage, cause: Cause, moment: int, appeal: float, viewers: np.ndarray
) -> _Taken:
    """What they saw moves them: viewers int32 [V], in order."""
    people, panel, settings = world.people, world.panel, plan.settings
    spread, harm = settings.spread, settings.harm
    joined, until, infected, seen, shaken, defending = (np.empty(viewers.size, np.int32) for _ in range(6))
    sizes, reached = np.zeros(4, np.int64), np.zeros(storm.channels.size, np.int64)
    counts = np.zeros(world.tally.person.shape[1:], np.int64)
    compensated = take_in(
        world.plan.seed, moment, appeal, cause.severity * plan.harm_of[cause.kind] * storm.relief, spread.relation,
        spread.betrayal if cause.justified else 0.0, settings.trolls.share, settings.trolls.join,
        spread.fatigue_hours, spread.fatigue_shape, spread.longest_hours, harm.salience, harm.feeling, harm.belief,
        harm.fresh, harm.review, settings.supporters.share, storm.given, settings.effects.take_up,
        world.plan.personas.trust_earned, people.persona, people.stage, people.salience, people.belief,
        people.feeling, people.loyalty, storm.state, storm.immune, storm.fresh, storm.place, storm.views, viewers,
        joined, until, infected, seen, shaken, defending, sizes, reached, counts, panel.stride, panel.entries,
        panel.used,
    )  # fmt: skip
    begin, see, shake, defend = sizes
    return _Taken(
        joined[:begin], until[:begin], infected[:begin], seen[:see], shaken[:shake], defending[:defend], reached,
        counts, compensated,
    )  # fmt: skip


def _keep(world: World, plan: StormPlan, storm: Outrage, moment: int, taken: list[_Taken]) -> None:
    """Put on the lists of the storm who joined, was reached, was shaken or defends, part after part."""
    make_room(storm, moment + 1, sum(part.joined.size for part in taken))
    before = storm.active.size
    for part in taken:
        storm.active.add(part.joined, moment + 1, part.until)
        storm.seen.add(part.seen)
        storm.shaken.add(part.shaken)
        storm.defenders.add(part.defending, until=moment + 1 + plan.settings.supporters.hours)
        storm.outraged += part.joined.size
        world.tally.person[0] += part.counts
    settle_day(world, plan, storm, moment + 1, before)
    if storm.active.size > before and storm.sampled < plan.settings.sample:
        views = storm.views[np.concatenate([part.infected for part in taken])]
        note_infections(plan, storm, moment, views["who"], views["source"], storm.channels[views["way"]])


def make_room(storm: Outrage, moment: int, many: int) -> None:
    """Room for so many more among the outraged: without those who have tired today it is enough for everybody."""
    active = storm.active
    if active.size + many > active.who.size:
        active.size = still_outraged(moment, active.who, active.since, active.until, active.size)


def note_infections(
    plan: StormPlan, storm: Outrage, moment: int, who: np.ndarray, sources: np.ndarray, channels: np.ndarray
) -> None:
    """Keep who outraged whom, the first so many of a run."""
    room = min(plan.settings.sample - storm.sampled, who.size)
    if room > 0:
        kept = np.zeros(room, o.INFECTION)
        kept["moment"], kept["who"], kept["source"], kept["channel"] = (
            moment,
            who[:room],
            sources[:room],
            channels[:room],
        )
        storm.infections.append(kept)
        storm.sampled += room


def _tire(world: World, plan: StormPlan, storm: Outrage, moment: int) -> None:
    """At the end of an hour some are outraged no longer, and some tire of defending the brand."""
    for calendar in storm.calendars:
        storm.outraged -= tire(
            world.plan.seed, moment, plan.immune_hours, calendar.entries, calendar.following, calendar.first,
            calendar.end, HOURS * len(world.plan.layers) + moment % HOURS, storm.state, storm.immune,
        )  # fmt: skip
    storm.defenders.size = keep_later(moment, storm.defenders.who, storm.defenders.until, storm.defenders.size)


def _go_out(world: World, storm: Outrage) -> None:
    """The storm is over: who was reached can be reached for the first time by another one."""
    go_out(storm.seen.who, storm.seen.size, storm.state)
    storm.seen.size = storm.defenders.size = 0
    storm.cause, storm.out_day = None, world.day


def _hundredths(x: float) -> int:
    """Whole hundredths, rounded half up."""
    return math.floor(100.0 * x + 0.5)


def _crowd(world: World, storm: Outrage, bits: int) -> np.ndarray:
    """Everybody who has all of some membership bits, in order, int32; all if there are none to have."""
    if not bits:
        return _EVERYBODY
    if bits not in storm.crowds:
        inside = (world.people.member & np.uint32(bits)) == np.uint32(bits)
        storm.crowds[bits] = np.flatnonzero(inside).astype(np.int32)
    return storm.crowds[bits]
