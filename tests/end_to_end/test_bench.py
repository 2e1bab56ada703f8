"""`journey bench` as a user calls it. What it measures depends on the machine; that it adds up does not."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

import sim.report.bench_table
from sim.engine import DAY
from tests.end_to_end.conftest import Call, files_in

SIZE = ("--agents", 600, "--days", 6)


def test_figures_add_up(journey: Call, small: Path, tmp_path: Path) -> None:
    done = journey("bench", small, *SIZE, "--threads", 2, "--steps", "--json", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["agents"], found["days"], found["threads"]) == (600, 6, 2)
    assert found["consumer_days_per_second"] == pytest.approx(600 / found["day_seconds"])
    assert found["ns_per_consumer_day"] == pytest.approx(1e9 / found["consumer_days_per_second"])
    assert found["quickest_day_seconds"] <= found["day_seconds"] <= found["slowest_day_seconds"]
    assert found["speedup"] == pytest.approx(found["day_on_one_thread_seconds"] / found["day_seconds"])
    assert found["year_seconds"] == pytest.approx(found["founding_seconds"] + 365 * found["day_seconds"])
    assert [row["step"] for row in found["steps"]] == [*(step.name for step in DAY), "record"]
    assert sum(row["seconds_per_day"] for row in found["steps"]) == pytest.approx(found["day_seconds"])
    assert sum(row["share"] for row in found["steps"]) == pytest.approx(1.0)
    for row in found["steps"]:
        parts = (row["stream_seconds"], row["random_read_seconds"], row["draw_seconds"])
        assert row["limit_seconds"] == max(parts)
        assert row["ratio"] == (row["seconds_per_day"] / max(parts) if max(parts) else None)
    assert json.loads((tmp_path / "out" / "bench.json").read_text()) == found
    assert files_in(tmp_path / "out") == {"bench.json", "steps.parquet", "provenance.json"}
    assert list(pd.read_parquet(tmp_path / "out" / "steps.parquet")["step"]) == [r["step"] for r in found["steps"]]


def test_table_fits_80_columns(journey: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.report.bench_table, "_console", lambda: Console(width=80, highlight=False, markup=False))
    done = journey("bench", small, *SIZE, "--steps")
    assert done.exit_code == 0, done.output
    assert "too few to tell" in done.stdout and "too few" in done.stdout.split("limited by")[1]
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "…" not in done.stdout.replace(" … ", "")  # nothing is cut off
    for words in ("consumer-days per second", "a year, with founding", "expose", "limited by", "GB/s"):
        assert words in done.stdout


def test_figures_fit_80_columns_unasked(journey: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    done = journey("bench", small, "--agents", 600, "--days", 1, "--threads", 1)
    assert "over 1 day" in done.stdout and "1 days" not in done.stdout
    assert max(len(row.rstrip()) for row in done.stdout.splitlines()) <= 80
    monkeypatch.setenv("COLUMNS", "80")
    done = journey("bench", small, *SIZE, "--steps")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_interrupted_before_all_is_measured(journey: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.bench.bench._small_run", interrupted)
    stopped = journey("bench", small, *SIZE)
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    assert "interrupted before all was measured" in stopped.stderr


def test_one_thread_and_one_day(journey: Call, small: Path) -> None:
    done = journey("bench", small, "--agents", 600, "--days", 1, "--json")
    found = json.loads(done.stdout)
    assert found["threads"] == 1
    assert found["speedup"] is None
    assert found["peak_bytes_per_consumer"] is None  # 600 consumers are lost in the rest of the program
    assert math.isfinite(found["year_seconds"])
    assert "steps" not in found
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--agents", "0"], "--agents"),
        (["--days", "-1"], "--days"),
        (["--threads", "100000"], "cores to be used"),
        (["--set", "market.prize=3"], "market.prize"),
        (["--set", "market.price"], "market.price=9.9"),
        (["--agents", "900000000"], "200,000,000"),
    ],
)
def test_nonsense_is_refused(journey: Call, small: Path, arguments: list[str], named: str) -> None:
    refused = journey("bench", small, *arguments)
    assert refused.exit_code == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.output


def test_an_earlier_measurement_is_not_overwritten(journey: Call, small: Path, tmp_path: Path) -> None:
    assert journey("bench", small, *SIZE, "--out", tmp_path / "out").exit_code == 0
    refused = journey("bench", small, *SIZE, "--out", tmp_path / "out")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert journey("bench", small, *SIZE, "--out", tmp_path / "out", "--force").exit_code == 0
