"""What the outraged will do in a day: the law of it, and that who else is settled, threads and room change nothing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from sim.day.storm_calendar import (
    ALL_AT_HUB,
    BLOCK,
    HOURS,
    TOLD,
    Calendar,
    carry,
    chain_ends,
    empty_calendar,
    log_of_failure,
    note_hours,
    speak_up,
)
from sim.day.storm_see import arrive, passed_over
from sim.day.storm_state import LOOKS, OUTRAGED, SEEN, SPENT, VIEW
from sim.luck import Purpose, draw_key, own_key, skipped, uniform

AGENTS, MOMENT, WHAT, SEED = 9000, 24 * 7 + 5, 77, 3
#: Below this chance of a worse fit by luck alone a law is refused.
CHANCE = 1e-3


def graph(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of ties, among them nobody's and hubs'."""
    degrees = rng.poisson(10.0, AGENTS)
    degrees[:20] = np.repeat([0, 1, 300, 3000], 5)
    ptr = np.concatenate([[0], np.cumsum(degrees)])
    return ptr, rng.integers(0, AGENTS, ptr[-1]).astype(np.int32)


def speakers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Somebody outraged, his hours of speaking and how many they are, and the platform he posts on."""
    who = rng.permutation(AGENTS)[:4000].astype(np.int32)
    who = np.concatenate([who, np.setdiff1d(np.arange(20), who)]).astype(np.int32)
    hours = np.argsort(rng.random((who.size, HOURS)), axis=1).astype(np.uint8)
    return who, hours, rng.integers(0, HOURS, who.size).astype(np.uint8), rng.integers(-1, 3, who.size).astype(np.int8)


def carried(
    who: np.ndarray, hours: np.ndarray, many: np.ndarray, platform: np.ndarray, wanted: int,
    ties: tuple[np.ndarray, np.ndarray], chance: float, calendar: Calendar, layer: int = 0,
) -> None:  # fmt: skip
    """`carry` as the step calls it."""
    done = 0
    while True:
        done = carry(
            SEED, MOMENT, WHAT, log_of_failure(chance), who, hours, many, platform, wanted, *ties, HOURS * layer,
            calendar.entries, calendar.following, calendar.first, calendar.end, calendar.used, done,
        )  # fmt: skip
        if done == who.size:
            return
        calendar.grow()


def written(*calendars: Calendar) -> list[tuple[int, int, int]]:
    """All entries, as (bucket, source, target), in order of number."""
    found = []
    for calendar in calendars:
        for bucket in np.flatnonzero(calendar.end):
            block, last = calendar.first[bucket], calendar.end[bucket]
            while True:
                stop = chain_ends(block, last)
                for source, target in calendar.entries[block * BLOCK : stop]:
                    found.append((int(bucket), int(source), int(target)))
                if stop == last:
                    break
                block = calendar.following[block]
    return sorted(found)


def one_by_one(
    who: np.ndarray, hours: np.ndarray, many: np.ndarray, platform: np.ndarray, wanted: int,
    ties: tuple[np.ndarray, np.ndarray], chance: float,
) -> list[tuple[int, int, int]]:  # fmt: skip
    """The same in plain Python."""
    (ptr, idx), found = ties, []
    key = np.uint64(draw_key(SEED, Purpose.STORM_SEE, MOMENT, WHAT))
    for k, i in enumerate(who):
        if wanted >= 0 and platform[k] != wanted:
            continue
        own, at, draws = np.uint64(own_key(key, i)), 0.0, 0
        mine = idx[ptr[i] : ptr[i + 1]]
        while True:
            at += skipped(uniform(own, draws), log_of_failure(chance))
            if at >= int(many[k]) * mine.size:
                break
            row, tie = divmod(int(at), mine.size)
            found.append((int(hours[k, row]), int(i), int(mine[tie])))
            at, draws = at + 1, draws + 1
    return sorted(found)


@pytest.mark.parametrize("wanted", [-1, 1])
@pytest.mark.parametrize("chance", [0.001, 0.03, 0.6, 1.0])
def test_batches_threads_and_room_change_nothing(chance: float, wanted: int) -> None:
    """By rounds of batches in one calendar or three, with room for little to begin with, as speaker by speaker."""
    rng = np.random.default_rng(4)
    ties, spoken = graph(rng), speakers(rng)
    if chance == 1.0:
        spoken = tuple(column[-700:] for column in spoken)  # type: ignore[assignment]
    expected = one_by_one(*spoken, wanted, ties, chance)
    assert expected
    for parts in (1, 3):
        calendars = [small_calendar() for _ in range(parts)]
        for part, calendar in enumerate(calendars):
            carried(*(column[part::parts] for column in spoken), wanted, ties, chance, calendar)  # type: ignore[call-arg]
        assert written(*calendars) == expected


def small_calendar() -> Calendar:
    """One that has to grow, for one layer."""
    calendar = empty_calendar(1, 1, 0)
    calendar.entries, calendar.following = calendar.entries[: 60 * BLOCK], calendar.following[:60]
    return calendar


def test_each_tie_and_hour_lets_through_by_itself() -> None:
    """Successes of a speaker are binomial, and fall on his hours and ties alike."""
    people, ties, spoken, chance = 60_000, 10, 8, 0.03
    ptr, idx = np.arange(0, ties * (people + 1), ties), np.tile(np.arange(ties, dtype=np.int32), people)
    who = np.arange(people, dtype=np.int32)
    hours = np.tile(np.arange(HOURS, dtype=np.uint8), (people, 1))
    calendar = empty_calendar(1, 1, 0)
    many, platform = np.full(people, spoken, np.uint8), np.zeros(people, np.int8)
    carried(who, hours, many, platform, -1, (ptr, idx), chance, calendar)
    hour, source, tie = np.array(written(calendar)).T
    successes = np.bincount(np.bincount(source, minlength=people), minlength=30)
    expected = people * stats.binom(spoken * ties, chance).pmf(np.arange(30))
    assert stats.chisquare(pooled(successes), pooled(expected)).pvalue > CHANCE
    cells = np.bincount(hour * ties + tie, minlength=spoken * ties)
    assert cells.size == spoken * ties
    spread = (cells - people * chance) ** 2 / (people * chance * (1 - chance))
    assert stats.chi2(cells.size).sf(spread.sum()) > CHANCE
    pairs = np.bincount(source * (spoken * ties) + hour * ties + tie)
    assert pairs.max() == 1


def pooled(counts: np.ndarray) -> np.ndarray:
    """0 to 7, and more."""
    return np.append(counts[:8], counts[8:].sum())


def settled(people: int, posts: float, tells: float, **changed: object) -> dict[str, np.ndarray]:
    """A day from 5 o'clock on of people outraged since then, until the evening or tomorrow."""
    found = {
        "who": np.arange(people, dtype=np.int32),
        "since": np.full(people, MOMENT, np.int32), "until": np.full(people, MOMENT + 12, np.int32),
        "tell_hours": np.zeros((people, HOURS), np.uint8), "tells": np.zeros(people, np.uint8),
        "post_hours": np.zeros((people, HOURS), np.uint8), "posts": np.zeros(people, np.uint8),
        "platform": np.zeros(people, np.int8), "tires": np.zeros(people, np.uint8),
        "said": np.zeros((HOURS, 5), np.int64), "counts": np.zeros(1, np.int64),
        "hub": np.array(False),
    } | changed  # fmt: skip
    speak_up(
        SEED, MOMENT, found["who"], found["since"], found["until"], log_of_failure(posts), log_of_failure(tells), 0.0,
        bool(found["hub"]), 0.4, np.uint32(2), np.array([1], np.uint32), np.zeros(found["who"].max() + 1, np.uint8),
        np.full(found["who"].max() + 1, 3, np.uint32), *(found[name] for name in (
            "tell_hours", "tells", "post_hours", "posts", "platform", "tires", "said", "counts"
        )),
    )  # fmt: skip
    return found


