"""Undirected graphs in compressed sparse rows, built from pairs.

Building is a counting sort: count each node's ties, add up, put every tie into both rows, sort the rows. It runs in
plain threads over ranges of rows, each thread filling its own rows only, so the result cannot depend on their number.
Threads rather than `prange`: the kernels release the lock and compile in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import get_num_threads, int64, njit

from sim.errors import MachineError
from sim.luck import own_key, uniform

_SERIAL_BELOW = 200_000  # pairs; smaller graphs are not worth a thread
_SWAP_ATTEMPTS = 200
#: Where rows begin: half of what 64 bits would take, of every consumer in every layer.
PTR = np.uint32
#: Entries a graph can hold, two for each tie; that many take 16 GiB.
MOST_ENTRIES = 2**32 - 1


class Csr(NamedTuple):
    """A graph of n nodes and E undirected ties; every tie stands in both rows, rows are sorted.

    The neighbours of node i are ``idx[ptr[i]:ptr[i + 1]]``.
    """

    ptr: np.ndarray  # PTR [n + 1]
    idx: np.ndarray  # int32 [2 E], node numbers

    @property
    def nodes(self) -> int:
        """Number of nodes n, tied or not."""
        return len(self.ptr) - 1

    @property
    def ties(self) -> int:
        """Number of undirected ties E."""
        return len(self.idx) // 2

    @property
    def degrees(self) -> np.ndarray:
        """Number of ties of each node, PTR [n]."""
        return np.diff(self.ptr)


def empty(n: int) -> Csr:
    """Graph of n nodes without ties."""
    return Csr(np.zeros(n + 1, PTR), np.zeros(0, np.int32))


def complete(n: int) -> Csr:
    """Graph of n nodes in which everybody is tied to everybody: n (n - 1) entries.

    Raises
    ------
    MachineError            if row pointers cannot count them
    """
    begins = _begins(np.full(n, max(n - 1, 0), np.int64))
    others = np.arange(n - 1, dtype=np.int32)
    rows = others[None, :] + (others[None, :] >= np.arange(n, dtype=np.int32)[:, None])
    return Csr(begins, rows.astype(np.int32).ravel())


def from_pairs(pairs: np.ndarray, n: int) -> Csr:
    """Rows of a graph of n nodes from pairs of nodes; what repeats in the pairs repeats in the rows.

    Parameters
    ----------
    pairs : int32 [E, 2], C-contiguous
        Node numbers 0..n-1. A negative second number means: no tie.
    n : int
        Number of nodes.

    Raises
    ------
    MachineError
        If there are more than `MOST_ENTRIES` entries.
    """
    counts = np.zeros(n, PTR)
    _in_threads(_count, n, len(pairs), pairs, counts)
    ptr = _begins(counts)
    counts[:] = ptr[:-1]
    idx = np.empty(ptr[-1], np.int32)
    _in_threads(_fill, n, len(pairs), pairs, ptr, counts, idx)
    return Csr(ptr, idx)


def _begins(counts: np.ndarray) -> np.ndarray:
    """Where rows of so many entries begin, PTR [n + 1]."""
    entries = int(counts.sum(dtype=np.int64))
    if entries > MOST_ENTRIES:
        raise MachineError(
            f"{entries // 2:,} ties in one layer are more than the {MOST_ENTRIES // 2:,} it can hold;"
            " use fewer agents or a lower mean_degree"
        )
    ptr = np.zeros(counts.size + 1, PTR)
    np.cumsum(counts, dtype=PTR, out=ptr[1:])
    return ptr


def without_repeats(graph: Csr) -> Csr:
    """The graph less self-loops and repeated ties. Works in place: `graph` is used up."""
    kept = _drop_repeats(graph.ptr, graph.idx)
    return graph if kept == len(graph.idx) else Csr(graph.ptr, graph.idx[:kept].copy())


def spread(graph: Csr, members: np.ndarray, n: int) -> Csr:
    """Renumber a graph of positions into one of n nodes, where position k is node ``members[k]`` (int32, ascending).

    Works in place: `graph` is used up.
    """
    if len(members) == n:
        return graph
    degrees = np.zeros(n, PTR)
    degrees[members] = graph.degrees
    _renumber(graph.idx, members)
    return Csr(_begins(degrees), graph.idx)


def _in_threads(kernel: Callable[..., Any], n: int, work: int, *arrays: np.ndarray) -> None:
    """Call ``kernel(*arrays, first, last)`` on ranges of rows, in as many threads as Numba would use."""
    threads = get_num_threads() if work >= _SERIAL_BELOW else 1
    cuts = [n * k // threads for k in range(threads + 1)]
    if threads == 1:
        kernel(*arrays, 0, n)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(kernel, *arrays, cuts[k], cuts[k + 1]) for k in range(threads)]:
            done.result()


@njit(cache=True, nogil=True)
def _count(pairs, counts, first, last):
    """Add to `counts` the ties of the nodes first..last-1."""
    for e in range(len(pairs)):
        a, b = pairs[e, 0], pairs[e, 1]
        if b < 0:
            continue
        if first <= a < last:
            counts[a] += 1
        if first <= b < last:
            counts[b] += 1


@njit(cache=True, nogil=True)
def _fill(pairs, ptr, place, idx, first, last):
    """Write the rows first..last-1 into `idx`, `place` being where each row goes on, and sort them (Shell 1959)."""
    for e in range(len(pairs)):
        a, b = pairs[e, 0], pairs[e, 1]
        if b < 0:
            continue
        if first <= a < last:
            idx[place[a]] = b
            place[a] += 1
        if first <= b < last:
            idx[place[b]] = a
            place[b] += 1
    for node in range(first, last):
        low, high = int64(ptr[node]), int64(ptr[node + 1])
        gap = 1
        while 9 * gap < high - low:
            gap = 3 * gap + 1
        while gap > 0:
            for k in range(low + gap, high):
                moved = idx[k]
                at = k
                while at >= low + gap and idx[at - gap] > moved:
                    idx[at] = idx[at - gap]
                    at -= gap
                idx[at] = moved
            gap //= 3


@njit(cache=True, nogil=True)
def _drop_repeats(ptr, idx):
    """Close up self-loops and repeats within sorted rows, in place; returns how many entries remain."""
    kept = 0
    low = int64(ptr[0])
    for node in range(len(ptr) - 1):
        high = int64(ptr[node + 1])
        previous = -1
        for k in range(low, high):
            other = idx[k]
            if other != previous and other != node:
                idx[kept] = other
                kept += 1
                previous = other
        ptr[node + 1] = kept
        low = high
    return kept


@njit(cache=True, nogil=True)
def _renumber(idx, members):
    """Write ``members[idx[k]]`` for every ``idx[k]``; NumPy would take a copy of twice the width."""
    for k in range(len(idx)):
        idx[k] = members[idx[k]]


@njit(cache=True, nogil=True)
def _where(idx, low, high, wanted):
    """First place in idx[low:high], ascending, whose entry is >= wanted; `high` if none is."""
    while low < high:
        middle = (low + high) >> 1
        if idx[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _replace(idx, low, high, old, new):
    """Put `new` for one `old` in the sorted row idx[low:high] and keep it sorted."""
    at = _where(idx, low, high, old)
    while at + 1 < high and idx[at + 1] < new:
        idx[at] = idx[at + 1]
        at += 1
    while at > low and idx[at - 1] > new:
        idx[at] = idx[at - 1]
        at -= 1
    idx[at] = new


@njit(cache=True, nogil=True)
def swap_repeats(ptr, idx, key, stage):
    """Resolve self-loops and repeated ties by swaps that leave every degree as it is, in place.

    A bad tie a-b and a random tie c-d become a-c and b-d if both are new (switching; McKay & Wormald 1990). Where
    200 random partners do not fit, the tie is left to `without_repeats`. Serial, because one swap decides on the next.

    Parameters
    ----------
    ptr, idx : PTR [n + 1], int32 [2 E]
        Rows as `from_pairs` makes them; a self-loop stands twice in its row.
    key, stage : uint64, int
        Luck of the swaps: uniform(own_key(key, stage), counter), counters 0, 1, 2, ...
    """
    own = own_key(key, stage)
    counter = 0
    entries = len(idx)
    for a in range(len(ptr) - 1):
        low, high = int64(ptr[a]), int64(ptr[a + 1])
        at = low
        while at < high:
            b = idx[at]
            if b != a and (at == low or idx[at - 1] != b):
                at += 1
                continue
            swapped = False
            for _ in range(_SWAP_ATTEMPTS):
                other = min(int(uniform(own, counter) * entries), entries - 1)
                counter += 1
                d = idx[other]
                c = _where(ptr, 0, len(ptr), other + 1) - 1
                if c == d or c == a or c == b or d == a or d == b:
                    continue
                there = _where(idx, low, high, c)
                if there < high and idx[there] == c:
                    continue
                if b == a:
                    there = _where(idx, low, high, d)
                    if there < high and idx[there] == d:
                        continue
                else:
                    there = _where(idx, int64(ptr[b]), int64(ptr[b + 1]), d)
                    if there < ptr[b + 1] and idx[there] == d:
                        continue
                _replace(idx, low, high, b, c)
                _replace(idx, int64(ptr[b]), int64(ptr[b + 1]), a, d)
                _replace(idx, int64(ptr[c]), int64(ptr[c + 1]), d, a)
                _replace(idx, int64(ptr[d]), int64(ptr[d + 1]), c, b)
                swapped = True
                break
            if not swapped:
                at += 1
