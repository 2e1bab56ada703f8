"""The frontier: the same money, divided differently between two pots. Where is the best share, and how sure is it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.errors import Problem, ScenarioError
from sim.intervals import Interval, interval
from sim.scenario.scenario import Scenario
from sim.scenario.words import nearest, shown
from sim.studies.budget import TOLERANCE, Factors, Wanted, corrected, missed, smaller, solve
from sim.studies.memory import workers_that_fit
from sim.studies.paired import Difference, difference
from sim.studies.pool import each
from sim.studies.pots import Pot, find_pot, require_apart, with_factors
from sim.studies.seeds import following
from sim.studies.series import Measured, Meter, Progress, Series
from sim.summary import INDICATORS

#: What is shown of every share. The first is what "best" means unless the user says otherwise.
GOALS = ("equity", "profit", "customers_end", "feeling", "nps")
#: Rounds of full runs after which a plan that still misses the budget is shown as one that does.
CORRECTIONS = 2
#: The better side of each indicator.
BETTER = {indicator.name: indicator.better for indicator in INDICATORS}
_UNIT = {indicator.name: indicator.unit for indicator in INDICATORS}


@dataclass(frozen=True)
class Frontier:
    """What each division of a budget between two pots brings, run under the same luck.

    Attributes
    ----------
    scenario : Scenario
    pots : (Pot, Pot)           money is taken from the first and given to the second
    budget_eur : float          of both pots together, over the run
    shares : tuple of float     of the second pot, 0..1, ascending
    now : int                   position of the current plan's share
    factors : tuple of dict     by which each line is scaled, at each share
    seeds : tuple of int        K seeds
    goal : str                  the indicator that is to be best
    runs : DataFrame            one row per seed and share: `seed`, `share`, `cost_from`, `cost_to`, all indicators
    """

    scenario: Scenario
    pots: tuple[Pot, Pot]
    budget_eur: float
    shares: tuple[float, ...]
    now: int
    factors: tuple[Factors, ...]
    seeds: tuple[int, ...]
    goal: str
    runs: pd.DataFrame

    def values(self, name: str) -> np.ndarray:
        """One column of `runs`, float64 [K, shares]."""
        return self.runs[name].to_numpy(np.float64).reshape(len(self.seeds), len(self.shares))

    @property
    def best(self) -> int:
        """Position of the share with the best mean of the goal; plans that miss the budget are out of the running."""
        means = self.values(self.goal).mean(axis=0)
        worth = means if BETTER[self.goal] == "more" else -means
        worth = np.where(self.on_budget & np.isfinite(worth), worth, -math.inf)
        return int(np.argmax(worth)) if np.isfinite(worth).any() else self.now

    def against(self, position: int, reference: int, name: str | None = None) -> Difference:
        """What one share changes against another in an indicator (default: the goal), paired seed by seed."""
        indicator = name or self.goal
        values = self.values(indicator)
        return difference(values[:, position], values[:, reference], BETTER[indicator])

    @property
    def tied(self) -> np.ndarray:
        """Shares that cannot be told apart from the best, bool [shares]: their difference to it is not certain.

        With one seed nothing can be told apart. The intervals are those of each share by itself.
        """
        best = self.best
        certain = [k != best and self.against(k, best).certain for k in range(len(self.shares))]
        return ~np.array(certain)

    @property
    def best_range(self) -> tuple[float, float]:
        """Smallest and largest share that cannot be told apart from the best, of those that lie next to it."""
        tied, first, last = self.tied, self.best, self.best
        while first > 0 and tied[first - 1]:
            first -= 1
        while last < len(tied) - 1 and tied[last + 1]:
            last += 1
        return self.shares[first], self.shares[last]

    @property
    def best_plan(self) -> Scenario:
        """The scenario at the best share."""
        return with_factors(self.scenario, self.factors[self.best])

    @property
    def lost(self) -> Difference:
        """What the current plan loses against the best share, in the goal: best - current."""
        return self.against(self.best, self.now)

    @property
    def spent_eur(self) -> np.ndarray:
        """What both pots really cost at each share, mean over seeds, EUR [shares]."""
        return np.asarray((self.values("cost_from") + self.values("cost_to")).mean(axis=0))

    @property
    def on_budget(self) -> np.ndarray:
        """Where what was spent is within 1 % of the budget, and the second pot's part within 2 %, bool [shares]."""
        whole = np.abs(self.spent_eur - self.budget_eur) <= TOLERANCE * self.budget_eur
        part = np.abs(self.values("cost_to").mean(axis=0) - np.array(self.shares) * self.budget_eur)
        return np.asarray(whole & (part <= 2.0 * TOLERANCE * self.budget_eur))

    @property
    def points(self) -> pd.DataFrame:
        """One row per share: factors, costs, and every goal with its interval, its change against the current plan and
        the distance of the goal to the best share. Columns in docs/tables.md.
        """
        rows = []
        best, tied, on_budget = self.best, self.tied, self.on_budget
        for k, share in enumerate(self.shares):
            row: dict[str, float | bool] = {
                "share": share, "current": k == self.now, "best": k == best, "tied": bool(tied[k]),
                "on_budget": bool(on_budget[k]), "factor_from": self.factors[k][self.pots[0].leader],
                "factor_to": self.factors[k][self.pots[1].leader],
                "cost_from": float(self.values("cost_from")[:, k].mean()),
                "cost_to": float(self.values("cost_to")[:, k].mean()),
            }  # fmt: skip
            for goal in dict.fromkeys((self.goal, *GOALS)):
                found = interval(list(self.values(goal)[:, k]), _UNIT[goal])
                row |= _columns(goal, found)
                row |= _columns(f"{goal}_change", self.against(k, self.now, goal))
            row |= _columns("behind_best", self.against(k, best))
            rows.append(row)
        return pd.DataFrame(rows)


