"""Sweeps: what a run costs beside its plain simulation, and what a second worker gains."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workloads import SMALL, load
from sim.engine import Engine
from sim.studies.sweep import sweep

RUNS = 4 if SMALL else 100


def _study(runs: int) -> dict[str, Any]:
    """A grid of so many prices."""
    values = [12.0 + 0.01 * k for k in range(runs)]
    return {
        "title": "Prices", "seeds": 1, "keep": ["won", "profit"], "design": {"kind": "grid"},
        "parameters": [{"path": "market.price", "values": values}],
    }  # fmt: skip


def _plain(runs: int) -> float:
    """Seconds of so many runs one after the other in this process, without a study around them."""
    scenario = load("sweep_run")
    began = perf_counter()
    for _ in range(runs):
        engine = Engine(scenario, threads=1)
        while not engine.finished:
            engine.step()
    return perf_counter() - began


def test_overhead_and_workers(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """`overhead` per run against a plain simulation, with one worker; `speedup` of two workers, start included.

    A run of the study also gets its indicators, and is written.
    """
    scenario = load("sweep_run")
    _plain(1)
    seconds: dict[int, float] = {}

    def study() -> None:
        for workers in (1, 2):
            began = perf_counter()
            sweep(scenario, _study(RUNS), tmp_path / f"workers_{workers}", workers=workers)
            seconds[workers] = perf_counter() - began

    benchmark.pedantic(study, rounds=1)
    benchmark.extra_info["overhead"] = seconds[1] / _plain(RUNS) - 1.0
    benchmark.extra_info["speedup"] = seconds[1] / seconds[2]
    benchmark.extra_info["seconds_per_run"] = seconds[1] / RUNS
