"""Laws of the frontier: money is held, what does nothing is found out, and the optimum moves as the literature says.

A small market of subscriptions: an advert wins people who do not know the brand, and a club keeps those who do. Both
have diminishing returns, the advert because ever fewer are left to be won, the club because loyalty ends at 1.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.engine import simulate
from sim.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.studies.frontier import Frontier, frontier
from sim.studies.optimise import Optimum, optimise
from tests.laws.worlds import advert, bare, scenario

pytestmark = pytest.mark.law

AGENTS = 2000


def firm(*, cpm_eur: float = 8000.0, dead_eur: float = 0.0) -> Scenario:
    """Advert (acquisition) and club (retention); with money for it, a line nobody notices."""
    club = {
        "name": "club", "kind": "owned", "purpose": "retention", "phases": ["after"], "visits_per_week": 0.3,
        "cost_per_contact_eur": 0.25, "attention": 1.0, "irritation": 0.0, "synergy": 0.0, "bond": 0.06,
        "inform": 0.0, "touch": 0.0, "weight": 0.0,
    }  # fmt: skip
    lines = [advert(0.0, AGENTS, cpm_eur=cpm_eur, stages=["unaware"], spend={"weekly_eur": 150.0}), club]
    if dead_eur:
        lines.append(advert(0.0, AGENTS, name="dead", attention=0.0, spend={"weekly_eur": dead_eur}))
    tables = {
        "market": {"period_days": 30, "price": 10.0, "unit_cost": 4.0, "instant_decision": True},
        "start": {"retention": 0.4},
        "interest": {"base": 50.0},
        "experience": {
            "leave_a": 3.0, "leave_b": 9.0, "leave_loyalty": 4.0, "loyalty_half_life_days": 180.0, "loyalty_gain": 0.0,
        },
        "touchpoints": lines,
    }  # fmt: skip
    return scenario(bare(kind="subscription", agents=AGENTS, days=240), tables)


@cache
def divided(cpm_eur: float) -> Frontier:
    return frontier(firm(cpm_eur=cpm_eur), steps=6, seeds=3, budget_eur=8000.0, workers=1)


def test_the_budget_is_held_and_shared_as_asked() -> None:
    found = divided(8000.0)
    assert found.on_budget.all()
    np.testing.assert_allclose(found.spent_eur, 8000.0, rtol=0.01)
    shares = found.values("cost_to").mean(axis=0) / found.spent_eur
    np.testing.assert_allclose(shares, found.shares, atol=0.01)
    assert found.values("cost_to")[:, 0].max() == found.values("cost_from")[:, -1].max() == 0.0


def test_the_current_plan_is_itself() -> None:
    """Without another budget nothing is scaled at the current share, and its runs are those of the plan."""
    plan = firm()
    found = frontier(plan, steps=2, seeds=2, workers=1)
    assert set(found.factors[found.now].values()) == {1.0}
    daily = simulate(plan, seed=plan.seed, threads=1).daily
    assert found.values("profit")[0, found.now] == daily.loc[daily["persona"] == "all", "profit_cents"].sum() / 100.0
    itself = found.against(found.now, found.now)
    assert (itself.mean, itself.low, itself.high) == (0.0, 0.0, 0.0)


def test_the_best_share_lies_inside_and_dearer_customers_move_it_to_retention() -> None:
    """Both ends are surely worse; winning at four times the cost moves money to keeping."""
    cheap, dear = divided(8000.0), divided(32000.0)
    assert 0.0 < cheap.shares[cheap.best] < 1.0
    assert cheap.against(0, cheap.best).high < 0.0
    assert dear.shares[dear.best] > cheap.shares[cheap.best]
    everything = len(cheap.shares) - 1
    slope = [found.against(everything, everything - 1).mean for found in (cheap, dear)]
    assert slope[1] > slope[0]  # the last euros given to retention


def test_one_seed_tells_nothing_apart() -> None:
    found = frontier(firm(), steps=2, seeds=1, workers=1)
    assert found.tied.all()
    assert np.isnan(found.lost.low)
    assert found.points["equity_low"].isna().all()


def test_workers_change_no_number() -> None:
    alone, together = (frontier(firm(), steps=2, seeds=2, workers=workers) for workers in (1, 2))
    assert alone.runs.equals(together.runs)
    assert alone.factors == together.factors


def test_what_cannot_be_divided_is_refused() -> None:
    plan = firm()
    with pytest.raises(ScenarioError, match="without a common line"):
        frontier(plan, take_from="advert", give_to="acquisition")
    with pytest.raises(ScenarioError, match="brand"):
        frontier(plan, give_to="brand")
    with pytest.raises(ScenarioError, match="which costs nothing"):
        frontier(plan.with_changes({"touchpoints.club.scale": 0}), seeds=1, workers=1)
    for budget in (0.0, -5.0, float("nan"), float("inf")):
        with pytest.raises(ScenarioError, match="budget"):
            frontier(plan, budget_eur=budget)
    with pytest.raises(ScenarioError, match='did you mean "equity"'):
        frontier(plan, goal="equty")


@cache
def optimum() -> Optimum:
    return optimise(firm(dead_eur=60.0), seeds=2, held_out=3, rounds=8, workers=1)


@pytest.mark.slow
def test_the_optimiser_takes_the_money_of_a_line_that_does_nothing() -> None:
    found = optimum()
    assert found.factors["dead"] < 0.25
    spent = sum(found.costs.values())
    assert spent == pytest.approx(found.budget_eur, rel=0.02)  # on other seeds than it was solved for
    assert found.on_budget == (abs(spent / found.budget_eur - 1.0) <= 0.01)
    gain = found.gain()
    assert gain.low > 0.0
    assert not set(found.seeds) & set(found.held_out)


def test_the_optimiser_keeps_to_its_bounds() -> None:
    bounds = {"dead": {"least": 0.8, "most": 2.0}, "advert": {"least": 1.0, "most": 1.0}}
    plan = firm(dead_eur=60.0)
    for line, bound in bounds.items():
        plan = plan.with_changes({f"touchpoints.{line}.bounds": bound})
    found = optimise(plan, seeds=1, held_out=1, rounds=2, workers=1)
    assert 0.8 <= found.factors["dead"] <= 2.0
    assert found.factors["advert"] == 1.0
    assert found.factors["club"] > 0.0
    fixed = plan.with_changes({"touchpoints.dead.bounds": {"least": 1.0, "most": 1.0}})
    with pytest.raises(ScenarioError, match="room to be moved"):
        optimise(fixed, seeds=1, held_out=1, rounds=1, workers=1)


@cache
def shipped(name: str) -> Frontier:
    """Acquisition against what keeps customers: in the coffee story retention lines, in that of B2B the desks too."""
    size, give_to, steps, seeds = {
        "coffee_subscription": ({"agents": 15_000}, "retention", 4, 5),
        "b2b_service": ({"agents": 5_000, "days": 548}, "retention,service", 6, 4),
    }[name]
    return frontier(Scenario.load(name).with_changes(size), give_to=give_to, steps=steps, seeds=seeds)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["coffee_subscription", "b2b_service"])
def test_shipped_scenarios_have_their_best_share_inside(name: str) -> None:
    """Profit has an optimum in both spendings (Reinartz, Thomas & Kumar 2005, Journal of Marketing 69, 63-79)."""
    found = shipped(name)
    ends = 0, len(found.shares) - 1
    assert found.best not in ends
    assert all(found.against(end, found.best).high < 0.0 for end in ends)


@pytest.mark.slow
def test_saving_too_much_is_worse_than_spending_too_much() -> None:
    """Too little is worse than too much by the same amount, as Reinartz, Thomas & Kumar (2005) found for B2B firms."""
    found = shipped("b2b_service")
    best = found.shares[found.best]
    too_much = int(np.argmin(np.abs(np.array(found.shares) - 2.0 * best)))
    assert found.shares[too_much] - best >= best - 0.01  # as much above as nothing is below, or more
    assert found.against(0, too_much).high < 0.0
