"""The runs of a study on disk: a folder of parts that are complete or not there, and what is still missing.

A part is written under a temporary name and renamed, so that whatever stops a study (Ctrl-C, kill -9, a power cut)
leaves whole parts. Each row is one run, keyed by its parameters, seed and code version.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import OutputError
from sim.scenario.scenario import Scenario
from sim.scenario.story import Story
from sim.scenario.words import number_kind
from sim.scenario.writing import tables
from sim.studies.design import point_count
from sim.studies.study import Study
from sim.version import VERSION

STUDY = "study.json"
PARTS = "runs"
LOCK = ".working"
#: A part is written when it has so many rows, or has been gathered for this share of the time worked so far, within
#: limits: what a kill can lose stays small, and so does the number of parts.
MOST_ROWS = 1000
SHARE_OF_TIME = 0.02
LEAST_SECONDS, MOST_SECONDS = 0.5, 30.0
DAILY = "daily_"  # begins the names of columns with daily series
_HERE = Path(__file__).resolve().parents[1]
#: Source that cannot change what a run gives: pictures, studies (but not this format), the folder of a single run.
_OUTSIDE = ("report/", "studies/", "output/", "commands/", "model.py", "outlook.py")


@cache
def code_version() -> str:
    """Version of the program with a hash of all source that can change a run's numbers, and of Python and libraries."""
    known = f"{sys.version_info[:2]} {numba.__version__} {np.__version__}"
    digest = hashlib.blake2b(known.encode(), digest_size=6)
    for path in sorted(_HERE.rglob("*.py")):
        name = path.relative_to(_HERE).as_posix()
        if not name.startswith(_OUTSIDE):
            digest.update(name.encode() + path.read_bytes())
    return f"{VERSION}-{digest.hexdigest()}"


