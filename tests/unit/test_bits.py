"""Sixty-four consumers at a time: bits agree with comparisons one by one, whatever size, place and value."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from sim.agents.stages import STAGES, Stage
from sim.day.bits import above, anywhere_in, at_most, by_stage, differs, equal, listed
from sim.day.instructions import WIDTH, fetch

UNTOUCHED = np.uint64(0xDEADBEEF)
SIZES = [0, 1, 7, 63, 64, 65, 128, 1000]


def whom(bits: NDArray[np.uint64]) -> list[int]:
    """Positions of the bits that are set."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little")).tolist()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("value", [0, 1, 127, 128, 254, 255])
def test_comparisons(size: int, value: int) -> None:
    rng = np.random.default_rng(size)
    first, at = 13, 2
    column = rng.choice(np.array([0, 1, 126, 127, 128, 129, 254, 255], np.uint8), first + size + 100)
    here = column[first : first + size]
    numbers = -(-size // WIDTH)
    for compare, expected in ((equal, here == value), (differs, here != value), (at_most, here <= value),
                              (above, here > value)):  # fmt: skip
        bits = np.full(at + numbers + 1, UNTOUCHED)
        compare(column, first, first + size, value, bits, at)
        assert whom(bits[at : at + numbers]) == np.flatnonzero(expected).tolist()
        assert bits[:at].tolist() == [UNTOUCHED] * at, "nothing is written before"
        assert bits[-1] == UNTOUCHED, "nor behind"


@pytest.mark.parametrize("size", SIZES)
def test_stages(size: int) -> None:
    rng = np.random.default_rng(size)
    stage = rng.integers(0, STAGES, size + 5).astype(np.uint8)
    numbers = -(-size // WIDTH)
    at_stage = np.empty(STAGES * numbers, np.uint64)
    by_stage(stage, 5, 5 + size, at_stage)
    wanted = [Stage.AWARENESS, Stage.LOYALTY, Stage.LAPSED]
    bits = np.full(numbers + 1, UNTOUCHED)
    anywhere_in(sum(1 << where for where in wanted), at_stage, bits, 1)
    assert whom(bits[1:]) == np.flatnonzero(np.isin(stage[5:], wanted)).tolist()
    assert bits[0] == UNTOUCHED


@pytest.mark.parametrize("dtype", [np.uint32, np.int64])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.5, 1.0])
def test_positions_are_listed_in_order_without_writing_too_far(share: float, dtype: type) -> None:
    """A list just long enough is enough, although four positions are written at a time."""
    rng = np.random.default_rng(7)
    for size in SIZES:
        marks = rng.random(size) < share
        padded = np.zeros(-(-size // WIDTH) * WIDTH, np.uint8)
        padded[:size] = marks
        bits = np.packbits(padded, bitorder="little").view(np.uint64)
        room = np.full(marks.sum() + 3, -1).astype(dtype)
        who = room[: marks.sum()]
        assert listed(bits, who) == marks.sum()
        assert who.tolist() == np.flatnonzero(marks).tolist()
        assert (room[marks.sum() :] == np.array(-1).astype(dtype)).all()


@njit
def _fetch_all(column, beyond):
    for k in range(column.size + beyond):
        fetch(column, k)


def test_fetching_changes_nothing_wherever_it_points() -> None:
    column = np.arange(100, dtype=np.float32)
    _fetch_all(column, 1_000_000)
    assert column.tolist() == list(range(100))
