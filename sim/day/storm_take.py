"""Step *storm*: what an hour of outrage does to those who see it. Work is in proportion to those involved (7.12).

Over lists of consumers in a fixed order; what travels is added up in integers.
"""

from __future__ import annotations

import math

from numba import njit, uint8

from sim.agents.consumers import is_customer
from sim.agents.mind import repeated, toward
from sim.agents.stages import Stage
from sim.channels.storm import joining, outraged_hours, persuaded
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.storm_state import DEFENDS, FRESH, LOOKS, OUTRAGED, SEEN, SHAKEN, TIRED
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, uniform


@helper
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


@helper
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
