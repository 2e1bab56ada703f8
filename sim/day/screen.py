"""First half of step *expose*: who may meet which touchpoint today, settled for eight consumers at a time.

Whether touchpoint c reaches consumer i is one uniform draw, and its leading byte alone settles it for nearly all: the
draw lies above or below the chance whatever its other bits are. One hash gives the bytes of eight consumers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, uint32

from sim.agents.stages import STAGES
from sim.day.few import lowest
from sim.luck import screen_word

#: Consumers screened together: their bytes stay in the first-level cache. A multiple of 8 that divides CHUNK.
BLOCK = 4096


@njit
def screen(keys, active, limit, first, words, near):
    """Draw everybody's bytes, and mark whose is low enough for the touchpoint to reach anybody.

    Branch-free, so that the compiler turns it into vector instructions.

    Parameters
    ----------
    keys : uint64 [C]; limit : uint8 [C]    of each touchpoint: key of its draws, byte above which nobody is reached
    active : int64 [A]                      touchpoints with pressure today; at most 32
    first : int                             number of the first of K consumers, a multiple of 8
    words : uint64 [A, K / 8]               written: the bytes
    near : uint8 [ceil(A / 8), K]           written: bit b of near[g] stands for active touchpoint 8 g + b
    """
    for a in range(active.size):
        c = active[a]
        drawn = words[a]
        for block in range(drawn.size):
            drawn[block] = screen_word(keys[c], first // 8 + block)
        row = near[a >> 3]
        lanes = drawn.view(np.uint8)[: row.size]
        bit = np.uint8(1 << (a & 7))
        highest = limit[c]
        if a & 7:
            for k in range(row.size):
                row[k] |= bit if lanes[k] <= highest else np.uint8(0)
        else:
            for k in range(row.size):
                row[k] = bit if lanes[k] <= highest else np.uint8(0)


@njit
def collect(near, addressed, stage, who, marks):
    """Gather whom a touchpoint that addresses their stage may reach, without branches; returns how many.

    Parameters
    ----------
    near : uint8 [G, K]                 as `screen` has written it
    addressed : uint32 [STAGES]         active touchpoints that reach anybody in a stage, as bits
    stage : uint8 [K]
    who, marks                          written: positions int64 [K], and their touchpoints as bits uint32 [K]
    """
    all_near = np.zeros(stage.size, np.uint32)
    for g in range(near.shape[0]):
        row = near[g]
        shift = uint32(8 * g)
        for k in range(all_near.size):
            all_near[k] |= uint32(row[k]) << shift
    count = 0
    for k in range(stage.size):
        found = all_near[k] & addressed[stage[k]]
        who[count] = k
        marks[count] = found
        count += found != uint32(0)
    return count


@njit
def narrow(count, who, marks, required, byte_reached, lanes, persona, stage, member):
    """Keep of those gathered whom the byte, persona and memberships do not rule out, without branches: in place.

    Parameters
    ----------
    who, marks                          int64 and uint32 [>= count]: positions and their touchpoints as bits
    required : uint32 [A]               membership bits that active touchpoints ask for
    byte_reached : int16 [A, P * STAGES]   as `thresholds` returns it
    lanes : uint8 [A, K]                the bytes
    persona, stage, member              columns [K]

    Returns
    -------
    int                                 how many are left
    """
    kept = 0
    for entry in range(count):
        k = np.uint64(who[entry])
        left = marks[entry]
        cell = np.uint64(persona[k]) * np.uint64(STAGES) + np.uint64(stage[k])
        belongs_to = member[k]
        open_to = uint32(0)
        while left != uint32(0):
            a = np.uint64(lowest(left))
            left &= left - uint32(1)
            near = lanes[a, k] <= byte_reached[a, cell]
            belongs = (belongs_to & required[a]) == required[a]
            open_to |= uint32(near & belongs) << uint32(a)
        who[kept] = k
        marks[kept] = open_to
        kept += open_to != uint32(0)
    return kept


@njit
def turn_round(count, who, marks, lists, sizes):
    """From touchpoints by consumer to consumers by touchpoint.

    Parameters
    ----------
    who, marks                  int64 and uint32 [>= count]: positions and their touchpoints as bits
    lists : uint32 [A, K]       written: row a holds the positions of those near active touchpoint a, in order
    sizes : int64 [A]           written: how many each row holds
    """
    sizes[:] = 0
    for entry in range(count):
        left = marks[entry]
        while left != uint32(0):
            a = lowest(left)
            left &= left - uint32(1)
            lists[a, sizes[a]] = who[entry]
            sizes[a] += 1


@njit
def addressed_bits(active, addressed, stages):
    """Active touchpoints that reach anybody in a stage: uint32 [C] bits of stages to uint32 [STAGES] bits of active."""
    bits = np.zeros(stages, np.uint32)
    for a in range(active.size):
        for where in range(stages):
            bits[where] |= ((addressed[active[a]] >> uint32(where)) & uint32(1)) << uint32(a)
    return bits


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
