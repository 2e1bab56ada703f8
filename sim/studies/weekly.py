"""A user's weekly figures as the target of a calibration: sales, customers won and lost, mentions, spend."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import Problem, ScenarioError
from sim.ledger import LOSING, WINNING
from sim.scenario.reading import read_text, refuse_other_marks
from sim.scenario.scenario import Scenario
from sim.scenario.words import counted, nearest, one_of, shown
from sim.studies.pool import Tick
from sim.studies.sweep import lived

Floats = NDArray[np.float64]

#: Relative error of amounts of money, which vary less than counts; an assumption, only its size beside counts matters.
AMOUNT_ERROR = 0.05
FEW_WEEKS = 8  # fitted, below which the user is warned; a convention
SMOOTHING_WEEKS = 5  # over which the level of a count is taken, for its variance


def _spend(days: pd.DataFrame) -> Floats:
    lines = [
        name for name in map(str, days) if name.startswith("cost_") and not name.startswith(("cost_for_", "cost_of_"))
    ]
    return np.asarray(days[lines].sum(axis=1), np.float64) / 100.0


def _sum(*columns: str, factor: float = 1.0) -> Callable[[pd.DataFrame], Floats]:
    return lambda days: np.asarray(days[list(columns)].sum(axis=1), np.float64) * factor


@dataclass(frozen=True)
class Series:
    """Something that can be observed week by week: its unit, how a run gives it day by day, whether it counts."""

    unit: str
    daily: Callable[[pd.DataFrame], Floats]
    counts: bool


#: What a column can hold, by name.
SERIES: dict[str, Series] = {
    "sales": Series("purchases", _sum("purchases"), True),
    "revenue": Series("EUR", _sum("revenue_cents", factor=0.01), False),
    "won": Series("people", _sum(*WINNING), True),
    "lost": Series("people", _sum(*LOSING), True),
    "mentions": Series("posts", _sum("posts_good", "posts_bad"), True),
    "spend": Series("EUR", _spend, False),
}
WEEK = "week"  # the column with the first day of each week, unless mapped


@dataclass(frozen=True)
class Weekly:
    """Weekly figures, and the weeks of them that are fitted.

    Attributes
    ----------
    start : date                    first day of the first week
    names : tuple of str            series, of `SERIES`
    values : float64 [K, weeks]     NaN where nothing was observed
    train : int                     weeks that are fitted, from the first; the rest is held out
    people_per_agent : float        weight of the runs that are compared with it
    skip : int                      days of a run before the first week
    unused : tuple of str           headers of the file that nothing is known of
    """

    start: date
    names: tuple[str, ...]
    values: Floats
    train: int
    people_per_agent: float
    skip: int
    unused: tuple[str, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What is allowed but may not be meant, one sentence each."""
        found = []
        if self.unused:
            known = ", ".join(SERIES)
            found.append(f"columns not used: {', '.join(self.unused)}; say with --column which is one of {known}")
        if self.train < FEW_WEEKS:
            found.append(f"only {counted(self.train, 'week')} fitted: so few tell little of any setting")
        if self.train == self.weeks:
            found.append("no week is held out, so nothing will tell whether the fit foretells anything")
        return found

    @property
    def weeks(self) -> int:
        return int(self.values.shape[1])

    @property
    def observed(self) -> Floats:
        """Fitted weeks, series after series."""
        return self.values[:, : self.train].ravel()

    @cached_property
    def variance(self) -> Floats:
        """Counts vary like sums of agents: weight × level, taken over some weeks; amounts by a share of theirs."""
        rows = []
        for name, values in zip(self.names, self.values[:, : self.train], strict=True):
            level = pd.Series(values).rolling(SMOOTHING_WEEKS, center=True, min_periods=1).mean()
            mean = np.asarray(level.interpolate(limit_direction="both").fillna(0.0), np.float64)
            if SERIES[name].counts:
                rows.append(self.people_per_agent * np.maximum(mean, self.people_per_agent))
            else:
                rows.append((AMOUNT_ERROR * np.maximum(mean, 1e-3 * max(1.0, float(np.abs(mean).max())))) ** 2)
        return np.concatenate(rows)

    def simulate(self, scenario: Scenario, seed: int, tick: Tick) -> Floats:
        """The fitted weeks of a run, series after series."""
        return self.of_run(scenario.with_changes({"days": self.days(self.train)}), seed, tick).ravel()

    def days(self, weeks: int) -> int:
        """Days a run takes for so many weeks."""
        return self.skip + 7 * weeks

    def of_run(self, scenario: Scenario, seed: int, tick: Tick) -> Floats:
        """All whole weeks of a run from the first on, float64 [K, weeks]."""
        days = lived(scenario, seed, tick)
        weeks = (len(days) - self.skip) // 7
        rows = [SERIES[name].daily(days)[self.skip : self.skip + 7 * weeks] for name in self.names]
        return np.asarray(np.array(rows).reshape(len(rows), weeks, 7).sum(axis=2))


