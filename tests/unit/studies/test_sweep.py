"""Sweeps: the numbers of single runs, under shared luck, every run once whatever happens in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim.studies.sweep
from sim import Scenario, simulate
from sim.errors import OutputError
from sim.studies.store import STUDY, Runs, code_version, open_runs, run_key, working
from sim.studies.study import Study
from sim.studies.sweep import daily_columns, lived, look_ahead, sweep
from sim.summary import summarise
from tests.unit.studies.worlds import club

STUDY_OF_TWO: dict[str, Any] = {
    "design": {"kind": "grid"},
    "seeds": 3,
    "keep": ["revenue", "lost", "retention_rate"],
    "daily": ["purchases"],
    "parameters": [
        {"path": "market.price", "values": [8.0, 12.0]},
        {"path": "touchpoints.letter.scale", "values": [0.0, 2.0]},
    ],
}


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.drop(columns="seconds")
    frame["daily_purchases"] = [tuple(series) for series in frame["daily_purchases"]]
    return frame


def test_rows_are_the_numbers_of_single_runs(tmp_path: Path) -> None:
    frame = sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1).frame()
    assert frame["run"].tolist() == list(range(12))
    assert frame["seed"].tolist() == 4 * [1, 2, 3]  # the same luck for every point
    assert frame["error"].isna().all()
    assert frame["key"].is_unique
    row = frame.iloc[7]
    changes = {"market.price": 12.0, "touchpoints.letter.scale": 0.0}
    assert {path: row[path] for path in changes} == changes
    assert row["key"] == run_key(changes, 2)
    results = simulate(club().with_changes(changes), seed=2)
    expected = summarise(results)
    assert {name: row[name] for name in STUDY_OF_TWO["keep"]} == {n: expected[n] for n in STUDY_OF_TWO["keep"]}
    daily = results.daily[results.daily["persona"] == "all"]["purchases"].to_numpy()
    np.testing.assert_array_equal(row["daily_purchases"], daily)
    long = open_runs(tmp_path / "runs").daily()
    assert long.columns.tolist() == ["run", "point", "seed", "purchases", "day"]
    np.testing.assert_array_equal(long[long["run"] == 7]["purchases"], daily)


def test_the_rows_of_all_are_those_of_the_daily_table() -> None:
    world = Scenario.load("coffee_subscription").with_changes({"agents": 300, "days": 9, "panel": 0})
    results = simulate(world, seed=3)
    expected = results.daily[results.daily["persona"] == "all"].drop(columns=["date", "persona"])
    found = lived(world, 3, lambda: None)
    assert set(found.columns) == set(expected.columns) == {"day", *daily_columns(world)}
    for name in found:
        np.testing.assert_array_equal(found[name].to_numpy(np.float64), expected[name].to_numpy(np.float64), name)


def test_results_do_not_depend_on_workers(tmp_path: Path) -> None:
    one, two = (sweep(club(), STUDY_OF_TWO, tmp_path / str(k), workers=k).frame() for k in (1, 2))
    pd.testing.assert_frame_equal(comparable(one), comparable(two))


def contents(runs: Runs) -> dict[str, bytes]:
    return {part.name: part.read_bytes() for part in runs.parts()}


def test_what_is_there_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that fails for good after 5 runs stops the study; the next call runs the other 7 only."""
    ran: list[tuple[float, int]] = []
    honest = sim.studies.sweep.lived

    def counting(scenario: Any, seed: int, tick: Any) -> pd.DataFrame:
        if len(ran) == 5:
            raise KeyboardInterrupt
        ran.append((scenario.market.price, seed))
        return honest(scenario, seed, tick)

    monkeypatch.setattr(sim.studies.sweep, "lived", counting)
    with pytest.raises(KeyboardInterrupt):
        sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1, write_seconds=0.0)
    runs = open_runs(tmp_path / "runs")
    assert (runs.status().done, runs.status().missing) == (5, 7)
    before = contents(runs)
    monkeypatch.setattr(
        sim.studies.sweep, "lived", lambda s, seed, tick: ran.append((0.0, seed)) or honest(s, seed, tick)
    )
    frame = sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1).frame()
    assert len(ran) == 12
    assert before.items() <= contents(runs).items()
    whole = sweep(club(), STUDY_OF_TWO, tmp_path / "whole", workers=1).frame()
    pd.testing.assert_frame_equal(comparable(frame), comparable(whole))


def test_progress_tells_runs(tmp_path: Path) -> None:
    told: list[tuple[int, int, int, int]] = []
    sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1, progress=lambda *state: told.append(state))
    assert told[0] == (0, 0, 12, 0)
    assert told[-1] == (12, 0, 12, 12 * 20)
    told.clear()
    sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1, progress=lambda *state: told.append(state))
    assert told == [(12, 0, 12, 0)]


