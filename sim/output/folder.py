"""A folder for results: complete, or not there at all.

Everything is written into a hidden sibling folder, which gets its name only when it is complete. An interrupted or
failed run removes it again; an earlier result is replaced only by force, and only after the new one is complete.
"""

from __future__ import annotations

import glob
import json
import math
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import OutputError
from sim.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

#: The file by which a folder is known as a result, and so may be replaced by force.
PROVENANCE = "provenance.json"
#: Packages whose version can change numbers or pictures.
PACKAGES = ("numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic", "mesa")


def next_free(parent: Path | str, name: str) -> Path:
    """First of parent/name-001, parent/name-002, … that neither exists nor is being written."""
    number = 1
    while True:
        folder = Path(parent) / f"{name}-{number:03d}"
        if not folder.exists() and not any(folder.parent.glob(f".{glob.escape(folder.name)}.*.part")):
            return folder
        number += 1


@contextmanager
def reserved(folder: Path | str, *, force: bool = False) -> Iterator[Path]:
    """Hold a place for results: yields an empty folder to fill, which becomes `folder` when the block ends well.

    Checks before the block whether the place can be had at all, so that nobody waits for a run in vain. If the block
    raises, whatever has been written is removed and an earlier result stays as it was.

    Raises
    ------
    OutputError                     if the folder is taken, unwritable or no folder
    """
    target = Path(os.path.abspath(folder)) if not Path(folder).is_symlink() else Path(folder).resolve()
    with explained(folder):
        _check_free(target, force)
        made = _make_parents(target.parent)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        part.chmod(0o777 & ~_umask())
    try:
        yield part
        with explained(folder):
            _check_free(target, force)
            _publish(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        for parent in made:  # the deepest first; those that have become part of a result are not empty
            try:
                parent.rmdir()
            except OSError:
                break


def made_by(command: str, seeds: Sequence[int]) -> dict[str, Any]:
    """How a result was made: program, seeds, versions and machine type; no names of people or hosts."""
    return {
        "program": f"journey-simulator {VERSION}",
        "seeds": list(seeds),
        "command": command,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as parquet."""
    table.to_parquet(path, engine="pyarrow", compression="zstd", index=False)


def write_json(document: dict[str, Any], path: Path) -> None:
    """Write a document whose numbers are all defined (see `number`)."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def number(value: float) -> float | None:
    """JSON knows no NaN: undefined is null."""
    return value if math.isfinite(value) else None


def _check_free(target: Path, force: bool) -> None:
    """Refuse a place that is no folder, is taken, or holds something that is no result."""
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError(f"{target}: is a file, expected a folder for the results")
    if not any(target.iterdir()):
        return
    if not (target / PROVENANCE).exists():
        raise OutputError(f"{target}: holds other files than a result; choose another folder")
    if not force:
        raise OutputError(f"{target}: holds an earlier result; choose another folder, or replace it with --force")


def _make_parents(parent: Path) -> list[Path]:
    """Make a folder with its parents; returns those that were made, the deepest first."""
    missing = []
    for folder in (parent, *parent.parents):
        if folder.exists():
            break
        missing.append(folder)
    parent.mkdir(parents=True, exist_ok=True)
    return missing


def _publish(part: Path, target: Path) -> None:
    """Give a complete folder its name; an older one of that name is removed only afterwards."""
    if not target.exists():
        part.rename(target)
        return
    old = part.with_suffix(".old.part")
    target.rename(old)
    try:
        part.rename(target)
    except BaseException:
        if not target.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def explained(folder: Path | str) -> Iterator[None]:
    """Turn errors of the file system into one message."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: cannot write results: {error.strerror or error}") from error
