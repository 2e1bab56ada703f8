"""Is any step of the day a quarter slower than it was? Ratios to yardsticks, so that a slow machine is no slow program.

    python -m benchmarks.baseline              compare with benchmarks/baseline.json; exit code 1 if a step is slower
    python -m benchmarks.baseline --update     make what is measured now the baseline of this processor, on purpose

Processors differ in what they are good at by more than a quarter, so each has a baseline of its own; on one without it
nothing is judged.

The same three days, with a storm in them, are lived again and again on one thread from copies of one morning. Between
the steps run the yardsticks; of a set of rounds the least time of each counts, on either side, without the time during
which other programs had the core. A step is slow if it is in every one of several sets, and the baseline is the median
of more sets. What is a small part of the day fails nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

import numpy as np

from benchmarks.workloads import load
from benchmarks.yardsticks import Yardsticks
from sim.bench.stopwatch import Probe, Stopwatch, Times
from sim.engine import Engine
from sim.output.bench import processor

FILE = Path(__file__).parent / "baseline.json"
#: How much slower a step may get; and one with less of the day than `MINOR_SHARE`, much of which is Python, whose time
#: depends more on what else goes on than that of kernels (measured: 29 % between loads of 4 and 7 on two cores).
TOLERANCE, MINOR_TOLERANCE = 1.25, 1.5
MINOR_SHARE = 0.07
#: A step with less of the day than this fails nothing.
SMALL_SHARE = 0.02
#: Rounds of a set, and sets: of a check before a step is called slow, and of a new baseline.
ROUNDS, MOST_SETS, SETS = 15, 6, 9
WORKLOAD = "storm_week"
MORNING, DAYS = 14, 3
#: What each step resembles.
RESEMBLES: dict[str, tuple[str, ...]] = {
    "plan": ("vector", "python"),
    "expose": ("vector", "scalar"),
    "talk": ("scalar", "python"),
    "storm": ("scalar",),
    "decide": ("vector", "scalar"),
    "experience": ("vector", "scalar"),
    "move": ("vector", "scalar"),
    "record": ("python",),
}


@dataclass(frozen=True)
class Measured:
    """A step: its time as a multiple of its yardsticks', and of days without a storm."""

    ratio: float
    share: float


class Bench:
    """A morning to which one can return, and the yardsticks."""

    def __init__(self) -> None:
        scenario = load(WORKLOAD)
        self._trunk = Engine(scenario, threads=1)
        while self._trunk.day < MORNING:
            self._trunk.step()
        self._yardsticks = Yardsticks()
        self._least: dict[str, float] = {}
        self._live_round()  # not counted: reads compiled code

    def measured(self) -> dict[str, Measured]:
        """A set of rounds: every step."""
        self._least = {}
        rounds = [self._live_round() for _ in range(ROUNDS)]
        least = {name: float(np.min([times[name] for times in rounds], axis=0).sum()) for name in rounds[0]}
        whole = sum(seconds for name, seconds in least.items() if name != "storm")
        return {
            name: Measured(seconds / DAYS / sum(self._least[one] for one in RESEMBLES[name]), seconds / whole)
            for name, seconds in least.items()
        }

    def _live_round(self) -> dict[str, list[float]]:
        """Seconds by step and day."""
        engine = self._trunk.branch(self._trunk.plan.scenario)
        between: dict[str, Probe] = {step.name: self._between for step in engine.order}
        watch, times = Stopwatch(engine, between, thread_time), Times()
        for _ in range(DAYS):
            watch.day(times)
        return times.steps

    def _between(self, _world: object) -> None:
        """All yardsticks, between two steps."""
        for name, work in self._yardsticks.all.items():
            began = thread_time()
            work()
            self._least[name] = min(self._least.get(name, np.inf), thread_time() - began)


def slower(measured: dict[str, Measured], baseline: dict[str, float]) -> list[str]:
    """Steps that take more than the tolerance allows; a step without a baseline is one of them.

    Parameters
    ----------
    measured : dict         by step
    baseline : dict         ratios by step
    """
    slow = []
    for name, one in measured.items():
        tolerance = TOLERANCE if one.share >= MINOR_SHARE else MINOR_TOLERANCE
        if one.share >= SMALL_SHARE and one.ratio > tolerance * baseline.get(name, 0.0):
            slow.append(name)
    return slow


def stored() -> dict[str, dict[str, float]]:
    """Ratios by processor and step."""
    found: dict[str, dict[str, float]] = json.loads(FILE.read_text(encoding="utf-8"))["ratios"]
    return found


def check() -> int:
    """Compare with the stored baseline and tell; returns the exit code."""
    ratios = stored().get(processor(), {})
    bench = Bench()
    measured = bench.measured()
    sets = 1
    while ratios and slower(measured, ratios) and sets < MOST_SETS:
        again = bench.measured()
        measured = {name: min(one, again[name], key=lambda found: found.ratio) for name, one in measured.items()}
        sets += 1
    slow = slower(measured, ratios) if ratios else []
    print(f"{'step':<12}{'share':>7}{'ratio':>9}{'baseline':>10}{'change':>9}    after {sets} sets of {ROUNDS} rounds")
    for name, one in measured.items():
        was = ratios.get(name)
        change = f"{100 * (one.ratio / was - 1):+.0f} %" if was else "new"
        verdict = "  slower" if name in slow else "  (small)" if one.share < SMALL_SHARE else ""
        print(f"{name:<12}{100 * one.share:>5.0f} %{one.ratio:>9.3f}{was or 0.0:>10.3f}{change:>9}{verdict}")
    if not ratios:
        print(f"\nNot judged: there is no baseline for {processor()}.", file=sys.stderr)
    if not slow:
        return 0
    print(f"\n{', '.join(slow)}: slower than the baseline by more than is allowed.", file=sys.stderr)
    print("If that is what it costs: python -m benchmarks.baseline --update", file=sys.stderr)
    return 1


def update() -> None:
    """Measure long and store."""
    bench = Bench()
    sets = [bench.measured() for _ in range(SETS)]
    steps = {name: round(float(np.median([found[name].ratio for found in sets])), 4) for name in sets[0]}
    document = {"workload": WORKLOAD, "ratios": dict(sorted((stored() | {processor(): steps}).items()))}
    FILE.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{FILE}: " + ", ".join(f"{name} {ratio:.3f}" for name, ratio in steps.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and do; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.baseline", description=__doc__.split("\n")[0])
    parser.add_argument("--update", action="store_true", help="make what is measured now the baseline")
    if parser.parse_args(arguments).update:
        update()
        return 0
    return check()


if __name__ == "__main__":
    raise SystemExit(main())
