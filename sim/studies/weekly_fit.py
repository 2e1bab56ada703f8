"""A scenario fitted to weekly figures: which settings, what the fit foretells, and whether it beats knowing nothing."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import Problem, ScenarioError
from sim.intervals import CONFIDENCE
from sim.scenario.base import Part
from sim.scenario.scenario import Scenario
from sim.scenario.story import NAMED_LISTS
from sim.scenario.words import counted, nearest, shown, upper_limit
from sim.studies.calibrate import Fit, fit_target
from sim.studies.forecast import mean_error, seasonal_naive, with_drift
from sim.studies.pool import Tick, each
from sim.studies.study import Distribution, Parameter
from sim.studies.weekly import Weekly, read_weekly

Floats = NDArray[np.float64]

MOST_PARAMETERS = 20
FUTURES = 40  # runs of near-equally good parameters for the forecast, each with a seed of its own
#: Priors of `--fit`: around the scenario's value, 95 % between a quarter and four times it; shares as Beta with the
#: weight of four observations. Assumptions, meant to be wide; a study file says it better.
FACTOR = 2.0
SHARE_WEIGHT = 4.0
#: Settings that say how, not what: never matched by a pattern.
NEVER = ("title", "description", "days", "agents", "seed", "panel", "start_date", "market.size")


def parameters_matching(scenario: Scenario, patterns: Sequence[str]) -> list[Parameter]:
    """Numbers of a scenario whose dotted path matches a pattern such as ``talk.*``, with a prior around their value.

    Settings that are 0, or as large as they can be, are switches that stay as they are.

    Raises
    ------
    ScenarioError               if a pattern matches nothing, or too much
    """
    settings = {path: value for path, value in _numbers(scenario) if path not in NEVER}
    found: dict[str, Parameter] = {}
    problems = []
    for pattern in patterns:
        matching = [path for path in settings if fnmatch.fnmatchcase(path, pattern)]
        usable = {path: prior for path in matching if (prior := _prior(path, settings[path])) is not None}
        if not usable:
            close = nearest(pattern.rstrip(".*"), settings)
            hint = f' (did you mean "{close}"?)' if close else ""
            what = (
                f"only settings that are off or at their limit: {', '.join(matching[:5])}"
                if matching
                else shown(pattern)
            )
            problems.append(Problem("fit", what, f"a number of the scenario that can vary, or a pattern{hint}"))
        found |= usable
    if len(found) > MOST_PARAMETERS:
        listed = ", ".join(list(found)[:30])
        problems.append(
            Problem("fit", counted(len(found), "setting"), f"at most {MOST_PARAMETERS} at once, of {listed}")
        )
    if problems:
        raise ScenarioError(problems)
    return list(found.values())


def _numbers(part: Part, before: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """Dotted path and value of every number that is no whole number by its kind."""
    for name in type(part).model_fields:
        value, path = getattr(part, name), (*before, name)
        if isinstance(value, Part):
            yield from _numbers(value, path)
        elif isinstance(value, float):
            yield ".".join(path), value
        elif isinstance(value, dict):
            yield from ((".".join((*path, key)), x) for key, x in value.items() if isinstance(x, float))
        elif isinstance(value, list) and path in NAMED_LISTS:
            for entry in value:
                yield from _numbers(entry, (*path, entry.name))


def _prior(path: str, value: float) -> Parameter | None:
    """What is thought of a setting before any data: near the scenario's value, on the scale its limits call for."""
    top = upper_limit(Scenario, path.split("."))
    if value == 0.0 or (top is not None and value >= top):
        return None
    if top is not None and top <= 1.0 and 0.0 < value < 1.0:
        a, b = SHARE_WEIGHT * value, SHARE_WEIGHT * (1.0 - value)
        spread = Distribution(kind="beta", a=max(a, 0.5), b=max(b, 0.5))
    elif value > 0.0:
        spread = Distribution(kind="log_normal", median=value, factor=FACTOR)
    else:
        spread = Distribution(kind="uniform", low=2.0 * value, high=0.0)
    return Parameter(path=path, distribution=spread)


@dataclass(frozen=True)
class Forecast:
    """One series, week by week: observed, foretold, and by those who know nothing but its past.

    Attributes
    ----------
    name : str
    observed, middle, low, high, naive, drift : float64 [weeks]     naive and drift are NaN in the weeks fitted
    errors : dict                       mean absolute error in the weeks held out: model, naive, drift
    """

    name: str
    observed: Floats
    middle: Floats
    low: Floats
    high: Floats
    naive: Floats
    drift: Floats
    errors: dict[str, float]

    @property
    def beats(self) -> bool | None:
        """Whether the model's error is below both naive ones; None if nothing can tell."""
        known = [self.errors[name] for name in ("model", "naive", "drift")]
        return None if np.isnan(known).any() or max(known) == 0.0 else known[0] < min(known[1:])


