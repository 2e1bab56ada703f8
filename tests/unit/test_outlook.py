"""What `journey check` foretells, against a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.engine import Engine, simulate
from sim.errors import ScenarioError
from sim.outlook import estimated_bytes, look_ahead, phases_of
from sim.plan import make_plan
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import Touchpoint

TABLES: dict[str, Any] = {
    "days": 15,
    "agents": 2000,
    "market": {"size": 40_000},
    "start": {"awareness": 0.3, "retention": 0.2},
    "personas": [
        {"name": "one", "share": 0.25, "platforms": {"instagram": 0.5}},
        {"name": "two", "share": 0.75},
    ],
    "touchpoints": [
        {"name": "tv", "kind": "paid", "purpose": "brand", "cpm_eur": 9.0, "spend": {"weekly_eur": 700.0}},
        {"name": "search", "kind": "paid", "purpose": "acquisition", "cpm_eur": 9.0, "spend": {"weekly_eur": 70.0}},
        {"name": "site", "kind": "owned", "purpose": "retention", "visits_per_week": 1.0, "fixed_eur_per_week": 7.0},
    ],
    "ties": [{"name": "friends", "mean_degree": 10.0}, {"name": "posts", "platform": "instagram", "mean_degree": 20.0}],
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.from_dict(TABLES)


def test_planned_money_is_what_a_run_spends(scenario: Scenario) -> None:
    outlook = look_ahead(scenario)
    daily = simulate(scenario).daily
    spent = daily[daily["persona"] == "all"]
    for row in outlook.touchpoints:
        assert row.planned_eur == pytest.approx(spent[f"cost_{row.name}_cents"].sum() / 100, abs=0.011)
    for purpose in ("acquisition", "retention", "brand"):
        assert outlook.budget_eur[purpose] == pytest.approx(spent[f"cost_for_{purpose}_cents"].sum() / 100, abs=0.011)
    goodwill = spent["cost_of_goodwill_cents"].sum() / 100
    service = spent["cost_for_service_cents"].sum() / 100
    assert outlook.budget_eur["service"] == pytest.approx(service - goodwill)


def test_personas_add_up(scenario: Scenario) -> None:
    outlook = look_ahead(scenario)
    assert sum(persona.people for persona in outlook.personas) == pytest.approx(40_000)
    assert sum(persona.agents for persona in outlook.personas) == pytest.approx(2000)
    assert outlook.people_per_agent == 20


def test_memory_grows_by_what_a_consumer_takes(scenario: Scenario) -> None:
    few, many = (scenario.with_changes({"agents": n, "panel": 0}) for n in (2000, 4000))
    world = Engine(many).world
    ties = sum(layer.idx.nbytes + layer.ptr.nbytes for layer in world.layers if layer is not None)
    columns = sum(column.nbytes for column in vars(world.people).values())
    grown = estimated_bytes(make_plan(many)) - estimated_bytes(make_plan(few))
    assert grown == pytest.approx((ties + columns) / 2, rel=0.1)


def test_a_storm_that_can_break_out_takes_memory(scenario: Scenario) -> None:
    trigger = {"date": scenario.start_date, "severity": 1.0}
    calm, stormy = (make_plan(scenario.with_changes({"storm.triggers": some})) for some in ([], [trigger]))
    assert estimated_bytes(stormy) - estimated_bytes(calm) == 30 * 2000


def test_edge_list_counts_by_its_size(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "ties.txt").write_text("0 1\n" * 10_000, encoding="utf-8")
    tied = scenario.with_changes({"ties.friends.kind": "file", "ties.friends.file": str(tmp_path / "ties.txt")})
    alone = scenario.with_changes({"ties.friends.kind": "mixing"})
    assert estimated_bytes(make_plan(tied)) - estimated_bytes(make_plan(alone)) == 40_000 + 4 * 2000


@pytest.mark.parametrize(
    ("settings", "phases"),
    [
        ({}, ("before", "during", "after")),
        ({"phases": ["lapsed", "before"]}, ("before", "lapsed")),
        ({"stages": ["decision", "loyalty"]}, ("during", "after")),
    ],
)
def test_phases_of_a_touchpoint(settings: dict[str, Any], phases: tuple[str, ...]) -> None:
    assert phases_of(Touchpoint(name="x", kind="owned", purpose="brand", **settings)) == phases


def test_a_broken_edge_list_is_told_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "friends.txt").write_text("1 2\n1 1\n")
    scenario = Scenario.from_dict(
        {
            "agents": 50,
            "personas": [{"name": "one", "share": 1.0}],
            "ties": [{"name": "friends", "kind": "file", "file": "friends.txt"}],
        },
        folder=tmp_path,
    )
    with pytest.raises(ScenarioError, match=r"ties\.friends\.file"):
        look_ahead(scenario)
