"""What a consumer and a tie take in memory, by the sizes of the arrays."""

from __future__ import annotations

from sim.bench.memory import count_bytes
from sim.engine import Engine
from sim.scenario.scenario import Scenario


def test_ties_of_several_close_layers_are_kept_once() -> None:
    scenario = Scenario.load("coffee_subscription").with_changes(
        {"agents": 2000, "days": 1, "ties": [{"name": "friends"}, {"name": "club", "kind": "power_law"}]}
    )
    world = Engine(scenario).world
    found = count_bytes(world)
    assert found.per_tie == 4.0
    assert world.close_idx.size == found.directions > 2 * 2000 * 7
    starts = sum(ties.ptr.nbytes for ties in world.layers if ties is not None)
    assert starts == world.close_ptr.nbytes == 2 * 4 * 2001
