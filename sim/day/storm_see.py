"""Step *storm*: who sees something this hour, along ties, on the brand's page, in the media (docs/model.md, 7.12).

Consumers are looked at in parts, low .. high - 1 of all numbers, which threads share: each goes along everything that
can be seen and keeps to those of its part, whose views stand in `views` from `low` on. So the same is seen, whatever
the number of parts.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint8

from sim.compiled import helper
from sim.day.storm_calendar import BLOCK, chain_ends
from sim.day.storm_state import LOOKS, OUTRAGED, SEEN, SPENT
from sim.luck import Purpose, draw_key, own_key, poisson_count, uniform

#: Bits of somebody whom nothing more can befall where seeing does no harm; and of nobody.
_DONE, _NOBODY = SEEN | SPENT, 255


@njit(cache=True)
def visitors(seed, moment, mean):
    """How many look at the hub this hour."""
    return poisson_count(uniform(draw_key(seed, Purpose.STORM_VISITS, moment, 0), 0), mean)


def passed_over(harmless: bool) -> int:
    """Bits of state, all of which say that somebody need not be looked at: he has seen the storm, can never be lit
    again, and seeing it does no harm.
    """
    return _DONE if harmless else _NOBODY


@helper
def _reachable(bits, over):
    """Whether a post may do anything to somebody with these bits of state, `over` as from `passed_over`."""
    return ((bits & uint8(OUTRAGED)) == 0) & ((bits & over) != over)


@helper
def _see(views, count, low, high, over, state, place, j, weight, source, way):
    """Add a post to what j sees this hour, if he is of this part; returns where the views of those who see any end.

    Who sees the same way more than once this hour names the source with the smallest number, so that the order in
    which posts arrive means nothing.
    """
    if weight <= 0 or j < low or j >= high or not _reachable(state[j], over):
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


@njit(cache=True, nogil=True)
def arrive(entries, following, first, end, bucket, low, high, over, weight, way, state, place, views, count):
    """What the calendar holds for this hour on a layer reaches the other ends of its ties.

    Block by block: first who can still be reached, which one byte says, and without a jump; then `_see` to each of
    those, written in place: called, it makes a whole epidemic take 1.5 times as long (measured again November 2026).

    Returns
    -------
    int                     where the views of this part end; `count` is where they ended before
    """
    if weight <= 0:
        return count
    here, open_to = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    block, last = first[bucket], end[bucket]
    while last:
        stop, many, found = chain_ends(block, last), 0, 0
        for e in range(block * BLOCK, stop):
            here[many] = e
            many += (entries[e].target >= low) & (entries[e].target < high)
        for m in range(many):
            open_to[found] = here[m]
            found += _reachable(state[entries[here[m]].target], over)
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


@njit(cache=True, nogil=True)
def mingle(
    seed, moment, layer_what, entries, following, first, end, bucket, low, high, over, crowd, agents, mean, weight,
    way, state, place, views, count,
):  # fmt: skip
    """The same without a graph: everybody of the crowd (empty = all agents) is met alike."""
    key = draw_key(seed, Purpose.STORM_MEET, moment, layer_what)
    block, last = first[bucket], end[bucket]
    while last:
        stop = chain_ends(block, last)
        for e in range(block * BLOCK, stop):
            i = entries[e].source
            own = own_key(key, i)
            for m in range(poisson_count(uniform(own, 0), mean)):
                j = _one_of(crowd, agents, uniform(own, 1 + m))
                count = _see(views, count, low, high, over, state, place, j, weight, i, way)
        if stop == last:
            break
        block = following[block]
    return count


@helper
def _one_of(crowd, agents, u):
    """A consumer at random: of the crowd, or of all if it is empty."""
    if crowd.size == 0:
        return int(math.floor(u * agents))
    return int(crowd[int(math.floor(u * crowd.size))])


@njit(cache=True, nogil=True)
def show(seed, moment, purpose, many, low, high, over, crowd, agents, weight, way, state, place, views, count):
    """Something is seen by `many` of the crowd (empty = all agents), drawn one by one; returns as `arrive` does."""
    key = draw_key(seed, purpose, moment, 0)
    for k in range(many):
        j = _one_of(crowd, agents, uniform(key, k))
        count = _see(views, count, low, high, over, state, place, j, weight, -1, way)
    return count
