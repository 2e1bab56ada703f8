"""Stages change by what docs/model.md 7.7 says exactly, although candidates are found in single precision."""

from __future__ import annotations

import numpy as np
import pytest

from sim import Scenario
from sim.agents.consumers import interest
from sim.agents.stages import Stage
from sim.day import steps
from sim.engine import Engine


@pytest.mark.parametrize("side", [-1, 1])
def test_interest_is_compared_exactly(side: int) -> None:
    """Somebody whose openness lies a hair above his interest stays AWARE; a hair below, he considers the brand."""
    engine = Engine(Scenario.load("coffee_subscription").with_changes({"agents": 64, "days": 2}), threads=1)
    world, people, rule = engine.world, engine.world.people, engine.plan.rule
    people.stage[:] = Stage.AWARENESS
    people.recall[:], people.salience[:] = 0.1, 0.7
    people.belief[:], people.feeling[:] = 0.1, 0.1
    faded = [
        np.float32(np.float64(np.float32(value)) * kept)
        for value, kept in ((0.7, rule.salience_kept), (0.1, rule.belief_kept), (0.1, rule.feeling_kept))
    ]
    pull = interest(engine.plan.rules[0], *(float(value) for value in faded))
    near = np.float32(pull)
    while (float(near) - pull) * side <= 0.0:
        near = np.nextafter(near, np.float32(np.inf * side))
    people.openness[:] = near
    steps.plan_step(world)
    steps.move_step(world)
    expected = Stage.CONSIDERATION if side < 0 else Stage.AWARENESS
    assert (people.stage == expected).all()
