"""Step *storm* bound to the state of a run: triggers, the hours of a live storm, the answers, and their cost."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np
from numba import get_num_threads

from sim.channels.storm import answered_share, appeal, calmed, fit, strength
from sim.counters import PersonCount
from sim.day import calendar as calendars
from sim.day import outrage as o
from sim.day import storm as storming
from sim.day.calendar import HOURS, Calendar, empty_calendar, log_of_failure
from sim.day.outrage import Outrage, calm_before
from sim.day.state import World
from sim.luck import Purpose
from sim.scenario.storm import RESPONSES, Posters, Response
from sim.storm_plan import Cause, StormPlan

_WANTED: tuple[Posters, ...] = get_args(Posters)
_EVERYBODY = np.empty(0, np.int32)
#: Days are settled for so many of the outraged at a time, and by several threads if each gets so many.
_AT_ONCE, _WORTH_A_THREAD = 16_384, 4_096


def storm_step(world: World) -> None:
    """Let a storm break out, rage hour by hour, be answered, and go out; nothing at all where none is possible."""
    plan = world.plan.storm
    if not plan.possible:
        return
    storm = world.storm
    if storm is not None:
        storm.hours, storm.infections, storm.cents = [], [], 0
        kept = math.exp2(-1.0 / plan.settings.harm.fresh_half_life_days)
        storm.shaken.size = storming.forget(kept, storm.shaken.who, storm.shaken.size, storm.fresh, storm.state)
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
        storm = world.storm = calm_before(world.plan.agents)
    try:
        with ThreadPoolExecutor(get_num_threads()) as storm.pool:  # starts no thread before there is much to do
            raged = _day(world, plan, storm, today, angry)
    finally:
        storm.pool, storm.calendars = None, []
    if raged:
        moderators = plan.settings.moderators
        storm.cents += _cents(moderators.staff * moderators.wage_eur_per_day)


def _day(world: World, plan: StormPlan, storm: Outrage, today: list[Cause], angry: np.ndarray | None) -> bool:
    """All hours of a day; whether a storm raged in any."""
    if storm.alive:
        active, midnight = storm.active, 24 * world.day
        active.size = storming.still_outraged(midnight, active.who, active.since, active.until, active.size)
        _settle_day(world, plan, storm, midnight, 0)
    raged = False
    for moment in range(24 * world.day, 24 * world.day + 24):
        for cause in today:
            if cause.moment == moment:
                _break_out(world, plan, storm, cause, angry if angry is not None and cause is today[0] else None)
        if storm.alive:
            raged = True
            _hour(world, plan, storm, moment)
    for calendar in storm.calendars:
        world.tally.person[0][:, PersonCount.STORM_POSTS] += calendar.posts
    return raged


def _cents(eur: float) -> int:
    """Cents, rounded half up."""
    return math.floor(100.0 * eur + 0.5)


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
    if storming.chance_of(world.plan.seed, Purpose.STORM_IGNITE, world.day) >= settings.chance:
        return None
    posters = bad_posts if bad_posts.size else np.unique(waiting)
    return posters if posters.size else None


def _first_posters(world: World, plan: StormPlan, storm: Outrage, cause: Cause) -> np.ndarray:
    """Those who post first: as many agents as stand for the people named, but one at least, int32."""
    people, settings = world.people, plan.settings
    rank = np.empty(world.plan.agents)
    mask = np.uint32(np.bitwise_or.reduce(world.plan.posting_bits, initial=0))
    storming.rank_first(
        world.plan.seed, cause.moment, _WANTED.index(cause.first_posters), world.plan.rule.influencer_share,
        settings.trolls.share, mask, people.member, people.stage, people.satisfaction, storm.state, rank,
    )  # fmt: skip
    wanted = max(1, math.floor(cause.posters / world.plan.weight + 0.5))
    return np.asarray(storming.smallest(rank, wanted))


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
    _make_room(storm, cause.moment, posters.size)
    sizes, before = _sizes(storm), storm.active.size
    storm.begun_new += storming.set_off(
        world.plan.seed, cause.moment, posters, spread.fatigue_hours, spread.fatigue_shape, spread.longest_hours,
        plan.settings.harm.review, world.people.persona, world.people.stage, storm.state,
        storm.active.who, storm.active.since, storm.active.until, storm.seen.who, sizes,
        world.tally.person[0], panel.stride, panel.entries, panel.used,
    )  # fmt: skip
    _keep_sizes(storm, sizes)
    storm.begun += posters.size
    storm.outraged += posters.size
    _settle_day(world, plan, storm, cause.moment, before)
    _note_infections(plan, storm, cause.moment, posters, np.full(posters.size, -1), np.zeros(posters.size))


def _make_room(storm: Outrage, moment: int, many: int) -> None:
    """Room for so many more among the outraged: without those who have tired today it is enough for everybody."""
    active = storm.active
    if active.size + many > active.who.size:
        active.size = storming.still_outraged(moment, active.who, active.since, active.until, active.size)


def _settle_day(world: World, plan: StormPlan, storm: Outrage, moment: int, first: int) -> None:
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
        log_fails, done = log_of_failure(_loud(plan, wanted) * layer.transmission), 0
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


def _loud(plan: StormPlan, wanted: int) -> float:
    """Factor on the transmission of a layer: outraged posts are shown more than others."""
    return 1.0 if wanted < 0 else plan.settings.spread.amplified


def _sizes(storm: Outrage) -> np.ndarray:
    lists = (storm.active, storm.seen, storm.shaken, storm.defenders)
    return np.array([people.size for people in lists], np.int64)


def _keep_sizes(storm: Outrage, sizes: np.ndarray) -> None:
    storm.active.size, storm.seen.size, storm.shaken.size, storm.defenders.size = (int(size) for size in sizes)


def _note_infections(
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


def _hour(world: World, plan: StormPlan, storm: Outrage, moment: int) -> None:
    """One hour: answers begin, the outraged post, others see it and some join, some tire."""
    cause = storm.cause
    assert cause is not None  # only called while a storm is alive
    settings, people, tally, panel = plan.settings, world.people, world.tally, world.panel
    spread, harm = settings.spread, settings.harm
    seed, weight = world.plan.seed, world.plan.weight
    note = np.zeros(1, o.HOUR)
    row = note[0]
    row["moment"] = moment
    row["outraged"] = storm.outraged
    row["joined"], row["reached_first"] = storm.begun, storm.begun_new
    storm.begun = storm.begun_new = 0
    row["response"], row["compensated"] = _answer(world, plan, storm, cause, moment)
    said = sum((calendar.said[moment % HOURS] for calendar in storm.calendars), np.zeros(5, np.int64))
    row["posts_consumers"], row["posts_trolls"], row["posts_hub"], row["told"] = said[:4]
    posts, at_hub = int(said[:3].sum()), int(said[calendars.ALL_AT_HUB])

    # who sees it
    count = _travel(world, plan, storm, moment)
    row["answered_hub"] = answered = _moderated(plan, storm, moment, weight * at_hub)
    shown_at = round_half_up(100.0 * settings.hub.strength * (1.0 - settings.moderators.effect * answered))
    count = _visit_hub(world, plan, storm, moment, at_hub, shown_at, count)
    row["media"] = int(moment < storm.media_until)
    if moment < storm.media_until:
        many = math.floor(world.plan.agents * settings.media.reach / settings.media.hours + 0.5)
        count = storming.show(
            seed, moment, Purpose.STORM_MEDIA, many, _EVERYBODY, world.plan.agents,
            round_half_up(100.0 * settings.media.strength), len(world.plan.layers) + 1, storm.state, storm.place,
            storm.views, count,
        )  # fmt: skip

    # what it does to them
    row["supporters"] = storm.defenders.size
    answers = storm.defenders.size * settings.supporters.answers_per_hour * (1.0 + storm.boost)
    answered_by_fans = answered_share(answers, float(posts), settings.supporters.effect)
    row["appeal"] = appeal(spread, cause, moment, storm.calm, answered_by_fans)
    _make_room(storm, moment + 1, count)
    sizes, reached, before = _sizes(storm), np.zeros(len(world.plan.layers) + 2, np.int64), storm.active.size
    infected, viewers = np.empty(count, np.int32), np.sort(storm.views["who"][:count])
    joined, compensated = storming.take_in(
        seed, moment, row["appeal"], cause.severity * plan.harm_of[cause.kind] * storm.relief, spread.relation,
        spread.betrayal if cause.justified else 0.0, settings.trolls.share, settings.trolls.join,
        spread.fatigue_hours, spread.fatigue_shape, spread.longest_hours, harm.salience, harm.feeling, harm.belief,
        harm.fresh, harm.review, settings.supporters.share, settings.supporters.hours, storm.given,
        settings.effects.take_up, world.plan.personas.trust[:, 2].copy(), people.persona, people.stage,
        people.salience, people.belief, people.feeling, people.loyalty, storm.state, storm.immune, storm.fresh,
        storm.place, storm.views, viewers, storm.active.who, storm.active.since, storm.active.until, storm.seen.who,
        storm.shaken.who, storm.defenders.who, storm.defenders.until, sizes, infected, reached, tally.person[0],
        panel.stride, panel.entries, panel.used,
    )  # fmt: skip
    _keep_sizes(storm, sizes)
    storm.outraged += joined
    _settle_day(world, plan, storm, moment + 1, before)
    channels = _channels(world)
    if storm.sampled < plan.settings.sample:
        views = storm.views[infected[:joined]]
        _note_infections(plan, storm, moment, views["who"], views["source"], channels[views["way"]])
    row["joined"] += joined
    row["compensated"] += compensated
    for way, channel in enumerate(channels):
        row[f"reached_{o.CHANNELS[channel]}"] += reached[way]
    storm.cents += _cost_of_cases(plan, weight, int(row["compensated"]), storm.moved * at_hub)
    storm.hours.append(note)

    # who tires, who notices
    for calendar in storm.calendars:
        storm.outraged -= storming.tire(
            seed, moment, plan.immune_hours, calendar.entries, calendar.following, calendar.first, calendar.end,
            HOURS * len(world.plan.layers) + moment % HOURS, storm.state, storm.immune,
        )  # fmt: skip
    storm.defenders.size = storming.keep_later(moment, storm.defenders.who, storm.defenders.until, storm.defenders.size)
    _notice(plan, storm, moment, weight * posts)
    if not storm.outraged and moment + 1 >= storm.media_until:
        storming.go_out(storm.seen.who, storm.seen.size, storm.state)
        storm.seen.size = storm.defenders.size = 0
        storm.cause, storm.out_day = None, world.day


def round_half_up(x: float) -> int:
    """Whole hundredths."""
    return math.floor(x + 0.5)


def _channels(world: World) -> np.ndarray:
    """Channel of each way of being reached: layers, the hub, the media; uint8 [L + 2]."""
    by_layer = [o.CLOSE if wanted < 0 else o.PLATFORM for wanted in world.plan.posting_what]
    return np.array([*by_layer, o.HUB, o.MEDIA], np.uint8)


def _travel(world: World, plan: StormPlan, storm: Outrage, moment: int) -> int:
    """What is said this hour arrives along all layers of ties; returns how many see something."""
    count = 0
    close = round_half_up(100.0 * plan.settings.spread.close_strength)
    for position, layer in enumerate(world.plan.layers):
        wanted, bucket = int(world.plan.posting_what[position]), HOURS * position + moment % HOURS
        weight = close if wanted < 0 else 100
        for calendar in storm.calendars:
            if not calendar.end[bucket]:
                continue
            if world.layers[position] is None:
                crowd = _EVERYBODY if wanted < 0 else _crowd(world, storm, int(world.plan.posting_bits[wanted]))
                count = storming.mingle(
                    world.plan.seed, moment, world.plan.layer_what[position], calendar.entries, calendar.following,
                    calendar.first, calendar.end, bucket, crowd, world.plan.agents,
                    _loud(plan, wanted) * layer.transmission * layer.mean_degree, weight, position, storm.state,
                    storm.place, storm.views, count,
                )  # fmt: skip
            else:
                count = storming.arrive(
                    calendar.entries, calendar.following, calendar.first, calendar.end, bucket, weight, position,
                    storm.state, storm.place, storm.views, count,
                )  # fmt: skip
    return count


def _crowd(world: World, storm: Outrage, bits: int) -> np.ndarray:
    """Everybody who has all of some membership bits, in order, int32; all if there are none to have."""
    if not bits:
        return _EVERYBODY
    if bits not in storm.crowds:
        inside = (world.people.member & np.uint32(bits)) == np.uint32(bits)
        storm.crowds[bits] = np.flatnonzero(inside).astype(np.int32)
    return storm.crowds[bits]


def _visit_hub(world: World, plan: StormPlan, storm: Outrage, moment: int, at_hub: int, weight: int, count: int) -> int:
    """Visitors of the brand's page see what was posted there this hour; returns how many see something by now."""
    if not at_hub:
        return count
    settings = plan.settings.hub
    crowd = _crowd(world, storm, int(plan.hub_bits))
    users = crowd.size if plan.hub_bits else world.plan.agents
    mean = min(at_hub * (1.0 - storm.hidden) * settings.views_per_post, settings.most_share_per_hour * users)
    many = storming.visitors(world.plan.seed, moment, mean)
    return int(
        storming.show(
            world.plan.seed,
            moment,
            Purpose.STORM_VIEW,
            many,
            crowd,
            world.plan.agents,
            weight,
            len(world.plan.layers),
            storm.state,
            storm.place,
            storm.views,
            count,
        )
    )


