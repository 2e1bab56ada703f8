"""Measurements of speed on disk."""

from __future__ import annotations

import platform
from pathlib import Path

import pandas as pd

from sim.bench.bench import Bench
from sim.output.folder import PROVENANCE, explained, made_by, write_json, write_table

_KIND = {"family": "cpu family", "model": "model", "cache": "cache size"}  # as /proc/cpuinfo names them


def fill(part: Path, found: Bench, *, seed: int, command: str = "", named: Path | str = "") -> None:
    """Write bench.json, provenance.json and, if steps were timed, steps.parquet into an existing empty folder."""
    with explained(named or part):
        write_json(found.document(), part / "bench.json")
        if found.steps:
            write_table(pd.DataFrame(found.rows()), part / "steps.parquet")
        write_json({**made_by(command, [seed]), "processor": processor()}, part / PROVENANCE)


def processor() -> str:
    """What the processor calls itself, with family, model and cache, as one name covers many; empty if not told."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    first = dict(line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    told = {key.strip(): value.strip() for key, value in first.items()}
    if "model name" not in told:
        return platform.processor()
    kind = [f"{word} {told[key]}" for word, key in _KIND.items() if key in told]
    return told["model name"] + (f" ({', '.join(kind)})" if kind else "")
