"""Step *storm*: what an hour of outrage does to those who see it. Work is in proportion to those involved (7.12).

Over lists of consumers in a fixed order; what travels is added up in integers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint8

from sim.agents.consumers import is_customer
from sim.agents.mind import repeated, toward
from sim.agents.stages import Stage
from sim.channels.storm import immune_until, joining, outraged_hours, persuaded
from sim.counters import PersonCount
from sim.day.calendar import BLOCK, chain_ends
from sim.day.outrage import DEFENDS, FRESH, LOOKS, OUTRAGED, SEEN, SHAKEN, TIRED
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, uniform
from sim.storm_plan import NEVER

#: Cells that ranks are counted by.
_CELLS = 4096


@njit(cache=True)
def chance_of(seed, purpose, moment):
    """One uniform draw that belongs to nobody, for this hour (or day)."""
    return uniform(draw_key(seed, purpose, moment, 0), 0)


@njit
def _repair(i, strength, fresh, feeling):
    """Give back a share of what was lost: freshness, and feeling below zero."""
    fresh[i] = int(math.floor(fresh[i] * (1.0 - strength) + 0.5))
    if feeling[i] < 0.0:
        feeling[i] = float(feeling[i]) * (1.0 - strength)


@njit(cache=True, nogil=True)
def take_in(
    seed, moment, appeal, harm, relation, betrayal, troll_share, troll_join, scale, shape, longest,
    lost_salience, lost_feeling, lost_belief, lost_fresh, review, defend_share, given, take_up,
    trust_earned, persona, stage, salience, belief, feeling, loyalty,
    state, immune, fresh, place, views, viewers, joined, until, infected, seen, shaken, defending, sizes, reached,
    person_counts, stride, entries, used,
):  # fmt: skip
    """Everybody of a part who saw something this hour is moved by it, and some join, defend or are compensated.

    Parameters
    ----------
    appeal : float                  chance that one post makes somebody of neutral feeling join
    harm : float                    what one post does, relative to severity 1 of a product failure
    given : float                   strength of a compensation offered now, 0 = none
    place, views                    what each of them sees
    viewers : int32 [V]             in ascending order, which lets far-off memory be read in passing
    joined, until, infected         int32 [V], written: who joined, until which hour, and their views
    seen, shaken, defending         int32 [V], written: who is reached for the first time, on whom it begins to tell,
                                    who begins to defend the brand
    sizes : int64 [4]               written: how many joined, are seen, shaken, defending
    reached : int64 [ways]          added to: reached for the first time, by way

    Returns
    -------
    int                             how many took a compensation
    """
    join_key = draw_key(seed, Purpose.STORM_JOIN, moment, 0)
    troll_key = draw_key(seed, Purpose.STORM_TROLL, 0, 0)
    defend_key = draw_key(seed, Purpose.STORM_DEFEND, moment, 0)
    take_key = draw_key(seed, Purpose.STORM_TAKE, moment, 0)
    last_key = draw_key(seed, Purpose.STORM_LAST, moment, 0)
    review_key = draw_key(seed, Purpose.STORM_REVIEW, moment, 0)
    minded = relation != 0.0 or betrayal != 0.0  # else all minds are alike: no need to look into them
    harms = lost_salience != 0.0 or lost_feeling != 0.0 or lost_belief != 0.0 or lost_fresh != 0.0
    compensated = 0
    sizes[:] = 0
    for k in range(viewers.size):
        i = viewers[k]
        view = place[i]
        p = persona[i]
        units = views[view].weight / 100.0
        first = (state[i] & SEEN) == 0
        state[i] = (state[i] | uint8(SEEN)) & uint8(255 - LOOKS)
        joins = False
        if not state[i] & TIRED or immune[i] <= moment:
            chance = min(1.0, appeal)
            if minded:
                chance = joining(appeal, float(feeling[i]), relation, float(loyalty[i]), betrayal)
            if troll_share > 0.0 and uniform(troll_key, i) < troll_share:
                chance = max(chance, troll_join)
            joins = chance >= 1.0 or uniform(join_key, i) < persuaded(chance, units)

        if harms:
            dose = units * harm
            salience[i] = salience[i] + lost_salience * units
            belief[i] = toward(float(belief[i]), -1.0, repeated(lost_belief * trust_earned[p], dose))
            feeling[i] = toward(float(feeling[i]), -1.0, repeated(lost_feeling * trust_earned[p], dose))
            fresh[i] = int(math.floor(fresh[i] + (FRESH - fresh[i]) * repeated(lost_fresh, dose) + 0.5))
            if fresh[i] > 0 and not state[i] & SHAKEN:  # on the list once, also if an answer repaired it meanwhile
                state[i] |= uint8(SHAKEN)
                shaken[sizes[2]] = i
                sizes[2] += 1

        if not (first or joins):
            continue
        slot = panel_slot(i, stride, used.size)
        if first:
            reached[views[view].way] += 1
            seen[sizes[1]] = i
            sizes[1] += 1
            person_counts[p, PersonCount.STORM_REACHED] += 1
            if slot >= 0:
                note(entries, used, slot, Event.SAW_STORM, -1, stage[i], stage[i], 1)
        if joins:
            lasts = outraged_hours(uniform(last_key, i), scale, shape, longest)
            state[i] |= uint8(OUTRAGED)
            joined[sizes[0]], until[sizes[0]], infected[sizes[0]] = i, moment + 1 + lasts, view
            sizes[0] += 1
            person_counts[p, PersonCount.STORM_OUTRAGED] += 1
            if review > 0.0 and uniform(review_key, i) < review:
                person_counts[p, PersonCount.REVIEWS_BAD] += 1
            if slot >= 0:
                note(entries, used, slot, Event.OUTRAGED, -1, stage[i], stage[i], lasts)
        elif first and stage[i] == Stage.ADVOCACY and not state[i] & DEFENDS:
            if uniform(defend_key, i) < defend_share:
                state[i] |= uint8(DEFENDS)
                defending[sizes[3]] = i
                sizes[3] += 1
        if first and given > 0.0 and is_customer(stage[i]) and uniform(take_key, i) < take_up:
            compensated += 1
            _compensate(i, p, given, stage, fresh, feeling, person_counts, stride, entries, used)
    return compensated


@njit
def _compensate(i, p, given, stage, fresh, feeling, person_counts, stride, entries, used):
    """A customer takes a compensation."""
    _repair(i, given, fresh, feeling)
    person_counts[p, PersonCount.STORM_COMPENSATED] += 1
    slot = panel_slot(i, stride, used.size)
    if slot >= 0:
        note(entries, used, slot, Event.COMPENSATED, -1, stage[i], stage[i], 1)


@njit(cache=True)
def compensate_all(
    seed, moment, who, size, given, take_up, persona, stage, fresh, feeling, person_counts, stride, entries, used
):  # fmt: skip
    """Offer a compensation to every customer reached so far. Returns how many take it."""
    take_key = draw_key(seed, Purpose.STORM_TAKE, moment, 0)
    taken = 0
    for k in range(size):
        i = who[k]
        if is_customer(stage[i]) and uniform(take_key, i) < take_up:
            taken += 1
            _compensate(i, persona[i], given, stage, fresh, feeling, person_counts, stride, entries, used)
    return taken


@njit(cache=True)
def repair_all(who, size, strength, fresh, feeling):
    """An answer reaches everybody reached so far: a share of what was lost comes back."""
    for k in range(size):
        _repair(who[k], strength, fresh, feeling)


@njit(cache=True)
def tire(seed, moment, immune_hours, entries, following, first, end, bucket, state, immune):
    """Those whose outrage ends with this hour are tired, and cannot be lit for a while. Returns how many they are."""
    key = draw_key(seed, Purpose.STORM_WANE, moment, 0)
    tired = 0
    block, last = first[bucket], end[bucket]
    while last:
        stop = chain_ends(block, last)
        for e in range(block * BLOCK, stop):
            i = entries[e].source
            state[i] = (state[i] | uint8(TIRED)) & uint8(255 - OUTRAGED)
            if math.isinf(immune_hours):
                immune[i] = NEVER
            else:
                immune[i] = immune_until(moment + 1, uniform(key, i), immune_hours)
        tired += stop - block * BLOCK
        if stop == last:
            break
        block = following[block]
    return tired


@njit(cache=True)
def still_outraged(moment, who, since, until, size):
    """Drop from the list of the outraged those who have tired before an hour. Returns how many are left."""
    left = 0
    for k in range(size):
        if until[k] > moment:
            who[left] = who[k]
            since[left] = since[k]
            until[left] = until[k]
            left += 1
    return left


@njit(cache=True)
def keep_later(moment, who, until, size):
    """Drop from a list those whose time ends with this hour. Returns how many are left."""
    left = 0
    for k in range(size):
        if until[k] > moment + 1:
            who[left] = who[k]
            until[left] = until[k]
            left += 1
    return left


@njit(cache=True)
def forget(kept, who, size, fresh, state):
    """A day later: freshness times its daily rest, rounded down; who has none left is off the list."""
    left = 0
    for k in range(size):
        i = who[k]
        fresh[i] = int(math.floor(fresh[i] * kept))
        if fresh[i] > 0:
            who[left] = i
            left += 1
        else:
            state[i] &= uint8(255 - SHAKEN)
    return left


@njit(cache=True)
def go_out(who, size, state):
    """The storm is over: nobody has seen the next one yet."""
    for k in range(size):
        state[who[k]] &= uint8(255 - SEEN - DEFENDS)


@njit(cache=True)
def rank_first(
    seed, moment, wanted, influencer_share, troll_share, posting_mask, member, stage, satisfaction, state, rank
):
    """How near everybody is to posting first, float64 [N]: the smallest ranks do; infinite = not at all.

    A uniform draw for those wanted (0 random, 1 influencers, 2 trolls, 3 angry customers); of customers, those who are
    not dissatisfied come after those who are. Only who can post at all: users of a platform with a layer, if there is
    one.
    """
    key = draw_key(seed, Purpose.STORM_FIRST, moment, 0)
    role_key = draw_key(seed, Purpose.ROLE, 0, 0)
    troll_key = draw_key(seed, Purpose.STORM_TROLL, 0, 0)
    for i in range(rank.size):
        rank[i] = np.inf
        if state[i] & OUTRAGED or (posting_mask and not member[i] & posting_mask):
            continue
        if wanted == 1 and not uniform(role_key, i) < influencer_share:
            continue
        if wanted == 2 and not uniform(troll_key, i) < troll_share:
            continue
        late = 0.0
        if wanted == 3:
            if not is_customer(stage[i]):
                continue
            late = 1.0 if satisfaction[i] >= 0.0 else 0.0
        rank[i] = late + uniform(key, i)


@njit(cache=True)
def smallest(rank, wanted):
    """Who has the smallest of the ranks between 0 and 2, int32 [n] in order of number: so many, or all who have one.

    Counted by cells first, so that only the ranks of the few who may be among them are compared with each other.
    """
    cells = np.zeros(_CELLS, np.int64)
    for i in range(rank.size):
        if rank[i] < 2.0:
            cells[int(rank[i] * (_CELLS / 2))] += 1
    last, below = 0, cells[0]
    while below < wanted and last < _CELLS - 1:
        last += 1
        below += cells[last]
    near = np.empty(below, np.int32)
    size = 0
    for i in range(rank.size):
        if rank[i] < 2.0 and int(rank[i] * (_CELLS / 2)) <= last:
            near[size] = i
            size += 1
    if size <= wanted:
        return near
    return np.sort(near[np.argsort(rank[near])[:wanted]])


@njit(cache=True)
def set_off(
    seed, moment, posters, scale, shape, longest, review, persona, stage, state, new, until, person_counts, stride,
    entries, used,
):  # fmt: skip
    """The first posters are outraged from this hour on.

    Parameters
    ----------
    posters : int32 [K]
    new : bool [K]              written: who had not seen a storm that is alive
    until : int32 [K]           written: the hour with which their outrage ends
    """
    last_key = draw_key(seed, Purpose.STORM_LAST, moment, 0)
    review_key = draw_key(seed, Purpose.STORM_REVIEW, moment, 0)
    for k in range(posters.size):
        i = posters[k]
        counts = person_counts[persona[i]]
        slot = panel_slot(i, stride, used.size)
        new[k] = (state[i] & SEEN) == 0
        if new[k]:
            counts[PersonCount.STORM_REACHED] += 1
            if slot >= 0:
                note(entries, used, slot, Event.SAW_STORM, -1, stage[i], stage[i], 1)
        lasts = outraged_hours(uniform(last_key, i), scale, shape, longest)
        until[k] = moment + lasts
        state[i] |= uint8(SEEN | OUTRAGED)
        counts[PersonCount.STORM_OUTRAGED] += 1
        if uniform(review_key, i) < review:
            counts[PersonCount.REVIEWS_BAD] += 1
        if slot >= 0:
            note(entries, used, slot, Event.OUTRAGED, -1, stage[i], stage[i], lasts)
