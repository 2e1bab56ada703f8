"""Sixty-four consumers at a time: a comparison of 64 bytes becomes the bits of one number.

With whom something may happen today is then a matter of ``&`` and ``|`` between such numbers, and the few are listed
bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, uint64
from numba.cpython.unsafe.numbers import trailing_zeros

from sim.agents.stages import STAGES
from sim.day.instructions import WIDTH, comparison, ones_in

#: Positions written at once; more marks than that among 64 are written one after the other.
_AT_ONCE = 4


def _column_by_column(compare: Any) -> Any:
    """A comparison over a whole column: uint8 [K], a value, and bits uint64 [ceil(K / 64)] to write."""

    @njit
    def over(column, value, bits):
        whole = column.size // WIDTH
        for g in range(whole):
            bits[g] = compare(column, WIDTH * g, value)
        left = column.size - WIDTH * whole
        if left:
            rest = np.zeros(WIDTH, np.uint8)
            rest[:left] = column[WIDTH * whole :]
            bits[whole] = compare(rest, 0, value) & ((uint64(1) << uint64(left)) - uint64(1))

    return over


#: Whose byte is, is not, or is at most a value: (column uint8 [K], value, bits uint64 [ceil(K / 64)]). Bits are
#: written; those beyond K are 0.
equal, differs, at_most = (_column_by_column(comparison(sign)) for sign in ("==", "!=", "<="))


@njit
def by_stage(stage, at_stage):
    """Who stands where: stage uint8 [K] to bits uint64 [STAGES, ceil(K / 64)]."""
    for where in range(STAGES):
        equal(stage, where, at_stage[where])


@njit
def anywhere_in(stages, at_stage, bits):
    """Who is in one of several stages, given as bits: at_stage uint64 [STAGES, G] as `by_stage` writes it, bits [G]."""
    bits[:] = uint64(0)
    for where in range(STAGES):
        if (stages >> where) & 1:
            for g in range(bits.size):
                bits[g] |= at_stage[where, g]


@njit
def listed(bits, who):
    """Write the positions of all bits that are set into `who`, in order; returns how many.

    Parameters
    ----------
    bits : uint64 [G]
    who : integers [K]      written; what stands behind the last position has no meaning

    Four positions are written whether there are so many or not, and the next number's go over what was too much: the
    processor need not guess how many marks a number has, which it does wrongly half the time.
    """
    count = uint64(0)  # unsigned: no test for an index below 0
    for g in range(bits.size):
        left = bits[g]
        if left == uint64(0):
            continue
        base = uint64(WIDTH * g)
        if count + uint64(_AT_ONCE) <= uint64(who.size):
            many = uint64(ones_in(left))
            for m in range(_AT_ONCE):
                who[count + uint64(m)] = base + uint64(trailing_zeros(left))
                left &= left - uint64(1)
            if many <= uint64(_AT_ONCE):
                count += many
                continue
            count += uint64(_AT_ONCE)
        while left != uint64(0):
            who[count] = base + uint64(trailing_zeros(left))
            count += uint64(1)
            left &= left - uint64(1)
    return int64(count)
