"""Pots of money: what belongs to them, and the factors at which they cost what they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.engine import simulate
from sim.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.studies.budget import Wanted, corrected, missed, proportional, solve
from sim.studies.frontier import Frontier
from sim.studies.optimise import on_budget
from sim.studies.pots import DESKS, Pot, find_pot, line_costs, lines_for, require_apart, with_factors
from tests.laws.worlds import busy, scenario


@pytest.fixture(scope="module")
def market() -> Scenario:
    return scenario(busy(agents=4000, days=30), {"service": {"goodwill_eur": 2.0}})  # a settlement is 250 people's


def test_purposes_and_lines_make_a_pot(market: Scenario) -> None:
    assert find_pot(market, "retention", "to").lines == ("newsletter",)
    assert find_pot(market, "service", "to").lines == (DESKS,)
    assert find_pot(market, " tv , retention", "to").lines == ("tv", "newsletter")
    assert find_pot(market, "retention, tv", "to").mailings == ("newsletter",)
    assert find_pot(market, "retention, tv", "to").fine == ("tv",)
    assert find_pot(market, "tv,tv,brand", "to").lines.count("tv") == 1


def test_unknown_names_are_told_with_the_nearest(market: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r'from: found "acquisitio".*did you mean "acquisition"'):
        find_pot(market, "acquisitio", "from")
    with pytest.raises(ScenarioError, match=r'to: found "newsleter".*did you mean "newsletter"'):
        find_pot(market, "tv,newsleter", "to")
    with pytest.raises(ScenarioError, match="to: found"):
        find_pot(market, "", "to")


def test_a_purpose_without_lines_is_no_pot(market: Scenario) -> None:
    without = market.with_changes({"touchpoints.newsletter.remove": True})
    with pytest.raises(ScenarioError, match="has no line, expected one of acquisition, brand, service"):
        find_pot(without, "retention", "to")


def test_money_cannot_move_to_where_it_is(market: Scenario) -> None:
    with pytest.raises(ScenarioError, match="tv in"):
        require_apart(find_pot(market, "brand", "from"), find_pot(market, "tv", "to"))


def test_lines_and_desks_cost_all_there_is(market: Scenario) -> None:
    results = simulate(market, threads=1)
    rows = results.daily[results.daily["persona"] == "all"]
    purposes = sum(rows[f"cost_for_{p}_cents"].sum() for p in ("acquisition", "retention", "brand", "service")) / 100
    assert sum(line_costs(results).values()) == pytest.approx(purposes, abs=1e-6)
    lines = [line for p in ("acquisition", "retention", "brand", "service") for line in lines_for(market, p)]
    assert sorted(lines) == sorted(line_costs(results))


def test_factors_scale_lines_and_staff(market: Scenario) -> None:
    found = with_factors(market, {"tv": 0.5, DESKS: 3.0, "hub": 1.0})
    assert {t.name: t.scale for t in found.touchpoints}["tv"] == 0.5
    assert found.service.desks.branch.staff == 3 * market.service.desks.branch.staff
    assert with_factors(market, {"tv": 1.0}) is market


POTS = (Pot("x", ("a", "b"), ("b",)), Pot("y", ("c",)), Pot("z", ("d",), ("d",)))


def wanted(market: Scenario, *targets: float) -> Wanted:
    return Wanted(market, POTS, targets, {"a": 4.0, "b": 5.0, "c": 20.0, "d": 3.0}, 1)


def test_mailings_leave_over_what_others_spend(market: Scenario) -> None:
    """b and d send and keep their factors; a makes up for b, and x and y share what d leaves over, 10 : 20."""
    costs = {"a": 4.0, "b": 5.0, "c": 20.0, "d": 3.0}
    ones = dict.fromkeys("abcd", 1.0)
    found = corrected(wanted(market, 10.0, 20.0, 9.0), ones, costs)
    assert found == pytest.approx({"a": (12.0 - 5.0) / 4.0, "b": 1.0, "c": 24.0 / 20.0, "d": 1.0})
    assert missed(wanted(market, 10.0, 20.0, 9.0), ones, costs) == pytest.approx(4.0)  # c costs 20 of 24


def test_who_has_nobody_left_to_address_leaves_over_too(market: Scenario) -> None:
    """At twice its factor c costs hardly more than before, so that a gets what c cannot spend."""
    costs = {"a": 4.0, "b": 5.0, "c": 21.0, "d": 0.0}
    factors = {"a": 1.0, "b": 1.0, "c": 2.0, "d": 0.0}
    found = corrected(wanted(market, 10.0, 40.0, 0.0), factors, costs)
    assert found == pytest.approx({"a": (29.0 - 5.0) / 4.0, "b": 1.0, "c": 2.0, "d": 0.0})


def test_nothing_wanted_is_nothing_spent() -> None:
    present = dict.fromkeys("abcd", 5.0)
    assert proportional(POTS, (20.0, 0.0, 0.0), present) == {"a": 2.0, "b": 2.0, "c": 0.0, "d": 0.0}


def test_solved_factors_meet_the_budget(market: Scenario) -> None:
    """Website and newsletter cost by use; wages by staff, goodwill by what the staff can do."""
    pots = find_pot(market, "newsletter,website", "from"), find_pot(market, "service", "to")
    present = line_costs(simulate(market, threads=1))
    targets = 0.4 * pots[0].cost(present), 1.5 * pots[1].cost(present)
    factors = solve(Wanted(market, pots, targets, present, market.seed), lambda: None)
    costs = line_costs(simulate(with_factors(market, factors), threads=1))
    for pot, target in zip(pots, targets, strict=True):
        assert abs(pot.cost(costs) - target) <= 0.01 * sum(targets)


def test_wishes_are_cut_at_their_bounds_and_cost_the_budget() -> None:
    wish, least, most = np.array([1.0, 1.0, 1.0, 4.0]), np.array([0.0, 0.5, 0.0, 4.0]), np.array([5.0, 5.0, 0.5, 4.0])
    cost = np.array([10.0, 10.0, 10.0, 1.0])
    found = on_budget(wish, least, most, cost, 20.0, np.array([0, 1, 2]))
    assert found == pytest.approx([0.55, 0.55, 0.5, 4.0])
    poor = on_budget(wish, least, most, cost, 4.0, np.array([0, 1, 2]))
    assert poor == pytest.approx([0.0, 0.5, 0.0, 4.0], abs=1e-9)  # as near as the bounds allow


def test_a_share_that_misses_the_budget_is_never_the_best() -> None:
    """However well it does: it does it with other money."""
    plan = scenario(busy(agents=1000, days=30))
    pots = Pot("from", ("a",)), Pot("to", ("b",))
    rows = [
        {"seed": seed, "share": share, "cost_from": 100.0 * (1.0 - share), "cost_to": cost, "equity": equity}
        for seed in (1, 2)
        for share, cost, equity in ((0.0, 0.0, 5.0), (0.5, 50.0, 7.0), (1.0, 120.0, 99.0))
    ]
    factors = ({"a": 1.0, "b": 1.0},) * 3
    found = Frontier(plan, pots, 100.0, (0.0, 0.5, 1.0), 1, factors, (1, 2), "equity", pd.DataFrame(rows))
    assert found.on_budget.tolist() == [True, True, False]
    assert found.best == 1
