"""Sweeps: what a run costs beside its plain simulation, and what a second worker gains."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter, process_time
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
    """CPU seconds of so many runs one after the other in this process, without a study around them."""
    scenario = load("sweep_run")
    began = process_time()
    for _ in range(runs):
        engine = Engine(scenario, threads=1)
        while not engine.finished:
            engine.step()
    return process_time() - began


def test_overhead_and_workers(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """`overhead` of a run in CPU time against a plain simulation; `speedup` of two workers, start included.

    A run of the study also gets its indicators, and is written.
    """
    scenario = load("sweep_run")
    _plain(1)
    seconds: dict[int, float] = {}
    spent: dict[int, float] = {}  # by this process, which does the work itself if there is one worker

    def study() -> None:
        for workers in (1, 2):
            began, before = perf_counter(), process_time()
            sweep(scenario, _study(RUNS), tmp_path / f"workers_{workers}", workers=workers)
            seconds[workers], spent[workers] = perf_counter() - began, process_time() - before

    benchmark.pedantic(study, rounds=1)
    benchmark.extra_info["overhead"] = spent[1] / _plain(RUNS) - 1.0
    benchmark.extra_info["speedup"] = seconds[1] / seconds[2]
    benchmark.extra_info["seconds_per_run"] = seconds[1] / RUNS
