"""Each step of the day on one thread over the same day, and the first morning: consumers and ties.

Times are of the fastest round; `ns_per_consumer` stands under `extra_info`. Compilation is not counted.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workloads import SMALL, least_seconds, load
from sim.agents.consumers import draw_population
from sim.bench.limits import measure_limits
from sim.channels.ties import build_layer
from sim.engine import DAY, Engine
from sim.plan import make_plan

MORNING = 14


@pytest.fixture(scope="module")
def trunk() -> Engine:
    """A run on the morning a storm breaks out."""
    engine = Engine(load("storm_week", agents=20_000 if SMALL else 1_000_000), threads=1)
    while engine.day < MORNING:
        engine.step()
    warm = engine.branch(engine.plan.scenario)
    warm.step()
    return engine


@pytest.mark.parametrize("position", range(len(DAY)), ids=[step.name for step in DAY])
def test_a_step(benchmark: BenchmarkFixture, trunk: Engine, position: int) -> None:
    """One step after those before it, from a copy of the same morning."""

    def morning() -> tuple[tuple[Engine], dict[str, object]]:
        engine = trunk.branch(trunk.plan.scenario)
        for step in DAY[:position]:
            step.run(engine.world)
        return (engine,), {}

    benchmark.pedantic(lambda engine: DAY[position].run(engine.world), setup=morning, rounds=1 if SMALL else 5)
    benchmark.extra_info["ns_per_consumer"] = 1e9 * least_seconds(benchmark) / trunk.plan.agents


def test_population_and_ties(benchmark: BenchmarkFixture) -> None:
    """A million consumers with ties of mean degree ten: target below a second on two cores."""
    scenario = load("ten_touchpoints")

    def found() -> float:
        began = perf_counter()
        plan = make_plan(scenario)
        people = draw_population(plan)
        benchmark.extra_info["people_seconds"] = perf_counter() - began
        everybody = np.arange(plan.agents, dtype=np.int32)
        graph = build_layer(plan.layers[0], n=plan.agents, seed=1, members=everybody, persona=people.persona)
        assert graph is not None
        return float(graph.degrees.mean())

    degree = benchmark.pedantic(found, rounds=1 if SMALL else 3, warmup_rounds=1)
    assert degree == pytest.approx(10, rel=0.01)


def test_yardsticks(benchmark: BenchmarkFixture) -> None:
    """What one thread of this machine can do: the limits beside which steps are judged."""
    found = benchmark.pedantic(
        measure_limits, args=(1, 2**27, (2**20, 2**25), 0.02 if SMALL else 0.2), rounds=1, warmup_rounds=0
    )
    benchmark.extra_info["stream_gigabytes_per_second"] = found.stream / 1e9
    benchmark.extra_info["million_draws_per_second"] = found.draws / 1e6
    benchmark.extra_info["million_reads_per_second"] = {size: rate / 1e6 for size, rate in found.reads.items()}
