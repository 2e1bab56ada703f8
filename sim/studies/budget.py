"""Plans that cost what they should: the factors of pots at which a run spends the amounts wanted.

Costs by use (mailings, rewards, settlements, commissions) depend on how many customers a plan wins and keeps, so the
cost C_p of a pot is not quite proportional to its factor f_p. As C_p / f_p varies slowly, f_p <- f_p target_p / C_p
(a fixed-point iteration) closes in quickly. It is done on one seed and a smaller population, which has the same
expected costs, and corrected afterwards by what the full runs cost on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.scenario.scenario import Scenario
from sim.studies.pool import Tick
from sim.studies.pots import Pot, pot_factors, with_factors
from sim.studies.series import Series, run_series

#: A pot's cost may miss its target by this share of the whole budget.
TOLERANCE = 0.01
#: Aimed at when solving, so that sampling noise leaves room.
AIM = 0.004
ROUNDS = 6
#: Consumers simulated to find the factors.
AGENTS = 20_000
#: No pot is scaled beyond this: a pot that then still costs less has nothing to spend the money on.
MOST = 1e6


@dataclass(frozen=True)
class Wanted:
    """Amounts wanted for some pots, and factors to start from."""

    scenario: Scenario
    pots: tuple[Pot, ...]
    targets: tuple[float, ...]
    start: tuple[float, ...]
    seed: int


def planned(scenario: Scenario, pots: Sequence[Pot], factors: Sequence[float]) -> Scenario:
    """A scenario with its pots scaled."""
    return with_factors(scenario, pot_factors(pots, factors))


def smaller(scenario: Scenario) -> Scenario:
    """The same market with no more than `AGENTS` consumers and without a panel; edge lists fix their number."""
    fixed = any(layer.file for layer in scenario.ties)
    agents = scenario.agents if fixed else min(scenario.agents, AGENTS)
    return scenario.with_changes({"agents": agents, "panel": 0})


def solve(wanted: Wanted, tick: Tick) -> tuple[float, ...]:
    """Factors at which the pots cost what is wanted, as nearly as they can; a target of 0 is a factor of 0."""
    budget = sum(wanted.targets)
    factors = tuple(f if target > 0 else 0.0 for f, target in zip(wanted.start, wanted.targets, strict=True))
    for _ in range(ROUNDS):
        plan = planned(wanted.scenario, wanted.pots, factors)
        measured = run_series(Series(wanted.seed, (plan,)), tick)[0]
        costs = [pot.cost(measured.costs) for pot in wanted.pots]
        if missed(costs, wanted.targets) <= AIM * budget:
            break
        factors = corrected(factors, costs, wanted.targets)
    return factors


def missed(costs: Sequence[float], targets: Sequence[float]) -> float:
    """EUR by which the worst pot misses its target."""
    return max(abs(cost - target) for cost, target in zip(costs, targets, strict=True))


def corrected(factors: Sequence[float], costs: Sequence[float], targets: Sequence[float]) -> tuple[float, ...]:
    """One step of the iteration f <- f target / cost, bounded by `MOST`; a pot that costs nothing stays as it is."""
    return tuple(
        min(MOST, f * target / cost) if cost > 0 else f
        for f, cost, target in zip(factors, costs, targets, strict=True)
    )
