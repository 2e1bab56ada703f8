"""Times the steps of a run from outside: the same days, with a clock between the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from sim.day.state import World
from sim.engine import Engine, Step

#: What a day does besides its steps: counts of stages, the record, Python between them.
REST = "record"
#: Called before a step with the state it will see; its time is not counted.
Probe = Callable[[World], None]


@dataclass
class Times:
    """Seconds of the days watched, by step; `REST` is what is left of a day.

    Attributes
    ----------
    steps : dict            by name of the step: seconds on each day
    days : list of float    seconds of whole days
    """

    steps: dict[str, list[float]] = field(default_factory=dict)
    days: list[float] = field(default_factory=list)

    def mean(self) -> dict[str, float]:
        """Mean seconds a day by step, in the order of the day."""
        return {name: float(np.mean(seconds)) for name, seconds in self.steps.items()}

    def least(self) -> dict[str, float]:
        """Least seconds of any day by step."""
        return {name: min(seconds) for name, seconds in self.steps.items()}


class Stopwatch:
    """Lives days of an engine and notes how long each step took.

    Parameters
    ----------
    engine : Engine             its order of the day gets a clock; what it computes stays the same
    probes : dict, optional     by name of a step: what to look at before it
    clock : callable            seconds; `time.thread_time` leaves out what other programs take, for one thread
    """

    def __init__(
        self, engine: Engine, probes: dict[str, Probe] | None = None, clock: Callable[[], float] = perf_counter
    ) -> None:
        self.engine = engine
        self._clock = clock
        self._probes = probes or {}
        self._today: dict[str, float] = {}
        self._aside = 0.0
        engine.order = tuple(replace(step, run=self._timed(step)) for step in engine.order)

    def _timed(self, step: Step) -> Callable[[World], None]:
        probe = self._probes.get(step.name)

        def run(world: World) -> None:
            if probe is not None:
                began = self._clock()
                probe(world)
                self._aside += self._clock() - began
            began = self._clock()
            step.run(world)
            self._today[step.name] = self._today.get(step.name, 0.0) + self._clock() - began

        return run

    def day(self, into: Times) -> None:
        """Live one day and add its times."""
        self._today, self._aside = {}, 0.0
        began = self._clock()
        self.engine.step()
        whole = self._clock() - began - self._aside
        self._today[REST] = whole - sum(self._today.values())
        for name, seconds in self._today.items():
            into.steps.setdefault(name, []).append(seconds)
        into.days.append(whole)
