"""Turn a scenario that was refused into the list of everything that is wrong with it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.errors import Problem
from sim.scenario.base import Part
from sim.scenario.consistency import Clash, clashes
from sim.scenario.places import Path, Places, dotted, named
from sim.scenario.story import Story
from sim.scenario.words import expectation, is_known, nearest, part_at, shown

_ROUNDS = 20  # of leaving out what is broken


def problems(data: dict[str, Any], places: Places, broken: Iterable[Path] = ()) -> list[Problem]:
    """Everything wrong with the tables of a scenario.

    Values that are wrong on their own come first. They are left out then, and what is left is checked for clashes
    between settings, except for clashes that the missing values may have caused.

    Parameters
    ----------
    data : tables as read, complete
    places : the files they came from
    broken : named paths already reported elsewhere; clashes about them are not reported again
    """
    found: list[Problem] = []
    left_out = list(broken)
    rest = copy.deepcopy(data)
    for attempt in range(_ROUNDS):
        try:
            story = Story.model_validate(rest)
        except ValidationError as error:
            details = error.errors(include_url=False)
            if attempt == 0:
                found += refusals(error, rest, places)
            paths = [_culprit(detail) for detail in details]
            if () in paths:
                return found
            left_out += [named(rest, path) for path in paths]
            _leave_out(rest, paths)
        else:
            return found + [located(clash, rest, places) for clash in clashes(story) if not _touched(clash, left_out)]
    return found


def refusals(error: ValidationError, data: dict[str, Any], places: Places, model: type[Part] = Story) -> list[Problem]:
    """What the schema library refused in tables that should be a `model`, in plain words."""
    details = error.errors(include_url=False)
    return _unique(_problem(detail, data, places, model) for detail in details if _says_something(detail))


def _says_something(detail: ErrorDetails) -> bool:
    return detail["type"] != "default_factory_not_called"


def _unique(found: Iterable[Problem]) -> list[Problem]:
    return list(dict.fromkeys(found))


def _problem(detail: ErrorDetails, data: dict[str, Any], places: Places, model: type[Part]) -> Problem:
    """One refusal of the schema library in plain words."""
    steps = [step for step in detail["loc"] if step != "[key]"]
    path = named(data, steps)
    file, line = places.find(path)
    found, expected = shown(detail["input"]), expectation(model, steps, detail["input"])
    if detail["type"] == "missing":
        found = "nothing"
    elif detail["type"] == "extra_forbidden":
        found, expected = "an unknown key", known_key(steps, model)
    elif detail["loc"][-1] == "[key]":
        expected = "a name of at most 60 lower-case letters, digits and _, beginning with a letter"
    return Problem(where=dotted(path), found=found, expected=expected, file=file, line=line)


def known_key(steps: Sequence[str | int], model: type[Part] = Story) -> str:
    """The key that was probably meant instead of the last step, here or one table deeper; else all that exist."""
    word = str(steps[-1])
    part = part_at(model, steps[:-1])
    if part is None:
        return "no key here"
    keys = sorted(part.model_fields)
    deeper = {
        inner: f"{key}.{inner}"
        for key in keys
        if (table := part_at(model, [*steps[:-1], key])) is not None
        for inner in table.model_fields
    }
    close = deeper.get(word) or nearest(word, keys) or deeper.get(nearest(word, deeper) or "")
    return f'"{close}" (the nearest known key)' if close else f"one of {', '.join(keys)}"


def unknown_step(steps: Sequence[str | int], model: type[Part] = Story) -> str | None:
    """What the first step of a path that leads nowhere should have been; None if a setting may be there."""
    for end in range(1, len(steps) + 1):
        if not is_known(model, steps[:end]):
            return known_key(steps[:end], model)
    return None


def located(clash: Clash, data: dict[str, Any], places: Places) -> Problem:
    """A clash by names instead of positions, with the file and line it stands on."""
    path = named(data, clash.path)
    file, line = places.find(path)
    return Problem(where=dotted(path), found=clash.found, expected=clash.expected, file=file, line=line)


def _culprit(detail: ErrorDetails) -> tuple[str | int, ...]:
    """What has to be left out for the rest to be checked: the value, or the table that lacks one."""
    steps = tuple(step for step in detail["loc"] if step != "[key]")
    return steps[:-1] if detail["type"] == "missing" else steps


def _leave_out(data: Any, paths: list[tuple[str | int, ...]]) -> None:
    """Remove values in place, later list entries first so that positions stay true."""
    for *above, last in sorted(set(paths), key=lambda path: [(isinstance(s, str), s) for s in path], reverse=True):
        table = data
        for step in above:
            try:
                table = table[step]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(table, dict):
                table.pop(last, None)
            elif isinstance(table, list) and isinstance(last, int) and last < len(table):
                del table[last]


def _touched(clash: Clash, left_out: list[Path]) -> bool:
    """Whether a clash hangs on something that was left out; "*" in its dependencies stands for any entry."""
    return any(_overlap(need, path) for need in clash.needs for path in left_out)


def _overlap(need: Sequence[str | int], path: Path) -> bool:
    return all(wanted in ("*", step) for wanted, step in zip(need, path, strict=False))
