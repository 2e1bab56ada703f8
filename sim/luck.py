"""Luck: every random number is a pure function of who draws it, when and what for.

Nothing is stored, so the same consumer has the same luck under every plan (common random numbers), and results do
not depend on the number of threads or on the order of work.

A *key* stands for (seed, purpose, day, what); a draw for one consumer or tie under it. `what` tells apart streams of
one purpose: touchpoints, brands, layers of ties. It is a hash of the name, so reordering a file changes nobody's luck.
"""

from __future__ import annotations

import hashlib
import math
from enum import IntEnum

import numpy as np
from numba import njit, uint64

import sim.compiled  # noqa: F401  (settles where compiled kernels are kept, before the first one is declared)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: Distance of two neighbours' places in a sequence; see `stepped_bits`.
LUCK_STRIDE = _GOLDEN
_SCREEN = np.uint64(0xD1B54A32D192ED03)
_TO_UNIT = 2.0**-53


class Purpose(IntEnum):
    """What a draw decides. Add at the end of a group: a member's number is part of everybody's luck."""

    # once per consumer (day 0)
    PERSONA = 1
    MEMBER = 2
    NEED_RATE = 3
    TASTE = 4
    LEAVE_A = 5
    LEAVE_B = 6
    INVOLVEMENT = 7
    RECALL = 8
    OPENNESS = 9
    ROLE = 10
    START = 11
    TIES = 12
    FIRST_DUE = 13
    # exposure
    CONTACT = 20
    NOTICE = 21
    REACT = 22
    REACTION_KIND = 23
    REACTION_VALENCE = 24
    ANSWERED = 25
    PROMPT = 26
    CLICK = 27
    # talk
    SPEAK = 30
    POST = 31
    VALENCE = 32
    PLATFORM = 33
    PASS_ON = 34
    INVITE = 35
    HEAR_GOOD = 36
    HEAR_BAD = 37
    # choice
    NEED = 40
    DURATION = 41
    CHOOSE = 42
    LEAVE = 43
    # experience and service
    QUALITY = 50
    REVIEW = 51
    FAILURE = 52
    COMPLAIN = 53
    CHANNEL = 54
    PUBLIC = 55
    RESOLVE = 56
    GOODWILL = 57
    RECOVER = 58
    INFLOW = 59
    # storm; the day of its keys is the hour 24 day + hour
    STORM_FIRST = 60
    STORM_TROLL = 61
    STORM_POST = 62
    STORM_TELL = 63
    STORM_HUB = 64
    STORM_SEE = 65
    STORM_MEET = 66
    STORM_VISITS = 67
    STORM_VIEW = 68
    STORM_MEDIA = 69
    STORM_JOIN = 70
    STORM_LAST = 71
    STORM_WANE = 72
    STORM_DEFEND = 73
    STORM_TAKE = 74
    STORM_REVIEW = 75
    STORM_IGNITE = 76


def name_hash(name: str) -> int:
    """64-bit number for a name, the same on every machine and in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@njit
def mixed(bits):
    """Scramble 64 bits so that neighbours share nothing (SplitMix64 finaliser; Steele, Lea & Flood 2014)."""
    bits = (bits ^ (bits >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> uint64(27))) * uint64(0x94D049BB133111EB)
    return bits ^ (bits >> uint64(31))


@njit
def draw_key(seed, purpose, day, what):
    """Key of the draws of one purpose on one day: mix the four numbers in one after the other (uint64)."""
    key = mixed(uint64(seed) + _GOLDEN)
    key = mixed(key ^ (uint64(purpose) * _GOLDEN))
    key = mixed(key ^ (uint64(day) * _GOLDEN))
    return mixed(key ^ (uint64(what) * _GOLDEN))


@njit
def uniform(key, who):
    """Uniform draw in (0, 1) for consumer, tie or counter `who` under a key."""
    return _in_unit(draw_bits(key, who))


@njit
def draw_bits(key, who):
    """The same draw as a whole number from 0 to 2**53 - 1 (uint64): for loops that only ask whether it is below."""
    return stepped_bits(key, uint64(who) * _GOLDEN)


@njit
def stepped_bits(key, step):
    """`draw_bits` of the one whose `step` = who * LUCK_STRIDE is known; that of the next one is LUCK_STRIDE more."""
    return mixed(key + step) >> uint64(11)


@njit
def _in_unit(bits):
    return (np.float64(bits) + 0.5) * _TO_UNIT


@njit
def bits_below(chance):
    """How many of the whole numbers of `draw_bits` are below a chance, uint64: uniform < chance exactly if bits < this.

    Found by halving, because near 1 neighbouring whole numbers round to the same draw.
    """
    low, high = uint64(0), uint64(1) << uint64(53)
    while low < high:
        middle = (low + high) >> uint64(1)
        if _in_unit(middle) < chance:
            low = middle + uint64(1)
        else:
            high = middle
    return low


@njit
def own_key(key, who):
    """Key of one consumer's private sequence under `key`; draw from it with `uniform(own, counter)`."""
    return mixed(key + uint64(who) * _GOLDEN)


