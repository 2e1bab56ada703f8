"""journey calibrate and journey sensitivity as a user calls them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import Scenario
from sim.studies.weekly import SERIES, Weekly
from tests.end_to_end.conftest import Call, files_in

SEARCH = ("--trials", "4", "--replicates", "1", "--workers", "1")


@pytest.fixture
def weekly(small: Path, tmp_path: Path) -> Path:
    """Twelve weeks of a tea club that more people leave than the scenario says."""
    world = Scenario.load(small).with_changes({"days": 84, "experience.leave_b": 9.0})
    start = date(2026, 1, 5)
    blank = Weekly(start, tuple(SERIES), np.full((len(SERIES), 12), np.nan), 12, 100.0, 0)
    seen = blank.of_run(world, 55, lambda: None)
    weeks = [(start + timedelta(weeks=k)).isoformat() for k in range(12)]
    path = tmp_path / "weekly.csv"
    pd.DataFrame({"Week": weeks} | dict(zip(SERIES, seen, strict=True))).to_csv(path, index=False)
    return path


def test_calibrate_writes_a_scenario_that_runs(journey: Call, small: Path, weekly: Path, tmp_path: Path) -> None:
    fit = ("calibrate", small, "--data", weekly, "--column", "week=Week", "--fit", "experience.leave_b", *SEARCH)
    done = journey(*fit)
    assert done.exit_code == 0, done.stderr
    assert "experience.leave_b" in done.stdout and "seasonal naive" in done.stdout
    folder = tmp_path / "here" / "results" / "tea-fit"
    assert files_in(folder.parent) == {"tea-fit"}  # no journal is left
    assert {"report.html", "fit.json", "parameters.parquet", "weekly.parquet", "scenario.toml"} <= files_in(folder)
    told = json.loads((folder / "fit.json").read_text())
    found = told["parameters"]["experience.leave_b"]
    assert found["low"] < found["best"] < found["high"]
    best = Scenario.load(folder / "scenario.toml")
    assert best.experience.leave_b == pytest.approx(found["best"])
    table = pd.read_parquet(folder / "weekly.parquet")
    assert len(table) == len(SERIES) * 12 and table["fitted"].sum() == len(SERIES) * 9
    draws = pd.read_parquet(folder / "parameters.parquet")["experience.leave_b"]
    assert draws.between(found["low"], found["high"]).mean() == pytest.approx(0.95, abs=0.02)
    assert told["verdict"] in (folder / "report.html").read_text()
    again = journey(*fit)
    assert again.exit_code == 1 and "earlier result" in again.stderr


def test_what_to_fit_has_to_be_said_once(journey: Call, small: Path, weekly: Path) -> None:
    none = journey("calibrate", small, "--data", weekly)
    both = journey("calibrate", small, "--data", weekly, "--fit", "talk.*", "--study", "retention_by_wom")
    assert none.exit_code == both.exit_code == 2
    assert "either --fit PATTERNS or --study FILE" in none.stderr
    wrong = journey("calibrate", small, "--data", weekly, "--fit", "talc.*", "--column", "week=Week")
    assert wrong.exit_code == 2 and wrong.stderr.startswith("journey: fit: found")
    unmapped = journey("calibrate", small, "--data", weekly, "--fit", "experience.leave_b")
    assert unmapped.exit_code == 2 and "no column week" in unmapped.stderr


def test_what_may_not_be_meant_is_warned_of(journey: Call, small: Path, weekly: Path, tmp_path: Path) -> None:
    rows = pd.read_csv(weekly).assign(clicks=1)
    rows.loc[9:, list(SERIES)] = np.nan
    rows.to_csv(weekly, index=False)
    fit = ("calibrate", small, "--data", weekly, "--column", "week=Week", "--fit", "experience.leave_b", *SEARCH)
    done = journey(*fit)
    assert done.exit_code == 0, done.stderr
    assert f"warning: {weekly}: columns not used: clicks" in done.stderr
    assert "nan" not in done.stdout
    told = json.loads((tmp_path / "here" / "results" / "tea-fit" / "fit.json").read_text())
    assert told["verdict"].startswith("3 weeks were held out, too little seen in them")


def test_interrupted_before_a_trial_is_finished(
    journey: Call, small: Path, weekly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.studies.weekly.lived", interrupted)
    fit = ("calibrate", small, "--data", weekly, "--column", "week=Week", "--fit", "experience.leave_b", *SEARCH)
    stopped = journey(*fit)
    assert stopped.exit_code == 130
    assert stopped.stderr.endswith("journey: interrupted, nothing written\n")
    assert not Path("results").exists()


def test_sensitivity_of_a_sweep(journey: Call, small: Path, tmp_path: Path) -> None:
    study = tmp_path / "screen.toml"
    study.write_text(
        'keep = ["revenue"]\n[design]\nkind = "morris"\ntrajectories = 4\n[[parameters]]\npath = "market.price"\n'
        'range = [8, 14]\n[[parameters]]\npath = "experience.leave_b"\nrange = [5, 40]\nscale = "log"\n'
    )
    assert journey("sweep", small, "--study", study, "--workers", "1", "--days", "20").exit_code == 0
    told = journey("sensitivity", "runs/screen")
    assert told.exit_code == 0, told.stderr
    folder = tmp_path / "here" / "runs" / "screen"
    assert {"sensitivity.html", "sensitivity.parquet"} <= files_in(folder)
    assert pd.read_parquet(folder / "sensitivity.parquet")["parameter"].tolist()[0] == "market.price"
    assert journey("sensitivity", folder, "--of", "profit").exit_code == 1
    assert journey("sensitivity", tmp_path).exit_code == 1
