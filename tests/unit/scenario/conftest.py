"""A small right scenario to break, and what is said about it then."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import Problem, ScenarioError
from sim.scenario import Scenario

BASIC: dict[str, Any] = {
    "days": 28,
    "agents": 100,
    "personas": [
        {"name": "young", "share": 0.4, "platforms": {"instagram": 0.8}},
        {"name": "old", "share": 0.6},
    ],
    "market": {"price": 10.0, "rivals": [{"name": "acme", "price": 9.0}, {"name": "bolt", "price": 12.0}]},
    "touchpoints": [
        {"name": "tv", "kind": "paid", "purpose": "brand", "cpm_eur": 10.0, "spend": {"weekly_eur": 500.0}},
        {"name": "site", "kind": "owned", "purpose": "acquisition", "visits_per_week": 0.1},
        {"name": "mail", "kind": "owned", "form": "sends", "purpose": "retention", "sends_per_week": 1.0},
    ],
    "ties": [{"name": "friends"}, {"name": "fans", "platform": "instagram", "kind": "mixing"}],
}


@pytest.fixture
def basic() -> dict[str, Any]:
    """A fresh copy, to be changed at will."""
    return copy.deepcopy(BASIC)


@pytest.fixture
def scenario(basic) -> Scenario:
    return Scenario.from_dict(basic)


@pytest.fixture
def refused() -> Callable[..., list[Problem]]:
    """Call a function that must refuse; return the problems it lists."""

    def call(function: Callable[..., object], *arguments: object, **options: object) -> list[Problem]:
        with pytest.raises(ScenarioError) as caught:
            function(*arguments, **options)
        return caught.value.problems

    return call


@pytest.fixture
def write(tmp_path) -> Callable[[str, str], Path]:
    """Write a file into a fresh folder."""

    def to(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to
