"""How fast a scenario runs on this machine: compiling told apart, days with all threads and with one by turns."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from sim import outlook
from sim.bench.limits import Limits, measure_limits
from sim.bench.memory import Memory, count_bytes, forget_peak, peak_bytes, resident_bytes
from sim.bench.stopwatch import Stopwatch, Times
from sim.bench.work import Bound, TieCount, bound, happened, tables
from sim.engine import Engine
from sim.plan import make_plan
from sim.scenario.scenario import Scenario

#: Consumers of the run that shows what a day costs whatever their number.
FEW = 1000
#: Consumers and days of the run that compiles: enough for somebody to talk, complain and be served.
FIRST_AGENTS, FIRST_DAYS = 5000, 10
#: Below this many bytes of consumers and ties, the measured peak says more about the rest of the program.
TELLING_BYTES = 64 * 2**20
MEGABYTE = 2**20
#: Sizes of tables read at random that are told for comparison, in bytes.
TABLES = (MEGABYTE, 32 * MEGABYTE)
YEAR = 365
#: Days lived before the clock counts.
WARMING_DAYS = 2


@dataclass(frozen=True)
class StepTime:
    """A step of the day: what it takes, and what it would take at the least.

    Attributes
    ----------
    name : str
    seconds : float         mean of a day
    share : float           of the whole day
    fixed : float           of `seconds`: with next to no consumers, so Python and calls
    limit : Bound
    """

    name: str
    seconds: float
    share: float
    fixed: float
    limit: Bound

    @property
    def ratio(self) -> float:
        """How many times its limit the step takes; NaN where there is none."""
        return self.seconds / self.limit.seconds if self.limit.seconds > 0.0 else float("nan")


@dataclass(frozen=True)
class Bench:
    """What was measured; all times in seconds, warm unless said.

    Attributes
    ----------
    title : str
    agents, days, threads, touchpoints : int
    compiling : float       a first small run less the same again
    compiled : int          functions compiled in that time, helpers among them; 0 if kernels were read from disk
    founding : float        consumers and ties drawn, the brand set up
    day : float             mean of a day
    quickest, slowest : float
    alone : float           mean of a day on one thread; NaN if it was not tried
    memory : Memory
    estimated : float       bytes per consumer that `journey check` reckons with, ties and all
    free : int or None      bytes of memory that were free before
    steps : tuple           empty unless asked for
    limits : Limits or None
    """

    title: str
    agents: int
    days: int
    threads: int
    touchpoints: int
    compiling: float
    compiled: int
    founding: float
    day: float
    quickest: float
    slowest: float
    alone: float
    memory: Memory
    estimated: float
    free: int | None
    steps: tuple[StepTime, ...] = ()
    limits: Limits | None = None

    @property
    def consumer_days_per_second(self) -> float:
        """Consumers lived through per second and day."""
        return self.agents / self.day

    @property
    def ns_per_consumer_day(self) -> float:
        """Nanoseconds per consumer and day."""
        return 1e9 * self.day / self.agents

    @property
    def speedup(self) -> float:
        """How many times as fast all threads are as one; NaN if one was not tried."""
        return self.alone / self.day

    @property
    def year(self) -> float:
        """A year of these consumers: founding and 365 days."""
        return self.founding + YEAR * self.day

    @property
    def measured(self) -> float:
        """Bytes per consumer at the peak, ties and all; NaN if unknown or if the population is too small to tell."""
        if self.memory.peak is None or self.memory.arrays < TELLING_BYTES:
            return float("nan")
        return self.memory.peak / self.agents

    @property
    def tells(self) -> bool:
        """Whether there are enough consumers for what is measured to be about them; below, it is Python's start."""
        return self.agents >= FEW

    @property
    def holds(self) -> float:
        """Consumers of this kind that the free memory holds, by the larger of reckoned and measured; NaN if unknown."""
        if self.free is None:
            return float("nan")
        each = self.estimated if math.isnan(self.measured) else max(self.estimated, self.measured)
        return max(0.0, (self.free - outlook.START_BYTES) / each)

    def document(self) -> dict[str, Any]:
        """All figures with their units in the names, for JSON; None where there is none."""
        memory, limits = self.memory, self.limits
        plain: dict[str, Any] = {
            "title": self.title,
            "agents": self.agents,
            "days": self.days,
            "threads": self.threads,
            "touchpoints": self.touchpoints,
            "compiling_seconds": self.compiling,
            "functions_compiled": self.compiled,
            "founding_seconds": self.founding,
            "day_seconds": self.day,
            "quickest_day_seconds": self.quickest,
            "slowest_day_seconds": self.slowest,
            "day_on_one_thread_seconds": self.alone,
            "speedup": self.speedup,
            "consumer_days_per_second": self.consumer_days_per_second,
            "ns_per_consumer_day": self.ns_per_consumer_day,
            "year_seconds": self.year,
            "bytes_per_consumer": memory.each,
            "bytes_per_tie_and_direction": memory.per_tie,
            "ties_per_consumer": memory.directions / self.agents,
            "peak_bytes": memory.peak,
            "peak_bytes_per_consumer": self.measured,
            "reckoned_bytes_per_consumer": self.estimated,
            "free_bytes": self.free,
            "agents_that_fit": self.holds,
        }
        if limits is not None:
            plain["limits"] = {
                "stream_bytes_per_second": limits.stream,
                "draws_per_second": limits.draws,
                "screening_words_per_second": limits.words,
                "random_reads_per_second": {str(size): rate for size, rate in limits.reads.items()},
            }
            plain["steps"] = self.rows()
        return {name: _defined(value) for name, value in plain.items()}

    def rows(self) -> list[dict[str, Any]]:
        """The steps as rows of a table."""
        return [
            {
                "step": step.name,
                "seconds_per_day": step.seconds,
                "share": step.share,
                "fixed_seconds": step.fixed,
                "limit_seconds": step.limit.seconds,
                "limited_by": step.limit.by,
                "stream_seconds": step.limit.stream,
                "random_read_seconds": step.limit.jumps,
                "draw_seconds": step.limit.draws,
                "ratio": step.ratio,
            }
            for step in self.steps
        ]


