"""From everybody to the few: most consumers have nothing to do in a step, and are passed over many at a time."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.day.bits import differs, listed
from sim.day.instructions import WIDTH


@njit
def gather(marks, who):
    """Write the positions of all marks that are not 0 in order into `who`; returns how many.

    Parameters
    ----------
    marks : uint8 [K]
    who : integers [K]      written; what stands behind the last position has no meaning

    Marks are best written by branch-free loops with an unsigned index, ``for i in range(uint64(first), uint64(last))``:
    the compiler makes vector code of those, but not of ``column[first + k]``, whose index might be negative for all it
    knows (measured: 4.6 times slower). Cutting columns to a chunk, ``column[first:last]``, is as fast in the loop, but
    each cut is counted on a number that all threads share.
    """
    bits = np.empty((marks.size + WIDTH - 1) // WIDTH, np.uint64)
    differs(marks, 0, marks.size, 0, bits, 0)
    return listed(bits, who)
