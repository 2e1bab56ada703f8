"""The engine's own promises: arguments it refuses, and tables of a run that is not over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.engine import Engine, worthwhile_threads
from sim.scenario.scenario import Scenario

STORY = {
    "agents": 400,
    "days": 6,
    "start": {"retention": 0.5},
    "personas": [{"name": "one", "share": 1.0}],
    "market": {"kind": "repeat", "needs_per_year": 200.0, "rivals": [{"name": "other"}]},
    "ties": [{"name": "friends", "mean_degree": 4.0}],
}


@pytest.mark.parametrize("wrong", [{"seed": "a"}, {"seed": -1}, {"seed": 2**70}, {"seed": 1.5}, {"threads": 0}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Engine(Scenario.from_dict(STORY), **wrong)  # type: ignore[arg-type]


def test_a_run_that_is_not_over_has_tables() -> None:
    engine = Engine(Scenario.from_dict(STORY), threads=1)
    with pytest.raises(RuntimeError, match="no day"):
        engine.indicators()
    for _ in range(3):
        engine.step()
    results = engine.results()
    assert results.daily["day"].max() == 2
    brands = results.brands.set_index("brand")
    assert brands.loc["other", "purchases"] > 0
    assert brands.loc["other", "buyers"] == results.weight * np.count_nonzero(engine.world.people.bought & 2)
    assert brands.loc["focal", "penetration"] >= 0.4  # half start as customers
    assert engine.indicators()["needs"] == results.daily.query("day == 2 and persona == 'all'")["needs"].item()


def test_no_day_after_the_last() -> None:
    engine = Engine(Scenario.from_dict({**STORY, "days": 1}), threads=1)
    engine.step()
    with pytest.raises(RuntimeError, match="ended"):
        engine.step()


def test_small_runs_use_one_thread() -> None:
    assert worthwhile_threads(10_000) == 1


def test_what_a_hub_hears_does_not_overflow(tmp_path: Path) -> None:
    """A consumer with thousands of angry friends moves towards what they say, however much each weighs."""
    n = 30_001

    def feeling_of_hub(influence: float) -> float:
        edges = tmp_path / "star.txt"
        edges.write_text("\n".join(f"0 {i}" for i in range(1, n)))
        rates = dict.fromkeys(("awareness", "consideration", "retention"), 100.0)
        story = {
            "agents": n,
            "days": 4,
            "start": {"retention": 1.0, "satisfaction": -0.9},
            "personas": [{"name": "one", "share": 1.0}],
            "market": {"period_days": 300},
            "service": {"failures_per_year": 0.0},
            "talk": {
                "in_person_per_week": rates,
                "influence_in_person": influence,
                "negativity": 10.0,
                "inform": 0.5,
                "touch": 0.5,
            },
            "ties": [{"name": "star", "kind": "file", "file": "star.txt", "transmission": 1.0}],
        }
        engine = Engine(Scenario.from_dict(story, folder=tmp_path), threads=1)
        while not engine.finished:
            engine.step()
        return float(engine.world.people.feeling[0])

    light, heavy = feeling_of_hub(0.5), feeling_of_hub(10.0)
    assert light < -0.5
    assert heavy == pytest.approx(light, abs=1e-3)
