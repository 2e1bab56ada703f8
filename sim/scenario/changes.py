"""Change single settings of a scenario by their dotted path."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.scenario.explain import unknown_step
from sim.scenario.merging import REMOVE, overlay
from sim.scenario.plain import plain
from sim.scenario.story import Story
from sim.scenario.words import nearest, part_at, shown


def parse_changes(texts: Iterable[str]) -> dict[str, Any]:
    """Settings from a command line, e.g. ``["market.price=9.9", "market.kind=repeat"]``.

    Values are TOML; a bare word is a string. A later one wins.

    Returns
    -------
    values by dotted path, to be given to `Scenario.with_changes`

    Raises
    ------
    ScenarioError
        If there is no ``=``, no path before it, or no TOML value after it.
    """
    changes: dict[str, Any] = {}
    problems: list[Problem] = []
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path.strip() or not value.strip():
            problems.append(Problem("", shown(text), "a change such as market.price=9.9"))
            continue
        try:
            changes[path.strip()] = _value(value.strip())
        except ValueError:
            problems.append(Problem(path.strip(), shown(value.strip()), "a TOML value: 9.9, true, 2026-01-05, [1, 2]"))
    if problems:
        raise ScenarioError(problems)
    return changes


def _value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError) as error:
        if text[0] in "[{\"'" or "\n" in text:
            raise ValueError(text) from error
        return text
    if set(parsed) != {"value"}:
        raise ValueError(text)
    return parsed["value"]


def changed(data: dict[str, Any], changes: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Tables of a scenario with some settings replaced.

    Parameters
    ----------
    data : tables as written, not all defaults need be there
    changes : new values by dotted path; entries of named lists go by name or by position from 0.
        ``"touchpoints.tv.remove": True`` takes an entry out.

    Returns
    -------
    new tables, not checked yet; paths that lead nowhere
    """
    result = copy.deepcopy(data)
    problems: list[Problem] = []
    for path, value in changes.items():
        try:
            _set(result, path, plain(value))
        except _NowhereError as error:
            problems.append(Problem(path, error.found, error.expected))
    return result, problems


def nowhere(story: Story, path: str) -> Problem | None:
    """What is wrong with a dotted path that should lead to a setting of a scenario; None if it does."""
    found = changed(story.model_dump(exclude_unset=True), {path: None})[1]
    if not found and (expected := unknown_step(path.split("."))) is not None:
        found = [Problem(path, "an unknown key", expected)]
    return found[0] if found else None


class _NowhereError(Exception):
    """A path cannot be followed."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected


def _set(data: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    if not all((*above, last)):
        raise _NowhereError("an empty step", "a path such as touchpoints.tv.scale")
    here: Any = data
    entry_of: tuple[list[Any], int] | None = None  # the list `here` is an entry of, and its position
    for depth, step in enumerate(above, start=1):
        entry_of = (here, _position(here, step)) if isinstance(here, list) else None
        here = here[entry_of[1]] if entry_of else here.setdefault(step, _unwritten(above[:depth]))
        if not isinstance(here, dict | list):
            raise _NowhereError(f"{shown(here)} at {'.'.join(above[:depth])}", "a table, to set something in it")
    if last == REMOVE and entry_of:
        if value is not True:
            raise _NowhereError(shown(value), "true")
        del entry_of[0][entry_of[1]]
    elif isinstance(here, list):
        here[_position(here, last)] = value
    else:
        new = overlay(here, {last: value})
        here.clear()
        here.update(new)


def _unwritten(steps: list[str]) -> Any:
    """What stands at a path where nothing is written: the default if it is a list, else a table of defaults."""
    part = part_at(Story, steps[:-1])
    field = part.model_fields.get(steps[-1]) if part else None
    return list(field.default) if field is not None and isinstance(field.default, list) else {}


def _position(entries: list[Any], step: str) -> int:
    """Position of the entry of a list that is meant by its name or position."""
    names = [str(entry["name"]) if isinstance(entry, dict) and "name" in entry else "" for entry in entries]
    if step in names:
        return names.index(step)
    if step.isdecimal() and int(step) < len(entries):
        return int(step)
    known = [name for name in names if name]
    close = nearest(step, known)
    hint = f' (did you mean "{close}"?)' if close else ""
    positions = f"a position from 0 to {len(entries) - 1}" if entries else "an entry, and there is none"
    raise _NowhereError(f"no entry {shown(step)}", f"one of {', '.join(known)}{hint}" if known else positions)