@dataclass(frozen=True)
class WeeklyFit:
    """A fit, and what it foretells."""

    data: Weekly
    fit: Fit
    forecasts: tuple[Forecast, ...]

    def parameters_table(self) -> pd.DataFrame:
        """Near-equally good parameters, one row each, equally likely."""
        return pd.DataFrame(self.fit.draws, columns=[parameter.path for parameter in self.fit.parameters])

    def weekly_table(self) -> pd.DataFrame:
        """One row per series and week: observed, forecasts, whether it was fitted."""
        rows = []
        for one in self.forecasts:
            week = pd.date_range(self.data.start, periods=self.data.weeks, freq="7D")
            fitted = np.arange(self.data.weeks) < self.data.train
            columns = {name: getattr(one, name) for name in ("observed", "middle", "low", "high", "naive", "drift")}
            rows.append(pd.DataFrame({"series": one.name, "week": week, "fitted": fitted} | columns))
        return pd.concat(rows, ignore_index=True)


@dataclass(frozen=True)
class OneFuture:
    """The work of a worker: all weeks of a run with given parameters."""

    scenario: Scenario
    data: Weekly

    def __call__(self, job: tuple[dict[str, Any], int], tick: Tick) -> Floats | None:
        changes, seed = job
        try:
            return self.data.of_run(self.scenario.with_changes(changes), seed, tick)
        except ScenarioError:  # drawn between points that were fine, but is not: left out
            return None


def calibrate(
    scenario: Scenario,
    data: Path | str | Weekly,
    parameters: Sequence[Parameter] | Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    train: int | None = None,
    trials: int | None = None,
    replicates: int = 2,
    bootstrap: int = 40,
    workers: int | None = None,
    storage: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> WeeklyFit:
    """Fit settings of a scenario to weekly figures and look at the weeks that were held out.

    Parameters
    ----------
    scenario : Scenario
    data : path or Weekly               a CSV file, see `sim.studies.weekly.read_weekly` for `columns` and `train`
    parameters : sequence               with priors, or patterns of dotted paths such as "talk.*"
    others                              see `sim.studies.calibrate.fit_target`

    Raises
    ------
    ScenarioError, OutputError          see there
    """
    given = data if isinstance(data, Weekly) else read_weekly(data, scenario, columns=columns, train=train)
    names = [one for one in parameters if isinstance(one, str)]
    chosen = [one for one in parameters if isinstance(one, Parameter)] + (
        parameters_matching(scenario, names) if names else []
    )
    fit = fit_target(
        scenario, given, chosen, trials=trials, replicates=replicates, bootstrap=bootstrap, workers=workers,
        storage=storage, progress=None if progress is None else lambda done, runs: progress(done, runs + FUTURES),
    )  # fmt: skip
    return WeeklyFit(given, fit, _forecasts(given, fit, workers, progress))


def _forecasts(
    data: Weekly, fit: Fit, workers: int | None, progress: Callable[[int, int], None] | None
) -> tuple[Forecast, ...]:
    world = fit.scenario.with_changes({"days": data.days(data.weeks)})
    chosen = np.linspace(0, len(fit.draws) - 1, FUTURES).astype(int)
    first = world.seed + 100_000  # luck of their own, as the future has
    jobs = [(fit.changes(fit.draws[k]), first + number) for number, k in enumerate(chosen)]
    found = []
    for done, (_, run) in enumerate(each(OneFuture(world, data), jobs, workers=workers), start=1):
        found += [] if run is None else [run]
        if progress is not None:
            progress(fit.runs + done, fit.runs + FUTURES)
    runs = np.array(found or [np.full(data.values.shape, np.nan)])
    tails = (100.0 * (1.0 - CONFIDENCE) / 2.0, 50.0, 100.0 * (1.0 + CONFIDENCE) / 2.0)
    low, middle, high = np.percentile(runs, tails, axis=0)
    return tuple(
        _forecast(name, data.values[k], data.train, middle[k], low[k], high[k]) for k, name in enumerate(data.names)
    )


def _forecast(name: str, seen: Floats, train: int, middle: Floats, low: Floats, high: Floats) -> Forecast:
    past, later = seen[:train], seen[train:]
    nothing = np.full(train, np.nan)
    naive, drift = seasonal_naive(past, len(later)), with_drift(past, len(later))
    errors = {
        kind: mean_error(foretold, later)
        for kind, foretold in (("model", middle[train:]), ("naive", naive), ("drift", drift))
    }
    return Forecast(
        name, seen, middle, low, high, np.concatenate([nothing, naive]), np.concatenate([nothing, drift]), errors
    )
