"""Runs of the twin, taken down day by day, for every test that looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.engine import Engine
from sim.scenario.scenario import Scenario

from .catalogue import ALL
from .slow import Twin
from .world import Ties

SEED = 2026


@dataclass(frozen=True)
class Story:
    """A scenario as the twin lived it: its counters and its consumers' columns of every day."""

    scenario: Scenario
    seed: int
    twin: Twin
    days: tuple[dict[str, Any], ...]
    columns: tuple[dict[str, np.ndarray], ...]


def engines_ties(engine: Engine) -> Ties:
    """The engine's graphs by name of layer, as (ptr, idx)."""
    named = zip(engine.plan.layers, engine.world.layers, strict=True)
    return {layer.name: (graph.ptr, graph.idx) for layer, graph in named if graph is not None}


def lived(scenario: Scenario, seed: int) -> Story:
    """Let the twin live a scenario to its end, on the engine's ties."""
    twin = Twin(scenario, seed, engines_ties(Engine(scenario, seed=seed, threads=1)))
    days, columns = [], []
    for _ in range(scenario.days):
        days.append(twin.step())
        columns.append(twin.columns())
    return Story(scenario, seed, twin, tuple(days), tuple(columns))


@cache
def story(name: str) -> Story:
    """One of the twin's own scenarios, lived once for all tests."""
    return lived(Scenario.model_validate(ALL[name]()), SEED)