def _columns(name: str, found: Interval | Difference) -> dict[str, float]:
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def frontier(
    scenario: Scenario,
    *,
    take_from: str = "acquisition",
    give_to: str = "retention",
    steps: int = 11,
    budget_eur: float | None = None,
    seeds: int = 8,
    goal: str = "equity",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """Move money between two pots, from all in the first to all in the second, with the total held.

    Parameters
    ----------
    scenario : Scenario
    take_from, give_to : str    purposes and lines, separated by commas; `desks` are the staff of the service desks
    steps : int                 shares from 0 to 100 %; the current share is added
    budget_eur : float          of both pots over the run; default: what they cost now. With another budget, "current"
                                is the current share of that budget
    seeds : int                 the scenario's and those after it
    goal : str                  an indicator that has a better side
    workers : int, optional     processes; changes no number
    progress : callable         told (days simulated, days in all)

    Raises
    ------
    ScenarioError               for unknown or overlapping pots, pots that cost nothing, a budget that is none
    """
    if steps < 2 or seeds < 1:
        raise ValueError(f"frontier needs at least 2 steps and 1 seed, not {steps} and {seeds}")
    pots = find_pot(scenario, take_from, "from"), find_pot(scenario, give_to, "to")
    require_apart(*pots)
    require_goal(goal)
    if budget_eur is not None and not (math.isfinite(budget_eur) and budget_eur > 0):
        raise ScenarioError([Problem("budget", shown(budget_eur), "an amount of EUR above 0")])
    used = following(scenario.seed, seeds)
    bare = scenario.with_changes({"panel": 0})
    workers = workers_that_fit([bare], workers)
    meter = Meter(progress, (seeds * (steps + 1) + 3 * steps) * scenario.days)
    as_it_is = _by_seed(meter, [bare], used, workers)
    if all(math.isnan(runs[0].summary[goal]) for runs in as_it_is):
        raise ScenarioError([Problem("goal", shown(goal), "an indicator that is defined in runs of this scenario")])
    present = mean_costs(as_it_is)[0]
    pots = _bought(pots, present)
    now_eur = pots[0].cost(present), pots[1].cost(present)
    budget = sum(now_eur) if budget_eur is None else budget_eur
    share_now = now_eur[1] / sum(now_eur)
    shares = _shares(steps, share_now)
    now = shares.index(share_now)
    targets = [((1.0 - share) * budget, share * budget) for share in shares]
    factors = [dict.fromkeys((*pots[0].lines, *pots[1].lines), 1.0)] * len(shares)
    moved = [k for k in range(len(shares)) if k != now or budget_eur is not None]
    small = smaller(bare)
    wanted = {k: Wanted(small, pots, targets[k], present, scenario.seed) for k in moved}
    for position, solved in each(solve, list(wanted.values()), workers=workers):
        factors[moved[position]] = solved
    measured = _by_seed(meter, [with_factors(bare, one) for one in factors], used, workers)
    for _ in range(CORRECTIONS):
        costs = mean_costs(measured)
        off = [k for k in moved if missed(wanted[k], factors[k], costs[k]) > TOLERANCE / 2.0 * budget]
        if not off:
            break
        tried = {k: corrected(wanted[k], factors[k], costs[k]) for k in off}
        again = _by_seed(meter, [with_factors(bare, tried[k]) for k in off], used, workers)
        for position, k in enumerate(off):
            spent = mean_costs([[runs[position]] for runs in again])[0]
            if missed(wanted[k], tried[k], spent) < missed(wanted[k], factors[k], costs[k]):
                factors[k] = tried[k]
                for before, after in zip(measured, again, strict=True):
                    before[k] = after[position]
    return Frontier(
        scenario, pots, budget, shares, now, tuple(factors), used, goal, _table(measured, pots, used, shares)
    )


def require_goal(goal: str) -> None:
    """Refuse a goal that is no indicator, or has no better side."""
    known = [name for name, better in BETTER.items() if better]
    if goal not in known:
        close = nearest(goal, known)
        hint = f' (did you mean "{close}"?)' if close else ""
        raise ScenarioError([Problem("goal", shown(goal), f"an indicator such as {', '.join(GOALS)}{hint}")])


def _bought(pots: tuple[Pot, Pot], present: dict[str, float]) -> tuple[Pot, Pot]:
    """The pots without lines that cost nothing; refuses a pot of which nothing is left."""
    for pot, where in zip(pots, ("from", "to"), strict=True):
        if pot.cost(present) <= 0:
            expected = "lines that cost something now, to be scaled; give one of them a spend or a frequency"
            raise ScenarioError([Problem(where, f"{shown(pot.name)}, which costs nothing", expected)])
    return pots[0].bought(present), pots[1].bought(present)


def _shares(steps: int, now: float) -> tuple[float, ...]:
    """Shares from 0 to 1 in equal steps, and the current one."""
    return tuple(sorted({k / (steps - 1) for k in range(steps)} | {now}))


def _by_seed(
    meter: Meter, plans: Sequence[Scenario], seeds: Sequence[int], workers: int | None
) -> list[list[Measured]]:
    """All plans under every seed, [K][plans]."""
    found: list[list[Measured]] = [[] for _ in seeds]
    for position, measured in meter.run([Series(seed, tuple(plans)) for seed in seeds], workers):
        found[position] = measured
    return found


def mean_costs(measured: Sequence[Sequence[Measured]]) -> list[dict[str, float]]:
    """What each line cost under each plan, mean over seeds, EUR."""
    lines = measured[0][0].costs
    plans = range(len(measured[0]))
    return [{line: float(np.mean([runs[k].costs[line] for runs in measured])) for line in lines} for k in plans]


def _table(
    measured: Sequence[Sequence[Measured]], pots: tuple[Pot, Pot], seeds: Sequence[int], shares: Sequence[float]
) -> pd.DataFrame:
    rows = []
    for seed, runs in zip(seeds, measured, strict=True):
        for share, run in zip(shares, runs, strict=True):
            costs = {"cost_from": pots[0].cost(run.costs), "cost_to": pots[1].cost(run.costs)}
            rows.append({"seed": seed, "share": share} | costs | run.summary)
    return pd.DataFrame(rows)
