"""Which settings a result hangs on: Morris screening and Sobol indices of a study that has been run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import OutputError
from sim.intervals import CONFIDENCE
from sim.studies.design import quantiles
from sim.studies.store import Runs
from sim.studies.study import LEAST_UNITS

Floats = NDArray[np.float64]
Method = Literal["morris", "sobol"]

RESAMPLES = 1000  # of the bootstrap
#: What each method tells of a parameter; the first is what parameters are ranked by.
MEASURES: dict[Method, tuple[str, ...]] = {"morris": ("mu_star", "sigma", "mu"), "sobol": ("total", "first")}


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sensitivity:
    """How much an indicator hangs on every parameter.

    Attributes
    ----------
    indicator : str
    parameters : tuple of str           paths, in the order of the study
    measures : dict                     measure -> one estimate per parameter
    used, planned : int                 trajectories or base points
    """

    method: Method
    indicator: str
    parameters: tuple[str, ...]
    measures: dict[str, tuple[Estimate, ...]]
    used: int
    planned: int

    @property
    def ranking(self) -> list[int]:
        """Positions of the parameters, the most influential first; undefined ones last."""
        lead = [estimate.value for estimate in self.measures[MEASURES[self.method][0]]]
        return sorted(range(len(lead)), key=lambda k: -np.inf if np.isnan(lead[k]) else lead[k], reverse=True)


def elementary_effects(rows: Floats, y: Floats) -> Floats:
    """Change of the result per step of one parameter over its whole range: dy / du along trajectories (Morris 1991).

    Parameters
    ----------
    rows : float64 [r, d + 1, d]        trajectories in quantiles
    y : float64 [r, d + 1]

    Returns
    -------
    float64 [r, d]
    """
    steps = np.diff(rows, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    effects = np.empty_like(rows[:, 0])
    np.put_along_axis(effects, moved, np.diff(y, axis=1) / size, axis=1)
    return effects


def morris_measures(effects: Floats) -> dict[str, Floats]:
    """mu* = mean |effect| (Campolongo, Cariboni & Saltelli 2007), sigma (interaction, bend), mu; [d] each."""
    return {
        "mu_star": np.abs(effects).mean(axis=0),
        "sigma": effects.std(axis=0, ddof=1),
        "mu": effects.mean(axis=0),
    }


def sobol_measures(y: Floats) -> dict[str, Floats]:
    """Sobol indices from Saltelli's rows: first-order (Saltelli et al. 2010) and total (Jansen 1999), float64 [d] each.

        V = Var(A, B),  S_k = mean(B (AB_k - A)) / V,  T_k = mean((A - AB_k)^2) / (2 V)

    Parameters
    ----------
    y : float64 [n, d + 2]              results at rows A, B, and A with column k from B
    """
    a, b, mixed = y[:, 0], y[:, 1], y[:, 2:]
    middle = np.concatenate([a, b]).mean()
    variance = np.concatenate([a, b]).var()
    if variance <= 0.0:  # nothing changes, so nothing has a share in it
        return {name: np.zeros(mixed.shape[1]) for name in ("total", "first")}
    return {
        "total": ((a[:, None] - mixed) ** 2).mean(axis=0) / (2.0 * variance),
        "first": ((b - middle)[:, None] * (mixed - a[:, None])).mean(axis=0) / variance,
    }


def with_intervals(measure: Callable[[Floats], dict[str, Floats]], units: Floats) -> dict[str, tuple[Estimate, ...]]:
    """Measures of independent units (trajectories, base points), with percentile intervals of the bootstrap."""
    luck = np.random.default_rng(1)
    resampled = [measure(units[luck.integers(0, len(units), len(units))]) for _ in range(RESAMPLES)]
    tails = (100.0 * (1.0 - CONFIDENCE) / 2.0, 100.0 * (1.0 + CONFIDENCE) / 2.0)
    found = {}
    for name, values in measure(units).items():
        low, high = np.percentile([one[name] for one in resampled], tails, axis=0)
        found[name] = tuple(Estimate(*map(float, three)) for three in zip(values, low, high, strict=True))
    return found


def sensitivity(runs: Runs, indicators: Sequence[str] | None = None) -> list[Sensitivity]:
    """Sensitivity of the indicators of a study with design `morris` or `sobol`; results are means over the seeds.

    Trajectories and base points of which a run is missing, failed or undefined are left out.

    Raises
    ------
    OutputError                 if the design is another, too little has been run, or an indicator was not kept
    """
    method = runs.study.design.kind
    if method not in ("morris", "sobol"):
        raise OutputError(
            f"{runs.folder}: its design is {method}; sensitivity needs a study with design morris (many parameters,"
            " few runs) or sobol (shares of variance)"
        )
    unknown = [name for name in indicators or () if name not in runs.study.keep]
    if unknown:
        raise OutputError(f"{runs.folder}: {', '.join(unknown)} not kept; there are {', '.join(runs.study.keep)}")
    frame = runs.frame()
    rows = np.vstack(list(quantiles(runs.study)))
    return [_one(runs, frame, rows, method, name) for name in indicators or runs.study.keep]


def _one(runs: Runs, frame: pd.DataFrame, rows: Floats, method: Method, indicator: str) -> Sensitivity:
    paths = tuple(parameter.path for parameter in runs.study.parameters)
    per_unit = len(paths) + (1 if method == "morris" else 2)
    y = _means(frame, indicator, len(rows), runs.study.seeds).reshape(-1, per_unit)
    whole = np.isfinite(y).all(axis=1)
    if whole.sum() < LEAST_UNITS:
        kind = "trajectories" if method == "morris" else "base points"
        raise OutputError(
            f"{runs.folder}: only {whole.sum()} complete {kind} with {indicator}; at least {LEAST_UNITS} are needed:"
            " go on with journey sweep"
        )
    if method == "morris":
        trajectories = rows.reshape(len(y), per_unit, len(paths))[whole]
        found = with_intervals(morris_measures, elementary_effects(trajectories, y[whole]))
    else:
        found = with_intervals(sobol_measures, y[whole])
    return Sensitivity(method, indicator, paths, found, int(whole.sum()), len(y))


def _means(frame: pd.DataFrame, indicator: str, points: int, seeds: int) -> Floats:
    """Mean over all seeds of every point, float64 [points]; NaN where one is missing."""
    y = np.full((points, seeds), np.nan)
    y[frame["point"], frame["run"] - frame["point"] * seeds] = frame[indicator]
    return np.asarray(y.mean(axis=1))


def table(found: Sequence[Sensitivity]) -> pd.DataFrame:
    """One row per indicator and parameter, ranked: measures with `_low` and `_high`."""
    rows = []
    for one in found:
        for rank, k in enumerate(one.ranking, start=1):
            row: dict[str, object] = {"indicator": one.indicator, "rank": rank, "parameter": one.parameters[k]}
            for name, estimates in one.measures.items():
                row |= {name: estimates[k].value, f"{name}_low": estimates[k].low, f"{name}_high": estimates[k].high}
            rows.append(row)
    return pd.DataFrame(rows)
