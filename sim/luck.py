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
_SCREEN = np.uint64(0xD1B54A32D192ED03)
_TO_UNIT = 2.0**-53
# of double precision: 1 and sqrt(1/2) as bits, the bits of the mantissa, ln 2 in two parts
_ONE, _ROOT_HALF = np.uint64(0x3FF0000000000000), np.uint64(0x3FE6A09E667F3BCD)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_LN2, _LN2_REST = 0.6931471803691238, 1.9082149292705877e-10


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
    return _in_unit(key + uint64(who) * _GOLDEN)


@njit
def _in_unit(place):
    """Draw at a place of a sequence: the 53 leading bits of its hash, in the middle of their cell."""
    return (np.float64(mixed(place) >> uint64(11)) + 0.5) * _TO_UNIT


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
    return completed(uniform(key, who), (word >> uint64(8 * (who & 7))) & uint64(255))


@njit
def completed(u, byte):
    """`screened_uniform` from the consumer's byte and uniform draw: one in (byte / 256, (byte + 1) / 256)."""
    return (np.float64(byte) + u) / 256.0


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


@njit(error_model="numpy")
def skipped(u, log_fails):
    """Failures before the next success of tries alike, float64: floor(ln u / ln(1 - p)), log_fails = ln(1 - p) < 0.

    Geometric, P(k) = p (1 - p)^k, by inversion (Devroye 1986, chapter X.2): going from success to success takes one
    draw each, however rare they are. At p = 1, ln(1 - p) being minus infinity, it never skips any. A larger p never
    skips more for the same u.
    """
    return np.floor(math.log(u) / log_fails)


@njit(error_model="numpy")
def fill_skips(own, size, counter, log_fails, skips, scratch):
    """`skipped` of draw number `counter` of many private sequences at a time.

    Parameters
    ----------
    own : uint64 [K]        the first `size` count
    skips : float64 [K]     written
    scratch : float64 [K]   overwritten

    The logarithm is written out, as in fdlibm (Sun Microsystems 1993, e_log.c) and as exact: u = 2^e m with m between
    sqrt(1/2) and sqrt(2), ln m by a polynomial in s = (m - 1) / (m + 1). So the compiler draws for several at a time,
    where it calls the library for one after the other (1.6 instead of 5.7 ns).
    """
    step = uint64(counter) * _GOLDEN
    for a in range(size):
        scratch[a] = _in_unit(own[a] + step)
    bits = scratch.view(np.uint64)
    for a in range(size):
        shifted = bits[a] + _ONE - _ROOT_HALF
        skips[a] = np.float64(np.int32(shifted >> uint64(52)) - np.int32(1023))
        bits[a] = (shifted & _MANTISSA) + _ROOT_HALF
    for a in range(size):
        f, exponent = scratch[a] - 1.0, skips[a]
        s = f / (2.0 + f)
        z = s * s
        w = z * z
        odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
        even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
        half = 0.5 * f * f
        log = s * (half + (odd + even)) + exponent * _LN2_REST - half + f + exponent * _LN2
        skips[a] = np.floor(log / log_fails)


@njit
def logistic(x):
    """1 / (1 + exp(-x)) without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)
