"""From a scenario file to a folder of results, and back from the folder to the same run."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sim import OutputError, Scenario, simulate, write_results
from tests.end_to_end.conftest import ROOT, Call, files_in

WRITTEN = {
    "daily.parquet", "touchpoints.parquet", "journeys.parquet", "brands.parquet", "summary.json", "scenario.toml",
    "provenance.json", "report.html", "ties_friends.txt.gz",
}  # fmt: skip


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("daily", "touchpoints", "journeys")}


def assert_same_bits(one: Path, other: Path) -> None:
    for name, table in tables(one).items():
        pd.testing.assert_frame_equal(table, tables(other)[name], check_exact=True, obj=name)


def test_run_writes_everything_and_shows_a_table(journey: Call, small: Path, tmp_path: Path) -> None:
    done = journey("run", small, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert files_in(tmp_path / "out") == WRITTEN
    for shown in ("A small tea club", "Customers won", "Customers lost", "Retention rate", "CAC", "CLV", "Profit",
                  "retention", "Net promoter score", str(tmp_path / "out" / "report.html")):  # fmt: skip
        assert shown in done.stdout
    assert done.stderr == ""  # not a terminal: no progress bar
    assert files_in(tmp_path) == {"stories", "here", "out"}


def test_tables_and_summary_agree(journey: Call, small: Path, tmp_path: Path) -> None:
    journey("run", small, "--out", tmp_path / "out")
    daily = tables(tmp_path / "out")["daily"]
    whole = daily[daily["persona"] == "all"]
    assert len(whole) == 40
    assert set(daily["persona"]) == {"students", "families", "all"}
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    indicators = summary["indicators"]
    assert indicators["revenue"]["value"] == whole["revenue_cents"].sum() / 100
    assert indicators["won"]["value"] == whole["flow_decision_to_service"].sum()
    assert indicators["market_share"]["value"] is None  # undefined for a subscription: null, not NaN
    assert {"label", "unit", "definition", "better", "low", "high"} <= set(indicators["profit"])
    start, won, lost, end, kept = (
        indicators[name]["value"] for name in ("customers_start", "won", "lost", "customers_end", "kept")
    )
    assert start + won - lost == pytest.approx(end)
    assert start - lost <= kept <= min(start, end)


def test_resolved_scenario_runs_again_to_the_same_bits(journey: Call, small: Path, tmp_path: Path) -> None:
    journey("run", small, "--seed", 5, "--set", "market.price=11", "--threads", 1, "--out", tmp_path / "one")
    (small.parent / "friends.txt").unlink()  # the folder stands for itself
    again = journey("run", tmp_path / "one" / "scenario.toml", "--out", tmp_path / "two")
    assert again.exit_code == 0, again.output
    assert_same_bits(tmp_path / "one", tmp_path / "two")
    first, second = (
        json.loads((tmp_path / name / "provenance.json").read_text(encoding="utf-8")) for name in ("one", "two")
    )
    assert first["fingerprint"] == second["fingerprint"]
    assert first["seeds"] == second["seeds"] == [5]


def test_the_copied_edge_list_is_the_same_file_every_time(journey: Call, small: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        journey("run", small, "--days", 1, "--out", tmp_path / name)
    one, two = ((tmp_path / name / "ties_friends.txt.gz").read_bytes() for name in ("one", "two"))
    assert one == two


def test_options_change_the_run(journey: Call, small: Path, tmp_path: Path) -> None:
    settings = ("--days", 9, "--agents", 600, "--seed", 3, "--set", "touchpoints.video.spend.weekly_eur=0")
    done = journey("run", small, *settings, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    found = tables(tmp_path / "out")
    assert found["daily"]["day"].max() == 8
    video = found["touchpoints"].query("touchpoint == 'video'")
    assert video["cost_cents"].sum() == 0
    assert video["contacts"].sum() == 0
    provenance = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert (provenance["days"], provenance["agents"], provenance["seeds"]) == (9, 600, [3])


def test_several_seeds_give_intervals(journey: Call, small: Path, tmp_path: Path) -> None:
    done = journey("run", small, "--seeds", 3, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "95 % interval" in done.stdout
    seeds = pd.read_parquet(tmp_path / "out" / "seeds.parquet")
    assert list(seeds["seed"]) == [1, 2, 3]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    won = summary["indicators"]["won"]
    assert won["value"] == pytest.approx(seeds["won"].mean())
    assert won["low"] < won["value"] < won["high"]
    journey("run", small, "--seed", 2, "--out", tmp_path / "second")
    alone = json.loads((tmp_path / "second" / "summary.json").read_text(encoding="utf-8"))
    assert alone["indicators"]["won"]["value"] == seeds["won"][1]


def test_provenance_names_versions_and_no_host(journey: Call, small: Path, tmp_path: Path) -> None:
    journey("run", small, "--out", tmp_path / "out")
    text = (tmp_path / "out" / "provenance.json").read_text(encoding="utf-8")
    provenance = json.loads(text)
    assert {"numpy", "numba", "pandas", "mesa"} <= set(provenance["packages"])
    assert provenance["fingerprint"]
    assert socket.gethostname() not in text


def test_quiet_says_nothing(journey: Call, small: Path, tmp_path: Path) -> None:
    done = journey("run", small, "--quiet", "--out", tmp_path / "out")
    assert (done.exit_code, done.output) == (0, "")


def test_without_out_every_run_gets_a_folder_of_its_own(journey: Call, small: Path) -> None:
    for _ in range(2):
        assert journey("run", small, "--days", 2).exit_code == 0
    assert files_in(Path("results")) == {"tea-001", "tea-002"}


def test_check_tells_what_will_happen(journey: Call, small: Path) -> None:
    shown = journey("check", small)
    assert shown.exit_code == 0, shown.output
    for word in ("students", "families", "video", "letter", "acquisition", "retention", "order of the day", "expose",
                 "Estimated memory", "24,000", "36,000"):  # fmt: skip
        assert word in shown.stdout
    weeks = 40 / 7
    assert f"{round(weeks * 2000):,}" in shown.stdout  # planned for brand
    assert f"{round(weeks * 3000):,}" in shown.stdout  # and acquisition
    assert not Path("results").exists()


def test_new_scenario_can_be_checked_and_run(journey: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    assert journey("new", mine).exit_code == 0
    assert "#" in mine.read_text(encoding="utf-8")
    assert journey("check", mine).exit_code == 0
    done = journey("run", mine, "--agents", 500, "--days", 10, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    refused = journey("new", mine)
    assert refused.exit_code == 1
    assert "mine.toml" in refused.stderr
    assert journey("new", mine, "--force").exit_code == 0


def test_shipped_scenarios_are_listed_with_a_line_each(journey: Call) -> None:
    lines = journey("scenarios").stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert "coffee_subscription" in names
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines)


def test_schema_is_json_schema(journey: Call) -> None:
    import jsonschema

    found = json.loads(journey("schema").stdout)
    jsonschema.validators.validator_for(found).check_schema(found)
    assert {"personas", "touchpoints", "market"} <= set(found["properties"])


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal to be seen")
def test_progress_is_shown_on_a_terminal(small: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, str(ROOT / "cli.py"), "run", str(small), "--days", "400", "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # the terminal is gone when the process ends
            while block := os.read(ours, 4096):
                seen += block
    os.close(ours)
    assert process.returncode == 0
    assert b"simulating" in seen
    assert b"of 400" in seen


def test_results_are_written_from_python_too(journey: Call, small: Path, tmp_path: Path) -> None:
    journey("run", small, "--out", tmp_path / "out")
    scenario = Scenario.load(small)
    assert write_results(simulate(scenario), tmp_path / "mine") == tmp_path / "mine"
    assert files_in(tmp_path / "mine") == WRITTEN
    assert_same_bits(tmp_path / "out", tmp_path / "mine")
    with pytest.raises(OutputError, match="earlier result"):
        write_results(simulate(scenario), tmp_path / "mine")
