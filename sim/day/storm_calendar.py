"""What the outraged will do today, settled at once and put down under the hour it happens in (docs/model.md, 7.12).

Speaking, and which ties let it through, depend on nothing that happens meanwhile. So nobody is asked hour by hour and
tie by tie whether something happens: what does happen is drawn, one success after the other, when somebody becomes
outraged, and every morning for who still is. A calendar lasts until midnight: mornings are the same with and without
one, and it never holds more than a day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import int64, njit

from sim.compiled import helper
from sim.day.tell import posting_platform
from sim.luck import Purpose, draw_key, fill_skips, own_key, skipped, uniform

HOURS = 24
#: Columns of `Calendar.said`: posts of consumers on their pages, of trolls wherever, of others on the hub; who tells
#: close ties; all posts on the hub.
BY_CONSUMERS, BY_TROLLS, AT_HUB, TOLD, ALL_AT_HUB = range(5)
#: One thing that happens: who causes it and, if it travels along a tie, who stands at the other end.
ENTRY = np.dtype([("source", np.int32), ("target", np.int32)])
#: Entries are kept in blocks of so many; speakers are worked off so many at a time, to stay in the nearest cache.
BLOCK, _BATCH = 128, 1024
_LEAST_ROOM = 1024  # blocks


@dataclass
class Calendar:
    """Entries by bucket: one per layer and hour, layer by layer, and after them one per hour for those who tire.

    A bucket is a chain of blocks. Every thread fills a calendar of its own; nothing depends on where an entry stands.
    """

    entries: np.ndarray  # ENTRY [blocks * BLOCK]
    following: np.ndarray  # int32 [blocks], the block after each in its chain
    first: np.ndarray  # int32 [buckets], the first block of each chain
    end: np.ndarray  # int64 [buckets], place after the last entry; 0 = empty, block 0 being nobody's
    used: np.ndarray  # int64 [1], blocks
    said: np.ndarray  # int64 [HOURS, 5], counts of what is said, in agents
    posts: np.ndarray  # int64 [P], of the whole day by persona

    def grow(self) -> None:
        """Twice the room."""
        room, used = self.following.size, int(self.used[0])
        entries, following = self.entries, self.following
        self.entries, self.following = np.empty(2 * room * BLOCK, ENTRY), np.empty(2 * room, np.int32)
        self.entries[: used * BLOCK], self.following[:used] = entries[: used * BLOCK], following[:used]


def empty_calendar(layers: int, personas: int, room: int) -> Calendar:
    """Nothing happens today, so far; room for so many entries. Memory is taken as it is filled."""
    blocks, buckets = _LEAST_ROOM + room // BLOCK, HOURS * (layers + 1)
    return Calendar(
        np.empty(blocks * BLOCK, ENTRY), np.empty(blocks, np.int32), np.empty(buckets, np.int32),
        np.zeros(buckets, np.int64), np.ones(1, np.int64), np.zeros((HOURS, 5), np.int64), np.zeros(personas, np.int64),
    )  # fmt: skip


def log_of_failure(chance: float) -> float:
    """ln(1 - chance), what `skipped` asks for: 0 where nothing succeeds, minus infinity where everything does."""
    return math.log1p(-chance) if chance < 1.0 else -math.inf


@helper
def _put(entries, following, first, end, used, bucket, source, target, size):
    """Append entries to their buckets; there must be room."""
    for k in range(size):
        b = bucket[k]
        place = end[b]
        if place % BLOCK == 0:  # no block yet, or the last one is full
            block = used[0]
            used[0] += 1
            if place == 0:
                first[b] = block
            else:
                following[place // BLOCK - 1] = block
            place = block * BLOCK
        entries[place].source = source[k]
        entries[place].target = target[k]
        end[b] = place + 1


@njit
def chain_ends(block, last):
    """Place after the last entry in a block of a chain whose `end` is `last`; if the two are the same it ends here."""
    return last if (last - 1) // BLOCK == block else (block + 1) * BLOCK


@helper
def _has_room(entries, used, many):
    """Whether so many more entries fit, wherever they belong."""
    return (used[0] + HOURS + 1 + many // BLOCK) * BLOCK <= entries.size


@helper
def _speak(own, log_fails, begin, end, hours, many):
    """Hours from `begin` to `end` in which somebody speaks, each with the same chance: appended to `hours`.

    From one to the next by `skipped`, so that a draw is made per hour in which he does speak, and one more.
    """
    if log_fails == 0.0:
        return many
    hour, draws = begin, 0
    while hour < end:
        skip = skipped(uniform(own, draws), log_fails)
        if skip >= end - hour:
            break
        hour += int(skip)
        hours[many] = hour
        many += 1
        hour += 1
        draws += 1
    return many


@njit(cache=True, nogil=True)
def speak_up(
    seed, moment, who, since, until, posts_fail, tells_fail, troll_share, hub, hub_share, hub_bits, posting_bits,
    persona, member, tell_hours, tells, post_hours, posts, platform, tires, said, posts_by_persona,
):  # fmt: skip
    """Settle in which hours of the day, from `moment` on, the outraged post and where, and tell close ties.

    Parameters
    ----------
    who, since, until : int32 [M]           in their first hour they post for sure
    posts_fail, tells_fail : float          ln(1 - chance in an hour)
    hub : bool                              whether there is a hub
    tell_hours, post_hours : uint8 [M, HOURS]   written: hours of the day, ascending; of posts those on the platform
    tells, posts : uint8 [M]                written: how many of them hold
    platform : int8 [M]                     written: index of the platform posted on today, -1 = none
    tires : uint8 [M]                       written: hour with which outrage ends, HOURS = not today
    said : int64 [HOURS, 5]; posts_by_persona : int64 [P]       added to
    """
    post_key = draw_key(seed, Purpose.STORM_POST, moment, 0)
    tell_key = draw_key(seed, Purpose.STORM_TELL, moment, 0)
    hub_key = draw_key(seed, Purpose.STORM_HUB, moment, 0)
    troll_key = draw_key(seed, Purpose.STORM_TROLL, 0, 0)
    can_post = hub or posting_bits.size > 0
    day = moment // HOURS
    begin = moment - HOURS * day
    hours = np.empty(HOURS, np.uint8)
    silent = np.zeros(HOURS + 1, np.int64)  # where all tell in all hours: how many no longer do from an hour on
    for k in range(who.size):
        i = who[k]
        end = min(until[k] - HOURS * day, HOURS)
        tires[k] = end - 1 if until[k] <= HOURS * (day + 1) else HOURS
        if tells_fail == -np.inf:  # no need to draw
            for hour in range(HOURS):
                tell_hours[k, hour] = begin + hour
            tells[k] = end - begin
            silent[end] += 1
        else:
            tells[k] = _speak(own_key(tell_key, i), tells_fail, begin, end, tell_hours[k], 0)
            for s in range(tells[k]):
                said[tell_hours[k, s], TOLD] += 1
        posts[k] = 0
        platform[k] = -1
        if not can_post:
            continue
        many = 0
        if since[k] == moment:
            hours[0] = begin
            many = 1
        many = _speak(own_key(post_key, i), posts_fail, begin + many, end, hours, many)
        if many == 0:
            continue
        platform[k] = posting_platform(seed, day, i, member[i], posting_bits)
        visits_hub = hub and (member[i] & hub_bits) == hub_bits
        own = own_key(hub_key, i)
        troll = uniform(troll_key, i) < troll_share
        for p in range(many):
            at_hub = visits_hub and uniform(own, p) < hub_share
            if not at_hub and platform[k] < 0:
                continue
            row = said[hours[p]]
            posts_by_persona[persona[i]] += 1
            row[BY_TROLLS if troll else AT_HUB if at_hub else BY_CONSUMERS] += 1
            row[ALL_AT_HUB] += at_hub
            if not at_hub:
                post_hours[k, posts[k]] = hours[p]
                posts[k] += 1
    if tells_fail == -np.inf:
        loud = who.size
        for hour in range(begin, HOURS):
            loud -= silent[hour]
            said[hour, TOLD] += loud


@njit(cache=True, nogil=True)
def note_hours(who, hours, many, platform, wanted, bucket, entries, following, first, end, used, done):
    """Put down who does something in which hours (posts, `wanted` >= 0: those on that platform), and nobody else.

    `bucket` is that of midnight. From speaker `done` on, as far as there is room: returns how many are done.
    """
    spoken, source = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int32)
    while done < who.size:
        k, size = done, 0
        while k < who.size and size + HOURS <= _BATCH:
            if wanted < 0 or platform[k] == wanted:
                for s in range(many[k]):
                    spoken[size] = bucket + hours[k, s]
                    source[size] = who[k]
                    size += 1
            k += 1
        if not _has_room(entries, used, size):
            return done
        _put(entries, following, first, end, used, spoken, source, source, size)
        done = k
    return done


@njit(cache=True, nogil=True, error_model="numpy")
def carry(
    seed, moment, layer_what, log_fails, who, hours, many, platform, wanted, ptr, idx, bucket, entries, following,
    first, end, used, done,
):  # fmt: skip
    """Which ties of a layer let through what is said today, in which hour: put down one by one.

    Somebody's hours of speaking times his ties are the cells of a grid, hour by hour, each open with the transmission.
    From one open cell to the next by `skipped` (Batagelj & Brandes 2005): one draw per success, and one that lands
    beyond the last cell. In rounds: all speakers of a batch draw once, those who landed inside have a success each and
    go on, so that no draw waits for the one before and no jump has to be foretold. Far-off memory (`ptr`, `idx`) is
    read by loops that do nothing else, and many readings are under way at a time: 1.4 times as fast.

    Parameters
    ----------
    log_fails : float                       ln(1 - transmission), below 0
    who, hours, many, platform              as `speak_up` wrote them
    wanted : int                            platform of the layer, -1 = close ties
    bucket : int                            that of midnight
    done : int                              speakers that are done already

    Returns
    -------
    int     speakers that are done: all, or as many as there was room for
    """
    key = draw_key(seed, Purpose.STORM_SEE, moment, layer_what)
    begin, place = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int64)
    ties, cells, at = np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH)
    own, skips, scratch = np.empty(_BATCH, np.uint64), np.empty(_BATCH), np.empty(_BATCH)
    spoken, source, target = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int32), np.empty(_BATCH, np.int64)
    while done < who.size:
        batch = min(_BATCH, who.size - done)
        size, most = 0, 0.0
        for k in range(done, done + batch):
            if many[k] and (wanted < 0 or platform[k] == wanted):
                place[size] = k
                size += 1
        for a in range(size):
            begin[a] = ptr[who[place[a]]]
        for a in range(size):
            i = who[place[a]]
            own[a] = own_key(key, i)
            ties[a] = ptr[i + 1] - begin[a]
            cells[a] = ties[a] * many[place[a]]
            at[a] = 0.0
            most += cells[a]
        if not _has_room(entries, used, int(most)):
            return done
        draws = 0
        while size:
            fill_skips(own, size, draws, log_fails, skips, scratch)
            for a in range(size):
                skips[a] += at[a]
            landed = 0
            for a in range(size):
                inside = skips[a] < cells[a]
                own[landed], begin[landed], place[landed] = own[a], begin[a], place[a]
                ties[landed], cells[landed] = ties[a], cells[a]
                at[landed] = skips[a]
                landed += inside
            size = landed
            draws += 1
            for a in range(size):
                row = np.floor(at[a] / ties[a])
                target[a] = begin[a] + int64(at[a] - row * ties[a])
                spoken[a] = int64(row)
                at[a] += 1.0
            for a in range(size):
                target[a] = idx[target[a]]
            for a in range(size):
                spoken[a] = bucket + hours[place[a], spoken[a]]
                source[a] = who[place[a]]
            _put(entries, following, first, end, used, spoken, source, target, size)
        done += batch
    return done
