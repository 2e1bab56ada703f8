"""First half of step *expose*: whom a touchpoint may reach today, settled for many consumers at a time.

Whether touchpoint c reaches consumer i is one uniform draw, and its leading byte alone settles it for nearly all: the
draw lies above or below the chance whatever its other bits are. One hash gives the bytes of eight consumers, one
comparison looks at 64 of them (`sim/day/bits.py`), and who is too high, in a stage that is not addressed, or no member
where that is asked for, is never looked at by himself.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64, njit, uint64

from sim.agents.stages import STAGES
from sim.day.bits import at_most, listed
from sim.luck import screen_word


@njit
def cells_of(first, persona, stage, cells):
    """Row of consumers from `first` on in tables by persona and stage: persona * STAGES + stage, uint16 [K]."""
    for k in range(uint64(cells.size)):
        i = uint64(first) + k
        cells[k] = np.uint16(persona[i]) * np.uint16(STAGES) + np.uint16(stage[i])


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
def near(lanes, limit, addressed, at, belongs, group, begins, bits, who):
    """List those whose byte is low enough for a touchpoint to reach anybody, and whom it addresses.

    Parameters
    ----------
    lanes : uint8 [K]               the bytes
    limit : uint8                   byte above which nobody is reached
    addressed : uint64              from [at] on: bits of those in a stage that is addressed
    belongs : uint64 [R, >= G]      bits of those who meet each membership requirement ...
    group, begins : int             ... which of them is asked for, and where the chunk begins among them
    bits : uint64 [G]               written
    who : uint32 [>= K]             written: positions, in order

    Returns
    -------
    int                             how many
    """
    at_most(lanes, 0, lanes.size, limit, bits, 0)
    for g in range(uint64(bits.size)):
        bits[g] &= addressed[uint64(at) + g] & belongs[group, uint64(begins) + g]
    return listed(bits, who)


@njit
def narrow(who, count, a, reached, lanes, cells):
    """Keep of those near whom the byte does not rule out for their persona and stage, without branches: in place.

    Parameters
    ----------
    who : uint32 [>= count]             positions; those kept are moved to the front, in order
    a : int                             which active touchpoint it is
    reached : int16 [A, P * STAGES]     as `thresholds` returns it
    lanes, cells                        columns of the chunk, [K]

    Returns
    -------
    int                                 how many are left
    """
    kept = uint64(0)
    for entry in range(uint64(count)):
        k = uint64(who[entry])
        who[kept] = who[entry]
        kept += uint64(lanes[k] <= reached[a, uint64(cells[k])])
    return int64(kept)


@njit
def thresholds(active, expected, chance, is_send):
    """Where the leading byte of the draw settles what happens, of active touchpoints by persona and stage.

    Returns
    -------
    reached : int16 [A, P * STAGES]         a byte below means a contact for sure, a byte above none; -1 = nobody
    several : int16 [A, P * STAGES]         a byte above means one contact at most
    at_most_one : float64 [A, P * STAGES]   probability of that: exp(-m) (1 + m); 2 for sends, which bring no more
    """
    cells = chance.shape[1]
    reached = np.full((active.size, cells), -1, np.int16)
    several = np.full((active.size, cells), -1, np.int16)
    at_most_one = np.full((active.size, cells), 2.0)
    for a in range(active.size):
        c = active[a]
        for cell in range(cells):
            mean = expected[c, cell]
            if chance[c, cell] <= 0.0:
                continue
            reached[a, cell] = math.floor(256.0 * chance[c, cell])
            if not is_send[c]:
                none = math.exp(-mean)
                at_most_one[a, cell] = none + none * mean
                several[a, cell] = math.floor(256.0 * (1.0 - at_most_one[a, cell]))
    return reached, several, at_most_one