def test_an_invalid_point_is_a_row_with_its_error(tmp_path: Path) -> None:
    study = STUDY_OF_TWO | {"parameters": [{"path": "start.retention", "values": [0.5, 0.9, 1.5]}], "seeds": 1}
    runs = sweep(club(), study, tmp_path / "runs", workers=1)
    frame = runs.frame()
    assert frame["error"].isna().tolist() == [True, False, False]
    assert "sum to at most 1" in frame["error"][1] and "a number from 0 to 1" in frame["error"][2]
    assert frame["revenue"].isna().tolist() == [False, True, True]
    assert (runs.status().done, runs.status().failed) == (3, 2)


class Moody(sim.studies.sweep.OneRun):
    """Fails in some runs, named by the test."""

    fails: frozenset[int] = frozenset()
    asked: list[int]

    def _simulated(self, job: Any, tick: Any) -> dict[str, Any]:
        Moody.asked.append(job.run)
        if job.run in Moody.fails:
            raise MemoryError("no memory just now")
        return super()._simulated(job, tick)


def test_failed_runs_are_tried_again_on_request_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of the first attempt in one part, so that others stand beside those replaced; then alone in theirs."""
    monkeypatch.setattr(sim.studies.sweep, "OneRun", Moody)
    folder = tmp_path / "runs"

    def attempt(fails: set[int], **options: bool) -> tuple[Runs, list[int]]:
        Moody.fails, Moody.asked = frozenset(fails), []
        return sweep(club(), STUDY_OF_TWO, folder, workers=1, write_seconds=60.0, **options), Moody.asked

    runs, asked = attempt({0, 5})
    assert asked == list(range(12)) and len(runs.parts()) == 1
    good = runs.frame().dropna(subset="revenue")
    assert attempt(set())[1] == [], "a row with an error is done"
    runs, asked = attempt({0}, retry_failed=True)
    assert asked == [0, 5]
    assert (runs.status().done, runs.status().failed) == (12, 1)
    runs, asked = attempt(set(), retry_failed=True)
    assert asked == [0]
    assert (runs.status().done, runs.status().failed) == (12, 0)
    assert attempt(set(), retry_failed=True)[1] == []
    frame = runs.frame()
    assert frame["run"].tolist() == list(range(12)), "every run once"
    pd.testing.assert_frame_equal(comparable(frame.loc[good["run"]]), comparable(good))
    monkeypatch.undo()
    whole = sweep(club(), STUDY_OF_TWO, tmp_path / "whole", workers=1).frame()
    pd.testing.assert_frame_equal(comparable(frame), comparable(whole))


def refusal(folder: Path, scenario: Any, study: dict[str, Any]) -> str:
    with pytest.raises(OutputError) as told:
        sweep(scenario, study, folder, workers=1)
    return str(told.value)


def test_folders_with_something_else_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "runs"
    sweep(club(), STUDY_OF_TWO, folder, workers=1)
    other = STUDY_OF_TWO | {"seeds": 2}
    assert "another study (seeds differ); choose another folder" in refusal(folder, club(), other)
    dearer = club().with_changes({"market.unit_cost": 5.0})
    assert "another scenario (A small club)" in refusal(folder, dearer, STUDY_OF_TWO)
    sweep(club(), STUDY_OF_TWO | {"title": "Another name", "budget": 12}, folder, workers=1)  # the same runs
    monkeypatch.setattr("sim.studies.store.code_version", lambda: "9.9-beef")
    told = refusal(folder, club(), STUDY_OF_TWO)
    assert "finish it with that version, or choose another folder" in told and "9.9-beef" in told
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to_mother.txt").touch()
    assert "holds other files" in refusal(tmp_path / "letters", club(), STUDY_OF_TWO)
    with pytest.raises(OutputError, match="holds no study"):
        open_runs(tmp_path / "letters")
    document = json.loads((folder / STUDY).read_text())
    assert document["code"] == code_version()


def test_two_sweeps_at_once_are_refused(tmp_path: Path) -> None:
    runs = sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1)
    with working(runs):
        assert "another sweep is at work" in refusal(tmp_path / "runs", club(), STUDY_OF_TWO)


def test_a_killed_sweep_leaves_nothing_behind(tmp_path: Path) -> None:
    runs = sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1)
    torn = runs.parts()[0].with_name(".000000099-beef.parquet.part")
    torn.write_bytes(b"PAR1")
    assert open_runs(tmp_path / "runs").status().done == 12
    sweep(club(), STUDY_OF_TWO, tmp_path / "runs", workers=1)
    assert not torn.exists()


def test_outlook() -> None:
    study = Study.from_dict(STUDY_OF_TWO)
    found = look_ahead(club(), study, workers=2)
    assert (found.points, found.runs, found.workers) == (4, 12, 2)
    longer = look_ahead(club(days=2000), study, workers=2)
    assert longer.seconds - found.seconds == pytest.approx(12 / 2 * 1980 * 1e-3, rel=0.02)
