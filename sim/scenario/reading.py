"""Read scenario files: text to tables, and the chain of files they extend."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.scenario.places import Source
from sim.scenario.shipped import find
from sim.scenario.words import shown

_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def read_text(path: Path, expected: str, where: str = "") -> str:
    """The text of a file a user names, without byte order mark.

    Parameters
    ----------
    path, expected : the file, and in words what it should be
    where : the setting that names it, for the message

    Raises
    ------
    ScenarioError
        If it is missing, a folder, unreadable or not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError([Problem(where, _reason(path, error), expected, str(path))]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"a byte that is not UTF-8 ({raw[error.start]:#04x})"
        raise ScenarioError([Problem(where, found, f"{expected}, saved as UTF-8", str(path), line)]) from error


def refuse_other_marks(header: list[str], path: Path, where: str = "") -> None:
    """Refuse a CSV file whose columns are not separated by commas, as spreadsheets of some countries write it.

    Raises
    ------
    ScenarioError
    """
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            raise ScenarioError(
                [Problem(where, f"columns separated by {name}", "columns separated by commas", str(path), 1)]
            )


def _reason(path: Path, error: OSError) -> str:
    if path.is_dir():
        return "a folder"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return error.strerror.lower() if error.strerror else "a file that cannot be read"


def read_source(path: Path, expected: str = "a scenario file in TOML") -> Source:
    """One scenario file (or another that is `expected`) as tables.

    Paths of spending and tie files in it become absolute, as they are relative to this file.

    Raises
    ------
    ScenarioError
        If it cannot be read or is not TOML.
    """
    text = read_text(path, expected)
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise ScenarioError([Problem("", "tables nested too deeply", "valid TOML", str(path))]) from error
    except ValueError as error:
        raise ScenarioError([_syntax(path, str(error))]) from error
    return Source(str(path), text, anchored(data, path.parent))


def _syntax(path: Path, message: str) -> Problem:
    at = _POSITION.search(message)
    line = int(at["line"]) if at and at["line"] else None
    what = _POSITION.sub("", message)
    column = f" at column {at['column']}" if at and at["column"] else ""
    return Problem("", f"a mistake{column} ({what[:1].lower()}{what[1:]})", "valid TOML", str(path), line)


def read_chain(path: Path) -> list[Source]:
    """A scenario file and those it extends, the most derived first.

    Raises
    ------
    ScenarioError
        If one cannot be read, or if one extends itself by way of others.
    """
    chain = [read_source(path)]
    seen = [path.resolve()]
    while "extends" in chain[-1].data:
        this = chain[-1]
        base = this.data["extends"]
        if not isinstance(base, str) or not base:
            raise ScenarioError([_about_extends(this, shown(base), "the path of a scenario file")])
        try:
            path = find(base, beside=path.parent)
        except ScenarioError as error:
            raise ScenarioError([_about_extends(this, shown(base), error.problems[0].expected)]) from error
        if path.resolve() in seen:
            raise ScenarioError([_about_extends(this, shown(base), "a file that does not extend this one in turn")])
        seen.append(path.resolve())
        chain.append(read_source(path))
    return chain


def _about_extends(source: Source, found: str, expected: str) -> Problem:
    return Problem("extends", found, expected, source.file, source.lines.get(("extends",)))


def anchored(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The tables with the paths of spending and tie files made absolute, starting from `folder`."""
    touchpoints = [_anchored(entry, folder, inside="spend") for entry in _entries(data, "touchpoints")]
    ties = [_anchored(entry, folder) for entry in _entries(data, "ties")]
    return data | ({"touchpoints": touchpoints} if touchpoints else {}) | ({"ties": ties} if ties else {})


def _entries(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _anchored(entry: Any, folder: Path, inside: str | None = None) -> Any:
    if not isinstance(entry, dict):
        return entry
    if inside:
        return entry | {inside: _anchored(entry[inside], folder)} if inside in entry else entry
    file = entry.get("file")
    if not isinstance(file, str) or not file or file == "none":
        return entry
    return entry | {"file": os.path.abspath(folder / file)}
