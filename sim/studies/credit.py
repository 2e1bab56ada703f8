"""Credit: which touchpoint really caused what, and what it costs to believe the usual rules.

The truth about a line is the difference to a run without it, same people, same luck. Lines work together, so these
differences do not add up; between purposes the Shapley value divides what they bring together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.engine import simulate
from sim.errors import Problem, ScenarioError
from sim.plan import STAGE_NAMES, addressed
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PURPOSES, Touchpoint
from sim.studies.attribution import RULES
from sim.studies.budget import TOLERANCE, Factors, Wanted, corrected, missed, smaller, solve
from sim.studies.frontier import CORRECTIONS, mean_costs
from sim.studies.memory import workers_that_fit
from sim.studies.paired import Difference, difference
from sim.studies.paths import LOOKBACK_DAYS, paths_of
from sim.studies.pool import Tick, each
from sim.studies.pots import Pot, line_costs, lines_for, with_factors
from sim.studies.seeds import following
from sim.studies.series import Measured, Meter, Progress, Series
from sim.studies.shapley import coalitions, shapley
from sim.summary import summarise

#: What a line is credited with.
MEASURES = ("won", "profit", "equity")
#: Consumers whose journeys the rules see at most.
PANEL = 20_000
TRUTH = "truth"
_CUSTOMERS = ("service", "retention", "loyalty", "advocacy")


@dataclass(frozen=True)
class Traced:
    """What one seed says: all plans measured, and what each rule credits each line with, people [rules, lines]."""

    measured: list[Measured]
    credited: np.ndarray
    direct: float  # people won without any touch in the journal


@dataclass(frozen=True)
class Trace:
    """A task for `sim.studies.pool`: the plan with its journeys, then the same without this and that."""

    plan: Scenario
    others: tuple[Scenario, ...]
    lookback_days: float

    def __call__(self, seed: int, tick: Tick) -> Traced:
        """Run one seed; ticks once per simulated day."""
        results = simulate(self.plan, seed=seed, threads=1, progress=lambda _day, _days: tick())
        paths = paths_of(results, self.lookback_days)
        per_path = summarise(results)["won"] / max(1.0, float(np.count_nonzero(paths.won)))
        credited = per_path * np.array([rule(paths) for rule in RULES.values()])
        direct = per_path * float(np.count_nonzero(paths.won & (paths.length == 0)))
        measured = [Measured(summarise(results), line_costs(results))]
        for other in self.others:
            found = simulate(other, seed=seed, threads=1, progress=lambda _day, _days: tick())
            measured.append(Measured(summarise(found), line_costs(found)))
        return Traced(measured, credited, direct)


@dataclass(frozen=True)
class Credit:
    """Truth and rules, side by side.

    Attributes
    ----------
    scenario : Scenario
    seeds : tuple of int                K seeds
    lookback_days : float               how long touches count
    lines : tuple of str                touchpoints
    purposes : tuple of str             those that have a line
    runs : DataFrame                    one row per seed and plan: `seed`, `plan`, all indicators. Plans: `current`,
                                        `without <line>`, `only <purposes>`, `follow <rule>`
    credited : float64 [K, rules, lines]    people won, as each rule of `RULES` credits them
    direct : float64 [K]                people won without a touch on record
    costs : dict                        EUR of each line as the plan stands, mean over the seeds
    movable : tuple of str              lines that can win customers and cost money: what following a rule divides
    budget_eur : float                  what they cost together
    factors : dict of dict              by which each line is scaled to follow a rule, or the truth
    spent : dict                        EUR the movable lines really cost under each rule, mean over the seeds
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    lookback_days: float
    lines: tuple[str, ...]
    purposes: tuple[str, ...]
    runs: pd.DataFrame
    credited: np.ndarray
    direct: np.ndarray
    costs: dict[str, float]
    movable: tuple[str, ...]
    budget_eur: float
    factors: dict[str, Factors]
    spent: dict[str, float]

    def values(self, plan: str, measure: str) -> np.ndarray:
        """An indicator under a plan, float64 [K]; NaN for a plan that could not be made."""
        found = self.runs.loc[self.runs["plan"] == plan, measure].to_numpy(np.float64)
        return found if found.size else np.full(len(self.seeds), np.nan)

    def caused(self, line: str, measure: str = "won") -> Difference:
        """What a line really caused: with it less without it, paired seed by seed; 0 if it does nothing."""
        return difference(self.values("current", measure), self.values(f"without {line}", measure), "more")

    @property
    def truth(self) -> pd.DataFrame:
        """One row per line: purpose, cost, and what it caused in customers won, profit and equity, with intervals."""
        purposes = {touchpoint.name: touchpoint.purpose for touchpoint in self.scenario.touchpoints}
        rows = []
        for line in self.lines:
            row: dict[str, object] = {"line": line, "purpose": purposes[line], "cost_eur": self.costs[line]}
            for measure in MEASURES:
                found = self.caused(line, measure)
                row |= {measure: found.mean, f"{measure}_low": found.low, f"{measure}_high": found.high}
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def rules(self) -> pd.DataFrame:
        """One row per line: customers won it truly caused, and those each rule credits it with."""
        table = pd.DataFrame({"line": self.lines, TRUTH: [self.caused(line).mean for line in self.lines]})
        for k, rule in enumerate(RULES):
            table[rule] = self.credited[:, k].mean(axis=0)
        return table

    @property
    def shapley(self) -> pd.DataFrame:
        """One row per purpose: its Shapley value in customers won, profit and equity, with intervals over the seeds."""
        rows = []
        by_measure = {measure: self._shapley(measure) for measure in MEASURES}
        for k, purpose in enumerate(self.purposes):
            row: dict[str, object] = {"purpose": purpose}
            for measure, values in by_measure.items():
                found = difference(values[:, k], np.zeros(len(self.seeds)), "more")
                row |= {measure: found.mean, f"{measure}_low": found.low, f"{measure}_high": found.high}
            rows.append(row)
        return pd.DataFrame(rows)

    def _shapley(self, measure: str) -> np.ndarray:
        """Values by seed, float64 [K, purposes]."""
        worth = {some: self.values(coalition_name(some, self.purposes), measure) for some in coalitions(self.purposes)}
        found = []
        for k in range(len(self.seeds)):
            values = shapley(self.purposes, {some: float(each_seed[k]) for some, each_seed in worth.items()})
            found.append([values[purpose] for purpose in self.purposes])
        return np.array(found, np.float64).reshape(len(self.seeds), len(self.purposes))

    @property
    def following(self) -> pd.DataFrame:
        """One row per rule, and the truth first: what dividing the money of `movable` lines by its credit changes in
        profit and equity against the current plan, and against dividing it by the truth.
        """
        rows = []
        for rule in self.factors:
            row: dict[str, object] = {"rule": rule, "spent_eur": self.spent[rule]}
            row["on_budget"] = abs(self.spent[rule] - self.budget_eur) <= TOLERANCE * self.budget_eur
            for measure in MEASURES:
                plan = self.values(f"follow {rule}", measure)
                for name, reference in (("", "current"), ("_to_truth", f"follow {TRUTH}")):
                    found = difference(plan, self.values(reference, measure), "more")
                    key = f"{measure}{name}"
                    row |= {key: found.mean, f"{key}_low": found.low, f"{key}_high": found.high}
            rows.append(row)
        return pd.DataFrame(rows)


