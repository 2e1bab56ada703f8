"""docs/model.md section 5: draws, with the integer hashing written out again in Python's own integers."""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_SCREEN = 0xD1B54A32D192ED03


def name_hash(name: str) -> int:
    """64-bit number for a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def mixed(bits: int) -> int:
    """SplitMix64 finaliser (Steele, Lea & Flood 2014)."""
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


@lru_cache(maxsize=4096)
def draw_key(seed: int, purpose: int, day: int, what: int) -> int:
    """Key of the draws of one purpose on one day."""
    key = mixed((seed + _GOLDEN) & _MASK)
    for number in (purpose, day, what):
        key = mixed(key ^ ((number * _GOLDEN) & _MASK))
    return key


def own_key(key: int, who: int) -> int:
    """Key of the private sequence of `who` under a key."""
    return mixed((key + who * _GOLDEN) & _MASK)


def uniform(key: int, who: int) -> float:
    """Uniform draw in (0, 1): the 53 leading bits, in the middle of their cell."""
    return (float(own_key(key, who) >> 11) + 0.5) * 2.0**-53


def screened_uniform(key: int, who: int) -> float:
    """Uniform draw in (0, 1) whose eight leading bits are one byte of a word shared by eight consumers."""
    word = mixed(((key ^ _SCREEN) + (who // 8) * _GOLDEN) & _MASK)
    byte = (word >> (8 * (who % 8))) & 255
    return (float(byte) + uniform(key, who)) / 256.0


class Private:
    """The private sequence of one consumer."""

    def __init__(self, own: int) -> None:
        self.own = own

    def uniform(self, counter: int) -> float:
        """Uniform draw in (0, 1)."""
        return uniform(self.own, counter)

    def normal(self, counter: int) -> float:
        """Standard normal draw (Box & Muller 1958)."""
        radius = math.sqrt(-2.0 * math.log(self.uniform(2 * counter)))
        return radius * math.cos(2.0 * math.pi * self.uniform(2 * counter + 1))

    def log_gamma(self, shape: float) -> float:
        """Log of a Gamma(shape, scale 1) draw (Marsaglia & Tsang 2000), boosted for shapes below 1."""
        boosted = shape + 1.0 if shape < 1.0 else shape
        d = boosted - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        attempt = 0
        while True:
            x = self.normal(2 * attempt)
            v = (1.0 + c * x) ** 3
            if v > 0.0 and math.log(self.uniform(4 * attempt + 2)) < 0.5 * x * x + d - d * v + d * math.log(v):
                break
            attempt += 1
        drawn = math.log(d) + math.log(v)
        return drawn + math.log(self.uniform(2**40)) / shape if shape < 1.0 else drawn


class Luck:
    """All draws of one run: functions of the seed and of purpose, day, who and what, without any state."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def u(self, purpose: int, day: int, who: int, what: int = 0) -> float:
        """u(PURPOSE, day, who; what)."""
        return uniform(draw_key(self.seed, int(purpose), day, what), who)

    def screened(self, purpose: int, day: int, who: int, what: int = 0) -> float:
        """u(PURPOSE⁸, day, who; what)."""
        return screened_uniform(draw_key(self.seed, int(purpose), day, what), who)

    def private(self, purpose: int, day: int, who: int, what: int = 0) -> Private:
        """The private sequence of `who`."""
        return Private(own_key(draw_key(self.seed, int(purpose), day, what), who))


def poisson_count(u: float, mean: float) -> int:
    """The smallest n with P(N <= n) >= 1 - u for N ~ Poisson(mean)."""
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
