"""docs/tables.md names every column there is, and no column that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.agents.stages import MOVES, Stage, move_name
from sim.engine import simulate
from sim.record import Results
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PURPOSES

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate(
        Scenario.from_dict(
            {
                "agents": 100,
                "days": 2,
                "personas": [{"name": "one", "share": 1.0}],
                "touchpoints": [
                    {"name": "site", "kind": "owned", "purpose": "brand", "visits_per_week": 1.0, "weight": 1.0}
                ],
                "market": {"rivals": [{"name": "other"}]},
            }
        )
    )


def described(results: Results) -> set[str]:
    """Columns the page names, patterns filled in."""
    names = set(re.findall(r"`([^`]+)`", PAGE.read_text()))
    lines = list(results.touchpoints["touchpoint"].cat.categories)
    fill = {
        "stage_<stage>": [f"stage_{stage.name.lower()}" for stage in Stage],
        "feeling_<stage>": [f"feeling_{stage.name.lower()}" for stage in list(Stage)[1:]],
        "flow_<from>_to_<to>": [f"flow_{move_name(move)}" for move in MOVES],
        "cost_<line>_cents": [f"cost_{line}_cents" for line in lines],
        "cost_for_<purpose>_cents": [f"cost_for_{purpose}_cents" for purpose in PURPOSES],
        "waiting_<contact channel>": [f"waiting_{channel}" for channel in CONTACT_CHANNELS],
        "purchases_of_<brand>": [f"purchases_of_{brand}" for brand in results.brands["brand"]],
    }
    return names | {name for pattern in names & fill.keys() for name in fill[pattern]}


@pytest.mark.parametrize("table", ["daily", "touchpoints", "journeys", "brands", "storm", "infections"])
def test_every_column_is_described(results: Results, table: str) -> None:
    assert set(getattr(results, table).columns) - described(results) == set()