def _moderated(plan: StormPlan, storm: Outrage, moment: int, posts: float) -> float:
    """Share of this hour's posts on the hub (people's) that moderators answer; none before the storm is detected."""
    if posts <= 0 or not 0 <= storm.detected <= moment:
        return 0.0
    return min(1.0, plan.settings.moderators.staff * plan.settings.moderators.answers_per_hour / posts)


def _notice(plan: StormPlan, storm: Outrage, moment: int, posts: float) -> None:
    """At the end of an hour with so many people's posts: do the media take it up, does the brand see it?"""
    media, listening = plan.settings.media, plan.settings.listening
    if media.threshold_posts_per_hour is not None and not storm.reported and posts >= media.threshold_posts_per_hour:
        storm.reported = True
        storm.media_until = moment + 1 + media.hours
    if storm.detected < 0 and posts >= listening.threshold_posts_per_hour:
        storm.detected = moment + 1 + listening.lag_hours


def _answer(world: World, plan: StormPlan, storm: Outrage, cause: Cause, moment: int) -> tuple[int, int]:
    """Responses whose hour has come; returns their bits, and how many customers were compensated at once."""
    begun = taken = 0
    if storm.detected < 0:
        return begun, taken
    for response in sorted(plan.settings.responses, key=lambda response: RESPONSES.index(response.kind)):
        bit = 1 << RESPONSES.index(response.kind)
        if storm.fired & bit or moment < storm.detected + response.delay_hours:
            continue
        storm.fired |= bit
        begun |= bit
        taken += _respond(world, plan, storm, cause, response, moment)
    return begun, taken


