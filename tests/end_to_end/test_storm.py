"""`journey storm` from a command line: what it writes, what it says, and what it refuses."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from cli import main

SMALL = ["coffee_storm", "--agents", "1500", "--days", "90", "--workers", "1"]


def told(*arguments: str):
    return CliRunner().invoke(main, ["storm", *arguments])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("storm") / "found"
    result = told(
        *SMALL,
        "--seeds",
        "2",
        "--responses",
        "explain,delete",
        "--delays",
        "1h,2d",
        "--prevent",
        "500",
        "--out",
        str(folder),
    )
    assert result.exit_code == 0, result.output
    return folder, result.output


def test_writes_tables_report_and_answer(written):
    folder, output = written
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "responses.parquet", "delays.parquet", "days.parquet", "runs.parquet", "storm.parquet", "infections.parquet",
        "prevention.parquet", "storm.json", "scenario.toml", "provenance.json", "report.html",
    }  # fmt: skip
    answer = json.loads((folder / "storm.json").read_text())["answer"]
    assert answer.startswith("Left alone, the storm reaches")
    assert answer[:40] in output.replace("\n", " ")
    table = pd.read_parquet(folder / "responses.parquet")
    assert list(zip(table["response"], table["delay_hours"].fillna(-1), strict=True)) == [
        ("silence", -1), ("delete", 1), ("delete", 48), ("explain", 1), ("explain", 48),
    ]  # fmt: skip
    assert len(pd.read_parquet(folder / "runs.parquet")) == 2 * 6
    html = (folder / "report.html").read_text()
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_a_run_with_a_storm_writes_its_hours(tmp_path):
    folder = tmp_path / "run"
    arguments = ["run", "coffee_storm", "--agents", "1500", "--days", "80", "--out", str(folder), "--quiet"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    hours = pd.read_parquet(folder / "storm.parquet")
    assert hours["response"].str.contains("apologise").any()
    assert "Posts in a storm, hour by hour" in (folder / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--trigger", "social_failur"], 2, 'did you mean "social_failure"?'),
        (["--responses", "explain,shout"], 2, "'shout' is not one of all, silence"),
        (["--delays", "1h,soon"], 2, "should look like 6h or 2d"),
        (["--delays", "9000h"], 2, "an answer after more than a year"),
        (["--date", "2031-01-01"], 2, "a day of the run, 2026-01-05 to 2026-04-04"),
        (["--severity", "2"], 2, "0<=x<=1"),
        (["--set", "storm.spread.joyn=1"], 2, '"join" (the nearest known key)'),
    ],
)
def test_refuses_in_one_clear_message(arguments, code, words):
    result = told(*SMALL, *arguments)
    assert result.exit_code == code
    assert words in result.output
    assert "Traceback" not in result.output
