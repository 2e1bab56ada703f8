"""Step *storm*: outrage ends, supporters tire, what was seen is forgotten (docs/model.md, 7.12)."""

from __future__ import annotations

import math

from numba import njit, uint8

from sim.channels.storm import immune_until
from sim.day.storm_calendar import BLOCK, chain_ends
from sim.day.storm_state import DEFENDS, OUTRAGED, SEEN, SHAKEN, SPENT, TIRED
from sim.luck import Purpose, draw_key, uniform
from sim.storm_plan import NEVER


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
                state[i] |= uint8(SPENT)
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
