"""Social ties from an edge list: two consumer numbers per line, plain or gzip."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem, ScenarioError
from sim.scenario.base import NONE
from sim.scenario.places import Places, dotted
from sim.scenario.words import shown

_COMMENT = re.compile(rb"#[^\n]*")
_MOST_SHOWN = 10  # bad lines
_CHUNK = 1 << 20  # bytes read at a time
_MOST_DIGITS = 10  # of a consumer number; longer ones are no consumer for sure
_EXPECTED = "an edge list: UTF-8 text or gzip, two consumer numbers per line"

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


def read_edges(path: str | Path, agents: int, *, where: str = "") -> tuple[Int32s, Int32s]:
    """Read undirected ties between consumers 0..agents-1.

    A line holds two whole numbers separated by blanks or tabs. Empty lines and what follows a # are skipped.

    Parameters
    ----------
    path : plain text or gzip, whatever its name
    agents : number of consumers
    where : the setting that names the file, for messages

    Returns
    -------
    a, b : int32 [edges]
        The ends of each tie, a < b, sorted by a, then b: the order of lines in the file means nothing.

    Raises
    ------
    ScenarioError
        Naming the lines that hold anything else, an unknown consumer, a tie to oneself or a tie listed before, in
        whichever direction; or if the file cannot be read or holds no ties.
    """
    raw = _bytes(Path(path), where)
    chunks = [_pairs(raw[begin:end], line) for begin, end, line in _chunks(raw)]
    unreadable = np.concatenate([chunk.unreadable for chunk in chunks])
    _refuse(raw, unreadable, "two whole numbers of at least 0", str(path), where)
    low, high, lines = (np.concatenate([getattr(c, part) for c in chunks]) for part in ("low", "high", "lines"))
    if not lines.size:
        raise ScenarioError([Problem(where, "no ties", _EXPECTED, str(path))])
    _refuse(raw, lines[high >= agents], f"consumer numbers from 0 to {agents - 1}", str(path), where)
    _refuse(raw, lines[low == high], "two different consumers", str(path), where)
    keys = low * agents + high
    ordered = np.sort(keys)
    if (ordered[1:] == ordered[:-1]).any():
        first = np.unique(keys, return_index=True)[1]
        again = np.delete(lines, first)
        _refuse(raw, again, "each tie once, in one direction", str(path), where)
    return (ordered // agents).astype(np.int32), (ordered % agents).astype(np.int32)


def missing_files(data: dict[str, Any], places: Places) -> list[Problem]:
    """Tie files of a scenario that are not there; what is in the others is checked when the ties are built."""
    ties = data.get("ties")
    problems = []
    for at, layer in enumerate(ties if isinstance(ties, list) else []):
        file = layer.get("file") if isinstance(layer, dict) else None
        if isinstance(file, str) and file != NONE and not Path(file).is_file():
            path = ("ties", layer["name"] if isinstance(layer.get("name"), str) else at, "file")
            found = f"{shown(file)}, {'a folder' if Path(file).is_dir() else 'no such file'}"
            problems.append(Problem(dotted(path), found, _EXPECTED, *places.find(path)))
    return problems


def _bytes(path: Path, where: str) -> bytes:
    """The text of the file, checked to be UTF-8, comments blanked."""

    def refused(found: str, line: int | None = None) -> ScenarioError:
        return ScenarioError([Problem(where, found, _EXPECTED, str(path), line)])

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise refused(
            "a folder" if path.is_dir() else (error.strerror or "a file that cannot be read").lower()
        ) from error
    if raw[:2] == b"\x1f\x8b" or path.suffix == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise refused(f"damaged gzip ({str(error).lower().rstrip('.')})") from error
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refused(f"a byte that is not UTF-8 ({raw[error.start]:#04x})", line) from error
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    return _COMMENT.sub(b"", raw) if b"#" in raw else raw


def _chunks(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Pieces of whole lines, small enough to stay in the cache: begin, end and number of the first line (0-based)."""
    begin, line = 0, 0
    while begin < len(raw) or begin == 0:
        end = raw.find(b"\n", begin + _CHUNK) + 1 or len(raw)
        yield begin, end, line
        line += raw.count(b"\n", begin, end)
        begin = max(end, 1)


@dataclass(frozen=True)
class _Pairs:
    """Ties of some lines, int64 each: smaller and larger end, 0-based lines; and lines that hold something else."""

    low: Int64s
    high: Int64s
    lines: Int64s
    unreadable: Int64s


def _pairs(raw: bytes, first_line: int) -> _Pairs:
    """Read lines that hold two runs of digits each, or nothing."""
    text = np.frombuffer(raw, np.uint8)
    digit = (text >= 48) & (text <= 57)
    allowed = digit | (text == 32) | (text == 9) | (text == 10) | (text == 13)
    edge = np.diff(digit.astype(np.int8), prepend=0, append=0)
    begins, ends = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    newlines = np.flatnonzero(text == 10)
    line_of = np.searchsorted(newlines, begins)
    count = np.bincount(line_of, minlength=newlines.size + 1)
    odd = (count != 0) & (count != 2)
    odd[np.searchsorted(newlines, np.flatnonzero(~allowed))] = True
    odd[line_of[ends - begins > _MOST_DIGITS]] = True
    if odd.any():
        none = np.zeros(0, np.int64)
        return _Pairs(none, none, none, np.flatnonzero(odd) + first_line)
    values = np.zeros(begins.size, np.int64)
    for place in range(int((ends - begins).max(initial=0))):
        longer = np.flatnonzero(ends - begins > place)
        values[longer] = values[longer] * 10 + (text[begins[longer] + place] - 48)
    first, second = values[0::2], values[1::2]
    lines = line_of[0::2] + first_line
    return _Pairs(np.minimum(first, second), np.maximum(first, second), lines, np.zeros(0, np.int64))


def _refuse(raw: bytes, lines: Iterable[np.integer[Any]], expected: str, file: str, where: str) -> None:
    """Raise if there are such lines (0-based), naming the first of them with their contents."""
    numbers = [int(line) for line in lines]
    if not numbers:
        return
    texts = raw.split(b"\n")
    problems = [
        Problem(where, shown(texts[line].decode("utf-8").strip()), expected, file, line + 1)
        for line in numbers[:_MOST_SHOWN]
    ]
    if len(numbers) > _MOST_SHOWN:
        problems.append(Problem(where, f"{len(numbers) - _MOST_SHOWN} more lines like these", "none", file))
    raise ScenarioError(problems)
