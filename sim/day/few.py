"""From everybody to the few: most consumers have nothing to do in a step, and are passed over many at a time."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numba.cpython.unsafe.numbers import trailing_zeros

_SEVEN_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
_LOWEST_BITS = np.uint64(0x0101010101010101)
_TO_ONE_BYTE = np.uint64(0x0102040810204080)  # times eight bytes of 0 or 1: their bits side by side in the highest byte


@njit
def gather(marks, who):
    """Write the positions of all marks that are not 0 in order into `who`; returns how many.

    Parameters
    ----------
    marks : uint8 [K]       starts at a multiple of 8 bytes (a whole array, or a chunk of one)
    who : integers [K]      written

    The marks of 64 consumers become the bits of one number, whose lowest is taken until none is left: a jump nobody can
    foretell once in 64 consumers, not once for every mark (1.2 to 6 times as fast as looking at eight at a time).

    Marks are best written by branch-free loops over columns cut to one chunk, ``column[first:last]``: the compiler
    makes vector code of those, but not of ``column[first + k]``, whose index might be negative for all it knows
    (measured: 4.6 times slower).
    """
    groups = marks.size // 64
    words = marks[: 64 * groups].view(np.uint64)
    count = 0
    for group in range(groups):
        left = uint64(0)
        for octet in range(8):
            word = words[8 * group + octet]
            ones = (
                (((word & _SEVEN_BITS) + _SEVEN_BITS) | word) >> uint64(7)
            ) & _LOWEST_BITS  # 1 per byte that is not 0
            left |= ((ones * _TO_ONE_BYTE) >> uint64(56)) << uint64(8 * octet)
        while left != uint64(0):
            who[count] = 64 * group + lowest(left)
            count += 1
            left &= left - uint64(1)
    for k in range(64 * groups, marks.size):
        if marks[k]:
            who[count] = k
            count += 1
    return count


@njit
def lowest(bits):
    """Position of the lowest bit set, int64; `bits` must not be 0."""
    return np.int64(trailing_zeros(bits))  # type: ignore[call-arg]