def coalition_name(some: frozenset[str], purposes: Sequence[str]) -> str:
    """The plan in which only these purposes are at work."""
    if len(some) == len(purposes):
        return "current"
    return "only " + (" + ".join(purpose for purpose in purposes if purpose in some) or "nothing")


def wins_customers(touchpoint: Touchpoint) -> bool:
    """Whether a line can meet people who are no customers, or sends somebody to them."""
    met = dict(zip(STAGE_NAMES, addressed(touchpoint), strict=True))
    return touchpoint.mechanism == "referral" or any(on for name, on in met.items() if name not in _CUSTOMERS)


def credit(
    scenario: Scenario,
    *,
    seeds: int = 5,
    lookback_days: float = LOOKBACK_DAYS,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Credit:
    """Find out what every line really caused, what the usual rules say, and what following them costs.

    Following a rule: the money of the lines that can win customers (`Credit.movable`) is divided in proportion to the
    customers won it credits them with, and that plan is run under the same luck; all other lines stay as they are. The
    same is done with what the lines truly caused (those that caused nothing, or less, get nothing).

    Parameters
    ----------
    scenario : Scenario
    seeds : int                 the scenario's and those after it
    lookback_days : float       touches longer before a purchase are forgotten by the rules
    workers : int, optional     processes; changes no number
    progress : callable         told (days simulated, days in all)

    Raises
    ------
    ScenarioError               if there is no touchpoint
    """
    if seeds < 1 or not lookback_days > 0:
        raise ValueError(f"credit needs at least 1 seed and a lookback above 0, not {seeds} and {lookback_days}")
    if not scenario.touchpoints:
        raise ScenarioError([Problem("touchpoints", "none", "at least one, to be credited with something")])
    used = following(scenario.seed, seeds)
    bare = scenario.with_changes({"panel": 0})
    traced = scenario.with_changes({"panel": min(scenario.agents, PANEL)})
    workers = workers_that_fit([traced], workers)
    lines = tuple(sorted(touchpoint.name for touchpoint in scenario.touchpoints))
    purposes = tuple(purpose for purpose in PURPOSES if lines_for(scenario, purpose))
    plans = {f"without {line}": with_factors(bare, {line: 0.0}) for line in lines}
    plans |= {name: plan for name, plan in _coalition_plans(bare, purposes).items() if name != "current"}
    rounds = 1 + len(plans) + len(RULES) + 1
    meter = Meter(progress, seeds * rounds * scenario.days)
    found = _traced(meter, Trace(traced, tuple(plans.values()), lookback_days), used, workers)
    rows = [
        {"seed": seed, "plan": plan} | run.summary
        for seed, one in zip(used, found, strict=True)
        for plan, run in zip(("current", *plans), one.measured, strict=True)
    ]
    costs = {line: float(np.mean([one.measured[0].costs[line] for one in found])) for line in lines}
    movable = tuple(t.name for t in sorted(scenario.touchpoints, key=lambda t: t.name) if _movable(t, costs))
    credited = np.array([one.credited for one in found])
    runs = pd.DataFrame(rows)
    shares = divided_by_credit(runs, credited, lines, movable)
    budget = sum(costs[line] for line in movable)
    factors, spent, more = _follow(bare, movable, costs, shares, used, workers, meter)
    return Credit(
        scenario=scenario, seeds=used, lookback_days=lookback_days, lines=lines, purposes=purposes,
        runs=pd.concat([runs, pd.DataFrame(more)], ignore_index=True) if more else runs,
        credited=credited, direct=np.array([one.direct for one in found]), costs=costs, movable=movable,
        budget_eur=budget, factors=factors, spent=spent,
    )  # fmt: skip


def _movable(touchpoint: Touchpoint, costs: Mapping[str, float]) -> bool:
    return costs[touchpoint.name] > 0 and wins_customers(touchpoint)


def _coalition_plans(scenario: Scenario, purposes: Sequence[str]) -> dict[str, Scenario]:
    """The scenario with every set of purposes at work, the others switched off."""
    plans = {}
    for some in coalitions(purposes):
        idle = [line for purpose in purposes if purpose not in some for line in lines_for(scenario, purpose)]
        plans[coalition_name(some, purposes)] = with_factors(scenario, dict.fromkeys(idle, 0.0))
    return plans


def _traced(meter: Meter, task: Trace, seeds: Sequence[int], workers: int | None) -> list[Traced]:
    found: dict[int, Traced] = {}
    days = len(seeds) * (1 + len(task.others)) * task.plan.days
    for position, one in meter.follow(each(task, seeds, workers=workers, progress=meter.tell), days):
        found[position] = one
    return [found[k] for k in range(len(seeds))]


def divided_by_credit(
    runs: pd.DataFrame, credited: np.ndarray, lines: Sequence[str], movable: Sequence[str]
) -> dict[str, dict[str, float]]:
    """How the truth and each rule divide the money of the movable lines, shares that add up to 1.

    What credits none of them with anything cannot be followed and is left out.
    """
    won = {plan: part["won"].to_numpy(np.float64) for plan, part in runs.groupby("plan")}
    caused = {line: max(0.0, float((won["current"] - won[f"without {line}"]).mean())) for line in movable}
    votes = {TRUTH: caused}
    for k, rule in enumerate(RULES):
        votes[rule] = {line: float(credited[:, k, lines.index(line)].mean()) for line in movable}
    totals = {rule: sum(vote.values()) for rule, vote in votes.items()}
    return {
        rule: {line: value / totals[rule] for line, value in vote.items()}
        for rule, vote in votes.items()
        if totals[rule] > 0
    }


def _follow(
    scenario: Scenario,
    movable: Sequence[str],
    costs: Mapping[str, float],
    shares: Mapping[str, Mapping[str, float]],
    seeds: Sequence[int],
    workers: int | None,
    meter: Meter,
) -> tuple[dict[str, Factors], dict[str, float], list[dict[str, object]]]:
    """Factors, cost and runs of the plans that divide the money of the movable lines as given."""
    rules = list(shares)
    sends = {touchpoint.name for touchpoint in scenario.touchpoints if touchpoint.mechanism == "sends"}
    pots = tuple(Pot(line, (line,), (line,) if line in sends else ()) for line in movable)
    budget = sum(costs[line] for line in movable)
    targets = {rule: tuple(budget * shares[rule][line] for line in movable) for rule in rules}
    small = smaller(scenario)
    wanted = {rule: Wanted(small, pots, targets[rule], costs, scenario.seed) for rule in rules}
    factors = {rules[position]: solved for position, solved in each(solve, list(wanted.values()), workers=workers)}
    factors = {rule: factors[rule] for rule in rules}
    measured: dict[str, list[Measured]] = {}
    off: dict[str, float] = {}
    tried = dict(factors)
    for _ in range(1 + CORRECTIONS):
        plans = {rule: with_factors(scenario, one) for rule, one in tried.items()}
        runs = dict(meter.run([Series(seed, tuple(plans.values())) for seed in seeds], workers))
        for k, rule in enumerate(plans):
            these = [runs[position][k] for position in range(len(seeds))]
            miss = missed(wanted[rule], tried[rule], mean_costs([[run] for run in these])[0])
            if rule not in off or miss < off[rule]:
                factors[rule], measured[rule], off[rule] = tried[rule], these, miss
        means = {rule: mean_costs([[run] for run in measured[rule]])[0] for rule in rules}
        tried = {
            rule: corrected(wanted[rule], factors[rule], means[rule])
            for rule in rules
            if off[rule] > TOLERANCE / 2.0 * budget
        }
        if not tried:
            break
    rows: list[dict[str, object]] = [
        {"seed": seed, "plan": f"follow {rule}"} | run.summary
        for rule in rules
        for seed, run in zip(seeds, measured[rule], strict=True)
    ]
    spent = {rule: sum(pot.cost(means[rule]) for pot in pots) for rule in rules} if rules else {}
    return factors, spent, rows