def read_weekly(
    path: Path | str, scenario: Scenario, *, columns: Mapping[str, str] | None = None, train: int | None = None
) -> Weekly:
    """Weekly figures from a CSV file with one row per week.

    Parameters
    ----------
    path : path
    scenario : Scenario             that is to be fitted: its first day and the size of its agents
    columns : mapping, optional     series -> header of its column, and `week`; headers that are names of series go
                                    without
    train : int, optional           weeks to fit; by default three quarters

    Raises
    ------
    ScenarioError                   listing what is wrong, with its line
    """
    place = Path(path)
    rows = list(csv.reader(io.StringIO(read_text(place, "a CSV file with one row per week"))))
    header = [cell.strip() for cell in rows[0]] if rows else []
    refuse_other_marks(header, place)
    mapped, found = _mapped(header, rows[1] if rows[1:] else [], columns or {}, str(place))
    if found:
        raise ScenarioError(found)
    body = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
    starts, found = _weeks(body, header.index(mapped[WEEK]), str(place))
    names = tuple(name for name in SERIES if name in mapped)
    values = np.full((len(names), len(body)), np.nan)
    for k, name in enumerate(names):
        at = header.index(mapped[name])
        for week, (line, row) in enumerate(body):
            text = row[at].strip() if at < len(row) else ""
            try:
                values[k, week] = float(text) if text else np.nan
            except ValueError:
                values[k, week] = np.inf
            if not (values[k, week] >= 0 or math.isnan(values[k, week])) or math.isinf(values[k, week]):
                found.append(Problem(mapped[name], shown(text), "a number of at least 0, or nothing", str(place), line))
    fitted = max(1, round(0.75 * len(body))) if train is None else train
    if not 1 <= fitted <= len(body):
        found.append(
            Problem("", counted(len(body), "week"), f"at least the {fitted} that are to be fitted", str(place))
        )
    skip = (starts[0] - scenario.start_date).days if starts else 0
    if skip < 0:
        day = scenario.start_date.isoformat()
        expected = f"weeks from {day} on, where the scenario starts; or set start_date"
        found.append(Problem(mapped[WEEK], starts[0].isoformat(), expected, str(place)))
    for k, name in enumerate(names):
        if not np.isfinite(values[k, :fitted]).any():
            found.append(Problem(mapped[name], "nothing", "at least one number in the weeks to be fitted", str(place)))
    if found:
        raise ScenarioError(found)
    unused = tuple(name for name in header if name and name not in mapped.values())
    return Weekly(starts[0], names, values, fitted, scenario.market.size / scenario.agents, skip, unused)


def _mapped(
    header: list[str], first: list[str], columns: Mapping[str, str], file: str
) -> tuple[dict[str, str], list[Problem]]:
    """Header of every series that is there, and of the week; `first` is the row below the header."""
    known = (WEEK, *SERIES)
    found = [Problem("columns", shown(name), one_of(known, name)) for name in columns if name not in known]
    found += [
        Problem("columns", f"{name}={text}", _headers(header, text), file)
        for name, text in columns.items()
        if text not in header
    ]
    mapped = {name: columns.get(name, name) for name in known if columns.get(name, name) in header}
    if not found and WEEK not in mapped:
        dated = [name for name, text in zip(header, first, strict=False) if _day(text) is not None]
        listed = ", ".join(header) or "there is none"
        expected = (
            f"the first day of each week in one of its columns ({listed}): --column week={next(iter(dated), 'HEADER')}"
        )
        found.append(Problem("", "no column week", expected, file, 1))
    if not found and len(mapped) < 2:
        found.append(Problem("", "no series", f"a column named {', '.join(SERIES)}, or --column sales=HEADER", file, 1))
    return mapped, found


def _headers(header: list[str], text: str) -> str:
    close = nearest(text, header)
    return f"one of its columns: {', '.join(header) or 'there is none'}" + (
        f' (did you mean "{close}"?)' if close else ""
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _weeks(body: list[tuple[int, list[str]]], at: int, file: str) -> tuple[list[date], list[Problem]]:
    """First days of the weeks, which follow one another."""
    starts: list[date] = []
    for line, row in body:
        text = row[at].strip() if at < len(row) else ""
        day = _day(text)
        if day is None:
            return [], [Problem(WEEK, shown(text), "a date such as 2026-01-05", file, line)]
        if starts and day != starts[-1] + timedelta(days=7):
            expected = f"the week after the one before, {(starts[-1] + timedelta(days=7)).isoformat()}"
            return [], [Problem(WEEK, day.isoformat(), expected, file, line)]
        starts.append(day)
    return starts, [] if starts else [Problem("", "no rows", "one row per week", file)]
