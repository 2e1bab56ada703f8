"""Scenarios that come with the package, known by their name alone."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sim.errors import Problem, ScenarioError
from sim.scenario.words import nearest

_PACKAGE = Path(__file__).resolve().parents[1]


def folder_of(kind: str) -> Path:
    """Where files that come with the package are: inside the installed package, else in the checkout."""
    installed = _PACKAGE / ("shipped" if kind == "scenarios" else f"shipped_{kind}")
    return installed if installed.is_dir() else _PACKAGE.parent / kind


FOLDERS: tuple[Path, ...] = (folder_of("scenarios"),)


class Shipped(NamedTuple):
    """A scenario that can be named without its path."""

    name: str
    line: str  # its title, or the first line of its description


def shipped(folders: Iterable[Path] = FOLDERS) -> list[Shipped]:
    """All shipped scenarios by name. Files whose name begins with _ are only there to be extended."""
    return [Shipped(path.stem, _line(path)) for path in _files(folders)]


def find(
    name: str | os.PathLike[str],
    folders: Iterable[Path] = FOLDERS,
    *,
    beside: Path | None = None,
    what: str = "scenario",
) -> Path:
    """The file that was meant by a path or by the name of a shipped scenario.

    Parameters
    ----------
    name : path, with or without ``.toml`` if shipped; an existing file comes first
    folders : where shipped ones are
    beside : folder that relative paths start from; default: the current one
    what : what kind of file it is, for the message

    Raises
    ------
    ScenarioError
        If there is no such file; it names the shipped scenario nearest in name.
    """
    text = os.fspath(name)
    path = (beside or Path()) / text
    if path.is_file():
        return path
    by_name = {file.stem: file for file in _files(folders)}
    known = by_name.get(text.removesuffix(".toml"))
    if known is not None:
        return known
    if path.exists():
        return path
    close = nearest(Path(text).stem, by_name) if text else None
    hint = f' (did you mean "{close}"?)' if close else ""
    expected = f"a {what} file or the name of a shipped {what}: {', '.join(by_name) or 'there is none'}{hint}"
    raise ScenarioError([Problem(where="", found="no such file", expected=expected, file=str(path))])


def _files(folders: Iterable[Path]) -> list[Path]:
    """Scenario files, sorted by name; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in folder.glob("*.toml"):
            if not path.name.startswith("_"):
                found.setdefault(path.stem, path)
    return [found[name] for name in sorted(found)]


def _line(path: Path) -> str:
    try:
        contents = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return "(cannot be read)"
    text = str(contents.get("title") or contents.get("description") or "").strip()
    return text.split("\n")[0]
