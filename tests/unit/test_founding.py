"""The first morning: in which order it is drawn does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from sim import founding
from sim.agents.consumers import draw_population
from sim.founding import found_world
from sim.plan import make_plan
from sim.scenario.scenario import Scenario


def test_ties_between_memberships_and_minds_change_nobody() -> None:
    plan = make_plan(Scenario.load("coffee_subscription").with_changes({"agents": 20_000}))
    world = found_world(plan)
    for name, column in vars(draw_population(plan)).items():
        np.testing.assert_array_equal(getattr(world.people, name), column, err_msg=name)


def test_stages_are_counted_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(founding, "_AT_A_TIME", 999)
    plan = make_plan(Scenario.load("coffee_subscription").with_changes({"agents": 5000}))
    world = found_world(plan)
    people = world.people
    for r, required in enumerate(plan.groups):
        inside = (people.member & required) == required
        for p, s in np.ndindex(world.counts.shape[1:]):
            assert world.counts[r, p, s] == ((people.persona == p) & (people.stage == s) & inside).sum()
