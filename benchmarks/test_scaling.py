"""How time grows with consumers, ties, touchpoints and days: exponents of a power law, under `extra_info`.

The time of a day is the median; 1 means in proportion, 0 means not at all. What grows by more than in proportion
(exponent above 1) is where a larger population would hurt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workloads import HUGE, SMALL, least_seconds, load
from sim.bench.memory import peak_bytes
from sim.bench.stopwatch import Stopwatch, Times
from sim.engine import Engine, simulate
from sim.scenario.scenario import Scenario

AGENTS = 10_000 if SMALL else 200_000
DAYS = 3 if SMALL else 10


def median_day(scenario: Scenario, days: int = DAYS) -> float:
    """Seconds of a day on one thread, after two that are not counted."""
    engine = Engine(scenario, threads=1)
    watch, times = Stopwatch(engine), Times()
    for _ in range(2):
        watch.day(Times())
    for _ in range(days):
        watch.day(times)
    return float(np.median(times.days))


def fitted_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Slope of log time over log size by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def grow(benchmark: BenchmarkFixture, sizes: Sequence[int], make: Callable[[int], Scenario]) -> list[float]:
    """Seconds of a day by size; told with the exponent."""
    seconds: list[float] = []

    def all_sizes() -> None:
        seconds.extend(median_day(make(size)) for size in sizes)

    median_day(make(sizes[0]))  # reads compiled code
    benchmark.pedantic(all_sizes, rounds=1)
    benchmark.extra_info["seconds_by_size"] = dict(zip(map(str, sizes), seconds, strict=True))
    benchmark.extra_info["exponent"] = fitted_exponent(sizes, seconds)
    return seconds


def test_exponent_is_a_slope() -> None:
    sizes = [1.0, 10.0, 100.0]
    assert fitted_exponent(sizes, [3.0 * size**1.5 for size in sizes]) == pytest.approx(1.5)


def test_consumers(benchmark: BenchmarkFixture) -> None:
    """From a hundred thousand to ten million consumers, ties growing along."""
    sizes = [5_000, 20_000] if SMALL else [100_000, 1_000_000, 10_000_000]
    seconds = grow(benchmark, sizes, lambda agents: load("ten_touchpoints", agents=agents, days=60))
    for size, each in zip(sizes, seconds, strict=True):
        benchmark.extra_info[f"ns_per_consumer_day_{size}"] = 1e9 * each / size


def test_ties(benchmark: BenchmarkFixture) -> None:
    """From two to forty ties each: only talk should grow."""
    sizes = [2, 8] if SMALL else [2, 10, 40]
    path = "ties.family_and_friends.mean_degree"
    grow(benchmark, sizes, lambda degree: load("main", agents=AGENTS, days=60, **{path: float(degree)}))


def test_touchpoints(benchmark: BenchmarkFixture) -> None:
    """From two to thirty-two touchpoints of one kind."""
    grow(
        benchmark,
        [2, 8] if SMALL else [2, 8, 32],
        lambda count: with_lines(load("minimal", agents=AGENTS, days=30), count),
    )


def with_lines(scenario: Scenario, count: int) -> Scenario:
    """The scenario with so many paid touchpoints instead of its own."""
    tables: dict[str, Any] = scenario.model_dump(mode="json", exclude_defaults=True)
    line = {"kind": "paid", "purpose": "brand", "cpm_eur": 15.0, "spend": {"weekly_eur": 200_000.0}}
    tables["touchpoints"] = [{"name": f"line_{k}", **line} for k in range(count)]
    return Scenario.from_dict(tables)


def test_days(benchmark: BenchmarkFixture) -> None:
    """Whole runs, founding and tables included, of ever more days."""
    sizes, seconds = [5, 20] if SMALL else [30, 90, 365], []
    simulate(load("main", agents=2000, days=12))

    def all_lengths() -> None:
        for days in sizes:
            began = perf_counter()
            simulate(load("main", agents=AGENTS, days=days), threads=1)
            seconds.append(perf_counter() - began)

    benchmark.pedantic(all_lengths, rounds=1)
    benchmark.extra_info["exponent"] = fitted_exponent(sizes, seconds)
    benchmark.extra_info["seconds_by_size"] = dict(zip(map(str, sizes), seconds, strict=True))


@pytest.mark.skipif(not (HUGE or SMALL), reason="100 million consumers: JOURNEY_BENCH_HUGE=1")
def test_as_many_as_fit(benchmark: BenchmarkFixture) -> None:
    """A hundred million consumers over thirty days with hardly any touchpoint, in one process."""
    scenario = load("minimal")
    simulate(scenario.with_changes({"agents": 2000, "days": 3}))
    benchmark.pedantic(simulate, args=(scenario,), rounds=1)
    benchmark.extra_info["peak_gigabytes"] = (peak_bytes() or 0) / 1e9
    benchmark.extra_info["ns_per_consumer_day"] = 1e9 * least_seconds(benchmark) / (scenario.agents * scenario.days)