def _respond(world: World, plan: StormPlan, storm: Outrage, cause: Cause, response: Response, moment: int) -> int:
    """One response begins; returns how many customers are compensated at once."""
    effects, people, panel = plan.settings.effects, world.people, world.panel
    effect = getattr(effects, response.kind)
    works = strength(response, effect, cause, moment, effects.impatience_half_life_hours)
    storm.calm *= calmed(effect, cause, works)
    storm.relief *= 1.0 - effect.relieves * works
    hides = effect.hides * fit(effect, cause)
    storm.hidden = 1.0 - (1.0 - storm.hidden) * (1.0 - hides)
    storm.cents += _cents(response.cost_eur)
    repaired = effect.repairs * works
    if response.kind == "supporters":
        storm.boost = effects.supporters_boost * works
    if response.kind == "private_channel":
        storm.moved = hides
    if response.kind == "compensate":
        storm.given = repaired
        return int(
            storming.compensate_all(
                world.plan.seed,
                moment,
                storm.seen.who,
                storm.seen.size,
                repaired,
                effects.take_up,
                people.persona,
                people.stage,
                storm.fresh,
                people.feeling,
                world.tally.person[0],
                panel.stride,
                panel.entries,
                panel.used,
            )
        )
    if repaired > 0:
        storming.repair_all(storm.seen.who, storm.seen.size, repaired, storm.fresh, people.feeling)
    return 0


def _cost_of_cases(plan: StormPlan, weight: float, compensated: int, moved: float) -> int:
    """Cents for customers compensated and posts taken to a private channel in an hour, of the market."""
    cents = 0
    for response in plan.settings.responses:
        if response.kind == "compensate":
            cents += math.floor(weight * (compensated * _cents(response.cost_per_case_eur)) + 0.5)
        elif response.kind == "private_channel":
            cents += math.floor(100.0 * weight * moved * response.cost_per_case_eur + 0.5)
    return cents
