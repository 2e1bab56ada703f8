"""Weekly spending from a CSV file, read once and turned into the amounts of `Spend.weeks_eur`."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.scenario.base import NONE
from sim.scenario.places import Path as Steps
from sim.scenario.places import Places, dotted
from sim.scenario.reading import read_text, refuse_other_marks
from sim.scenario.touchpoints import Spend
from sim.scenario.words import nearest, shown

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MOST_EUR = 1e12  # a week
_MOST_SHOWN = 10  # bad rows per column


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its header, and the rows with their 1-based line."""

    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


@dataclass(frozen=True)
class Weeks:
    """EUR per week from a first day on, without gaps."""

    start: date
    eur: list[float]


def with_weeks(data: dict[str, Any], places: Places) -> tuple[dict[str, Any], list[Problem], list[Steps]]:
    """Replace every spending file by the amounts in it.

    Parameters
    ----------
    data : tables of a scenario, paths absolute
    places : the files they came from, for messages

    Returns
    -------
    new tables; what is wrong with the spending files; named paths of the spending that could not be read
    """
    touchpoints = data.get("touchpoints")
    if not isinstance(touchpoints, list):
        return data, [], []
    sheets: dict[str, Sheet | ScenarioError] = {}
    filled: list[Any] = []
    problems: list[Problem] = []
    broken: list[Steps] = []
    for at, touchpoint in enumerate(touchpoints):
        spend = touchpoint.get("spend") if isinstance(touchpoint, dict) else None
        if not isinstance(spend, dict) or not isinstance(spend.get("file"), str) or spend["file"] == NONE:
            filled.append(touchpoint)
            continue
        name = touchpoint.get("name")
        steps: Steps = ("touchpoints", name if isinstance(name, str) else at, "spend")
        rest = {key: value for key, value in spend.items() if key not in ("file", "column", "date_column")}
        try:
            weeks = _weeks(spend, str(name), sheets, steps, places)
            rest |= {"weeks_eur": weeks.eur, "weeks_start": weeks.start}
        except ScenarioError as error:
            problems += error.problems
            broken.append(steps)
        filled.append(touchpoint | {"spend": rest})
    return data | {"touchpoints": filled}, list(dict.fromkeys(problems)), broken


def _weeks(
    spend: dict[str, Any], name: str, sheets: dict[str, Sheet | ScenarioError], steps: Steps, places: Places
) -> Weeks:
    def problem(key: str, found: str, expected: str) -> ScenarioError:
        path = (*steps, key)
        return ScenarioError([Problem(dotted(path), found, expected, *places.find(path))])

    for key in ("weeks_eur", "weeks_start"):
        if key in spend:
            raise problem(key, "amounts and a file", f"either file or {key}")
    file = spend["file"]
    columns = {"column": spend.get("column"), "date_column": spend.get("date_column")}
    default = {"column": name, "date_column": str(Spend.model_fields["date_column"].default)}
    names = {key: default[key] if value in (None, NONE) else value for key, value in columns.items()}
    for key, value in names.items():
        if not isinstance(value, str):
            raise problem(key, shown(value), "the name of a column, in quotes")
    if file not in sheets:
        sheets[file] = _tried(Path(file), dotted((*steps, "file")))
    sheet = sheets[file]
    if isinstance(sheet, ScenarioError):
        raise sheet
    for key, value in names.items():
        if sheet.header.count(value) != 1:
            how = "twice" if value in sheet.header else "not a column of the file"
            raise problem(key, f"{shown(value)}, {how}", _columns(sheet, value))
    return weeks_of(sheet, names["column"], names["date_column"], where=dotted(steps))


def _tried(path: Path, where: str) -> Sheet | ScenarioError:
    try:
        return read_sheet(path, where)
    except ScenarioError as error:
        return error


def _columns(sheet: Sheet, wanted: str) -> str:
    close = nearest(wanted, {name.lower(): name for name in sheet.header})
    original = next((name for name in sheet.header if name.lower() == close), None)
    hint = f' (did you mean "{original}"?)' if original else ""
    return f"one column of {sheet.file}: {', '.join(sheet.header)}{hint}"


def read_sheet(path: Path, where: str = "") -> Sheet:
    """Read a CSV file: UTF-8 with or without byte order mark, separated by commas, first line the header.

    Raises
    ------
    ScenarioError
        If it cannot be read, is empty, or has rows of differing length.
    """
    expected = "a CSV file with a header and one row per week"
    text = read_text(path, expected, where)
    reader = csv.reader(text.splitlines(), strict=True)
    rows: list[tuple[int, list[str]]] = []
    problems: list[Problem] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        refuse_other_marks(header, path, where)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                found = f"{len(row)} cells"
                problems.append(Problem(where, found, f"{len(header)} as in the header", str(path), reader.line_num))
            rows.append((reader.line_num, row))
    except csv.Error as error:
        raise ScenarioError([Problem(where, f"broken CSV ({error})", expected, str(path), reader.line_num)]) from error
    if not rows:
        raise ScenarioError([Problem(where, "no rows", expected, str(path))])
    if problems:
        raise ScenarioError(_shortened(problems))
    return Sheet(str(path), header, rows)


def weeks_of(sheet: Sheet, column: str, date_column: str, where: str = "") -> Weeks:
    """The amounts of one column, checked to be one per week.

    Raises
    ------
    ScenarioError
        Naming every date that is none, repeated, out of order or not a week after the one before, and every amount
        that is not a finite number of at least 0.
    """
    amount_at, date_at = sheet.header.index(column), sheet.header.index(date_column)
    problems: list[Problem] = []
    days: list[date] = []
    eur: list[float] = []
    for line, row in sheet.rows:
        amount = _amount(row[amount_at])
        if amount is None:
            found = f"{shown(row[amount_at])} in column {column}"
            problems.append(Problem(where, found, "a number of EUR of at least 0", sheet.file, line))
        else:
            eur.append(amount)
        day = _date(row[date_at])
        if day is None:
            found = f"{shown(row[date_at])} in column {date_column}"
            problems.append(Problem(where, found, "a date such as 2026-01-05", sheet.file, line))
            continue
        wrong = _out_of_step(days[-1], day) if days else None
        if wrong:
            problems.append(Problem(where, wrong, "dates in order, one every 7 days", sheet.file, line))
        days.append(day)
    if problems:
        raise ScenarioError(_shortened(problems))
    return Weeks(days[0], eur)


def _amount(text: str) -> float | None:
    if not _NUMBER.fullmatch(text.strip()):
        return None
    amount = float(text)
    return amount if math.isfinite(amount) and 0 <= amount <= _MOST_EUR else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _out_of_step(before: date, day: date) -> str | None:
    """What is wrong with a date after the one before; None if it is a week later."""
    days = (day - before).days
    if days == 7:
        return None
    if days == 0:
        return f"{day} a second time"
    return f"{day} after {before}" + (" (a gap)" if days > 7 else "")


def _shortened(problems: list[Problem]) -> list[Problem]:
    """The first of many problems in one file, and how many more there are."""
    if len(problems) <= _MOST_SHOWN:
        return problems
    first = problems[:_MOST_SHOWN]
    more = len(problems) - _MOST_SHOWN
    return [*first, Problem(first[-1].where, f"{more} more rows like these", "none", first[-1].file)]
