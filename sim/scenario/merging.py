"""Put a what-if on top of its base: tables key by key, named lists entry by entry, everything else replaced."""

from __future__ import annotations

from typing import Any

from sim.errors import Problem
from sim.scenario.places import Path, Source, dotted, named
from sim.scenario.story import NAMED_LISTS
from sim.scenario.words import nearest, shown

#: In the entry of a named list: take this one out of the base.
REMOVE = "remove"


def merge(sources: list[Source]) -> tuple[dict[str, Any], list[Problem]]:
    """All files of a chain as one set of tables.

    Parameters
    ----------
    sources : the most derived first

    Returns
    -------
    tables without `extends` and `remove`, names twice in one file kept twice; problems with what is to be removed
    """
    tables: dict[str, Any] = {}
    problems: list[Problem] = []
    for source in reversed(sources):
        found: list[tuple[Path, str, str]] = []
        change = {key: value for key, value in source.data.items() if key != "extends"}
        tables = _table(tables, change, (), found)
        for path, what, expected in found:
            line = next(
                (source.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in source.lines), None
            )
            problems.append(Problem(dotted(named(source.data, path)), what, expected, source.file, line))
    return tables, problems


def overlay(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A table with another one on top; the amounts of a spending file and those written out replace each other."""
    kept = dict(base)
    if "file" in change:
        kept = {key: value for key, value in kept.items() if key not in ("weeks_eur", "weeks_start")}
    if "weeks_eur" in change:
        kept = {key: value for key, value in kept.items() if key not in ("file", "column", "date_column")}
    return kept | change


def _table(
    base: dict[str, Any], change: dict[str, Any], path: Path, found: list[tuple[Path, str, str]]
) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    keys = tuple(step for step in path if isinstance(step, str))
    for key, value in change.items():
        below = base.get(key)
        if (*keys, key) in NAMED_LISTS and isinstance(value, list):
            merged[key] = _named_list(below if isinstance(below, list) else [], value, (*path, key), found)
        elif isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _table(below, value, (*path, key), found)
        else:
            merged[key] = value
    return overlay(base, merged)


def _named_list(base: list[Any], change: list[Any], path: Path, found: list[tuple[Path, str, str]]) -> list[Any]:
    merged = list(base)
    if base and not change:
        found.append((path, "[]", "entries to add or to change; take one of the base's out by name and remove = true"))
    here: set[str] = set()
    for at, entry in enumerate(change):
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            merged.append(entry)
            continue
        known = {other["name"]: position for position, other in enumerate(merged) if _has_name(other)}
        if REMOVE in entry:
            _remove(merged, known, entry, (*path, at), found)
        elif name in known and name not in here:
            merged[known[name]] = _table(merged[known[name]], entry, (*path, at), found)
        else:
            merged.append(entry)
        here.add(name)
    return merged


def _remove(
    merged: list[Any], known: dict[str, int], entry: dict[str, Any], path: Path, found: list[tuple[Path, str, str]]
) -> None:
    """Take an entry out of the list, in place."""
    name = entry["name"]
    if entry[REMOVE] is not True or len(entry) > 2:
        what = shown(entry[REMOVE]) if entry[REMOVE] is not True else "other settings beside it"
        found.append(((*path, REMOVE), what, "`remove = true` alone with the name of an entry"))
    elif name not in known:
        close = nearest(name, known)
        hint = f' (did you mean "{close}"?)' if close else ""
        found.append(((*path, REMOVE), f"no {shown(name)} to remove", f"the name of an entry in the base{hint}"))
    else:
        del merged[known[name]]


def _has_name(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("name"), str)
