"""First half of step *expose*: whom a touchpoint may reach today, settled for many consumers at a time.

Whether touchpoint c reaches consumer i is one uniform draw, and its leading byte alone settles it for nearly all: the
draw lies above or below the chance whatever its other bits are. One hash gives the bytes of eight consumers, one
comparison looks at 64 of them (`sim/day/bits.py`), and who is too high, or in a stage that is not addressed, is never
looked at by himself.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint64

from sim.agents.stages import STAGES
from sim.day.bits import at_most, listed
from sim.luck import screen_word


@njit
def cells_of(persona, stage, cells):
    """Row of each consumer, columns [K], in tables by persona and stage: persona * STAGES + stage, uint16."""
    for k in range(cells.size):
        cells[k] = np.uint16(persona[k]) * np.uint16(STAGES) + np.uint16(stage[k])


@njit
def screen(key, first, words):
    """Draw the bytes of one touchpoint for consumers from `first`, a multiple of 8, on: words uint64 [K / 8]."""
    for block in range(words.size):
        words[block] = screen_word(key, first // 8 + block)


@njit
def kinds_of(active, addressed):
    """The different sets of stages that active touchpoints address: bits uint32 [M], and which is whose int64 [A]."""
    sets, kind = np.empty(active.size, np.uint32), np.empty(active.size, np.int64)
    many = 0
    for a in range(active.size):
        wanted = addressed[active[a]]
        found = 0
        while found < many and sets[found] != wanted:
            found += 1
        sets[found] = wanted
        kind[a] = found
        many = max(many, found + 1)
    return sets[:many], kind


@njit
def near(lanes, limit, addressed, bits, who):
    """List those whose byte is low enough for a touchpoint to reach anybody, and whose stage it addresses.

    Parameters
    ----------
    lanes : uint8 [K]               the bytes
    limit : uint8                   byte above which nobody is reached
    addressed : uint64 [G]          bits of those in a stage that is addressed
    bits : uint64 [G]               written
    who : uint32 [>= K]             written: positions, in order

    Returns
    -------
    int                             how many
    """
    at_most(lanes, limit, bits)
    for g in range(bits.size):
        bits[g] &= addressed[g]
    return listed(bits, who)


@njit
def narrow(who, required, reached, lanes, cells, member):
    """Keep of those near whom the byte, persona and memberships do not rule out, without branches: in place.

    Parameters
    ----------
    who : uint32 [F]                positions; those kept are moved to the front, in order
    required : uint32               membership bits the touchpoint asks for
    reached : int16 [P * STAGES]    as `thresholds` returns it
    lanes, cells, member            columns [K]

    Returns
    -------
    int                             how many are left
    """
    kept = 0
    for entry in range(who.size):
        k = uint64(who[entry])
        who[kept] = who[entry]
        kept += (lanes[k] <= reached[uint64(cells[k])]) & ((member[k] & required) == required)
    return kept


@njit
def thresholds(active, expected, chance, is_send):
    """Where the leading byte of the draw settles what happens, of active touchpoints by persona and stage.

    Returns
    -------
    reached : int16 [A, P * STAGES]         a byte below means a contact for sure, a byte above none; -1 = nobody
    several : int16 [A, P * STAGES]         a byte above means one contact at most
    at_most_one : float64 [A, P * STAGES]   probability of that: exp(-m) (1 + m); 2 for sends, which bring no more
    """
    cells = chance.shape[1] * chance.shape[2]
    reached = np.full((active.size, cells), -1, np.int16)
    several = np.full((active.size, cells), -1, np.int16)
    at_most_one = np.full((active.size, cells), 2.0)
    for a in range(active.size):
        c = active[a]
        for cell in range(cells):
            most = chance[c].reshape(-1)[cell]
            mean = expected[c].reshape(-1)[cell]
            if most <= 0.0:
                continue
            reached[a, cell] = math.floor(256.0 * most)
            if not is_send[c]:
                none = math.exp(-mean)
                at_most_one[a, cell] = none + none * mean
                several[a, cell] = math.floor(256.0 * (1.0 - at_most_one[a, cell]))
    return reached, several, at_most_one
