"""Where something stands: dotted paths by name, and the line of a file that holds them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sim.scenario.story import NAMED_LISTS

Path = tuple[str | int, ...]  # keys, list positions, and names of the entries of named lists


def named(data: object, path: Sequence[str | int]) -> Path:
    """The path with list positions replaced by names, where entries have a name of their own."""
    steps: list[str | int] = []
    for step in path:
        entry = _child(data, step)
        label = step
        if isinstance(step, int) and isinstance(data, list) and tuple(steps) in NAMED_LISTS:
            name = _name(entry)
            if name and sum(_name(other) == name for other in data) == 1:
                label = name
        steps.append(label)
        data = entry
    return tuple(steps)


def dotted(path: Sequence[str | int]) -> str:
    """``touchpoints.tv.cpm_eur``"""
    return ".".join(str(step) for step in path)


@dataclass(frozen=True)
class Source:
    """A scenario file as it was read.

    Attributes
    ----------
    file : as shown in messages
    text : its contents
    data : the same as tables
    """

    file: str
    text: str
    data: dict[str, Any]

    @cached_property
    def lines(self) -> dict[Path, int]:
        """1-based line of every key and table header, by keys and list positions."""
        return dict(_lines(self.text))

    def positions(self, path: Path) -> Path:
        """The path with names replaced by positions in this file, as far as it goes; the last of equals wins."""
        steps: list[str | int] = []
        data: object = self.data
        by_name: list[str | int] = []
        for step in path:
            if isinstance(step, str) and isinstance(data, list) and tuple(by_name) in NAMED_LISTS:
                at = [position for position, entry in enumerate(data) if _name(entry) == step]
                if not at:
                    break
                steps.append(at[-1])
            else:
                steps.append(step)
            by_name.append(step)
            data = _child(data, steps[-1])
        return tuple(steps)


@dataclass(frozen=True)
class Places:
    """The files a scenario was read from, most derived first; none for a scenario built in Python."""

    sources: list[Source] = field(default_factory=list)

    def find(self, path: Path) -> tuple[str, int | None]:
        """File and line that say most about a path of names: of the key itself, else of the table around it."""
        best: tuple[str, int | None] = (self.sources[0].file if self.sources else "", None)
        depth = 0
        for source in self.sources:
            steps = source.positions(path)
            for end in range(len(steps), depth, -1):
                line = source.lines.get(steps[:end])
                if line is not None:
                    best, depth = (source.file, line), end
                    break
        return best


def _child(data: object, step: str | int) -> object:
    if isinstance(data, dict):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        return data[step]
    return None


def _name(entry: object) -> str | None:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name else None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Line, text and contents of every statement of valid TOML; one may take several lines."""
    begun, statement = 0, ""
    for number, line in enumerate(text.split("\n"), start=1):
        if statement and not any(mark in line for mark in ("]", "}", '"""', "'''")):
            statement += f"\n{line}"
            continue
        begun, statement = (begun, f"{statement}\n{line}") if statement else (number, line)
        try:
            contents = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if contents:
            yield begun, statement, contents
        statement = ""


def _lines(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    entries: dict[Path, int] = {}  # entries so far of every array of tables
    for line, statement, contents in _statements(text):
        if statement.lstrip().startswith("["):
            keys = _header(contents)
            table = ()
            for depth, key in enumerate(keys, start=1):
                table = (*table, key)
                if depth == len(keys) and statement.lstrip().startswith("[["):
                    entries[table] = entries.get(table, 0) + 1
                    if entries[table] == 1:
                        yield table, line
                if table in entries:
                    table = (*table, entries[table] - 1)
            yield table, line
        else:
            for path in _paths(contents):
                yield (*table, *path), line


def _header(contents: dict[str, Any]) -> list[str]:
    keys: list[str] = []
    inside: Any = contents
    while inside:
        inside = inside[0] if isinstance(inside, list) else inside
        if inside:
            key = next(iter(inside))
            keys.append(key)
            inside = inside[key]
    return keys


def _paths(data: object) -> Iterator[Path]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (key,)
            for path in _paths(value):
                yield (key, *path)
