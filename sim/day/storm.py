"""Step *storm*: one hour of outrage after the other. Work is in proportion to those involved (docs/model.md, 7.12).

These kernels run on one thread, over lists of consumers in a fixed order; what travels is added up in integers. What
the outraged will do is settled in several (`sim/day/calendar.py`).
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
from sim.luck import Purpose, draw_key, own_key, poisson_count, uniform
from sim.storm_plan import NEVER

#: Cells that ranks are counted by.
_CELLS = 4096


@njit(cache=True)
def chance_of(seed, purpose, moment):
    """One uniform draw that belongs to nobody, for this hour (or day)."""
    return uniform(draw_key(seed, purpose, moment, 0), 0)


@njit(cache=True)
def visitors(seed, moment, mean):
    """How many look at the hub this hour."""
    return poisson_count(uniform(draw_key(seed, Purpose.STORM_VISITS, moment, 0), 0), mean)


@njit
def _see(views, count, state, place, j, weight, source, way):
    """Add a post to what j sees this hour; returns the number of those who see anything.

    Who sees the same way more than once this hour names the source with the smallest number, so that the order in
    which posts arrive means nothing.
    """
    if weight <= 0 or state[j] & OUTRAGED:
        return count
    if state[j] & LOOKS:
        view = place[j]
        views[view].weight += weight
        if views[view].way == way and source < views[view].source:
            views[view].source = source
        return count
    state[j] |= uint8(LOOKS)
    place[j] = count
    views[count].who = j
    views[count].source = source
    views[count].weight = weight
    views[count].way = way
    return count + 1


@njit(cache=True)
def arrive(entries, following, first, end, bucket, weight, way, state, place, views, count):
    """What the calendar holds for this hour on a layer reaches the other ends of its ties. Returns the count.

    Block by block: first who can still be reached, which one byte says, and without a jump; then `_see` to each of
    those, written in place (called as a helper that takes arrays, it takes 1.5 times as long).
    """
    if weight <= 0:
        return count
    open_to = np.empty(BLOCK, np.int64)
    block, last = first[bucket], end[bucket]
    while last:
        stop, found = chain_ends(block, last), 0
        for e in range(block * BLOCK, stop):
            open_to[found] = e
            found += (state[entries[e].target] & OUTRAGED) == 0
        for f in range(found):
            source, j = entries[open_to[f]].source, entries[open_to[f]].target
            if state[j] & LOOKS:
                view = place[j]
                views[view].weight += weight
                if views[view].way == way and source < views[view].source:
                    views[view].source = source
            else:
                state[j] |= uint8(LOOKS)
                place[j] = count
                views[count].who = j
                views[count].source = source
                views[count].weight = weight
                views[count].way = way
                count += 1
        if stop == last:
            break
        block = following[block]
    return count


@njit(cache=True)
def mingle(
    seed, moment, layer_what, entries, following, first, end, bucket, crowd, agents, mean, weight, way, state, place,
    views, count,
):  # fmt: skip
    """The same without a graph: everybody of the crowd (empty = all agents) is met alike. Returns the count."""
    key = draw_key(seed, Purpose.STORM_MEET, moment, layer_what)
    block, last = first[bucket], end[bucket]
    while last:
        stop = chain_ends(block, last)
        for e in range(block * BLOCK, stop):
            i = entries[e].source
            own = own_key(key, i)
            for m in range(poisson_count(uniform(own, 0), mean)):
                j = _one_of(crowd, agents, uniform(own, 1 + m))
                count = _see(views, count, state, place, j, weight, i, way)
        if stop == last:
            break
        block = following[block]
    return count


@njit
def _one_of(crowd, agents, u):
    """A consumer at random: of the crowd, or of all if it is empty."""
    if crowd.size == 0:
        return int(math.floor(u * agents))
    return int(crowd[int(math.floor(u * crowd.size))])


@njit(cache=True)
def show(seed, moment, purpose, many, crowd, agents, weight, way, state, place, views, count):
    """Something is seen by `many` of the crowd (empty = all agents), drawn one by one. Returns the count."""
    key = draw_key(seed, purpose, moment, 0)
    for k in range(many):
        count = _see(views, count, state, place, _one_of(crowd, agents, uniform(key, k)), weight, -1, way)
    return count


@njit
def _append(who, since, until, size, i, begins, ends):
    who[size] = i
    since[size] = begins
    until[size] = ends
    return size + 1


@njit
def _repair(i, strength, fresh, feeling):
    """Give back a share of what was lost: freshness, and feeling below zero."""
    fresh[i] = int(math.floor(fresh[i] * (1.0 - strength) + 0.5))
    if feeling[i] < 0.0:
        feeling[i] = float(feeling[i]) * (1.0 - strength)


@njit
def outrage(
    seed, moment, starts, i, scale, shape, longest, review, persona, stage, state, who, since, until, size,
    person_counts, stride, entries, used,
):  # fmt: skip
    """Somebody joins: outraged from hour `starts` on. Returns the number of outraged."""
    lasts = outraged_hours(uniform(draw_key(seed, Purpose.STORM_LAST, moment, 0), i), scale, shape, longest)
    state[i] |= uint8(OUTRAGED)
    size = _append(who, since, until, size, i, starts, starts + lasts)
    counts = person_counts[persona[i]]
    counts[PersonCount.STORM_OUTRAGED] += 1
    if uniform(draw_key(seed, Purpose.STORM_REVIEW, moment, 0), i) < review:
        counts[PersonCount.REVIEWS_BAD] += 1
    slot = panel_slot(i, stride, used.size)
    if slot >= 0:
        note(entries, used, slot, Event.OUTRAGED, -1, stage[i], stage[i], lasts)
    return size


@njit
def reached_first(i, p, stage, state, who, size, person_counts, stride, entries, used):
    """Somebody sees this storm for the first time. Returns the number of those reached."""
    state[i] |= uint8(SEEN)
    who[size] = i
    person_counts[p, PersonCount.STORM_REACHED] += 1
    slot = panel_slot(i, stride, used.size)
    if slot >= 0:
        note(entries, used, slot, Event.SAW_STORM, -1, stage[i], stage[i], 1)
    return size + 1


@njit(cache=True)
def take_in(
    seed, moment, appeal, harm, relation, betrayal, troll_share, troll_join, scale, shape, longest,
    lost_salience, lost_feeling, lost_belief, lost_fresh, review, defend_share, defend_hours, given, take_up,
    trust_earned, persona, stage, salience, belief, feeling, loyalty,
    state, immune, fresh, place, views, viewers,
    active_who, active_since, active_until, seen_who, shaken_who, defender_who, defender_until, sizes,
    infected, reached, person_counts, stride, entries, used,
):  # fmt: skip
    """Everybody who saw something this hour is moved by it, and some join, defend or are compensated.

    Parameters
    ----------
    appeal : float                  chance that one post makes somebody of neutral feeling join
    harm : float                    what one post does, relative to severity 1 of a product failure
    given : float                   strength of a compensation offered now, 0 = none
    place, views                    what each of them sees
    viewers : int32 [V]             in ascending order, which lets far-off memory be read in passing
    sizes : int64 [4]               of the lists of active, seen, shaken, defenders; updated
    infected : int32 [V]            written: the views of those who joined
    reached : int64 [ways]          added to: reached for the first time, by way

    Returns
    -------
    joined, compensated : int
    """
    join_key = draw_key(seed, Purpose.STORM_JOIN, moment, 0)
    troll_key = draw_key(seed, Purpose.STORM_TROLL, 0, 0)
    defend_key = draw_key(seed, Purpose.STORM_DEFEND, moment, 0)
    take_key = draw_key(seed, Purpose.STORM_TAKE, moment, 0)
    last_key = draw_key(seed, Purpose.STORM_LAST, moment, 0)
    review_key = draw_key(seed, Purpose.STORM_REVIEW, moment, 0)
    minded = relation != 0.0 or betrayal != 0.0  # else all minds are alike: no need to look into them
    harms = lost_salience != 0.0 or lost_feeling != 0.0 or lost_belief != 0.0 or lost_fresh != 0.0
    joined = 0
    compensated = 0
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
                shaken_who[sizes[2]] = i
                sizes[2] += 1

        if not (first or joins):
            continue
        slot = panel_slot(i, stride, used.size)
        if first:
            reached[views[view].way] += 1
            seen_who[sizes[1]] = i
            sizes[1] += 1
            person_counts[p, PersonCount.STORM_REACHED] += 1
            if slot >= 0:
                note(entries, used, slot, Event.SAW_STORM, -1, stage[i], stage[i], 1)
        if joins:
            lasts = outraged_hours(uniform(last_key, i), scale, shape, longest)
            state[i] |= uint8(OUTRAGED)
            active_who[sizes[0]] = i
            active_since[sizes[0]] = moment + 1
            active_until[sizes[0]] = moment + 1 + lasts
            sizes[0] += 1
            person_counts[p, PersonCount.STORM_OUTRAGED] += 1
            if review > 0.0 and uniform(review_key, i) < review:
                person_counts[p, PersonCount.REVIEWS_BAD] += 1
            if slot >= 0:
                note(entries, used, slot, Event.OUTRAGED, -1, stage[i], stage[i], lasts)
            infected[joined] = view
            joined += 1
        elif first and stage[i] == Stage.ADVOCACY and not state[i] & DEFENDS:
            if uniform(defend_key, i) < defend_share:
                state[i] |= uint8(DEFENDS)
                defender_who[sizes[3]] = i
                defender_until[sizes[3]] = moment + 1 + defend_hours
                sizes[3] += 1
        if first and given > 0.0 and is_customer(stage[i]) and uniform(take_key, i) < take_up:
            compensated += 1
            _compensate(i, p, given, stage, fresh, feeling, person_counts, stride, entries, used)
    return joined, compensated


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
    seed, moment, posters, scale, shape, longest, review, persona, stage, state,
    active_who, active_since, active_until, seen_who, sizes, person_counts, stride, entries, used,
):  # fmt: skip
    """The first posters are outraged from this hour on; sizes int64 [4] as in `take_in`. Returns how many are new."""
    new = 0
    for k in range(posters.size):
        i = posters[k]
        if (state[i] & SEEN) == 0:
            new += 1
            sizes[1] = reached_first(
                i, persona[i], stage, state, seen_who, sizes[1], person_counts, stride, entries, used
            )
        sizes[0] = outrage(
            seed, moment, moment, i, scale, shape, longest, review, persona, stage, state,
            active_who, active_since, active_until, sizes[0], person_counts, stride, entries, used,
        )  # fmt: skip
    return new