def run_key(values: Mapping[str, Any], seed: int) -> str:
    """Key of a run within its study: hash of parameters, seed and code version, 16 hexadecimal digits."""
    text = json.dumps([sorted(values.items()), seed, code_version()], default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Status:
    """How far a study is."""

    runs: int
    done: int  # failed ones included
    failed: int
    first_failure: tuple[int, str] | None = None  # number of the run, and why

    @property
    def missing(self) -> int:
        return self.runs - self.done


@dataclass(frozen=True)
class Runs:
    """A folder with the runs of a study.

    Attributes
    ----------
    folder : Path
    study : Study
    scenario : str              its title
    first_seed : int            of every point
    """

    folder: Path
    study: Study
    scenario: str
    first_seed: int

    @property
    def count(self) -> int:
        """Runs of the whole study."""
        return point_count(self.study) * self.study.seeds

    def parts(self) -> list[Path]:
        """Complete parts, in the order of their names."""
        return sorted((self.folder / PARTS).glob("[!.]*.parquet"))

    def done(self) -> NDArray[np.bool_]:
        """Which runs are there, bool [runs]."""
        there = np.zeros(self.count, bool)
        for table in self._each(["run"]):
            there[table["run"].to_numpy()] = True
        return there

    def forget_failed(self) -> None:
        """Take the failed runs out of their parts, so that they are missing; each part is replaced or removed whole.

        Raises
        ------
        OutputError             if a part cannot be read or written
        """
        for path, table in self._tables(None):
            fine = table.filter(table["error"].is_null())
            try:
                if fine.num_rows == 0:
                    path.unlink()
                elif fine.num_rows < table.num_rows:
                    _write_part(path, fine)
            except OSError as error:
                raise OutputError(f"{path}: cannot write results: {error.strerror or error}") from error

    def status(self) -> Status:
        """Runs in all, there and failed."""
        failed: list[tuple[int, str]] = []
        for table in self._each(["run", "error"]):
            wrong = table.filter(table["error"].is_valid())
            failed += zip(wrong["run"].to_pylist(), wrong["error"].to_pylist(), strict=True)
        first = min(failed, default=None)
        return Status(runs=self.count, done=int(self.done().sum()), failed=len(failed), first_failure=first)

    def frame(self) -> pd.DataFrame:
        """One row per run, in the order of the study: run, point, seed, key, error, seconds, parameters, indicators.

        Daily series on request are columns `daily_…` that hold one array per run; see `daily`.
        """
        found = list(self._each(None))
        table = pa.concat_tables(found) if found else schema(self.study).empty_table()
        frame: pd.DataFrame = table.to_pandas()
        return frame.sort_values("run", ignore_index=True)

    def daily(self) -> pd.DataFrame:
        """One row per run and day: run, point, seed, day, the daily series."""
        columns = [DAILY + name for name in self.study.daily]
        frame = self.frame()[["run", "point", "seed", "error", *columns]]
        frame = frame[frame["error"].isna()].drop(columns="error")
        frame["day"] = pd.Series([np.arange(len(days)) for days in frame[columns[0]]], frame.index) if columns else None
        long = frame.explode(["day", *columns], ignore_index=True)
        return long.rename(columns=lambda name: name.removeprefix(DAILY)).infer_objects()

    def _each(self, columns: list[str] | None) -> Iterator[pa.Table]:
        return (table for _, table in self._tables(columns))

    def _tables(self, columns: list[str] | None) -> Iterator[tuple[Path, pa.Table]]:
        for part in self.parts():
            try:
                table = pq.read_table(part, columns=columns)
            except (OSError, pa.ArrowException) as error:
                hint = "remove it, and the same sweep runs it again"
                raise OutputError(f"{part}: cannot be read ({error}); {hint}") from error
            yield part, table


def open_runs(folder: Path | str) -> Runs:
    """The runs in a folder that `sweep` has written.

    Raises
    ------
    OutputError                 if it is no such folder
    """
    document = _document(Path(folder))
    if document is None:
        raise OutputError(f"{folder}: holds no study; expected a folder written by journey sweep")
    study = Study.from_dict(document["study"])
    return Runs(Path(folder), study, document["title"], document["first_seed"])


def begin(folder: Path | str, scenario: Scenario, study: Study) -> Runs:
    """Make the folder of a study, or go on with one that holds the same study of the same scenario and code.

    Raises
    ------
    OutputError                 if it holds something else, saying what to do
    """
    place = Path(folder)
    wanted = _describe(scenario, study)
    there = _document(place)
    if there is None:
        if place.exists() and not place.is_dir():
            raise OutputError(f"{place}: is a file, expected a folder for the runs; choose another with --out")
        if place.exists() and any(place.iterdir()):
            raise OutputError(f"{place}: holds other files than a study's; choose another folder with --out")
        _make(place, wanted, scenario)
    elif (different := _difference(there, wanted)) is not None:
        raise OutputError(f"{place}: {different}")
    return Runs(place, study, scenario.title, scenario.seed)


@contextmanager
def begun(folder: Path | str, scenario: Scenario, study: Study) -> Iterator[Runs]:
    """`begin`, with any second sweep kept out; undone if the block fails before anything is finished.

    Raises
    ------
    OutputError                 if the folder holds something else, or another process is at work on it
    """
    place = Path(folder)
    new = not (place / STUDY).exists()
    made = [each for each in (place, *place.parents) if not each.exists()]
    runs = begin(place, scenario, study)
    with working(runs):
        try:
            yield runs
        except BaseException:
            if new and not runs.parts():
                _unmake(place, made)
            raise


def _unmake(place: Path, made: list[Path]) -> None:
    """Remove what `_make` has made, and folders that were made for it, the deepest first."""
    for file in (STUDY, LOCK, "scenario.toml"):
        (place / file).unlink(missing_ok=True)
    with suppress(OSError):
        for each in (place / PARTS, *made):
            each.rmdir()


def _describe(scenario: Scenario, study: Study) -> dict[str, Any]:
    return {
        "title": scenario.title,
        "scenario": scenario.fingerprint,
        "first_seed": scenario.seed,
        "code": code_version(),
        "study": tables(study),
    }


def _difference(there: dict[str, Any], wanted: dict[str, Any]) -> str | None:
    """What a folder holds instead of what is wanted, and what to do about it."""
    told = ("title", "description", "budget")  # change no run
    before, now = ({k: v for k, v in document["study"].items() if k not in told} for document in (there, wanted))
    if before != now:
        keys = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
        return f"holds runs of another study ({', '.join(keys)} differ); choose another folder with --out, or remove it"
    if there["scenario"] != wanted["scenario"]:
        return f"holds runs of another scenario ({there['title']}); choose another folder with --out, or remove it"
    if there["code"] != wanted["code"]:
        return (
            f"was begun with version {there['code']} of the program or its libraries, this is {wanted['code']}, whose"
            " numbers may differ; finish it with that version, or choose another folder with --out"
        )
    return None


def _document(folder: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads((folder / STUDY).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise OutputError(f"{folder / STUDY}: is damaged ({error}); choose another folder") from error
    return document


def _make(place: Path, document: dict[str, Any], scenario: Scenario) -> None:
    try:
        (place / PARTS).mkdir(parents=True, exist_ok=True)
        (place / "scenario.toml").write_text(scenario.to_toml(), encoding="utf-8")
        text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
        _renamed(place / STUDY, lambda path: path.write_text(text + "\n", encoding="utf-8"))
    except OSError as error:
        raise OutputError(f"{place}: cannot write results: {error.strerror or error}") from error


def _renamed(path: Path, write: Any) -> None:
    """Write a file under a temporary name beside it, and rename it when it is complete and on the disk."""
    part = path.with_name(f".{path.name}.part")
    write(part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def working(runs: Runs) -> Iterator[None]:
    """Keep a second sweep out of the folder; the system takes the lock back if this process dies."""
    try:
        import fcntl
    except ImportError:  # where there are no such locks two sweeps would do work twice, and rows are told apart by run
        yield
        return
    with (runs.folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutputError(
                f"{runs.folder}: another sweep is at work on this study; wait for it or end it"
            ) from error
        for rest in (runs.folder / PARTS).glob(".*.part"):  # of one that was killed
            rest.unlink(missing_ok=True)
        yield


class Writer:
    """Gathers rows and writes them part by part."""

    def __init__(self, runs: Runs, *, least_seconds: float = LEAST_SECONDS) -> None:
        self._runs, self._least = runs, least_seconds
        self._schema = schema(runs.study)
        self._rows: list[dict[str, Any]] = []
        self._began = self._since = time.monotonic()

    def add(self, row: dict[str, Any]) -> None:
        """Take down a run; writes a part if there is enough."""
        self._rows.append(row)
        now = time.monotonic()
        patience = min(MOST_SECONDS, max(self._least, SHARE_OF_TIME * (now - self._began)))
        if len(self._rows) >= MOST_ROWS or now - self._since >= patience:
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered.

        Raises
        ------
        OutputError             if the disk is full or the folder gone
        """
        self._since = time.monotonic()
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        first = min(rows, key=lambda row: row["run"])
        table = pa.Table.from_pylist(rows, self._schema)
        path = self._free(f"{first['run']:09d}-{first['key']}")
        try:
            _write_part(path, table)
        except OSError as error:
            raise OutputError(f"{path}: cannot write results: {error.strerror or error}") from error

    def _free(self, name: str) -> Path:
        """A path that no part has: others of the part with a failed run keep its name when that one is tried again."""
        parts = self._runs.folder / PARTS
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        return next(path for each in names if not (path := parts / f"{each}.parquet").exists())


def _write_part(path: Path, table: pa.Table) -> None:
    _renamed(path, lambda part: pq.write_table(table, part, compression="zstd"))


def schema(study: Study) -> pa.Schema:
    """Columns of a part."""
    fields = [
        ("run", pa.int64()), ("point", pa.int64()), ("seed", pa.int64()), ("key", pa.string()), ("error", pa.string()),
        ("seconds", pa.float64()),
    ]  # fmt: skip
    fields += [(parameter.path, _kind(parameter.path, parameter.values)) for parameter in study.parameters]
    fields += [(name, pa.float64()) for name in study.keep]
    fields += [(DAILY + name, pa.list_(pa.float64())) for name in study.daily]
    return pa.schema(fields)


def _kind(path: str, values: Iterable[Any]) -> pa.DataType:
    """Type of a parameter's column: a number where all are, else text."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return pa.int64() if number_kind(Story, path.split(".")) is int else pa.float64()
    return pa.bool_() if all(isinstance(value, bool) for value in values) else pa.string()
