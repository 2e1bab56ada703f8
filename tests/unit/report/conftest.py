"""Runs of every odd shape, small enough to be simulated in a moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from sim.engine import simulate
from sim.record import Results
from sim.report import report_html
from sim.scenario.scenario import Scenario

LONG = "a_touchpoint_with_a_name_as_long_as_names_are_allowed_to_be"
PAID = {"kind": "paid", "purpose": "acquisition", "cpm_eur": 10.0}


def _story(**changes: Any) -> dict[str, Any]:
    """A complete little scenario, changed."""
    story: dict[str, Any] = {
        "title": "A small tea club",
        "days": 40,
        "agents": 500,
        "panel": 100,
        "market": {
            "kind": "subscription", "size": 50_000.0, "price": 12.5, "needs_per_year": 12.0,
            "rivals": [{"name": "grocer", "price": 9.0, "weekly_spend_eur": 2000.0}],
        },
        "start": {"awareness": 0.3, "consideration": 0.1, "retention": 0.1, "loyalty": 0.05, "lapsed": 0.02},
        "personas": [
            {"name": "students", "share": 0.4, "platforms": {"insta": 0.5}},
            {"name": "families", "share": 0.6},
        ],
        "touchpoints": [
            {"name": "video", **PAID, "spend": {"weekly_eur": 2000.0}},
            {"name": "hub", "kind": "owned", "purpose": "brand", "visits_per_week": 0.5, "two_way": True,
             "reaction_share": 0.3, "answers_per_day": 50.0},
            {"name": "letter", "kind": "owned", "form": "sends", "purpose": "retention", "phases": ["after"],
             "sends_per_week": 1.0, "cost_per_contact_eur": 0.01},
        ],
        "ties": [{"name": "friends"}],
    }  # fmt: skip
    return story | changes


def _market(**changes: Any) -> dict[str, Any]:
    return {"market": _story()["market"] | changes}


STORIES: dict[str, dict[str, Any]] = {
    "usual": _story(),
    "no_touchpoints": _story(touchpoints=[]),
    "no_ties": _story(ties=[]),
    "one_persona": _story(personas=[{"name": "everybody", "share": 1.0}]),
    "one_day": _story(days=1),
    "two_days": _story(days=2),
    "eight_days": _story(days=8),
    "three_years": _story(days=1200, agents=60, market=_story()["market"] | {"size": 60.0}),
    "zero_budget": _story(touchpoints=[{"name": "video", **PAID}]),
    "nobody_buys": _story(start={}, touchpoints=[], **_market(price=1e6)),
    "nobody_knows": _story(start={}, touchpoints=[], ties=[], panel=0),
    "durable": _story(**_market(kind="durable"), service={"failures_per_year": 0.0}),
    "repeat": _story(**_market(kind="repeat", nothing_attraction=0.5)),
    "no_rivals": _story(**_market(rivals=[])),
    "one_person": _story(agents=1, ties=[], **_market(size=1.0)),
    "free_of_charge": _story(**_market(price=0.0, unit_cost=0.0)),
    "many": _story(
        personas=[{"name": f"persona_number_{k}_with_a_long_name", "share": 0.125} for k in range(8)],
        touchpoints=[{"name": f"{LONG[:56]}_{k:02d}", **PAID, "spend": {"weekly_eur": 500.0}} for k in range(12)],
    ),
    "hostile_words": _story(title='<script>alert("x")</script> & "so on"', description="a < b & c"),
}


@cache
def _run(name: str) -> Results:
    return simulate(Scenario.model_validate(STORIES[name]), threads=1)


@pytest.fixture(scope="session")
def run() -> Callable[[str], Results]:
    """Results of one of `STORIES`, simulated once."""
    return _run


@cache
def _html(name: str) -> str:
    return report_html(_run(name))


@pytest.fixture(scope="session")
def html_of() -> Callable[[str], str]:
    """The report of one of `STORIES`, written once."""
    return _html


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `story` is run for all of them."""
    if "story" in metafunc.fixturenames:
        metafunc.parametrize("story", STORIES)
