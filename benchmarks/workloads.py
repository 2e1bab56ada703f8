"""Workloads by name: data in `workloads.toml`, scenarios here."""

from __future__ import annotations

import math
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

HERE = Path(__file__).parent
#: Whether benchmarks keep their shape and shrink their numbers, to see in seconds that they still work.
SMALL = os.environ.get("JOURNEY_BENCH_SMALL") == "1"
#: Whether the largest population there is was asked for: 100 million consumers, 10 GB and minutes.
HUGE = os.environ.get("JOURNEY_BENCH_HUGE") == "1"


def least_seconds(benchmark: BenchmarkFixture) -> float:
    """The shortest round; NaN where benchmarks are run once, without a clock."""
    return float(benchmark.stats["min"]) if benchmark.stats else math.nan


def settings() -> dict[str, dict[str, Any]]:
    """All workloads as they stand in the file, by name."""
    return tomllib.loads((HERE / "workloads.toml").read_text(encoding="utf-8"))


def load(name: str, **changes: Any) -> Scenario:
    """The scenario of a workload, small if benchmarks are; `changes` come last.

    Raises
    ------
    KeyError                if there is no workload of that name
    """
    workload = settings()[name]
    beside = HERE / workload["scenario"]
    scenario = Scenario.load(beside if beside.exists() else workload["scenario"])
    small = workload.get("small", {}) if SMALL else {}
    return scenario.with_changes(workload["set"] | small | changes)
