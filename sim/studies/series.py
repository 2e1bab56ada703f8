"""Several plans under one seed, one after the other: the unit of work of studies that compare plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sim.engine import simulate
from sim.scenario.scenario import Scenario
from sim.studies.pool import Tick, each
from sim.studies.pots import line_costs
from sim.summary import summarise

Result = TypeVar("Result")
#: Told of progress: days simulated, days in all as far as is known.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Series:
    """Plans to be run with one seed."""

    seed: int
    plans: tuple[Scenario, ...]


@dataclass(frozen=True)
class Measured:
    """What is kept of a run: all indicators, and EUR by line."""

    summary: dict[str, float]
    costs: dict[str, float]


def run_series(series: Series, tick: Tick) -> list[Measured]:
    """Run all plans of a series on one core; ticks once per simulated day."""
    found = []
    for plan in series.plans:
        results = simulate(plan, seed=series.seed, threads=1, progress=lambda _day, _days: tick())
        found.append(Measured(summarise(results), line_costs(results)))
    return found


class Meter:
    """Adds the days of several rounds of work up for one progress bar."""

    def __init__(self, progress: Progress | None, expected: int) -> None:
        self.progress, self.expected, self.before = progress, expected, 0

    def run(self, items: Sequence[Series], workers: int | None) -> Iterator[tuple[int, list[Measured]]]:
        """Run series in parallel, see `sim.studies.pool.each`."""
        days = sum(plan.days for item in items for plan in item.plans)
        return self.follow(each(run_series, items, workers=workers, progress=self.tell), days)

    def follow(self, results: Iterator[Result], days: int) -> Iterator[Result]:
        """Pass results of a round of so many days on, and count the round when it is over."""
        self.expected = max(self.expected, self.before + days)
        yield from results
        self.before += days

    def tell(self, done: int) -> None:
        """Days of the running round that are done."""
        if self.progress is not None:
            self.progress(self.before + done, self.expected)
