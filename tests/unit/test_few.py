"""From everybody to the few: positions of marks, whatever their number, value and place."""

import numpy as np
import pytest

from sim.day.few import gather


@pytest.mark.parametrize("size", [0, 1, 7, 8, 63, 64, 65, 200, 1024, 1031])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_gather_finds_every_mark_in_order(size: int, share: float) -> None:
    rng = np.random.default_rng(size)
    marks = np.where(rng.random(size) < share, rng.integers(1, 256, size), 0).astype(np.uint8)
    who = np.full(size, -1, np.int64)
    count = gather(marks, who)
    assert np.array_equal(who[:count], np.flatnonzero(marks))
