"""Which points a study runs: made block by block as they are needed, never all at once.

Every design is a sequence of rows of quantiles u in [0, 1], one column per parameter, which parameters turn into
values. The same study gives the same points, in the same order, on every machine.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.studies.study import Parameter, Study

BLOCK = 1024  # points made at a time
ROUNDS = 4  # of the permutation; three already look random (Luby & Rackoff 1988)

Rows = NDArray[np.float64]


def point_count(study: Study) -> int:
    """Points: levels multiplied (grid), n (list, latin_hypercube), n (d + 2) (sobol), r (d + 1) (morris)."""
    design, many = study.design, len(study.parameters)
    if design.kind == "grid":
        return math.prod(len(parameter.levels()) for parameter in study.parameters)
    if design.kind == "list":
        return len(study.parameters[0].values)
    if design.kind == "morris":
        return design.trajectories * (many + 1)
    assert design.points is not None  # `Study` has checked it
    return design.points * (many + 2) if design.kind == "sobol" else design.points


def blocks(study: Study) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """The points in order, as (position of the first, values of the parameters point by point)."""
    if study.design.kind in ("grid", "list"):
        yield from _listed(study)
        return
    start = 0
    for rows in quantiles(study):
        yield start, values_at(study.parameters, rows)
        start += len(rows)


def values_at(parameters: list[Parameter], rows: Rows) -> list[tuple[Any, ...]]:
    """Values of the parameters at rows of quantiles [n, d]."""
    columns = [parameter.drawn(rows[:, k]).tolist() for k, parameter in enumerate(parameters)]
    return list(zip(*columns, strict=True))


def quantiles(study: Study) -> Iterator[Rows]:
    """Rows of quantiles of a drawn design in order, at most about `BLOCK` at a time."""
    return _DRAWN[study.design.kind](study)


def _listed(study: Study) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """A grid, the last parameter fastest; or the k-th value of every parameter."""
    levels = [parameter.levels() for parameter in study.parameters]
    every = itertools.product(*levels) if study.design.kind == "grid" else zip(*levels, strict=True)
    start = 0
    while block := list(itertools.islice(every, BLOCK)):
        yield start, block
        start += len(block)


def _latin_hypercube(study: Study) -> Iterator[Rows]:
    """One point in each of n equally likely strata of every parameter (McKay, Beckman & Conover 1979).

    Strata are assigned by a keyed permutation, so that nothing has to be shuffled in memory.
    """
    n, many, seed = point_count(study), len(study.parameters), study.design.seed
    for start in range(0, n, BLOCK):
        at = np.arange(start, min(n, start + BLOCK), dtype=np.uint64)
        within = np.random.default_rng([seed, start]).random((len(at), many))
        strata = np.stack([permuted(at, n, seed * 1000 + k) for k in range(many)], axis=1)
        yield (strata + within) / n


def permuted(at: NDArray[np.uint64], n: int, key: int) -> NDArray[np.float64]:
    """Places of the positions `at` in a permutation of 0 ... n-1 that depends on the key.

    A Feistel network over the next even power of two, walked on until it lands below n (Black & Rogaway 2002).
    """
    half = np.uint64(max(1, ((n - 1).bit_length() + 1) // 2))
    mask = np.uint64((1 << int(half)) - 1)
    keys = np.random.default_rng(key).integers(1, 2**63, ROUNDS, dtype=np.uint64) | np.uint64(1)
    place = at.copy()
    outside = np.ones(len(at), bool)
    while outside.any():
        left, right = place[outside] >> half, place[outside] & mask
        for word in keys:
            mixed = (right + word) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(29))) * word
            left, right = right, left ^ ((mixed >> np.uint64(32)) & mask)
        place[outside] = left << half | right
        outside = place >= np.uint64(n)
    return place.astype(np.float64)


def _sobol(study: Study) -> Iterator[Rows]:
    """Rows A, B, and A with column k from B, for each of n base points (Saltelli et al. 2010, table 2)."""
    many = len(study.parameters)
    source = qmc.Sobol(2 * many, rng=np.random.default_rng(study.design.seed))
    left = point_count(study) // (many + 2)
    few = min(left, 1 << max(0, (BLOCK // (many + 2)).bit_length() - 1))  # a power of two, as n is
    while left:
        base = source.random(few)
        left -= few
        yield np.concatenate([saltelli_rows(row[:many], row[many:]) for row in base])


def saltelli_rows(a: Rows, b: Rows) -> Rows:
    """[d + 2, d]: a, b, and a with its k-th number from b."""
    mixed = np.repeat(a[None], len(a), axis=0)
    np.fill_diagonal(mixed, b)
    return np.vstack([a, b, mixed])


def _morris(study: Study) -> Iterator[Rows]:
    """Trajectories of d + 1 points on a grid, each step changing one parameter by delta (Morris 1991)."""
    design = study.design
    for k in range(design.trajectories):
        yield trajectory(len(study.parameters), design.levels, np.random.default_rng([design.seed, k]))


def trajectory(many: int, levels: int, luck: np.random.Generator) -> Rows:
    """[d + 1, d] on the grid 0, 1/(p-1), ..., 1: a random start, then every parameter once by p / (2 (p-1))."""
    delta = levels / (2.0 * (levels - 1))
    here = luck.integers(0, levels // 2, many) / (levels - 1)
    up = luck.random(many) < 0.5
    here = np.where(up, here, here + delta)
    rows = [here]
    for k in luck.permutation(many):
        here = here.copy()
        here[k] += delta if up[k] else -delta
        rows.append(here)
    return np.clip(np.array(rows), 0.0, 1.0)  # against rounding


_DRAWN: dict[str, Callable[[Study], Iterator[Rows]]] = {
    "latin_hypercube": _latin_hypercube,
    "sobol": _sobol,
    "morris": _morris,
}