def test_hours_of_speaking_are_independent_tries() -> None:
    """How many hours somebody speaks is binomial, each hour alike; in his first he posts for sure."""
    people, posts, tells = 40_000, 0.12, 0.3
    day = settled(people, posts, tells)
    for many, tries, chance in ((day["tells"], 12, tells), (day["posts"] - 1, 11, posts)):
        expected = people * stats.binom(tries, chance).pmf(np.arange(13))
        assert stats.chisquare(pooled(np.bincount(many, minlength=13)), pooled(expected)).pvalue > CHANCE
    told = day["said"][5:17, TOLD]
    assert stats.chi2(12).sf(((told - people * tells) ** 2 / (people * tells * (1 - tells))).sum()) > CHANCE
    assert (day["post_hours"][:, 0] == 5).all()
    assert day["said"][5, 0] == people
    assert day["said"][:5].sum() == day["said"][17:].sum() == 0
    assert day["said"][:, 0].sum() == day["posts"].sum() == day["counts"].sum()
    assert (day["tires"] == 16).all()


def test_nobody_speaks_beyond_midnight_or_the_end_of_his_outrage() -> None:
    until = np.array([MOMENT + 1, MOMENT + 19, MOMENT + 20, MOMENT + 400], np.int32)
    day = settled(4, 1.0, 1.0, until=until)
    np.testing.assert_array_equal(day["tells"], [1, 19, 19, 19])
    np.testing.assert_array_equal(day["posts"], [1, 19, 19, 19])
    np.testing.assert_array_equal(day["tires"], [5, 23, HOURS, HOURS])
    np.testing.assert_array_equal(day["tell_hours"][1, :19], np.arange(5, 24))
    np.testing.assert_array_equal(day["said"][:, TOLD], [0] * 5 + [4] + [3] * 18)


