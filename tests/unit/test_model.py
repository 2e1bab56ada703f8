"""The Mesa model is the simulator itself, day by day."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import mesa
import pandas as pd
import pytest

from sim.engine import simulate
from sim.errors import ScenarioError
from sim.model import JourneyModel
from sim.scenario.scenario import Scenario

TABLES: dict[str, Any] = {
    "days": 12,
    "agents": 400,
    "panel": 10,
    "market": {"size": 40_000, "price": 12.0, "kind": "subscription"},
    "start": {"awareness": 0.3, "retention": 0.2},
    "personas": [{"name": "one", "share": 0.5}, {"name": "two", "share": 0.5}],
    "touchpoints": [
        {"name": "advert", "kind": "paid", "purpose": "acquisition", "cpm_eur": 5.0, "spend": {"weekly_eur": 900.0}}
    ],
    "ties": [{"name": "friends", "mean_degree": 6.0}],
}


@pytest.fixture(autouse=True)
def start_method() -> Iterator[None]:
    """Mesa has set the way processes start for everybody; leave it as it is, and check that it is spawn."""
    yield
    assert multiprocessing.get_start_method() == "spawn"


@pytest.fixture
def scenario() -> Scenario:
    return Scenario.from_dict(TABLES)


def finished(model: JourneyModel) -> JourneyModel:
    while model.running:
        model.step()
    return model


def test_equals_simulate_bit_for_bit(scenario: Scenario) -> None:
    model = finished(JourneyModel(scenario, run_seed=9))
    expected = simulate(scenario, seed=9)
    for name in ("daily", "touchpoints", "journeys", "brands"):
        pd.testing.assert_frame_equal(getattr(model.results(), name), getattr(expected, name), check_exact=True)


def test_collects_every_day_once(scenario: Scenario) -> None:
    model = finished(JourneyModel(scenario))
    collected = model.datacollector.get_model_vars_dataframe()
    daily = model.results().daily
    whole = daily[daily["persona"] == "all"].reset_index(drop=True)
    assert len(collected) == scenario.days == model.steps
    for name in collected:
        assert list(collected[name].fillna(-9)) == list(whole[name].astype(float).fillna(-9)), name


def test_ends_with_the_horizon(scenario: Scenario) -> None:
    model = finished(JourneyModel(scenario))
    model.step()  # a batch run may ask once more
    assert not model.running
    assert len(model.datacollector.get_model_vars_dataframe()) == scenario.days


@pytest.mark.parametrize("max_steps", [12, 11, 1000])
def test_batch_run_reports_the_last_day(scenario: Scenario, max_steps: int) -> None:
    rows = mesa.batch_run(
        JourneyModel,
        {"scenario": [TABLES], "run_seed": [1, 2], "changes": [{"market.price": 9.0}, {"market.price": 15.0}]},
        max_steps=max_steps,
        display_progress=False,
    )
    assert len(rows) == 4
    for row in rows:
        daily = simulate(scenario.with_changes(row["changes"]), seed=row["run_seed"]).daily
        last = daily[daily["persona"] == "all"].iloc[-1]
        assert row["revenue_cents"] == last["revenue_cents"]
        assert row["stage_awareness"] == last["stage_awareness"]
        assert row["Step"] == scenario.days - 1


def test_batch_run_reports_every_day(scenario: Scenario) -> None:
    rows = mesa.batch_run(
        JourneyModel, {"scenario": [TABLES]}, data_collection_period=1, max_steps=12, display_progress=False
    )
    daily = simulate(scenario).daily
    whole = daily[daily["persona"] == "all"]
    assert [row["stage_awareness"] for row in rows] == list(whole["stage_awareness"])


def test_seed_of_the_scenario_is_the_default(scenario: Scenario) -> None:
    plain = finished(JourneyModel(scenario.with_changes({"seed": 4})))
    named = finished(JourneyModel(scenario, rng=4))
    pd.testing.assert_frame_equal(plain.results().daily, named.results().daily, check_exact=True)
    assert plain.results().seed == 4


def test_wrong_changes_are_refused(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"market\.prize"):
        JourneyModel(scenario, changes={"market.prize": 1.0})


def test_simulating_does_not_import_mesa() -> None:
    code = "import sys, sim.engine, sim.output.run, sim.studies.replicates; print('mesa' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
