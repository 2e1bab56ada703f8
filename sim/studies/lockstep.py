"""One seed under several plans at once, reduced to what a comparison needs before the next seed begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.agents.stages import STAGES
from sim.engine import Engine
from sim.ledger import make_ledger
from sim.scenario.scenario import Scenario
from sim.summary import summarise


@dataclass(frozen=True)
class Outcome:
    """What is kept of one plan under one seed. D days, P personas sorted by name.

    Attributes
    ----------
    summary : dict                      indicators by name
    profit_eur : float64 [D]            profit of each day
    customers : float64 [D]             people who are customers every evening
    ends : int64 [P, STAGES, STAGES]    consumers by persona, last stage under the reference, last stage here
    apart : int64 [D]                   consumers who stand elsewhere than under the reference, every evening
    ever_apart : int                    consumers who ever did
    """

    summary: dict[str, float]
    profit_eur: np.ndarray
    customers: np.ndarray
    ends: np.ndarray
    apart: np.ndarray
    ever_apart: int


@dataclass(frozen=True)
class Lockstep:
    """A task for `sim.studies.pool`: all plans live through a seed day by day, the first being the reference.

    In lockstep rather than one after the other, because to see who stands elsewhere on which day, one would otherwise
    have to keep the stage of everybody on every day.
    """

    scenarios: tuple[Scenario, ...]

    def __call__(self, seed: int, tick: Callable[[], None]) -> tuple[Outcome, ...]:
        """Run one seed; ticks once per plan and day."""
        engines = [Engine(scenario, seed=seed, threads=1) for scenario in self.scenarios]
        reference = engines[0].world.people
        days = engines[0].plan.days
        apart = np.zeros((len(engines), days), np.int64)
        ever = np.zeros((len(engines), reference.stage.size), np.bool_)
        for day in range(days):
            for k, engine in enumerate(engines):
                engine.step()
                if k:
                    elsewhere = engine.world.people.stage != reference.stage
                    apart[k, day] = np.count_nonzero(elsewhere)
                    ever[k] |= elsewhere
                tick()
        return tuple(
            _reduced(engine, engines[0], apart[k], int(np.count_nonzero(ever[k]))) for k, engine in enumerate(engines)
        )


def _reduced(engine: Engine, reference: Engine, apart: np.ndarray, ever_apart: int) -> Outcome:
    results = engine.results()
    return Outcome(
        summary=summarise(results),
        profit_eur=results.everybody["profit_cents"].to_numpy(np.float64) / 100.0,
        customers=make_ledger(results).customers,
        ends=ends_by_persona(engine, reference),
        apart=apart,
        ever_apart=ever_apart,
    )


def ends_by_persona(engine: Engine, reference: Engine) -> np.ndarray:
    """Consumers by persona, stage under the reference and stage here: int64 [P, STAGES, STAGES]."""
    here, there = engine.world.people, reference.world.people
    personas = len(engine.plan.personas.names)
    cell = (there.persona.astype(np.int64) * STAGES + there.stage) * STAGES + here.stage
    return np.bincount(cell, minlength=personas * STAGES * STAGES).reshape(personas, STAGES, STAGES)
