"""Step *storm*: who posts first when a storm breaks out (docs/model.md, 7.12)."""

from __future__ import annotations

import numpy as np
from numba import njit, uint8

from sim.agents.consumers import is_customer
from sim.channels.storm import outraged_hours
from sim.counters import PersonCount
from sim.day.storm_state import OUTRAGED, SEEN
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, uniform

#: Cells that ranks are counted by.
_CELLS = 4096


@njit(cache=True)
def chance_of(seed, purpose, moment):
    """One uniform draw that belongs to nobody, for this hour (or day)."""
    return uniform(draw_key(seed, purpose, moment, 0), 0)


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
