"""Whole runs: a million consumers in one process, and the command line as a user waits for it.

`JOURNEY_BENCH_SMALL=1` keeps the shape and shrinks the numbers, to see in seconds that the benchmarks still work.
Figures of peak memory and of the first run ever stand under `extra_info`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sim.engine import simulate
from sim.scenario.scenario import Scenario

HERE = Path(__file__).parent
ROOT = HERE.parent
SMALL = os.environ.get("JOURNEY_BENCH_SMALL") == "1"


@pytest.mark.parametrize("agents", [20_000] if SMALL else [100_000, 1_000_000])
def test_a_year_in_one_process(benchmark: BenchmarkFixture, agents: int) -> None:
    """From a loaded scenario to tables, warm: target below 15 s and 1 GB for a million consumers."""
    scenario = Scenario.load(HERE / "million.toml").with_changes({"agents": agents, "days": 30 if SMALL else 365})
    simulate(scenario.with_changes({"agents": 1000, "days": 2}))  # compiled, or read from the cache
    results = benchmark.pedantic(simulate, args=(scenario,), rounds=1 if SMALL else 3)
    benchmark.extra_info["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert len(results.daily) == scenario.days * 4


def _run(out: Path, cache: Path | None = None) -> float:
    """Seconds of `journey run` of the shipped main example."""
    size = ["--agents", "2000", "--days", "30"] if SMALL else ["--agents", "100000", "--days", "365"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    command = [sys.executable, str(ROOT / "cli.py"), "run", "coffee_subscription", *size, "--force", "--out", str(out)]
    began = perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def test_command_line_warm(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """`journey run` of 100,000 consumers and one year, with start, tables and report: target below 5 s."""
    _run(tmp_path / "out")
    benchmark.pedantic(_run, args=(tmp_path / "out",), rounds=1 if SMALL else 5)


@pytest.mark.skipif(SMALL, reason="compiling takes as long for a small run")
def test_first_run_ever(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """The same with nothing compiled yet: target below 60 s; compiling is what it takes longer than a warm run."""
    cold = benchmark.pedantic(_run, args=(tmp_path / "out", tmp_path / "cache"), rounds=1)
    benchmark.extra_info["compiling_seconds"] = cold - _run(tmp_path / "out", tmp_path / "cache")
