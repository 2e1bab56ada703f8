"""Laws of any run: nobody gets lost, flows explain changes, money adds up to the cent, impressions are as bought."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine import Engine
from sim.errors import ScenarioError
from sim.record import Results
from sim.scenario.scenario import Scenario
from tests.laws.worlds import (
    Z,
    advert,
    assert_conserved,
    bare,
    busy,
    days_of,
    everybody,
    merged,
    no_staff,
    scenario,
    trusting,
)
from tests.strategies import scenario_dicts, valid_scenarios

pytestmark = pytest.mark.law

KINDS = ("subscription", "repeat", "durable")


def finished(world: Scenario) -> Engine:
    engine = Engine(world)
    for _ in days_of(engine):
        pass
    return engine


@cache
def busy_run(kind: str) -> Engine:
    inactive = {"lapse_after_days": 40, "use_every_days": 9}
    return finished(scenario(busy(), {"market": {"kind": kind}, "experience": inactive}))


@pytest.mark.parametrize("kind", KINDS)
def test_people_flows_purchases_and_money_are_conserved(kind: str) -> None:
    assert_conserved(busy_run(kind))


def test_the_busy_world_is_busy() -> None:
    """What never happens cannot be wrong: everything the laws look at does happen."""
    results = busy_run("subscription").results()
    daily = everybody(results).sum(numeric_only=True)
    for name in daily.index:
        if name.startswith(("flow_", "stage_", "outcome_", "cost_", "talk_", "posts_", "heard_", "reviews_", "lost_")):
            if name not in ("lost_inactive", "cost_of_storm_cents"):  # of a storm: test_storm.py
                assert daily[name] > 0, name
    assert everybody(busy_run("repeat").results())["lost_inactive"].sum() > 0
    lines = results.touchpoints.groupby("touchpoint", observed=True).sum(numeric_only=True)
    assert (lines["cost_cents"].drop("hub") > 0).all()
    for name, line in {
        "refused": "banner", "clicks": "search", "landings": "website", "prompts": "search", "reactions": "hub",
        "comments_answered": "hub", "invited_wins": "bring_a_friend",
    }.items():  # fmt: skip
        assert lines.loc[line, name] > 0, name


def test_nobody_is_lost_of_the_start_who_was_won_since() -> None:
    """Won on the first day and gone on the second is lost, but not lost of those who were customers at the start."""
    won = {"start": {"consideration": 1.0}, "market": {"instant_decision": True, "period_days": 1}}
    leaving = {"experience": {"leave_a": 5.0, "leave_b": 5.0}}
    daily = everybody(finished(scenario(bare(kind="subscription", agents=2_000, days=10), won, leaving)).results())
    assert daily["first_purchases"].iloc[0] == 2_000
    assert daily["lost"].iloc[1] > 500
    assert daily["lost_of_start"].sum() == 0


@pytest.mark.parametrize("kind", ["subscription", "repeat"])
def test_revenue_is_price_times_purchases(kind: str) -> None:
    """On days without a discount and without invitations; on the others it is at most that."""
    results = busy_run(kind).results()
    daily = everybody(results)
    price = math.floor(100 * results.scenario.market.price + 0.5)
    full = daily["purchases"] * price
    personas = len(results.scenario.personas)
    assert (daily["revenue_cents"] <= full + personas).all()
    cut = results.scenario.market.discounts[0]
    dates = daily["date"].dt.date
    running = (dates >= cut.start) & (dates <= cut.end)
    reduced = math.floor(100 * results.scenario.market.price * (1 - cut.percent / 100) + 0.5)
    assert (daily["revenue_cents"] <= daily["purchases"] * reduced + personas)[running].all()
    invited = results.touchpoints.groupby("day")["invited_wins"].sum()
    plain = ~running & (invited == 0)
    assert plain.sum() > 0
    assert (np.abs(daily["revenue_cents"] - full)[plain] <= personas).all()


def test_spending_is_what_was_planned() -> None:
    """Every full week costs the weekly amount to the cent; rounding never adds up over the weeks."""
    weekly = {"a": 1000.01, "b": 3.33, "c": 12345.67}
    lines = [
        {"name": name, "kind": "paid", "purpose": "brand", "cpm_eur": 5.0, "spend": {"weekly_eur": eur},
         "phases": ["before", "during", "after", "lapsed"]}
        for name, eur in weekly.items()
    ]  # fmt: skip
    lines += [
        {"name": "site", "kind": "owned", "purpose": "service", "fixed_eur_per_week": 77.77},
        {"name": "plan", "kind": "paid", "purpose": "brand", "cpm_eur": 5.0, "scale": 1.5,
         "spend": {"weeks_eur": [100.0, 0.0, 50.5, 7.01] + [0.0] * 16},
         "phases": ["before", "during", "after", "lapsed"]},
    ]  # fmt: skip
    results = finished(scenario(bare(kind="durable", agents=500, days=140), {"touchpoints": lines})).results()
    costs = results.touchpoints.pivot(index="day", columns="touchpoint", values="cost_cents")
    assert np.abs(np.diff(costs["a"])).max() <= 1
    for name, eur in {**weekly, "site": 77.77}.items():
        running = costs[name].cumsum().to_numpy()[6::7]
        assert (np.abs(running - 100 * eur * np.arange(1, 21)) <= 0.5 + 1e-6).all(), name
    np.testing.assert_array_equal(costs["plan"].to_numpy().reshape(20, 7).sum(axis=1)[:5], [15000, 0, 7575, 1052, 0])


def test_no_budget_no_contacts_no_cost() -> None:
    """All lines that cost anything switched off, nobody employed: not a contact, not a cent."""
    world = busy()
    off = [merged(line, {"scale": 0.0}) for line in world["touchpoints"]]
    free: dict[str, Any] = {"service": {"desks": no_staff(), "goodwill_eur": 0.0}, "touchpoints": off}
    results = finished(scenario(world, free)).results()
    touch = results.touchpoints.select_dtypes("number").drop(columns="day")
    assert (touch == 0).all(axis=None)
    daily = everybody(results)
    costs = daily[[name for name in daily if str(name).startswith("cost_")]].astype("int64")
    assert (costs == 0).all(axis=None)
    assert (daily["profit_cents"] == daily["revenue_cents"] - daily["unit_cost_cents"]).all()


def test_paid_lines_without_a_budget_reach_nobody() -> None:
    world = busy()
    unpaid = [{**line, "spend": {}} for line in world["touchpoints"]]
    results = finished(scenario(world, {"touchpoints": unpaid})).results()
    bought = results.touchpoints["form"].isin(["impressions", "influencers", "curation", "referral"])
    touch = results.touchpoints[bought]
    assert (touch[["cost_cents", "impressions", "contacts", "noticed", "invited_wins"]] == 0).all(axis=None)


def delivered(results: Results, name: str) -> tuple[float, float]:
    """Impressions of a line, in agents, with those refused above a cap, and its cost in EUR."""
    rows = results.touchpoints[results.touchpoints["touchpoint"] == name]
    return (rows["impressions"] + rows["refused"]).sum() / results.weight, rows["cost_cents"].sum() / 100.0


@pytest.mark.parametrize("contacts_per_day", [0.003, 0.3, 3.0])
def test_expected_impressions_delivered_are_those_bought(contacts_per_day: float) -> None:
    """Whoever is addressed: the sum of Poisson numbers with the bought mean, tested at 1e-4."""
    agents, size, days = 20_000, 3_000_000.0, 40
    platform = {"platforms": {"pix": 0.3}}
    world = scenario(
        bare(kind="subscription", agents=agents, days=days, size=size),
        {
            "start": {"awareness": 0.3, "retention": 0.2},
            "personas": [trusting("x", 0.6, **platform), trusting("y", 0.4, **platform)],
            "interest": {"base": -50.0},
            "touchpoints": [
                advert(contacts_per_day, size, affinity={"x": 3.0, "y": 0.5}),
                advert(contacts_per_day, size, name="narrow", stages=["unaware", "awareness"], platform="pix"),
                {"name": "stars", "kind": "earned", "form": "influencers", "purpose": "brand",
                 "cost_per_post_eur": 90.0, "reach_per_post": 9000.0,
                 "spend": {"weekly_eur": 7.0 * contacts_per_day * size / 100.0}},
            ],
        },
    )  # fmt: skip
    results = finished(world).results()
    bought = contacts_per_day * agents * days
    for name in ("advert", "narrow", "stars"):
        found, cost = delivered(results, name)
        assert found == pytest.approx(bought, abs=Z * math.sqrt(bought)), name
        assert cost == pytest.approx(contacts_per_day * size * days / 100.0, rel=1e-6), name


def test_a_cap_is_kept_and_what_it_refuses_is_not_paid() -> None:
    agents, size, days, cap = 5000, 5000.0, 70, 3
    world = scenario(
        bare(kind="durable", agents=agents, days=days, size=size),
        {"panel": agents, "touchpoints": [advert(0.5, size, frequency_cap_per_week=cap, attention=0.0)]},
    )
    results = finished(world).results()
    events = results.journeys[results.journeys["event"] == "contact"]
    weekly = events.groupby([events["consumer"], events["day"] // 7])["value"].sum()
    assert weekly.max() == cap
    rows = results.touchpoints
    assert rows["refused"].sum() > 0
    price = 0.01  # EUR
    paid = rows["cost_cents"].sum() / 100.0
    spent = 0.5 * size * days * price
    assert paid <= spent
    assert paid == pytest.approx(spent - rows["refused"].sum() * price, rel=0.01)


def test_contacts_follow_affinity() -> None:
    """Persona by persona in proportion to share times affinity."""
    agents, days = 20_000, 30
    world = scenario(
        bare(kind="durable", agents=agents, days=days),
        {
            "panel": agents,
            "personas": [trusting("x", 0.5), trusting("y", 0.3), trusting("z", 0.2)],
            "touchpoints": [advert(0.2, agents, affinity={"x": 0.0, "y": 4.0})],
        },
    )
    engine = finished(world)
    journeys = engine.results().journeys
    seen = journeys[journeys["event"] == "noticed"].groupby("persona", observed=False)["value"].sum()
    people = np.bincount(engine.world.people.persona, minlength=3)
    mass = people * np.array([0.0, 4.0, 1.0])
    expected = 0.2 * agents * days * mass / mass.sum()
    assert seen["x"] == 0
    assert (np.abs(seen.to_numpy() - expected) <= Z * np.sqrt(expected)).all()


# -- whatever is asked


def within_reach(world: Scenario) -> bool:
    return world.agents <= 2000 and world.days <= 60


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(tables=scenario_dicts())
def test_a_scenario_is_refused_or_runs_with_all_laws_holding(tables: dict[str, Any]) -> None:
    try:
        world = Scenario.from_dict(tables)
    except ScenarioError:
        return
    if within_reach(world):
        assert_conserved(finished(world))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(world=valid_scenarios(), seed=st.integers(0, 2**63 - 1))
def test_laws_hold_in_every_valid_scenario(world: Scenario, seed: int) -> None:
    assert_conserved(finished(world.with_changes({"seed": seed})))
