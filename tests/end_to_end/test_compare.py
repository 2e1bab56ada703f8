"""`journey compare` as a user calls it: what it writes and shows, and that nothing is left when it fails."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import sim.output.comparison
import sim.studies.compare
from sim.scenario.scenario import Scenario
from tests.end_to_end.conftest import Call, Start, files_in

FILES = {
    "indicators.parquet", "runs.parquet", "days.parquet", "changes.parquet", "switchers.parquet", "per_money.parquet",
    "comparison.json", "provenance.json", "report.html", "plans",
}  # fmt: skip


@pytest.fixture
def caring(small: Path) -> Path:
    """A second plan beside the small one: less search, dearer letters."""
    path = small.parent / "caring tea.toml"
    path.write_text(
        'extends = "tea.toml"\ntitle = "Caring"\n[[touchpoints]]\nname = "search"\nscale = 0.2\n'
        '[[touchpoints]]\nname = "letter"\ntouch = 0.3\nbond = 0.3\n',
        encoding="utf-8",
    )
    return path


def test_what_is_written_and_shown(journey: Call, small: Path, caring: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = journey("compare", small, caring, "--seeds", 3, "--workers", 1, "--out", out, "--days", 30)
    assert done.exit_code == 0, done.output
    assert files_in(out) == FILES
    document = json.loads((out / "comparison.json").read_text("utf-8"))
    assert document["answer"] in done.stdout.replace("\n", " ")
    assert document["reference"] == "tea" and list(document["plans"]) == ["caring tea"]
    rows = pd.read_parquet(out / "indicators.parquet").set_index("indicator")
    profit = document["plans"]["caring tea"]["indicators"]["profit"]
    assert profit["difference"] == pytest.approx(rows.loc["profit", "difference"])
    assert document["plans"]["caring tea"]["unequal_cost"] is True
    assert "The costs are unequal" in done.stdout
    assert len(pd.read_parquet(out / "runs.parquet")) == 6
    written = Scenario.load(out / "plans" / "2-caring_tea" / "scenario.toml")
    assert written.fingerprint == Scenario.load(caring).with_changes({"days": 30}).fingerprint
    made = json.loads((out / "provenance.json").read_text("utf-8"))
    assert made["seeds"] == [1, 2, 3]
    assert [plan["name"] for plan in made["plans"]] == ["tea", "caring tea"]


def test_the_same_file_twice_differs_in_nothing(journey: Call, small: Path, tmp_path: Path) -> None:
    done = journey("compare", small, small, "--seeds", 2, "--workers", 1, "--out", tmp_path / "out", "--days", 20)
    assert done.exit_code == 0, done.output
    assert "profit is exactly the same" in done.stdout
    assert "tea (2)" in done.stdout
    document = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))
    rows = document["plans"]["tea (2)"]["indicators"].values()
    assert {row["difference"] for row in rows} <= {0.0, None}
    assert "sets nothing differently" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_one_seed_says_that_there_are_no_intervals(journey: Call, small: Path, caring: Path, tmp_path: Path) -> None:
    done = journey("compare", small, caring, "--seeds", 1, "--workers", 1, "--out", tmp_path / "out", "--days", 20)
    assert done.exit_code == 0, done.output
    assert "One seed has no intervals" in done.stdout
    document = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))
    assert document["plans"]["caring tea"]["indicators"]["profit"]["low"] is None


def test_until_sure_says_which(journey: Call, small: Path, caring: Path, tmp_path: Path) -> None:
    common = ("--days", 20, "--workers", 1, "--until-sure", "--main", "cost_acquisition")
    sure = journey("compare", small, caring, "--seeds", 2, "--max-seeds", 4, *common, "--out", tmp_path / "a")
    assert "cost_acquisition: certain after" in sure.stdout
    change = ("--set", "touchpoints.search.scale=0", "--main", "won", "--seeds", 2, "--max-seeds", 2)
    still = journey("compare", small, caring, *common, *change, "--out", tmp_path / "b")
    assert "won: not certain after 2 seeds (at most 2)" in still.stdout


def test_quiet_shows_nothing(journey: Call, small: Path, tmp_path: Path) -> None:
    call = ("compare", small, small, "--seeds", 1, "--workers", 1, "--days", 5, "--quiet", "--out", tmp_path / "out")
    assert journey(*call).output == ""
    again = journey(*call)
    assert again.exit_code == 1 and "--force" in again.stderr
    assert journey(*call, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["tea.toml"], 2, "at least two"),
        (["tea.toml", "nowhere.toml"], 2, "no such file"),
        (["tea.toml", "broken.toml"], 2, "market.price"),
        (["tea.toml", "shorter.toml"], 2, "shorter: days: found 12, expected 40 as in tea"),
        (["tea.toml", "tea.toml", "--main", "profits"], 2, "no indicator is called 'profits'"),
        (["tea.toml", "tea.toml", "--until-sure", "--max-seeds", "3"], 2, "--max-seeds must be at least 20"),
        (["tea.toml", "tea.toml", "--set", "touchpoints.radio.scale=2"], 2, "radio"),
    ],
)
def test_mistakes_end_in_one_message(
    journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int,
    message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(small.parent)
    (small.parent / "shorter.toml").write_text('extends = "tea.toml"\ndays = 12\n', encoding="utf-8")
    (small.parent / "broken.toml").write_text('extends = "tea.toml"\n[market]\nprice = -3\n', encoding="utf-8")
    before = files_in(small.parent)
    failed = journey("compare", *arguments)
    assert failed.exit_code == code, failed.output
    assert message in failed.stderr
    assert "Traceback" not in failed.output
    assert files_in(small.parent) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system nobody can write to")
def test_unwritable_folder_is_told_before_the_runs(journey: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.studies.compare, "compare", lambda *a, **k: pytest.fail("has run in vain"))
    refused = journey("compare", small, small, "--out", "/proc/journey/out")
    assert refused.exit_code == 1
    assert "/proc/journey/out" in refused.stderr


@pytest.mark.parametrize("step", ["write_table", "write_json", "write_scenario"])
def test_full_disk_leaves_nothing(
    journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sim.output.comparison, step, full)
    call = ("compare", small, small, "--seeds", 1, "--workers", 1, "--days", 2)
    failed = journey(*call, "--out", tmp_path / "new" / "out")
    assert failed.exit_code == 1
    assert "No space left on device" in failed.stderr
    assert files_in(tmp_path) == {"stories", "here"}


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_comparison_leaves_nothing(start: Start, small: Path, tmp_path: Path, kind: signal.Signals) -> None:
    out = tmp_path / "new" / "out"
    process = start("compare", small, small, "--days", 32000, "--seeds", 4, "--workers", 2, "--out", out)
    while not list(tmp_path.glob("new/.out.*.part")):  # until it has begun
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=4)  # until the workers are at it
    process.send_signal(kind)
    shown, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "journey: interrupted, nothing written\n"
    assert shown == ""
    assert files_in(tmp_path) == {"stories"}