def test_some_posts_go_to_the_hub() -> None:
    people = 20_000
    day = settled(people, 0.1, 0.0, hub=np.array(True))
    posts = day["counts"].sum()
    at_hub = day["said"][:, ALL_AT_HUB].sum()
    assert posts == day["posts"].sum() + at_hub
    assert stats.binomtest(int(at_hub), int(posts), 0.4).pvalue > CHANCE
    assert day["said"][:, TOLD].sum() == 0


def test_who_else_is_settled_changes_nobodys_day() -> None:
    whole = settled(500, 0.2, 0.2)
    some = np.array([7, 130, 499], np.int32)
    columns = ("since", "until", "tell_hours", "tells", "post_hours", "posts", "platform", "tires")
    part = settled(3, 0.2, 0.2, who=some)
    for name in columns:
        np.testing.assert_array_equal(part[name], whole[name][some])


def test_notes_of_hours_take_any_room() -> None:
    rng = np.random.default_rng(8)
    who, hours, many, platform = speakers(rng)
    for wanted in (-1, 2):
        calendar, done = small_calendar(), 0
        while done < who.size:
            done = note_hours(
                who, hours, many, platform, wanted, HOURS, calendar.entries, calendar.following, calendar.first,
                calendar.end, calendar.used, done,
            )  # fmt: skip
            if done < who.size:
                calendar.grow()
        expected = [
            (HOURS + int(hour), int(i), int(i))
            for i, row, size, there in zip(who, hours, many, platform, strict=True)
            if wanted < 0 or there == wanted
            for hour in row[:size]
        ]
        assert written(calendar) == sorted(expected)


@pytest.mark.parametrize("cuts", [[0, AGENTS], [0, AGENTS // 3, AGENTS]])
@pytest.mark.parametrize("harmless", [False, True])
def test_what_arrives_adds_up_and_names_the_smallest_source(cuts: list[int], harmless: bool) -> None:
    """Two layers, in three calendars: weights add up, the first layer names the source, the outraged look away.

    Where seeing does no harm, so do those who have seen it and cannot be lit again.

    The consumers are looked at in one part or in two.
    """
    rng = np.random.default_rng(5)
    calendars, ties, spoken = [empty_calendar(2, 1, 0) for _ in range(3)], graph(rng), speakers(rng)
    for layer, wanted in enumerate((-1, 1)):
        for part, calendar in enumerate(calendars):
            carried(*(column[part::3] for column in spoken), wanted, ties, 0.05, calendar, layer)  # type: ignore[call-arg]
    state = rng.choice(np.array([0, OUTRAGED, SEEN, SPENT, SEEN | SPENT], np.uint8), AGENTS)
    before_hour, over = state.copy(), np.uint8(passed_over(harmless))
    away = (state == OUTRAGED) | (harmless & (state == SEEN | SPENT))
    place, views = np.zeros(AGENTS, np.int32), np.zeros(AGENTS, VIEW)
    hour, seen, ends = 9, {}, []
    for low, high in pairwise(cuts):
        end = low
        for layer, weight in enumerate((150, 100)):
            for calendar in calendars[::-1]:
                end = arrive(
                    calendar.entries, calendar.following, calendar.first, calendar.end, HOURS * layer + hour, low,
                    high, over, weight, layer, state, place, views, end,
                )  # fmt: skip
        ends.append(end)
    for layer, weight in enumerate((150, 100)):
        for bucket, source, target in written(*calendars):
            if bucket == HOURS * layer + hour and not away[target]:
                before = seen.get(target, (0, layer, math.inf))
                first = min(before[2], source) if before[1] == layer else before[2]
                seen[target] = (before[0] + weight, before[1], first)
    where = np.concatenate([np.arange(low, end) for low, end in zip(cuts, ends, strict=False)])
    assert where.size == len(seen) > 500
    assert sum(weight > 150 for weight, *_ in seen.values()) > 30
    for view in views[where]:
        assert (view["weight"], view["way"], view["source"]) == seen[int(view["who"])]
        assert state[view["who"]] == before_hour[view["who"]] | LOOKS
    np.testing.assert_array_equal(place[views["who"][where]], where)
    assert [int(np.searchsorted(cuts, who, "right")) for who in views["who"][where]] == sorted(
        int(np.searchsorted(cuts, at, "right")) for at in where
    )