def _defined(document: Any) -> Any:
    """The same with None for NaN, as JSON wants it."""
    if isinstance(document, dict):
        return {name: _defined(value) for name, value in document.items()}
    if isinstance(document, list):
        return [_defined(value) for value in document]
    return None if isinstance(document, float) and not np.isfinite(document) else document


def bench(
    scenario: Scenario,
    *,
    threads: int | None = None,
    steps: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Bench:
    """Measure a scenario on this machine, for as many days as it has.

    Parameters
    ----------
    scenario : Scenario
    threads : int, optional     default: as many as pay. With more than one, every other day is lived on one thread, so
                                that the ratio holds whatever else the machine does
    steps : bool                also the steps, and their limits on this machine
    progress : callable         called with (days done, days in all)

    Raises
    ------
    MachineError                if the consumers do not fit
    ValueError                  if `threads` is below 1 or above what numba was started with
    """
    days, agents = scenario.days, scenario.agents
    outlook.require_memory(scenario)
    compiled = _misses()
    compiling = _small_run(scenario, threads)
    compiling -= _small_run(scenario, threads)
    compiled = _misses() - compiled

    gc.collect()
    free, before = outlook.free_bytes(), resident_bytes()
    forget_peak()
    began = perf_counter()
    engine = Engine(scenario, threads=threads)
    founding = perf_counter() - began
    several = engine.threads
    ties = TieCount(engine.world)
    watch = Stopwatch(engine, {"talk": ties} if steps else None)
    together, alone, warming = Times(), Times(), Times()
    counted: list[int] = []
    for day in range(days):
        lone = several > 1 and (days - day) % 2 == 0
        warm = day >= min(WARMING_DAYS, days - 1)
        engine.threads = 1 if lone else several
        watch.day(warming if not warm else alone if lone else together)
        if warm and not lone:
            counted.append(day)
        if progress:
            progress(day + 1, days)
    peak = peak_bytes()
    plan = make_plan(scenario)
    found = Bench(
        title=scenario.title,
        agents=agents,
        days=days,
        threads=several,
        touchpoints=len(plan.touchpoints.names),
        compiling=max(0.0, compiling),
        compiled=compiled,
        founding=founding,
        day=float(np.mean(together.days)),
        quickest=min(together.days),
        slowest=max(together.days),
        alone=float(np.mean(alone.days)) if alone.days else float("nan"),
        memory=count_bytes(engine.world, None if peak is None or before is None else max(0, peak - before)),
        estimated=(outlook.estimated_bytes(plan) - outlook.START_BYTES) / agents,
        free=free,
    )
    return _with_steps(found, engine, together, counted, ties) if steps else found


def _smaller(scenario: Scenario, agents: int, days: int) -> Scenario:
    """The same story with fewer consumers, untracked; an edge list needs those it names."""
    named = any(layer.kind == "file" for layer in scenario.ties)
    others = max((math.ceil(layer.mean_degree) for layer in scenario.ties), default=0)
    fewer = scenario.agents if named else min(max(agents, others + 1), scenario.agents)
    return scenario.with_changes({"agents": fewer, "days": min(days, scenario.days), "panel": 0})


def _small_run(scenario: Scenario, threads: int | None) -> float:
    """Seconds of a run of few consumers, from founding to tables."""
    began = perf_counter()
    engine = Engine(_smaller(scenario, FIRST_AGENTS, FIRST_DAYS), threads=threads)
    while not engine.finished:
        engine.step()
    engine.everybody()
    return perf_counter() - began


def _misses() -> int:
    """Functions this process has compiled, kernels and their helpers, because they were not on disk."""
    seen = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("sim."):
            for value in vars(module).values():
                misses = getattr(getattr(value, "stats", None), "cache_misses", None)
                if misses:
                    seen[id(value)] = sum(misses.values())
    return sum(seen.values())


def _with_steps(found: Bench, engine: Engine, times: Times, days: list[int], ties: TieCount) -> Bench:
    """The same with the steps and their limits."""
    small = Engine(_smaller(engine.plan.scenario, FEW, engine.plan.days), threads=1)
    watch, fixed = Stopwatch(small), Times()
    for _ in range(min(20, small.plan.days)):
        watch.day(fixed)
    day = happened(engine, days, ties)
    limits = measure_limits(found.threads, found.memory.arrays, tuple(dict.fromkeys((*TABLES, *tables(engine)))))
    floor = {name: float(np.median(seconds)) for name, seconds in fixed.steps.items()}
    rows = tuple(
        StepTime(name, seconds, seconds / found.day, floor[name], bound(name, engine, day, limits))
        for name, seconds in times.mean().items()
    )
    return replace(found, steps=rows, limits=limits)
