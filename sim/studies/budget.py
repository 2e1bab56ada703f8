"""Plans that cost what they should: the factors of lines at which a run spends the amounts wanted.

Costs by use (mailings, rewards, settlements, commissions) depend on how many customers a plan wins and keeps, so the
cost C_p of a pot is not quite proportional to its factor f_p. As C_p / f_p varies slowly, f_p <- f_p target_p / C_p
(a fixed-point iteration) closes in quickly. Mailings are whole: a line that sends five letters a year instead of four
cannot send four and a half. It gets the factor of its share, and its pot's other lines what it leaves over; what a pot
of mailings alone leaves over, or one that has run out of people to address, goes to the other pots: the whole is spent.

Solved on one seed and a smaller population, which has the same expected costs; corrected afterwards by what the full
runs cost on average.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.scenario import Scenario
from sim.studies.pool import Tick
from sim.studies.pots import Pot, with_factors
from sim.studies.series import Series, run_series

#: A plan's cost may miss the budget by this share of it.
TOLERANCE = 0.01
#: Aimed at for each pot when solving, so that sampling noise leaves room.
AIM = 0.004
ROUNDS = 6
#: Consumers simulated to find the factors.
AGENTS = 20_000
#: A pot that costs less than this share of what it would in proportion to its factor has run out of people to address.
SATED = 0.6

Factors = dict[str, float]


@dataclass(frozen=True)
class Wanted:
    """Amounts wanted for some pots, and what their lines cost as the scenario stands, EUR."""

    scenario: Scenario
    pots: tuple[Pot, ...]
    targets: tuple[float, ...]
    present: Mapping[str, float]
    seed: int


def smaller(scenario: Scenario) -> Scenario:
    """The same market with no more than `AGENTS` consumers and without a panel; edge lists fix their number."""
    fixed = any(layer.file for layer in scenario.ties)
    agents = scenario.agents if fixed else min(scenario.agents, AGENTS)
    return scenario.with_changes({"agents": agents, "panel": 0})


def solve(wanted: Wanted, tick: Tick) -> Factors:
    """Factors at which the pots cost what is wanted, as nearly as they can; nothing wanted is a factor of 0."""
    budget = sum(wanted.targets)
    factors = proportional(wanted.pots, wanted.targets, wanted.present)
    best, least = factors, float("inf")
    for _ in range(ROUNDS):
        plan = with_factors(wanted.scenario, factors)
        costs = run_series(Series(wanted.seed, (plan,)), tick)[0].costs
        off = missed(wanted, factors, costs)
        if off < least:
            best, least = factors, off
        if off <= AIM * budget:
            break
        factors = corrected(wanted, factors, costs)
    return best


def proportional(pots: Sequence[Pot], targets: Sequence[float], present: Mapping[str, float]) -> Factors:
    """Factors if costs were proportional to them."""
    return {line: target / pot.cost(present) for pot, target in zip(pots, targets, strict=True) for line in pot.lines}


def missed(wanted: Wanted, factors: Mapping[str, float], costs: Mapping[str, float]) -> float:
    """EUR by which the worst pot misses what it is to cost, given what others leave over."""
    due = _due(wanted, factors, costs)
    return max(abs(pot.cost(costs) - target) for pot, target in zip(wanted.pots, due, strict=True))


def corrected(wanted: Wanted, factors: Mapping[str, float], costs: Mapping[str, float]) -> Factors:
    """One step of f <- f target / cost, for the lines whose cost follows closely; a pot without cost stays as it is."""
    found = dict(factors)
    for pot, target in zip(wanted.pots, _due(wanted, factors, costs), strict=True):
        lines = pot.fine or pot.lines
        cost = sum(costs[line] for line in lines)
        if cost <= 0:
            continue
        ratio = max(0.0, target - (pot.cost(costs) - cost)) / cost
        for line in lines:
            found[line] = factors[line] * ratio
    return found


def _due(wanted: Wanted, factors: Mapping[str, float], costs: Mapping[str, float]) -> list[float]:
    """What each pot is to cost: its target; a pot that cannot follow what it does cost, the others sharing the rest."""
    pots, targets = wanted.pots, wanted.targets
    follows = [
        bool(pot.fine) and not _sated(pot, target, wanted.present, factors, costs)
        for pot, target in zip(pots, targets, strict=True)
    ]
    others = sum(target for target, on in zip(targets, follows, strict=True) if on)
    if others <= 0:
        return list(targets)
    held = sum(pot.cost(costs) for pot, on in zip(pots, follows, strict=True) if not on)
    share = max(0.0, sum(targets) - held) / others
    return [share * target if on else pot.cost(costs) for pot, target, on in zip(pots, targets, follows, strict=True)]


def _sated(
    pot: Pot, target: float, present: Mapping[str, float], factors: Mapping[str, float], costs: Mapping[str, float]
) -> bool:
    """Whether more money for a pot is hardly spent any more."""
    expected = sum(factors[line] * present[line] for line in pot.lines)
    return pot.cost(costs) < min(target, SATED * expected)
