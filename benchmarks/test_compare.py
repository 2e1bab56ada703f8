"""Comparing two plans over a year as a user waits for it, and which part of it is not simulating.

`JOURNEY_BENCH_SMALL=1` keeps the shape and shrinks the numbers.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import process_time

from pytest_benchmark.fixture import BenchmarkFixture

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.studies.lockstep import Lockstep

ROOT = Path(__file__).parents[1]
SMALL = os.environ.get("JOURNEY_BENCH_SMALL") == "1"
AGENTS, DAYS, SEEDS = (2_000, 30, 2) if SMALL else (100_000, 365, 20)
PLANS = ("coffee_subscription", "coffee_retention")


def test_command_line(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """`journey compare` of 2 plans, 20 seeds, 100,000 consumers and a year: target below 60 s on two cores."""
    size = ["--agents", str(AGENTS), "--days", str(DAYS), "--seeds", str(SEEDS), "--force", "--quiet"]
    command = [sys.executable, str(ROOT / "cli.py"), "compare", *PLANS, *size, "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    benchmark.pedantic(lambda: subprocess.run(command, check=True, env=environment), rounds=1)


def test_lockstep_costs_little_more_than_its_runs(benchmark: BenchmarkFixture) -> None:
    """CPU seconds of one seed under two plans; `own_share` is what is not spent in the engines' days."""
    scenarios = tuple(Scenario.load(name).with_changes({"agents": AGENTS, "days": DAYS, "panel": 0}) for name in PLANS)
    Lockstep(tuple(scenario.with_changes({"agents": 500, "days": 2}) for scenario in scenarios))(1, lambda: None)
    spent: list[float] = []

    def once() -> None:
        began = process_time()
        Lockstep(scenarios)(1, lambda: None)
        spent.append(process_time() - began)

    benchmark.pedantic(once, rounds=1 if SMALL else 3)
    began = process_time()
    for scenario in scenarios:
        engine = Engine(scenario, seed=1, threads=1)
        while not engine.finished:
            engine.step()
    alone = process_time() - began
    benchmark.extra_info["cpu_seconds"] = min(spent)
    benchmark.extra_info["own_share"] = 1.0 - alone / min(spent)
