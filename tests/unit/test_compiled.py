"""Functions that only kernels call."""

from __future__ import annotations

import pytest
from numba import njit

from sim.compiled import helper


@helper
def twice(x):  # type: ignore[no-untyped-def]
    """Double a number."""
    return 2 * x


@njit
def four_times(x):  # type: ignore[no-untyped-def]
    return twice(twice(x))


def test_a_helper_is_for_kernels_and_says_so_to_python() -> None:
    assert four_times(3) == 12
    assert four_times(0.5) == 2.0
    with pytest.raises(TypeError, match=r"twice\(\) is compiled into kernels"):
        twice(3)
    assert twice.__doc__ == "Double a number."
