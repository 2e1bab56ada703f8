"""`journey frontier` and `journey credit` as a user calls them: what they write and show, and what they refuse."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

import sim.report.terminal
from sim.scenario.scenario import Scenario
from tests.end_to_end.conftest import Call, Start, files_in

QUICK = ("--seeds", 2, "--workers", 1, "--days", 30)


def test_frontier_writes_and_shows(journey: Call, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = journey("frontier", small, "--steps", 3, *QUICK, "--out", out)
    assert done.exit_code == 0, done.output
    assert files_in(out) == {"points.parquet", "runs.parquet", "best.toml", "scenario.toml", "provenance.json",
                             "report.html", "ties_friends.txt.gz"}  # fmt: skip
    points = pd.read_parquet(out / "points.parquet")
    assert points["share"].tolist() == sorted({0.0, 0.5, 1.0, *points.loc[points["current"], "share"]})
    assert points["best"].sum() == points["current"].sum() == 1
    assert len(pd.read_parquet(out / "runs.parquet")) == 2 * len(points)
    assert json.loads((out / "provenance.json").read_text("utf-8"))["seeds"] == [1, 2]
    assert Scenario.load(out / "best.toml").days == 30
    assert "The current plan, with" in done.stdout.replace("\n", " ")
    assert "Traceback" not in done.output


def test_optimising_adds_its_own_tables(journey: Call, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = journey("frontier", small, "--steps", 2, *QUICK, "--optimise", "--rounds", 1, "--out", out)
    assert done.exit_code == 0, done.output
    assert {"lines.parquet", "rounds.parquet", "held_out.parquet", "optimum.toml"} <= files_in(out)
    lines = pd.read_parquet(out / "lines.parquet")
    assert set(lines["line"]) == {"video", "search", "website", "letter", "desks"}


def test_credit_writes_and_shows(journey: Call, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = journey("credit", small, *QUICK, "--out", out)
    assert done.exit_code == 0, done.output
    tables = {f"{name}.parquet" for name in ("truth", "rules", "shapley", "following", "runs")}
    assert tables < files_in(out)
    truth = pd.read_parquet(out / "truth.parquet").set_index("line")
    assert {"video", "search", "website", "letter"} <= set(truth.index)
    values = pd.read_parquet(out / "shapley.parquet").set_index("purpose")["profit"]
    runs = pd.read_parquet(out / "runs.parquet")
    profit = runs.groupby("plan")["profit"].mean()
    assert values.sum() == pytest.approx(
        profit["current"] - profit["only nothing"]
    )  # efficiency: the values add up to what all bring


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frontier", "--from", "acquisitions"), 'did you mean "acquisition"?'),
        (("frontier", "--from", "search", "--to", "search"), "two pots without a common line"),
        (("frontier", "--budget", "-5"), "an amount of EUR above 0"),
        (("frontier", "--goal", "equty"), 'did you mean "equity"?'),
        (("frontier", "--steps", "1"), "--steps"),
        (("frontier", "--seed", str(2**63 - 1)), "seed"),
        (("credit", "--lookback", "0"), "--lookback"),
        (("credit", "--lookback", "nan"), "--lookback"),
        (("credit", "--seed", str(2**63 - 1)), "seed"),
    ],
)
def test_nonsense_is_refused_in_one_message(
    journey: Call, small: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    command, *options = arguments
    done = journey(command, small, *QUICK, *options, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.output
    assert files_in(tmp_path) == {"stories", "here"}


@pytest.mark.parametrize("command", ["frontier", "credit"])
def test_interrupted_studies_leave_nothing(start: Start, small: Path, tmp_path: Path, command: str) -> None:
    process = start(command, small, "--days", 3650, "--seeds", 20, "--workers", 2, "--out", tmp_path / "new" / "out")
    while not list(tmp_path.glob("new/.out.*.part")):  # until it has begun
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not (tmp_path / "new").exists() or not files_in(tmp_path / "new")


@pytest.mark.parametrize("columns", [80, 160])
def test_tables_can_be_read_in_any_terminal(
    journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr(sim.report.terminal, "_console", lambda: Console(width=columns, highlight=False))
    for command, names in (
        ("frontier", ("0.0 %", "100.0 %", "current")),
        ("credit", ("search", "video", "last touch")),
    ):
        shown = journey(command, small, *QUICK, "--out", tmp_path / command).stdout
        assert "…" not in shown.split("Report:")[0].replace(" … ", " "), "cut off"
        for name in names:
            assert name in shown
        assert max(map(len, shown.split("Report:")[0].splitlines())) <= columns


def test_credit_where_nothing_is_on_record(journey: Call, small: Path, tmp_path: Path) -> None:
    """No touchpoint that reaches anybody: no journeys, no truth to follow, and still an answer."""
    off = [f"--set=touchpoints.{line}.scale=0" for line in ("video", "search", "website", "letter")]
    done = journey("credit", small, *QUICK, *off, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert pd.read_parquet(tmp_path / "out" / "rules.parquet").drop(columns="line").to_numpy().max() == 0.0


def test_a_goal_that_is_not_defined_is_refused(journey: Call, small: Path, tmp_path: Path) -> None:
    done = journey("frontier", small, *QUICK, "--goal", "market_share", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "defined in runs of this scenario" in done.stderr
