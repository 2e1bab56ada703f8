"""A whole day of a million consumers: with one thread and with two by turns, and with and without what is recorded."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workloads import SMALL, load
from sim.bench.bench import bench
from sim.bench.stopwatch import REST, Stopwatch, Times
from sim.engine import Engine

AGENTS, DAYS = (20_000, 4) if SMALL else (1_000_000, 28)


@pytest.mark.skipif(getattr(numba.config, "NUMBA_NUM_THREADS") < 2, reason="one core")  # noqa: B009
def test_threads(benchmark: BenchmarkFixture) -> None:
    """Days on two threads and on one, every other: `speedup` under `extra_info`."""
    scenario = load("main", agents=AGENTS, days=2 * DAYS)
    found = benchmark.pedantic(bench, args=(scenario,), kwargs={"threads": 2}, rounds=1)
    benchmark.extra_info["speedup"] = found.speedup
    benchmark.extra_info["ns_per_consumer_day"] = found.ns_per_consumer_day
    benchmark.extra_info["compiling_seconds"] = found.compiling


def test_recording(benchmark: BenchmarkFixture) -> None:
    """What the record and a panel of a thousand add to a day, `recording_adds`: target below 10 %."""
    scenario = load("main", agents=AGENTS, days=DAYS + 3)
    runs = {panel: Engine(scenario.with_changes({"panel": panel}), threads=1) for panel in (0, 1000)}
    watches, times = {panel: Stopwatch(engine) for panel, engine in runs.items()}, {panel: Times() for panel in runs}

    def live() -> None:
        for _ in range(DAYS):
            for panel, watch in watches.items():  # by turns, so that the machine is the same for both
                watch.day(times[panel])

    for watch in watches.values():
        for _ in range(3):
            watch.day(Times())
    benchmark.pedantic(live, rounds=1)
    with_it = np.median(times[1000].days)
    without = np.median(np.subtract(times[0].days, times[0].steps[REST]))
    benchmark.extra_info["recording_adds"] = float(with_it / without - 1.0)
