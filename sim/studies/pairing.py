"""Which plans can be compared person by person, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.errors import Problem, ScenarioError
from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class NamedPlan:
    """A scenario under a short name, which tables and pictures use."""

    name: str
    scenario: Scenario


def named_plans(scenarios: Mapping[str, Scenario] | Sequence[Scenario]) -> tuple[NamedPlan, ...]:
    """Plans under the keys of a mapping, else under their titles, numbered if they are the same."""
    if isinstance(scenarios, Mapping):
        return tuple(NamedPlan(name, scenario) for name, scenario in scenarios.items())
    names = numbered([scenario.title for scenario in scenarios])
    return tuple(NamedPlan(name, scenario) for name, scenario in zip(names, scenarios, strict=True))


def numbered(names: Iterable[str]) -> list[str]:
    """Names made different by numbers: a, b, a (2)."""
    found: list[str] = []
    for name in names:
        alone, number = name, 2
        while alone in found:
            alone, number = f"{name} ({number})", number + 1
        found.append(alone)
    return found


def require_pairs(plans: Sequence[NamedPlan]) -> None:
    """Refuse plans whose consumers are not the same people, or whose numbers do not stand for the same market.

    Consumer 17 must be the same person under every plan: as many consumers, and personas of the same names and shares.
    Everything else about a persona may differ, as may prices, rivals, touchpoints, ties, service and the state on the
    first morning: the same draws then fall on other odds. Market size, days and first day must agree because they
    decide what a number means. The seed is no part of a plan: that of the reference counts.

    Raises
    ------
    ScenarioError               listing everything that keeps any plan from being compared with the first
    """
    reference = _what_must_agree(plans[0].scenario)
    problems = []
    for plan in plans[1:]:
        for where, value in _what_must_agree(plan.scenario).items():
            if value != reference[where]:
                hint = f"; --{where} sets it for all" if where in ("agents", "days") else ""
                expected = f"{reference[where]} as in {plans[0].name}, to compare plans person by person{hint}"
                problems.append(Problem(where=f"{plan.name}: {where}", found=value, expected=expected))
    if problems:
        raise ScenarioError(problems)


def _what_must_agree(scenario: Scenario) -> dict[str, str]:
    """Settings that two plans must share, as people write them."""
    shares = sorted((persona.name, persona.share) for persona in scenario.personas)
    return {
        "agents": str(scenario.agents),
        "days": str(scenario.days),
        "start_date": scenario.start_date.isoformat(),
        "market.size": repr(scenario.market.size),
        "personas": ", ".join(f"{name} {share!r}" for name, share in shares),
    }
