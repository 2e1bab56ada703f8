"""Memory at the peak of a run, measured in a process of its own: targets 100 bytes per consumer and 4.5 per tie."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workloads import SMALL

ROOT = Path(__file__).parents[1]
AGENTS = 50_000 if SMALL else 2_000_000
CODE = """
import json, sys
from benchmarks.workloads import load
from sim.bench.memory import count_bytes, forget_peak, peak_bytes, resident_bytes
from sim.engine import Engine, simulate

agents, degree = int(sys.argv[1]), float(sys.argv[2])
scenario = load("ten_touchpoints", agents=agents, days=12, panel=0, **{"ties.friends.mean_degree": degree})
simulate(scenario.with_changes({"agents": 2000}))  # the program and its compiled code
before = resident_bytes()
forget_peak()
engine = Engine(scenario)
founded = peak_bytes()
forget_peak()
while not engine.finished:
    engine.step()
lived = peak_bytes()
found = count_bytes(engine.world)
print(json.dumps({
    "before": before, "founded": founded, "lived": lived, "each": found.each, "per_tie": found.per_tie,
    "directions": found.directions,
}))
"""


def _measured(degree: float) -> dict[str, float]:
    """Bytes of a run in a new process; None counts as an error."""
    command = [sys.executable, "-c", CODE, str(AGENTS), str(degree)]
    done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak can be watched on Linux only")
def test_peak(benchmark: BenchmarkFixture) -> None:
    """Peaks of founding and of living over ties of two and of twenty: what a consumer and what a tie takes."""
    few = _measured(2.0)
    many = benchmark.pedantic(_measured, args=(20.0,), rounds=1)
    more = many["directions"] - few["directions"]
    for phase in ("founded", "lived"):
        per_tie = (many[phase] - few[phase] - many["before"] + few["before"]) / more
        each = (few[phase] - few["before"] - per_tie * few["directions"]) / AGENTS
        benchmark.extra_info[f"{phase}_bytes_per_consumer"] = each
        benchmark.extra_info[f"{phase}_bytes_per_tie_and_direction"] = per_tie
    benchmark.extra_info["arrays_bytes_per_consumer"] = many["each"]
    benchmark.extra_info["arrays_bytes_per_tie_and_direction"] = many["per_tie"]
