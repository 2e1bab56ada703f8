"""What this machine can do at best: streaming, random reads, draws. Small kernels, timed warm, fastest of many.

They are the yardsticks of `journey bench --steps` and of the stored baseline: a slow machine has slow yardsticks too.
Each works in parallel over blocks, so that it can be had for any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numba import njit, prange, set_num_threads, uint64

from sim.luck import screen_word, uniform

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: Elements a thread works on at a time.
_BLOCK = 8192
#: How long a yardstick is repeated; the fastest time counts.
SECONDS = 0.1


@dataclass(frozen=True)
class Limits:
    """What a number of threads can do per second, for a population of a certain size.

    Attributes
    ----------
    threads : int
    footprint : int             bytes that are streamed: the population's
    stream : float              bytes/s streamed through memory, read or written, whichever kernel is faster
    reads : dict of int to float    random reads/s of one byte, by size of the table in bytes
    draws : float               uniform draws/s
    words : float               screening words/s, each eight consumers' leading bytes
    """

    threads: int
    footprint: int
    stream: float
    reads: dict[int, float]
    draws: float
    words: float


@njit(cache=True, parallel=True)
def fade(column, kept):
    """Multiply a column in place, float32 [K]: one read and one write each."""
    for block in prange((column.size + _BLOCK - 1) // _BLOCK):
        part = column[block * _BLOCK : min(column.size, (block + 1) * _BLOCK)]
        for k in range(part.size):
            part[k] *= kept


@njit(cache=True, parallel=True)
def look_through(column):
    """Read a column once, uint64 [K]; returns something that depends on all of it."""
    found = uint64(0)
    for block in prange((column.size + _BLOCK - 1) // _BLOCK):
        part = column[block * _BLOCK : min(column.size, (block + 1) * _BLOCK)]
        seen = uint64(0)
        for k in range(part.size):
            seen += part[k]
        found += seen
    return found


@njit(cache=True, parallel=True)
def jump(table, count):
    """Read so many bytes here and there of a table, uint8 [K], K < 2**32; returns their sum.

    The places are those of a Weyl sequence, which takes two operations and which no prefetcher foresees.
    """
    size = uint64(table.size)
    found = 0
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        seen = 0
        for k in range(block * _BLOCK, min(count, (block + 1) * _BLOCK)):
            place = (((uint64(k) * _GOLDEN) >> uint64(32)) * size) >> uint64(32)
            seen += table[place]
        found += seen
    return found


@njit(cache=True, parallel=True)
def draw(key, count):
    """So many uniform draws; returns how many are below one half."""
    found = 0
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        below = 0
        for k in range(block * _BLOCK, min(count, (block + 1) * _BLOCK)):
            below += uniform(key, k) < 0.5
        found += below
    return found


@njit(cache=True, parallel=True)
def draw_words(key, count):
    """So many screening words; returns something that depends on all of them."""
    found = uint64(0)
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        seen = uint64(0)
        for k in range(block * _BLOCK, min(count, (block + 1) * _BLOCK)):
            seen ^= screen_word(key, k)
        found += seen
    return found


def fastest(call: Callable[[], object], seconds: float = SECONDS) -> float:
    """Seconds of the fastest of many calls, after one that is not counted; at least three are."""
    call()
    best, began, times = np.inf, perf_counter(), 0
    while times < 3 or perf_counter() - began < seconds:
        start = perf_counter()
        call()
        best = min(best, perf_counter() - start)
        times += 1
    return float(best)


def measure_limits(threads: int, footprint: int, tables: tuple[int, ...], seconds: float = SECONDS) -> Limits:
    """Measure what so many threads can do.

    Parameters
    ----------
    threads : int               at most what numba was started with
    footprint : int             bytes to stream
    tables : tuple of int       sizes in bytes of the tables that are read at random
    seconds : float             spent on each yardstick
    """
    set_num_threads(threads)
    footprint = max(footprint, 1 << 16)
    column = np.ones(footprint // 4, np.float32)
    whole = np.ones(footprint // 8, np.uint64)
    kept = np.float32(0.999)
    stream = max(
        2 * column.nbytes / fastest(lambda: fade(column, kept), seconds),
        whole.nbytes / fastest(lambda: look_through(whole), seconds),
    )
    key, count = np.uint64(12345), 1 << 20
    reads = {}
    for size in tables:
        table = np.ones(max(1, size), np.uint8)
        reads[size] = count / fastest(lambda table=table: jump(table, count), seconds)  # type: ignore[misc]
    return Limits(
        threads=threads,
        footprint=footprint,
        stream=stream,
        reads=reads,
        draws=count / fastest(lambda: draw(key, count), seconds),
        words=count / fastest(lambda: draw_words(key, count), seconds),
    )
