"""Totals of a day."""

from __future__ import annotations

import numpy as np
import pytest

from sim.record import summed_in_order


@pytest.mark.parametrize("shape", [(1, 1, 9, 5), (2, 1, 9, 5), (62, 4, 9, 5), (611, 1, 9, 5), (9, 7, 9, 5)])
def test_sums_of_chunks_are_added_from_first_to_last(shape: tuple[int, ...]) -> None:
    """To the last bit, whatever the size: NumPy's pairwise summation, which it uses along one axis, would differ."""
    chunks = np.random.default_rng(3).normal(size=shape) * 10.0 ** np.random.default_rng(4).uniform(-3, 3, shape)
    total = np.zeros(shape[1:])
    for chunk in chunks:
        total += chunk
    assert np.array_equal(summed_in_order(chunks), total)
    if shape[0] > 100:
        assert not np.array_equal(np.ascontiguousarray(np.moveaxis(chunks, 0, -1)).sum(axis=-1), total)
