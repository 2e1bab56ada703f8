"""Step *storm*: one hour of outrage after the other. Work is in proportion to those involved (docs/model.md, 7.12).

All kernels run on one thread, over lists of consumers in a fixed order; what travels is added up in integers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint8, uint64

from sim.agents.consumers import is_customer
from sim.agents.mind import repeated, toward
from sim.agents.stages import Stage
from sim.channels.storm import immune_until, joining, outraged_hours, persuaded
from sim.counters import PersonCount
from sim.day.outrage import DEFENDS, FRESH, OUTRAGED, SEEN
from sim.day.talk import posting_platform
from sim.journal import Event, note, panel_slot
from sim.luck import LUCK_STRIDE, Purpose, bits_below, draw_key, own_key, poisson_count, stepped_bits, uniform

#: What an outraged person does in an hour; bits of `voice`.
POSTS, TELLS, AT_HUB = 1, 2, 4

#: Ties drawn for in one go, so many that they stay in the nearest cache; and how many are written at once.
_BATCH, _AT_ONCE = 2048, 16


@njit(cache=True)
def chance_of(seed, purpose, moment):
    """One uniform draw that belongs to nobody, for this hour (or day)."""
    return uniform(draw_key(seed, purpose, moment, 0), 0)


@njit(cache=True)
def visitors(seed, moment, mean):
    """How many look at the hub this hour."""
    return poisson_count(uniform(draw_key(seed, Purpose.STORM_VISITS, moment, 0), 0), mean)


@njit(cache=True)
def speak_up(
    seed, moment, who, since, size, posts_per_hour, tells_per_hour, troll_share, hub, hub_share, hub_bits,
    posting_bits, persona, member, voice, platform, counts, person_counts,
):  # fmt: skip
    """Settle who posts this hour and where, and who tells close ties.

    Parameters
    ----------
    who, since : int32 [M], int64 [M]       the outraged; in their first hour they post for sure
    hub : bool                              whether there is a hub
    voice : uint8 [M]; platform : int8 [M]  written: bits, and the index of the platform posted on, -1 = none
    counts : int64 [4]                      written: posts of consumers, of trolls, on the hub; those who tell
    """
    post_key = draw_key(seed, Purpose.STORM_POST, moment, 0)
    tell_key = draw_key(seed, Purpose.STORM_TELL, moment, 0)
    hub_key = draw_key(seed, Purpose.STORM_HUB, moment, 0)
    troll_key = draw_key(seed, Purpose.STORM_TROLL, 0, 0)
    counts[:] = 0
    can_post = hub or posting_bits.size > 0
    always_tells, never_tells = tells_per_hour >= 1.0, tells_per_hour <= 0.0  # no need to draw
    for k in range(size):
        i = who[k]
        voice[k] = 0
        platform[k] = -1
        if can_post and (since[k] == moment or uniform(post_key, i) < posts_per_hour):
            at_hub = hub and (member[i] & hub_bits) == hub_bits and uniform(hub_key, i) < hub_share
            if not at_hub:
                platform[k] = posting_platform(seed, moment // 24, i, member[i], posting_bits)
            if at_hub or platform[k] >= 0:
                voice[k] |= POSTS
                if at_hub:
                    voice[k] |= AT_HUB
                person_counts[persona[i], PersonCount.STORM_POSTS] += 1
                if uniform(troll_key, i) < troll_share:
                    counts[1] += 1
                elif at_hub:
                    counts[2] += 1
                else:
                    counts[0] += 1
        if always_tells or (not never_tells and uniform(tell_key, i) < tells_per_hour):
            voice[k] |= TELLS
            counts[3] += 1


@njit
def _see(views, touched, count, state, j, weight, source, channel):
    """Add a post to what j sees this hour; returns the number of those who see anything."""
    if weight <= 0 or state[j] & OUTRAGED:
        return count
    if views[j].weight == 0:
        touched[count] = j
        count += 1
        views[j].source = source
        views[j].channel = channel
    views[j].weight += weight
    return count


@njit(cache=True)
def carry(
    seed, moment, layer_what, wanted, who, size, voice, platform, ptr, idx, transmission, weight, channel, state,
    views, touched, count,
):  # fmt: skip
    """Posts (or words in person, `wanted` -1) along one layer: each tie with its transmission. Returns the count.

    In batches of ties, stage by stage: collect them, draw for all (dense, so that the compiler draws for several at a
    time), look up who stands at the other end of those few that let it through, and only then see to each. A speaker of
    up to `_AT_ONCE` ties is written as if he had so many, and the next one over what is too much.
    """
    if weight <= 0:
        return count
    key = draw_key(seed, Purpose.STORM_SEE, moment, layer_what)
    below = bits_below(transmission)
    step = np.empty(_BATCH + _AT_ONCE, np.uint64)
    lets_through = np.empty(_BATCH, np.uint8)
    speaker, ends, shift = np.empty(_BATCH, np.int32), np.empty(_BATCH, np.int32), np.empty(_BATCH, np.int64)
    place, target = np.empty(_BATCH + 1, np.int32), np.empty(_BATCH, np.int32)
    k, done = 0, 0  # the speaker to go on with, and how many of his ties were drawn for already
    while k < size:
        ties, speakers = 0, 0
        while k < size and ties < _BATCH and speakers < _BATCH:
            if not (voice[k] & TELLS if wanted < 0 else platform[k] == wanted):
                k += 1
                continue
            i = who[k]
            first = ptr[i] + done
            many = ptr[i + 1] - first
            begin = uint64(first) * LUCK_STRIDE
            if many <= _AT_ONCE and ties + many <= _BATCH:
                for m in range(_AT_ONCE):
                    step[ties + m] = begin + uint64(m) * LUCK_STRIDE
                k += 1
                done = 0
            else:
                room = _BATCH - ties
                if many > room:
                    many = room
                    done += room
                else:
                    k += 1
                    done = 0
                for m in range(many):
                    step[ties + m] = begin + uint64(m) * LUCK_STRIDE
            ties += many
            speaker[speakers] = i
            ends[speakers] = ties
            shift[speakers] = first + many - ties
            speakers += 1
        for q in range(ties):
            lets_through[q] = stepped_bits(key, step[q]) < below
        found = 0
        for q in range(ties):
            place[found] = q
            found += lets_through[q]
        s = 0
        for f in range(found):
            while ends[s] <= place[f]:
                s += 1
            target[f] = idx[place[f] + shift[s]]
            place[f] = speaker[s]
        open_to = 0
        for f in range(found):
            target[open_to] = target[f]
            place[open_to] = place[f]
            open_to += (state[target[f]] & OUTRAGED) == 0
        for f in range(open_to):
            j = target[f]
            if views[j].weight == 0:
                touched[count] = j
                count += 1
                views[j].source = place[f]
                views[j].channel = channel
            views[j].weight += weight
    return count


@njit(cache=True)
def mingle(
    seed, moment, layer_what, wanted, who, size, voice, platform, crowd, agents, mean, weight, channel, state, views,
    touched, count,
):  # fmt: skip
    """The same without a graph: everybody of the crowd (empty = all agents) is met alike. Returns the count."""
    key = draw_key(seed, Purpose.STORM_MEET, moment, layer_what)
    for k in range(size):
        if not (voice[k] & TELLS if wanted < 0 else platform[k] == wanted):
            continue
        own = own_key(key, who[k])
        for m in range(poisson_count(uniform(own, 0), mean)):
            j = _one_of(crowd, agents, uniform(own, 1 + m))
            count = _see(views, touched, count, state, j, weight, who[k], channel)
    return count


@njit
def _one_of(crowd, agents, u):
    """A consumer at random: of the crowd, or of all if it is empty."""
    if crowd.size == 0:
        return int(math.floor(u * agents))
    return int(crowd[int(math.floor(u * crowd.size))])


@njit(cache=True)
def show(seed, moment, purpose, many, crowd, agents, weight, channel, state, views, touched, count):
    """Something is seen by `many` of the crowd (empty = all agents), drawn one by one. Returns the count."""
    key = draw_key(seed, purpose, moment, 0)
    for k in range(many):
        count = _see(views, touched, count, state, _one_of(crowd, agents, uniform(key, k)), weight, -1, channel)
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


@njit(cache=True)
def outrage(
    seed, moment, starts, i, scale, shape, longest, review, persona, stage, state, views, who, since, until, size,
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
def reached_first(i, p, stage, state, who, since, size, moment, person_counts, stride, entries, used):
    """Somebody sees this storm for the first time. Returns the number of those reached."""
    state[i] |= uint8(SEEN)
    who[size] = i
    since[size] = moment
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
    state, immune, fresh, views, touched, count,
    active_who, active_since, active_until, seen_who, seen_since, shaken_who, defender_who, defender_until, sizes,
    infected, sources, channels, reached, person_counts, stride, entries, used,
):  # fmt: skip
    """Everybody who saw something this hour is moved by it, and some join, defend or are compensated.

    Parameters
    ----------
    appeal : float                  chance that one post makes somebody of neutral feeling join
    harm : float                    what one post does, relative to severity 1 of a product failure
    given : float                   strength of a compensation offered now, 0 = none
    touched : int32 [N]             the first `count` see something; in ascending order
    sizes : int64 [4]               of the lists of active, seen, shaken, defenders; updated
    infected, sources : int32 [N]; channels : uint8 [N]     written: who joined, and through whom
    reached : int64 [5]             added to: reached for the first time, by channel

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
    for k in range(count):
        i = touched[k]
        p = persona[i]
        source = views[i].source
        channel = views[i].channel
        units = views[i].weight / 100.0
        views[i].weight = 0
        joins = False
        if immune[i] <= moment:
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
            if fresh[i] == 0:
                shaken_who[sizes[2]] = i
                sizes[2] += 1
            fresh[i] = int(math.floor(fresh[i] + (FRESH - fresh[i]) * repeated(lost_fresh, dose) + 0.5))
            if fresh[i] == 0:  # too little to matter
                sizes[2] -= 1

        first = (state[i] & SEEN) == 0
        slot = panel_slot(i, stride, used.size)
        if first:
            reached[channel] += 1
            state[i] |= uint8(SEEN)
            seen_who[sizes[1]] = i
            seen_since[sizes[1]] = moment
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
            infected[joined] = i
            sources[joined] = source
            channels[joined] = channel
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
def tire(seed, moment, immune_hours, who, since, until, size, state, immune):
    """Those whose outrage ends with this hour are tired, and cannot be lit for a while. Returns how many are left."""
    key = draw_key(seed, Purpose.STORM_WANE, moment, 0)
    left = 0
    for k in range(size):
        i = who[k]
        if until[k] <= moment + 1:
            state[i] &= uint8(255 - OUTRAGED)
            immune[i] = immune_until(moment + 1, uniform(key, i), immune_hours)
        else:
            who[left] = i
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
def forget(kept, who, size, fresh):
    """A day later: freshness times its daily rest, rounded down; who has none left is off the list."""
    left = 0
    for k in range(size):
        i = who[k]
        fresh[i] = int(math.floor(fresh[i] * kept))
        if fresh[i] > 0:
            who[left] = i
            left += 1
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
def set_off(
    seed, moment, posters, scale, shape, longest, review, persona, stage, state, views,
    active_who, active_since, active_until, seen_who, seen_since, sizes, person_counts, stride, entries, used,
):  # fmt: skip
    """The first posters are outraged from this hour on; sizes int64 [4] as in `take_in`."""
    for k in range(posters.size):
        i = posters[k]
        if (state[i] & SEEN) == 0:
            sizes[1] = reached_first(
                i, persona[i], stage, state, seen_who, seen_since, sizes[1], moment, person_counts, stride, entries,
                used,
            )  # fmt: skip
        sizes[0] = outrage(
            seed, moment, moment, i, scale, shape, longest, review, persona, stage, state, views,
            active_who, active_since, active_until, sizes[0], person_counts, stride, entries, used,
        )  # fmt: skip
