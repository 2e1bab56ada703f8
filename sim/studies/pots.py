"""Pots of money: which spending lines belong together, what they cost in a run, and what a larger pot buys.

A pot is scaled by one factor. What a line does and what it costs follow from that as they do in every run:

* a touchpoint's `scale` is multiplied, and with it spend, fixed cost and pressure: posts and impressions, visits and
  mailings per week, invitations, answers per day. A newsletter with twice the money is written by twice the people and
  sent twice as often; a loyalty programme with twice the money is met, and rewards, twice as often;
* the staff of all desks is multiplied; wages follow the staff, and goodwill the cases it can handle.

A line that costs nothing is not bought, so money neither adds to it nor takes from it: it stays as it is. Costs by use
depend on how many customers there are, so a factor is not yet an amount: `sim.studies.budget` finds the factors that
make a plan cost what it should. Nothing becomes dearer or bolder as such (a higher reward, a more generous settlement):
those are settings of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from sim.errors import Problem, ScenarioError
from sim.record import Results
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PURPOSES
from sim.scenario.words import nearest, shown

#: The name of the service desks' staff as a line; their cost is wages and goodwill.
DESKS = "desks"


@dataclass(frozen=True)
class Pot:
    """Lines that share their money in fixed proportions.

    Attributes
    ----------
    name : str                      as the user called it
    lines : tuple of str            touchpoints, and `DESKS` for the staff of the service desks
    mailings : tuple of str         those of them that send: they cost by the whole mailing
    """

    name: str
    lines: tuple[str, ...]
    mailings: tuple[str, ...] = ()

    @property
    def fine(self) -> tuple[str, ...]:
        """Lines whose cost follows the factor closely: all but those that send."""
        return tuple(line for line in self.lines if line not in self.mailings)

    @property
    def leader(self) -> str:
        """A line whose factor stands for the pot's."""
        return (self.fine or self.lines)[0]

    def bought(self, costs: Mapping[str, float]) -> Self:
        """The pot without lines that cost nothing."""
        return replace(self, lines=tuple(line for line in self.lines if costs[line] > 0))

    def cost(self, costs: Mapping[str, float]) -> float:
        """What the pot cost, EUR, out of the costs of all lines (see `line_costs`)."""
        return sum(costs[line] for line in self.lines)


def all_lines(scenario: Scenario) -> tuple[str, ...]:
    """Every touchpoint by name, then the desks."""
    return (*sorted(touchpoint.name for touchpoint in scenario.touchpoints), DESKS)


def lines_for(scenario: Scenario, purpose: str) -> tuple[str, ...]:
    """The lines of a purpose; the desks serve."""
    named = tuple(sorted(touchpoint.name for touchpoint in scenario.touchpoints if touchpoint.purpose == purpose))
    return (*named, DESKS) if purpose == "service" else named


def find_pot(scenario: Scenario, text: str, where: str) -> Pot:
    """The pot a user means: purposes and lines, separated by commas.

    Raises
    ------
    ScenarioError               naming what is unknown, with the nearest name; `where` is the option it came from
    """
    known = all_lines(scenario)
    lines: list[str] = []
    for word in (part.strip() for part in text.split(",")):
        if word in known:
            lines.append(word)
        elif word in PURPOSES:
            lines += lines_for(scenario, word)
        else:
            close = nearest(word, [*PURPOSES, *known])
            hint = f' (did you mean "{close}"?)' if close else ""
            expected = f"a purpose ({', '.join(PURPOSES)}) or a line ({', '.join(known)}){hint}"
            raise ScenarioError([Problem(where, shown(word), expected)])
    if not lines:
        raise ScenarioError([Problem(where, f"{shown(text)}, for which the scenario has no line", _filled(scenario))])
    sends = {touchpoint.name for touchpoint in scenario.touchpoints if touchpoint.mechanism == "sends"}
    lines = list(dict.fromkeys(lines))
    return Pot(text, tuple(lines), tuple(line for line in lines if line in sends))


def _filled(scenario: Scenario) -> str:
    return "one of " + ", ".join(purpose for purpose in PURPOSES if lines_for(scenario, purpose))


def require_apart(first: Pot, second: Pot) -> None:
    """Refuse two pots that share a line: money cannot be moved from a line to itself."""
    both = [line for line in first.lines if line in second.lines]
    if both:
        found = f"{', '.join(both)} in {shown(first.name)} and in {shown(second.name)}"
        raise ScenarioError([Problem("to", found, "two pots without a common line")])


def with_factors(scenario: Scenario, factors: Mapping[str, float]) -> Scenario:
    """The scenario with lines (and desks) scaled; a factor of exactly 1 changes nothing."""
    changes: dict[str, float] = {}
    scales = {touchpoint.name: touchpoint.scale for touchpoint in scenario.touchpoints}
    for line, factor in factors.items():
        if factor == 1.0:
            continue
        if line in scales:
            changes[f"touchpoints.{line}.scale"] = scales[line] * factor
        else:
            for channel in CONTACT_CHANNELS:
                staff = getattr(scenario.service.desks, channel).staff
                changes[f"service.desks.{channel}.staff"] = staff * factor
    return scenario.with_changes(changes) if changes else scenario


def line_costs(results: Results) -> dict[str, float]:
    """EUR each line cost over a run, by name; the desks cost wages and goodwill."""
    days = results.everybody
    names = [touchpoint.name for touchpoint in results.scenario.touchpoints]
    costs = {name: float(days[f"cost_{name}_cents"].sum()) / 100.0 for name in names}
    return costs | {DESKS: float(days[["cost_of_wages_cents", "cost_of_goodwill_cents"]].sum().sum()) / 100.0}
