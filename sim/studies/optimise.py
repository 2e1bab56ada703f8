"""The best division of all the money over all lines, searched for under shared luck and judged on seeds it never saw.

The search is CMA-ES (Hansen & Ostermeier 2001, Evolutionary Computation 9, 159-195; package `cmaes`). The goal under
fixed seeds is deterministic, but made of single people's decisions: flat in the small, so that gradients mean nothing,
and slightly rough. CMA-ES compares candidates by rank only, all candidates of a generation run in parallel, and its
average over many candidates does not chase single lucky ones.

Whoever picks the best of many noisy numbers overrates it (the optimiser's curse; Smith & Winkler 2006, Management
Science 52, 311-322), so what the division gains is measured on other seeds than those it was found on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.errors import Problem, ScenarioError
from sim.scenario.bounds import Bounds
from sim.scenario.scenario import Scenario
from sim.studies.budget import TOLERANCE, Factors, Wanted, corrected, missed, smaller, solve
from sim.studies.frontier import BETTER, CORRECTIONS, mean_costs, require_goal
from sim.studies.memory import workers_that_fit
from sim.studies.paired import Difference, difference
from sim.studies.pool import each
from sim.studies.pots import DESKS, Pot, all_lines, with_factors
from sim.studies.seeds import following
from sim.studies.series import Measured, Meter, Progress, Series

#: Generations of candidates; measured on the coffee scenario, later ones add less than the luck of their seeds.
ROUNDS = 20
#: Spread of the first candidates, in roots of factors: most lie between a third of the plan's money and two times it.
SPREAD = 0.35
_LUCK_OF_SEARCHING = 2001


@dataclass(frozen=True)
class Optimum:
    """The best division found.

    Attributes
    ----------
    scenario : Scenario
    goal : str                  the indicator that is to be best
    lines : tuple of str        that cost something, `desks` for the service staff
    present : dict              EUR of each line as the plan stands, mean over the seeds searched on
    factors : dict              by which each line is scaled
    costs : dict                EUR of each line in the division found, mean over the held-out seeds
    seeds, held_out : tuple of int  searched on; judged on
    rounds : DataFrame          one row per generation: `best` and `mean` change of the goal on the seeds searched on
    runs : DataFrame            one row per held-out seed and plan (`current`, `best`): all indicators
    found : Difference          change of the goal on the seeds searched on: flattering
    """

    scenario: Scenario
    goal: str
    lines: tuple[str, ...]
    present: dict[str, float]
    factors: Factors
    costs: dict[str, float]
    seeds: tuple[int, ...]
    held_out: tuple[int, ...]
    rounds: pd.DataFrame
    runs: pd.DataFrame
    found: Difference

    @property
    def budget_eur(self) -> float:
        """What all lines cost together as the plan stands."""
        return sum(self.present[line] for line in self.lines)

    @property
    def on_budget(self) -> bool:
        """Whether the division costs within 1 % of the budget."""
        spent = sum(self.costs[line] for line in self.lines)
        return abs(spent - self.budget_eur) <= TOLERANCE * self.budget_eur

    def gain(self, name: str | None = None) -> Difference:
        """What the division changes in an indicator (default: the goal) on the seeds it never saw."""
        indicator = name or self.goal
        plans = {plan: part[indicator].to_numpy(np.float64) for plan, part in self.runs.groupby("plan")}
        return difference(plans["best"], plans["current"], BETTER[indicator])

    @property
    def plan(self) -> Scenario:
        """The scenario with the division found."""
        return with_factors(self.scenario, self.factors)

    @property
    def table(self) -> pd.DataFrame:
        """One row per line: purpose, EUR now and in the division found, factor, bounds."""
        purposes = {touchpoint.name: str(touchpoint.purpose) for touchpoint in self.scenario.touchpoints}
        rows = []
        for line in self.lines:
            bounds = bounds_of(self.scenario, line)
            rows.append({
                "line": line, "purpose": purposes.get(line, "service"), "now_eur": self.present[line],
                "best_eur": self.costs[line], "factor": self.factors[line], "least": bounds.least, "most": bounds.most,
            })  # fmt: skip
        return pd.DataFrame(rows)


def bounds_of(scenario: Scenario, line: str) -> Bounds:
    """How far a line may be scaled."""
    if line == DESKS:
        return scenario.service.bounds
    return next(touchpoint.bounds for touchpoint in scenario.touchpoints if touchpoint.name == line)


def optimise(
    scenario: Scenario,
    *,
    goal: str = "equity",
    seeds: int = 4,
    held_out: int = 8,
    rounds: int = ROUNDS,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Optimum:
    """Divide all the money over all lines so that the goal is best, within the bounds of the scenario.

    Parameters
    ----------
    scenario : Scenario
    goal : str                  an indicator that has a better side
    seeds : int                 searched on: the scenario's and those after it
    held_out : int              judged on: the ones after those
    rounds : int                generations of candidates
    workers : int, optional     processes; changes no number
    progress : callable         told (days simulated, days in all)

    Raises
    ------
    ScenarioError               if fewer than two lines cost anything, or the goal is none
    """
    if seeds < 1 or held_out < 1 or rounds < 1:
        raise ValueError(f"optimise needs at least 1 seed, 1 held out and 1 round, not {seeds}, {held_out}, {rounds}")
    require_goal(goal)
    bare = scenario.with_changes({"panel": 0})
    small = smaller(scenario)
    workers = workers_that_fit([bare], workers)
    drawn = following(scenario.seed, seeds + held_out)
    train, judges = drawn[:seeds], drawn[seeds:]
    current = _run(Meter(None, 0), [small], train, workers)
    present = mean_costs(current)[0]
    lines = tuple(line for line in all_lines(scenario) if present[line] > 0)
    if len(lines) < 2:
        raise ScenarioError(
            [Problem("touchpoints", f"{len(lines)} lines that cost anything", "two at least, to divide")]
        )
    search = _Search(small, lines, present, goal, train, workers)
    meter = Meter(progress, (rounds * search.candidates * seeds + 2 * held_out) * scenario.days)
    best, history, value = search.run(rounds, [run[0].summary[goal] for run in current], meter)
    factors = search.solved(best, present)
    judged = _run(meter, [bare, with_factors(bare, factors)], judges, workers)
    rows = [
        {"seed": seed, "plan": plan} | run.summary
        for seed, runs in zip(judges, judged, strict=True)
        for plan, run in zip(("current", "best"), runs, strict=True)
    ]
    found = difference(value, [run[0].summary[goal] for run in current], BETTER[goal])
    costs = {line: mean_costs(judged)[1][line] for line in lines}
    return Optimum(
        scenario, goal, lines, {line: present[line] for line in lines}, factors, costs, train, judges,
        pd.DataFrame(history), pd.DataFrame(rows), found,
    )  # fmt: skip


class _Search:
    """Generations of candidates. A candidate is the root of each line's factor, so that a line can come to nothing."""

    def __init__(
        self,
        scenario: Scenario,
        lines: tuple[str, ...],
        present: Mapping[str, float],
        goal: str,
        seeds: Sequence[int],
        workers: int | None,
    ) -> None:
        from cmaes import CMA

        self.scenario, self.lines, self.goal, self.seeds, self.workers = scenario, lines, goal, seeds, workers
        self.budget = sum(present[line] for line in lines)
        self.per_factor = {line: present[line] for line in lines}  # EUR at a factor of 1, as last measured
        self.mailings = {touchpoint.name for touchpoint in scenario.touchpoints if touchpoint.mechanism == "sends"}
        bounds = [bounds_of(scenario, line) for line in lines]
        self.least = np.array([bound.least for bound in bounds])
        self.most = np.array([bound.most for bound in bounds])
        free = np.flatnonzero(self.most > self.least)
        if free.size < 2:
            found = f"{free.size} lines that may be moved"
            raise ScenarioError([Problem("touchpoints", found, "bounds that leave two at least room to be moved")])
        self.free = free
        start = np.clip(np.ones(len(lines)), self.least, self.most)
        self.fixed = start
        self.cma = CMA(
            mean=np.sqrt(start[free]), sigma=SPREAD, seed=_LUCK_OF_SEARCHING,
            bounds=np.sqrt(np.column_stack([self.least[free], self.most[free]])),
        )  # fmt: skip
        self.candidates = self.cma.population_size

    def factors(self, roots: np.ndarray) -> Factors:
        """The factors a candidate stands for: squared, and scaled together until they cost the budget."""
        wish = self.fixed.copy()
        wish[self.free] = roots**2
        cost = np.array([self.per_factor[line] for line in self.lines])
        found = on_budget(wish, self.least, self.most, cost, self.budget, self.free)
        return dict(zip(self.lines, found.tolist(), strict=True))

    def run(
        self, rounds: int, current: Sequence[float], meter: Meter
    ) -> tuple[Factors, list[dict[str, float]], list[float]]:
        """The centre of the last generation, one row per generation, and the goal at the centre, by seed.

        The centre and not the best candidate met: that one was lucky with these seeds. If even the centre is no better
        than the current plan, nothing is changed.
        """
        sign = 1.0 if BETTER[self.goal] == "more" else -1.0
        reference = float(np.mean(current))
        top_yet = 0.0
        history: list[dict[str, float]] = []
        for generation in range(rounds):
            roots = [self.cma.ask() for _ in range(self.candidates)]
            tried = [self.factors(one) for one in roots]
            worth, _, measured = self._tried(tried, meter)
            worth -= sign * reference
            self.cma.tell([(one, -float(value)) for one, value in zip(roots, worth, strict=True)])
            top = int(np.argmax(worth))
            top_yet = max(top_yet, float(worth[top]))
            finite = worth[np.isfinite(worth)]
            history.append({
                "round": generation + 1, "best": sign * top_yet,
                "mean": sign * float(finite.mean()) if finite.size else math.nan,
            })  # fmt: skip
            self._learn(tried[top], mean_costs(measured)[top])
        centre = self.factors(np.clip(self.cma.mean, np.sqrt(self.least[self.free]), np.sqrt(self.most[self.free])))
        worth, values, _ = self._tried([centre], meter)
        if worth[0] > sign * reference:
            return centre, history, values[:, 0].tolist()
        return dict.fromkeys(self.lines, 1.0), history, list(current)

    def _tried(self, tried: Sequence[Factors], meter: Meter) -> tuple[np.ndarray, np.ndarray, list[list[Measured]]]:
        """Worth of candidates (more is better; undefined is worst), the goal by seed and candidate, and their runs."""
        sign = 1.0 if BETTER[self.goal] == "more" else -1.0
        measured = _run(meter, [with_factors(self.scenario, one) for one in tried], self.seeds, self.workers)
        values = np.array([[run.summary[self.goal] for run in runs] for runs in measured])
        means = np.where(np.isfinite(values).all(axis=0), values.mean(axis=0), -sign * math.inf)
        return sign * means, values, measured

    def solved(self, best: Factors, present: Mapping[str, float]) -> Factors:
        """Factors at which a run of the division really costs the budget; those that may not be moved stay."""
        if all(factor == 1.0 for factor in best.values()):
            return best
        moved = [self.lines[k] for k in self.free]
        pots = tuple(Pot(line, (line,), (line,) if line in self.mailings else ()) for line in moved)
        wished = {line: best[line] * self.per_factor[line] for line in moved}
        rest = self.budget - sum(self.per_factor[line] * best[line] for line in self.lines if line not in moved)
        scale = rest / sum(wished.values())
        fixed = with_factors(self.scenario, {line: best[line] for line in self.lines if line not in moved})
        targets = tuple(scale * wished[line] for line in moved)
        wanted = Wanted(fixed, pots, targets, present, self.seeds[0])
        ((_, found),) = each(solve, [wanted], workers=1)
        bounds = {line: (self.least[k], self.most[k]) for k, line in enumerate(self.lines)}
        for _ in range(CORRECTIONS):
            found = {line: float(np.clip(factor, *bounds[line])) for line, factor in found.items()}
            runs = _run(Meter(None, 0), [with_factors(fixed, found)], self.seeds, self.workers)
            costs = mean_costs(runs)[0]
            if missed(wanted, found, costs) <= TOLERANCE / 4.0 * self.budget:
                break
            found = corrected(wanted, found, costs)
        return best | {line: float(np.clip(factor, *bounds[line])) for line, factor in found.items()}

    def _learn(self, factors: Factors, costs: Mapping[str, float]) -> None:
        """Take down what a factor costs: by use it depends on how many customers there are."""
        for line, factor in factors.items():
            if factor > 0.05 and costs[line] > 0:
                self.per_factor[line] = costs[line] / factor


def on_budget(
    wish: np.ndarray, least: np.ndarray, most: np.ndarray, cost: np.ndarray, budget: float, free: np.ndarray
) -> np.ndarray:
    """Factors within bounds that cost the budget: the free ones of a wish times a common number, cut at the bounds.

    All float64 [lines]; `free` are positions. If the bounds do not allow the budget, as near to it as they do.
    """
    found: np.ndarray = wish.copy()
    held = float((np.delete(cost, free) * np.delete(wish, free)).sum())
    low, high = 0.0, 1.0
    positive = np.maximum(wish[free], 1e-12)

    def spent(common: float) -> float:
        return held + float((cost[free] * np.clip(common * positive, least[free], most[free])).sum())

    while spent(high) < budget and high < 1e15:
        high *= 2.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if spent(middle) < budget else (low, middle)
    found[free] = np.clip(high * positive, least[free], most[free])
    return found


def _run(meter: Meter, plans: Sequence[Scenario], seeds: Sequence[int], workers: int | None) -> list[list[Measured]]:
    """All plans under every seed, [K][plans]."""
    found = dict(meter.run([Series(seed, tuple(plans)) for seed in seeds], workers))
    return [found[k] for k in range(len(seeds))]
