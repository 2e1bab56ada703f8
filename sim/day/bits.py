"""Sixty-four consumers at a time: a comparison of 64 bytes becomes the bits of one number.

With whom something may happen today is then a matter of ``&`` and ``|`` between such numbers, and the few are listed
bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, uint64

from sim.agents.stages import STAGES
from sim.day.instructions import WIDTH, comparison, ones_in, zeros_before

#: Positions written at once; more marks than that among 64 are written one after the other.
_AT_ONCE = 4


def _over_a_column(compare: Any) -> Any:
    """A comparison of the bytes of consumers first .. last - 1 with a value."""

    @njit
    def over(column, first, last, value, bits, at):
        whole = (last - first) // WIDTH
        for g in range(whole):
            bits[uint64(at + g)] = compare(column, first + WIDTH * g, value)
        left = last - first - WIDTH * whole
        if left:
            rest = np.zeros(WIDTH, np.uint8)
            for k in range(left):
                rest[k] = column[uint64(first + WIDTH * whole + k)]
            bits[uint64(at + whole)] = compare(rest, 0, value) & ((uint64(1) << uint64(left)) - uint64(1))

    return over


#: Whose byte is, is not, is at most, or is above a value: (column uint8 [N], first, last, value, bits, at) for the
#: consumers first .. last - 1, K of them, who fill G = ceil(K / 64) numbers. bits uint64 [>= at + G] is written from
#: bits[at] on; bits beyond K are 0.
equal, differs, at_most, above = (_over_a_column(comparison(sign)) for sign in ("==", "!=", "<=", ">"))


@njit
def by_stage(stage, first, last, at_stage):
    """Who of the consumers first .. last - 1 stands where: stage uint8 [N] to bits uint64 [STAGES * G]."""
    for where in range(STAGES):
        equal(stage, first, last, where, at_stage, where * (at_stage.size // STAGES))


@njit
def anywhere_in(stages, at_stage, bits, at):
    """Who is in one of several stages, given as bits: at_stage as `by_stage` writes it; written from bits[at] on."""
    many = at_stage.size // STAGES
    for g in range(many):
        bits[uint64(at + g)] = uint64(0)
    for where in range(STAGES):
        if (stages >> where) & 1:
            for g in range(many):
                bits[uint64(at + g)] |= at_stage[uint64(where * many + g)]


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
                who[count + uint64(m)] = base + zeros_before(left)
                left &= left - uint64(1)
            if many <= uint64(_AT_ONCE):
                count += many
                continue
            count += uint64(_AT_ONCE)
        while left != uint64(0):
            who[count] = base + zeros_before(left)
            count += uint64(1)
            left &= left - uint64(1)
    return int64(count)
