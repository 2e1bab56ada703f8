"""From everybody to the few: most consumers have nothing to do in a step, and are passed over eight at a time."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numba.cpython.unsafe.numbers import trailing_zeros


@njit
def gather(marks, who):
    """Write the positions of all marks that are not 0 in order into `who`; returns how many.

    Parameters
    ----------
    marks : uint8 [K]       starts at a multiple of 8 bytes (a whole array, or a chunk of one)
    who : integers [K]      written

    Marks are best written by branch-free loops over columns cut to one chunk, ``column[first:last]``: the compiler
    makes vector code of those, but not of ``column[first + k]``, whose index might be negative for all it knows
    (measured: 4.6 times slower).
    """
    whole = marks.size // 8
    words = marks[: 8 * whole].view(np.uint64)
    count = 0
    for word in range(whole):
        if words[word] == uint64(0):
            continue
        for k in range(8 * word, 8 * word + 8):
            if marks[k]:
                who[count] = k
                count += 1
    for k in range(8 * whole, marks.size):
        if marks[k]:
            who[count] = k
            count += 1
    return count


@njit
def lowest(bits):
    """Position of the lowest bit set, int64; `bits` must not be 0."""
    return np.int64(trailing_zeros(bits))  # type: ignore[call-arg]
