"""First half of step *expose*: whom a touchpoint may reach today, settled for many consumers at a time.

Whether touchpoint c reaches consumer i is one uniform draw, and its leading byte alone settles it for nearly all: the
draw lies above or below the chance whatever its other bits are. One hash gives the bytes of eight consumers, one
comparison looks at 64 of them (`sim/day/bits.py`), and who is too high, in a stage that is not addressed, or no member
where that is asked for, is never looked at by himself.
"""

from __future__ import annotations

import math

import numpy as np
from numba import uint64

from sim.agents.stages import STAGES
from sim.compiled import helper
from sim.day.bits import at_most, listed
from sim.luck import screen_word


@helper
def cells_of(first, persona, stage, cells):
    """Row of consumers from `first` on in tables by persona and stage: persona * STAGES + stage, uint16 [K]."""
    for k in range(uint64(cells.size)):
        i = uint64(first) + k
        cells[k] = np.uint16(persona[i]) * np.uint16(STAGES) + np.uint16(stage[i])


@helper
def screen(key, first, words):
    """Draw the bytes of one touchpoint for consumers from `first`, a multiple of 8, on: words uint64 [K / 8]."""
    for block in range(words.size):
        words[block] = screen_word(key, first // 8 + block)


@helper
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


@helper
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


@helper
def one_contact_at_most(expected, is_send):
    """Probability of no contact or one, exp(-m) (1 + m), by touchpoint, persona and stage.

    2 for sends, which never bring more, and where nothing is expected.

    Parameters
    ----------
    expected : float64 [C, P * STAGES]
    is_send : bool [C]

    Returns
    -------
    float64 [C, P * STAGES]
    """
    most = np.full(expected.shape, 2.0)
    for c in range(is_send.size):
        for cell in range(expected.shape[1]):
            mean = expected[c, cell]
            if mean > 0.0 and not is_send[c]:
                none = math.exp(-mean)
                most[c, cell] = none + none * mean
    return most
