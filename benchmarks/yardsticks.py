"""Small fixed pieces of work that resemble the steps of a day: what a step's time is compared with.

They never change with the program, so a slow machine, or a busy one, is slow at both. `vector` is a dense branch-free
pass over columns, `scalar` branches and draws for a few, `python` small NumPy calls with Python between them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit, uint64

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_CONSUMERS = 100_000
_CHUNK = 8192


@njit(cache=True)
def _mixed(bits):
    bits = (bits ^ (bits >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> uint64(27))) * uint64(0x94D049BB133111EB)
    return bits ^ (bits >> uint64(31))


@njit(cache=True)
def _dense(a, b, c, marks, kept):
    """Fade three columns and mark who is above a limit, chunk by chunk: float32 [K], uint8 [K]."""
    for first in range(0, a.size, _CHUNK):
        last = min(a.size, first + _CHUNK)
        x, y, z, m = a[first:last], b[first:last], c[first:last], marks[first:last]
        for k in range(x.size):
            x[k] = x[k] * kept if x[k] > np.float32(1e-6) else np.float32(1.0)
            y[k] = y[k] * kept if y[k] > np.float32(1e-6) else np.float32(1.0)
            z[k] = z[k] * kept if z[k] > np.float32(1e-6) else np.float32(1.0)
            m[k] = (x[k] + np.float32(0.5) * y[k] > z[k]) & (m[k] < 3)


@njit(cache=True)
def _few(a, b, stage, hits):
    """Every third consumer draws; by stage and draw one of several things happens: branches nobody foresees."""
    for i in range(0, a.size, 3):
        u = np.float64(_mixed(uint64(i) * _GOLDEN) >> uint64(11)) * 2.0**-53
        where = stage[i]
        if where < 3:
            if u < 0.5:
                a[i] += np.float32(0.1) * (np.float32(1.0) - a[i])
                hits[where] += 1
        elif u < 0.3:
            x = np.float64(b[i])
            b[i] = x + 0.1 * (np.exp(-x * x) - x)
            hits[where] += 1
        else:
            j = int(u * a.size)
            a[j] = b[i]


class Yardsticks:
    """Data of their own, and the three pieces of work by name."""

    def __init__(self) -> None:
        self._columns = [np.full(_CONSUMERS, 0.5 + 0.1 * k, np.float32) for k in range(3)]
        self._marks = np.zeros(_CONSUMERS, np.uint8)
        self._stage = (np.arange(_CONSUMERS) * 2654435761 % 9).astype(np.uint8)
        self._hits = np.zeros(9, np.int64)
        self._small = np.arange(64.0)
        self._table = np.ones((13, 6, 8))
        self.all: dict[str, Callable[[], object]] = {
            "vector": self._vector, "scalar": self._scalar, "python": self._python,
        }  # fmt: skip

    def _vector(self) -> None:
        a, b, c = self._columns
        for _ in range(10):
            _dense(a, b, c, self._marks, np.float32(0.999))

    def _scalar(self) -> None:
        _few(self._columns[0], self._columns[1], self._stage, self._hits)

    def _python(self) -> float:
        total = 0.0
        for k in range(1, 4):
            part = self._table[:k]
            total += float(part.sum(axis=0)[0, 0]) + sum(range(20))
            share = np.divide(part[0, 0], self._small[:8], out=np.zeros(8), where=self._small[:8] > 3)
            total += float(np.concatenate([share, part[0, :, 0]]).max()) + float(np.bincount(self._stage[:k])[0])
        return total