@njit
def screen_word(key, block):
    """Eight random bytes, one for each of the consumers 8*block ... 8*block + 7, lowest byte first."""
    return mixed((key ^ _SCREEN) + uint64(block) * _GOLDEN)


@njit
def screen_words(key, first, size):
    """Screening words of consumers first .. first + size - 1, uint64 [ceil(size / 8)]; `first` a multiple of 8.

    Viewed as uint8 it holds one byte per consumer (on little-endian machines, which all are that numba runs on).
    """
    words = np.empty((size + 7) // 8, np.uint64)
    for block in range(words.size):
        words[block] = screen_word(key, first // 8 + block)
    return words


@njit
def screened_uniform(key, who, word):
    """Uniform draw in (0, 1) whose eight leading bits are the consumer's byte of `screen_word(key, who // 8)`.

    u = (byte + uniform(key, who)) / 256. One hash settles for eight consumers that nothing happens to them:
    u < p needs byte <= 256 p.
    """
    return completed_uniform(key, who, (word >> uint64(8 * (who & 7))) & uint64(255))


@njit
def completed_uniform(key, who, byte):
    """`screened_uniform` of a consumer whose byte is known already: a draw in (byte / 256, (byte + 1) / 256)."""
    return (np.float64(byte) + uniform(key, who)) / 256.0


@njit
def normal(own, counter):
    """Standard normal draw from a private sequence, counters 2*counter and 2*counter + 1 (Box & Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(uniform(own, 2 * counter)))
    return radius * math.cos(2.0 * math.pi * uniform(own, 2 * counter + 1))


@njit
def log_gamma_draw(own, shape):
    """Logarithm of a Gamma(shape, scale 1) draw from a private sequence.

    Marsaglia & Tsang (2000): attempt t uses normal(own, 2t) and uniform(own, 4t + 2). For shape < 1 the draw of
    shape + 1 is boosted by uniform(own, 2**40) ** (1 / shape). In logs, so that tiny shapes do not underflow.
    """
    boosted = shape + 1.0 if shape < 1.0 else shape
    d = boosted - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = 0
    while True:
        x = normal(own, 2 * attempt)
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(uniform(own, 4 * attempt + 2)) < 0.5 * x * x + d - d * v + d * math.log(v):
            break
        attempt += 1
    log_draw = math.log(d) + math.log(v)
    if shape < 1.0:
        log_draw += math.log(uniform(own, 1 << 40)) / shape
    return log_draw


@njit
def poisson_count(u, mean):
    """Number of events with the given mean that belongs to the draw u: the smallest n with P(N <= n) >= 1 - u.

    At least one event happens exactly if u < 1 - exp(-mean); a larger mean never gives fewer (nested draws).
    """
    if mean <= 0.0:
        return 0
    if mean > 500.0:
        return int(mean)
    term = math.exp(-mean)
    below = term
    count = 0
    while 1.0 - u > below and count < 1000:
        count += 1
        term *= mean / count
        below += term
    return count


@njit
def logistic(x):
    """1 / (1 + exp(-x)) without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)
