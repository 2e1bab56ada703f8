"""Results on disk: a folder that is complete, or not there at all.

Everything is written into a hidden sibling folder, which gets its name only when it is complete. An interrupted or
failed run removes it again; an earlier result is replaced only by force, and only after the new one is complete.
"""

from __future__ import annotations

import glob
import gzip
import json
import math
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import OutputError
from sim.record import Results
from sim.scenario.scenario import Scenario
from sim.studies.replicates import Replicates
from sim.summary import CONFIDENCE, INDICATORS, interval, summarise
from sim.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

#: Files by which a folder is known as a result, and so may be replaced by force.
PROVENANCE = "provenance.json"
TABLES = ("daily", "touchpoints", "journeys", "brands")
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
    with _explained(folder):
        _check_free(target, force)
        made = _make_parents(target.parent)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        part.chmod(0o777 & ~_umask())
    try:
        yield part
        with _explained(folder):
            _check_free(target, force)
            _publish(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        for parent in made:  # the deepest first; those that have become part of a result are not empty
            try:
                parent.rmdir()
            except OSError:
                break


def write_results(
    results: Results,
    folder: Path | str,
    *,
    force: bool = False,
    replicates: Replicates | None = None,
    command: str = "",
) -> Path:
    """Write everything about a run into a new folder.

    Parameters
    ----------
    results : Results
    folder : path                   where; made with its parents
    force : bool                    replace an earlier result of that name
    replicates : Replicates         runs of further seeds, for intervals
    command : str                   how it was run, for the provenance

    Returns
    -------
    Path                            the folder: {daily, touchpoints, journeys, brands}.parquet, summary.json,
                                    scenario.toml, provenance.json, report.html; seeds.parquet with several seeds

    Raises
    ------
    OutputError                     if the folder is taken, unwritable or full; nothing is left behind
    """
    with reserved(folder, force=force) as part:
        fill(part, results, replicates=replicates, command=command, named=folder)
    return Path(folder)


def fill(
    part: Path,
    results: Results,
    *,
    replicates: Replicates | None = None,
    command: str = "",
    named: Path | str = "",
) -> None:
    """Write all files of a result into an existing empty folder; `named` is what errors call it."""
    from sim.report import write_report

    summary = replicates.summaries[0] if replicates else summarise(results)
    several = replicates if replicates and len(replicates.seeds) > 1 else None
    with _explained(named or part):
        for name in TABLES:
            _write_table(getattr(results, name), part / f"{name}.parquet")
        if several:
            _write_table(several.table(), part / "seeds.parquet")
        _write_json(summary_document(results, summary, several), part / "summary.json")
        (part / "scenario.toml").write_text(_portable(results.scenario, part).to_toml(), encoding="utf-8")
        report = part / "report.html"
        write_report(results, report, summary=summary, intervals=several.intervals if several else None)
        _write_json(provenance(results, several, command), part / PROVENANCE)


def summary_document(results: Results, summary: Mapping[str, float], several: Replicates | None) -> dict[str, Any]:
    """What summary.json holds: every indicator with label, unit, definition, value and interval over the seeds."""
    found = several.intervals if several else {name: interval([value]) for name, value in summary.items()}
    rows = {}
    for indicator in INDICATORS:
        value = found[indicator.name]
        rows[indicator.name] = {
            "value": _number(value.mean),
            "low": _number(value.low),
            "high": _number(value.high),
            "seeds": value.seeds,
            "label": indicator.label,
            "unit": indicator.unit,
            "group": indicator.group,
            "definition": indicator.how,
            "better": indicator.better,
        }
    seeds = list(several.seeds) if several else [results.seed]
    return {"title": results.scenario.title, "seeds": seeds, "confidence": CONFIDENCE, "indicators": rows}


def fill_study(
    part: Path,
    scenario: Scenario,
    *,
    page: str,
    tables: Mapping[str, pd.DataFrame],
    seeds: Sequence[int],
    plans: Mapping[str, Scenario] | None = None,
    command: str = "",
    named: Path | str = "",
) -> None:
    """Write a study into an existing empty folder: its page, tables, the scenario and further plans by name."""
    with _explained(named or part):
        for name, table in tables.items():
            _write_table(table, part / f"{name}.parquet")
        for name, plan in {"scenario": scenario, **(plans or {})}.items():
            (part / f"{name}.toml").write_text(_portable(plan, part).to_toml(), encoding="utf-8")
        (part / "report.html").write_text(page, encoding="utf-8")
        _write_json(origin(scenario, seeds, command), part / PROVENANCE)


def provenance(results: Results, several: Replicates | None = None, command: str = "") -> dict[str, Any]:
    """Where a result comes from: scenario, seeds, versions and machine type; no names of people or hosts."""
    return origin(results.scenario, several.seeds if several else [results.seed], command)


def origin(scenario: Scenario, seeds: Sequence[int], command: str) -> dict[str, Any]:
    """Scenario, seeds, versions and machine type behind anything that was run."""
    return {
        "program": f"journey-simulator {VERSION}",
        "title": scenario.title,
        "fingerprint": scenario.fingerprint,
        "seeds": list(seeds),
        "days": scenario.days,
        "agents": scenario.agents,
        "people_per_agent": scenario.market.size / scenario.agents,
        "command": command,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def _write_table(table: Any, path: Path) -> None:
    table.to_parquet(path, engine="pyarrow", compression="zstd", index=False)


def _write_json(document: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _number(value: float) -> float | None:
    """JSON knows no NaN: undefined is null."""
    return value if math.isfinite(value) else None


def _portable(scenario: Scenario, part: Path) -> Scenario:
    """The scenario with its edge lists copied into the folder as ties_<name>.txt.gz and named relative to it."""
    layers = []
    for layer in scenario.ties:
        if layer.file is None:
            layers.append(layer)
            continue
        name = f"ties_{layer.name}.txt.gz"
        source = Path(layer.file)
        with source.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if packed:
            shutil.copyfile(source, part / name)
        else:
            with (
                source.open("rb") as file,
                (part / name).open("wb") as raw,
                gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out,
            ):
                shutil.copyfileobj(file, out)
        layers.append(layer.model_copy(update={"file": name}))
    return scenario.model_copy(update={"ties": layers})


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
def _explained(folder: Path | str) -> Iterator[None]:
    """Turn errors of the file system into one message."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: cannot write results: {error.strerror or error}") from error
