"""Designs: every point once, in blocks, the same everywhere."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest

from sim.studies.design import BLOCK, blocks, permuted, point_count, quantiles
from sim.studies.study import Study


def study(design: dict[str, Any], *parameters: dict[str, Any]) -> Study:
    return Study.from_dict({"design": design, "parameters": list(parameters)})


def unit(design: dict[str, Any], many: int) -> Study:
    """A design over the unit cube."""
    paths = ["market.price", "market.size", "market.unit_cost", "choice.belief", "choice.feeling"][:many]
    return study(design, *({"path": path, "range": [0.0, 1.0]} for path in paths))


def test_grid_has_every_combination() -> None:
    design = study(
        {"kind": "grid"},
        {"path": "market.kind", "values": ["repeat", "durable"]},
        {"path": "market.price", "range": [1.0, 9.0], "steps": 3},
    )
    ((start, points),) = blocks(design)
    assert start == 0
    assert points == list(itertools.product(["repeat", "durable"], [1.0, 5.0, 9.0]))
    assert point_count(design) == 6


def test_list_goes_through_values_side_by_side() -> None:
    design = study(
        {"kind": "list"}, {"path": "market.price", "values": [1, 2]}, {"path": "market.size", "values": [8, 9]}
    )
    assert [points for _, points in blocks(design)] == [[(1, 8), (2, 9)]]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 1000, 4096, 5000])
def test_the_permutation_hits_every_place_once(n: int) -> None:
    places = permuted(np.arange(n, dtype=np.uint64), n, 7)
    assert sorted(places) == list(range(n))
    if n >= 1000:
        assert abs(np.corrcoef(places, np.arange(n))[0, 1]) < 4 / np.sqrt(n)
        assert (places != permuted(np.arange(n, dtype=np.uint64), n, 8)).any()


def test_latin_hypercube_has_one_point_in_every_stratum() -> None:
    n = 2 * BLOCK + 77
    rows = np.vstack(list(quantiles(unit({"kind": "latin_hypercube", "points": n}, 3))))
    assert rows.shape == (n, 3)
    for column in rows.T:
        assert sorted(np.floor(column * n).astype(int)) == list(range(n))
    assert np.abs(np.corrcoef(rows.T) - np.eye(3)).max() < 4 / np.sqrt(n)


def test_sobol_mixes_two_samples_column_by_column() -> None:
    rows = np.vstack(list(quantiles(unit({"kind": "sobol", "points": 512}, 3)))).reshape(512, 5, 3)
    a, b = rows[:, 0], rows[:, 1]
    for k in range(3):
        others = [column for column in range(3) if column != k]
        assert (rows[:, 2 + k, k] == b[:, k]).all()
        assert (rows[:, 2 + k, others] == a[:, others]).all()
    assert np.abs(np.corrcoef(np.hstack([a, b]).T) - np.eye(6)).max() < 0.02
    for column in np.hstack([a, b]).T:  # a (0, m, 1)-net: one point in each of 512 equal intervals
        assert sorted(np.floor(column * 512).astype(int)) == list(range(512))


def test_morris_changes_one_parameter_at_a_time() -> None:
    many, levels = 4, 6
    rows = np.vstack(list(quantiles(unit({"kind": "morris", "trajectories": 50, "levels": levels}, many))))
    rows = rows.reshape(50, many + 1, many)
    np.testing.assert_allclose(rows * (levels - 1), np.round(rows * (levels - 1)), atol=1e-9)
    assert rows.min() == 0.0 and rows.max() == 1.0
    steps = np.diff(rows, axis=1)
    moved = np.abs(steps) > 1e-9
    assert (moved.sum(axis=2) == 1).all() and (moved.sum(axis=1) == 1).all()
    np.testing.assert_allclose(np.abs(steps[moved]), levels / (2 * (levels - 1)))
    assert 0.3 < (steps[moved] > 0).mean() < 0.7


@pytest.mark.parametrize(
    "design",
    [
        {"kind": "latin_hypercube", "points": 100},
        {"kind": "sobol", "points": 16},
        {"kind": "morris", "trajectories": 5},
    ],
)
def test_points_are_the_same_again_and_others_under_another_seed(design: dict[str, Any]) -> None:
    first, again = (list(blocks(unit(design, 2))) for _ in range(2))
    assert first == again
    assert list(blocks(unit(design | {"seed": 2}, 2))) != first
    assert sum(len(points) for _, points in first) == point_count(unit(design, 2))
    position = 0
    for start, points in first:
        assert start == position
        position += len(points)


@pytest.mark.parametrize(
    "design",
    [
        {"kind": "latin_hypercube", "points": 100_000},
        {"kind": "sobol", "points": 16_384},
        {"kind": "morris", "trajectories": 17_000},
    ],
)
def test_a_hundred_thousand_points_start_at_once(design: dict[str, Any]) -> None:
    large = unit(design, 5)
    next(blocks(unit(design | {"seed": 5}, 5)))  # imports
    tracemalloc.start()
    began = time.process_time()
    assert point_count(large) >= 100_000
    _, points = next(blocks(large))
    taken, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(points) <= BLOCK
    assert taken < 0.5
    assert peak < 2_000_000  # all points would be 100,000 × 5 floats in tuples, above 15 MB
