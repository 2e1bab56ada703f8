"""Measurements of speed on disk."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pandas as pd

from sim.bench.bench import Bench
from sim.output.folder import PROVENANCE, explained, made_by, write_json, write_table


def fill(part: Path, found: Bench, *, seed: int, command: str = "", named: Path | str = "") -> None:
    """Write bench.json, provenance.json and, if steps were timed, steps.parquet into an existing empty folder."""
    with explained(named or part):
        write_json(found.document(), part / "bench.json")
        if found.steps:
            write_table(pd.DataFrame(found.rows()), part / "steps.parquet")
        write_json({**made_by(command, [seed]), "processor": processor()}, part / PROVENANCE)


def processor() -> str:
    """What the processor calls itself; empty if it does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names: list[Any] = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return str(names[0]) if names else platform.processor()
