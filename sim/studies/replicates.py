"""One scenario under several seeds: how much of a result is luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sim.engine import simulate
from sim.intervals import Interval
from sim.record import Results
from sim.scenario.scenario import Scenario
from sim.studies.seeds import following
from sim.summary import intervals, summarise


@dataclass(frozen=True)
class Replicates:
    """Runs that differ in their seed only.

    Attributes
    ----------
    seeds : tuple of int            K seeds, in the order they were run
    summaries : tuple of dict       indicators of each run, by name (`sim.summary.INDICATORS`)
    first : Results                 the full tables of the first seed; of the others only the summary is kept
    """

    seeds: tuple[int, ...]
    summaries: tuple[dict[str, float], ...]
    first: Results

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """Mean and 95 % interval (Student's t) of every indicator."""
        return intervals(self.summaries)

    def table(self) -> pd.DataFrame:
        """One row per seed: `seed` and every indicator."""
        return pd.DataFrame({"seed": self.seeds}).join(pd.DataFrame(list(self.summaries)))


def replicate(
    scenario: Scenario,
    *,
    seeds: int,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Replicates:
    """Run a scenario with `seeds` seeds: its own, and the whole numbers after it.

    Parameters
    ----------
    scenario : Scenario
    seeds : int                     K >= 1
    threads : int, optional         of each run; they follow one another
    progress : callable, optional   called with (days simulated, days in all) after every day

    Raises
    ------
    ValueError                      if `seeds` is below 1
    ScenarioError                   if the last of them would be beyond the largest seed there is
    """
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1, not {seeds}")
    wanted = following(scenario.seed, seeds)
    days_in_all = seeds * scenario.days
    first: Results | None = None
    used: list[int] = []
    summaries: list[dict[str, float]] = []
    for k, seed in enumerate(wanted):

        def report(day: int, _days: int, before: int = k * scenario.days) -> None:
            if progress is not None:
                progress(before + day, days_in_all)

        results = simulate(scenario, seed=seed, threads=threads, progress=report)
        used.append(results.seed)
        summaries.append(summarise(results))
        first = first or results
    assert first is not None  # at least one seed has run
    return Replicates(tuple(used), tuple(summaries), first)
