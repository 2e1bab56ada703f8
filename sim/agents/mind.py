"""What a contact does to a mind: memory, conviction, mood, irritation. Pure functions of numbers."""

from __future__ import annotations

import math

from numba import njit, uint64


@njit
def clip(x):
    """x held within -1..1."""
    return min(1.0, max(-1.0, x))


@njit
def toward(x, target, share):
    """x moved towards a target by a share of the gap, at most all of it (Bush & Mosteller 1955)."""
    return x + min(1.0, share) * (target - x)


@njit
def irritated(feeling, annoyance, tolerance, effect):
    """Feeling after a contact under annoyance: nothing up to the tolerance, then a linear loss.

    With annoyance that grows per contact and fades quickly, attitude is an inverted U of frequency while recall still
    grows (Berlyne 1970; Schmidt & Eisend 2015).
    """
    if annoyance > tolerance:
        return clip(feeling - effect * (annoyance - tolerance))
    return feeling


@njit
def noticing(attention, contacts):
    """Probability that at least one of n contacts is noticed: 1 - (1 - a) ** n."""
    return 1.0 - (1.0 - attention) ** contacts


@njit
def repeated(share, units):
    """Share of a gap closed by `units` messages each closing `share`: 1 - (1 - share) ** units."""
    return 1.0 - (1.0 - share) ** units


@njit
def bits_set(mask):
    """Number of bits set in a uint32 (Kernighan's loop: few are)."""
    left = uint64(mask)
    count = 0
    while left != uint64(0):
        left &= left - uint64(1)
        count += 1
    return count


@njit
def voiced(held, valence):
    """What is said aloud, in hundredths: midway between what is held and the valence -1 or 1."""
    return int(math.floor(100.0 * (held + valence) / 2.0 + 0.5))


@njit
def talkativeness(mood, satisfied, dissatisfied):
    """Asymmetric U of word of mouth: 1 + satisfied s^2 for s >= 0, 1 + dissatisfied s^2 below (Anderson 1998)."""
    return 1.0 + (satisfied if mood >= 0.0 else dissatisfied) * mood * mood
