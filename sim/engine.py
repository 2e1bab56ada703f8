"""The engine: the ordered list of a day's steps, and a run of many days."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd

from sim import interrupt
from sim.agents.stages import counts_after
from sim.day import steps
from sim.day.state import World
from sim.day.storm_step import storm_step
from sim.first_run import compile_once
from sim.founding import found_world
from sim.plan import make_plan, replan_storm
from sim.record import Recorder, Results
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Step:
    """One step of the day."""

    name: str
    does: str
    run: Callable[[World], None]


#: The order of the day. A step sees what earlier steps of the day did; consumers do not see each other within a step.
DAY: tuple[Step, ...] = (
    Step("plan", "what each touchpoint spends and sends: plan, flights, seasons, frequency caps", steps.plan_step),
    Step("expose", "impressions arrive, owned touchpoints are visited or send; minds are moved", steps.expose_step),
    Step("talk", "yesterday's talkers reach their ties, posts are seen, invitations passed on", steps.talk_step),
    Step("storm", "if one is alive: outrage spreads hour by hour, the brand answers, it tires", storm_step),
    Step("decide", "needs arise, offers are compared; some buy, renew or leave", steps.decide_step),
    Step("experience", "use, satisfaction, reviews; problems, complaints, service, goodwill", steps.experience_step),
    Step("move", "memories fade, stages change; who will speak tomorrow", steps.move_step),
)


def worthwhile_threads(agents: int) -> int:
    """Threads used by default: one per 50,000 consumers, since a parallel region costs more than a small day's work."""
    available: int = getattr(numba.config, "NUMBA_NUM_THREADS")  # noqa: B009  (declared at run time only)
    return max(1, min(available, agents // 50_000))


def _is_seed(seed: object) -> bool:
    """Whether something can be a seed: a whole number from 0 to 2**63 - 1."""
    return isinstance(seed, int | np.integer) and 0 <= int(seed) < 2**63


class Engine:
    """A run of one scenario with one seed, day by day.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional        replaces the scenario's
    threads : int, optional     threads for the kernels; results do not depend on it. Default: as many as pay

    Raises
    ------
    ValueError                  if `threads` is below 1 or above what numba was started with, or `seed` is no whole
                                number from 0 to 2**63 - 1
    """

    def __init__(self, scenario: Scenario, *, seed: int | None = None, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")
        if seed is not None and not _is_seed(seed):
            raise ValueError(f"seed must be a whole number from 0 to 2**63 - 1, not {seed!r}")
        self.threads = worthwhile_threads(scenario.agents) if threads is None else threads
        compile_once()
        self.order = DAY
        self._use_threads()
        self.plan = make_plan(scenario, seed)
        self.world = found_world(self.plan)
        self.recorder = Recorder(self.plan, self.world.counts[0].copy())

    def branch(self, scenario: Scenario) -> Engine:
        """The same run from this morning on, under other storm settings: what was lived so far is shared.

        Raises
        ------
        ValueError                  if the scenario differs in anything but its storm settings
        """
        if self.plan.scenario.model_copy(update={"storm": scenario.storm}) != scenario:
            raise ValueError("only storm settings can change in the middle of a run")
        other = copy.copy(self)
        other.plan = replan_storm(self.plan, scenario)
        other.world = self.world.branch(other.plan)
        other.recorder = self.recorder.branch(other.plan, self.day)
        return other

    def _use_threads(self) -> None:
        numba.set_num_threads(self.threads)

    @property
    def day(self) -> int:
        """Days done so far."""
        return self.world.day

    @property
    def finished(self) -> bool:
        """Whether the horizon is reached."""
        return self.world.day >= self.plan.days

    def step(self) -> None:
        """One day: all steps in order, then the record.

        Raises
        ------
        RuntimeError            if the horizon is reached already
        """
        if self.finished:
            raise RuntimeError(f"the run ended after {self.plan.days} days")
        interrupt.check()
        self._use_threads()
        for step in self.order:
            step.run(self.world)
        self.world.counts = counts_after(self.world.counts, self.world.tally.flows.sum(axis=0))
        self.recorder.record(self.world)
        self.world.day += 1

    def indicators(self) -> dict[str, float]:
        """Yesterday's row of `daily` for all personas together.

        Raises
        ------
        RuntimeError            before the first day is over
        """
        if self.world.day == 0:
            raise RuntimeError("no day has been lived yet")
        return self.recorder.indicators(self.world.day - 1)

    def everybody(self) -> pd.DataFrame:
        """The days lived so far, all personas together: the rows of ``all`` of the daily table, without dates."""
        return self.recorder.everybody(self.world.day)

    def results(self) -> Results:
        """What was recorded so far, as tables."""
        return self.recorder.results(self.world.day, self.world.people.bought)


def simulate(
    scenario: Scenario,
    *,
    seed: int | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Run a scenario from the first day to the last.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional                replaces the scenario's
    threads : int, optional             does not change results
    progress : callable, optional       called after each day with (days done, days in all)

    Returns
    -------
    Results
    """
    engine = Engine(scenario, seed=seed, threads=threads)
    while not engine.finished:
        engine.step()
        if progress:
            progress(engine.day, engine.plan.days)
    return engine.results()
