"""Scenarios written out: in full, and as a fingerprint."""

import tomllib
from datetime import date

import pytest

from sim.scenario import STARTER, Scenario


def test_every_default_is_written(scenario):
    tables = tomllib.loads(scenario.to_toml())
    assert tables["market"]["reference_price"] == 10.5
    assert tables["touchpoints"][0]["form"] == "impressions"
    assert tables["touchpoints"][0]["attention"] == 0.3
    assert tables["service"]["desks"]["branch"]["resolved_share"] == 0.85
    assert tables["start_date"] == date(2026, 1, 5)
    optional = {"platform", "frequency_cap_per_week", "lands_on"}
    assert set(type(scenario.touchpoints[0]).model_fields) - set(tables["touchpoints"][0]) == optional


@pytest.mark.parametrize(
    "changes",
    [
        {"market.needs_shape": None},
        {"experience.leave_a": "none", "experience.leave_b": "none"},
        {"touchpoints.tv.spend.weeks_eur": [1, 2, 3, 4]},
        {"title": 'Quotes " and \\ and\nlines', "description": "Müsli 🥣"},
        {"start_date": "2026-03-01"},
    ],
)
def test_loading_it_again_gives_an_equal_scenario(scenario, write, changes):
    changed = scenario.with_changes(changes)
    again = Scenario.load(write("resolved.toml", changed.to_toml()))
    assert again == changed
    assert again.fingerprint == changed.fingerprint != scenario.fingerprint


def test_switched_off_is_written_as_none(scenario):
    text = scenario.with_changes({"market.needs_shape": None}).to_toml()
    assert 'needs_shape = "none"' in text


def test_fingerprint_ignores_order_spelling_and_signs_of_zero(scenario, basic):
    for entries in (basic["personas"], basic["touchpoints"], basic["ties"], basic["market"]["rivals"]):
        entries.reverse()
    basic["personas"][0]["needs"] = 1
    basic["interest"] = {"base": -2}
    basic["start"] = {"satisfaction": scenario.start.satisfaction, "awareness": -0.0}
    assert Scenario.from_dict(basic).fingerprint == scenario.with_changes({"interest.base": -2.0}).fingerprint
    assert len(scenario.fingerprint) == 64


def test_fingerprint_sees_every_change(scenario):
    for changes in ({"seed": 2}, {"touchpoints.tv.scale": 2}, {"market.rivals.acme.attraction": 2.0}):
        assert scenario.with_changes(changes).fingerprint != scenario.fingerprint


def test_starter_describes_every_section_a_beginner_needs(write):
    scenario = Scenario.load(write("starter.toml", STARTER))
    assert scenario.warnings == []
    tables = tomllib.loads(STARTER)
    sections = {"market", "start", "personas", "touchpoints", "ties", "experience", "service"}
    assert sections <= set(tables)
    assert {touchpoint.kind for touchpoint in scenario.touchpoints} == {"paid", "owned", "earned"}
    assert max(map(len, STARTER.splitlines())) <= 120
