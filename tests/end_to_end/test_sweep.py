"""Sweeps as a user starts and stops them: Ctrl-C, kill -9, a cluster that loses a worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from sim.studies.store import open_runs
from tests.end_to_end.conftest import ROOT, Call, Start

STUDY = """
seeds = 4
keep = ["revenue", "won"]
[design]
kind = "latin_hypercube"
points = 6
[[parameters]]
path = "market.price"
range = [8.0, 14.0]
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def rows_within(folder: Path, seconds: float, least: int = 1) -> int:
    """Wait until so many runs are there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (folder / "study.json").exists() and (there := open_runs(folder).status().done) >= least:
            return there
        time.sleep(0.1)
    raise AssertionError(f"no {least} runs in {folder} after {seconds} s")


def complete(folder: Path) -> pd.DataFrame:
    """The frame of a study that must be all there, every run once."""
    frame = open_runs(folder).frame()
    assert frame["run"].tolist() == list(range(24))
    assert frame["error"].isna().all()
    return frame.drop(columns="seconds")


def test_check_and_status(journey: Call, small: Path, study: Path, tmp_path: Path) -> None:
    told = journey("sweep", small, "--study", study, "--check")
    assert told.exit_code == 0
    assert "6 points × 4 seeds = 24 runs" in told.stdout and "Estimated time" in told.stdout
    assert not (tmp_path / "here" / "runs").exists()
    none = journey("sweep", small, "--study", study, "--status")
    assert (none.exit_code, none.stdout) == (1, "")
    assert "runs/prices: holds no study" in none.stderr
    wrong = journey("sweep", small, "--study", study, "--set", "market.prize=3")
    assert wrong.exit_code == 2
    both = journey("sweep", small, "--study", study, "--check", "--status")
    assert both.exit_code == 2 and "either --check or --status" in both.stderr


def test_a_file_is_no_place_for_runs(journey: Call, small: Path, study: Path) -> None:
    Path("taken").touch()
    refused = journey("sweep", small, "--study", study, "--out", "taken")
    assert refused.exit_code == 1
    assert "taken: is a file, expected a folder for the runs" in refused.stderr


def test_check_warns_of_what_sensitivity_will_refuse(journey: Call, small: Path, tmp_path: Path) -> None:
    study = tmp_path / "few.toml"
    design = 'kind = "morris"\ntrajectories = 3'
    study.write_text(STUDY.replace('kind = "latin_hypercube"\npoints = 6', design).replace("seeds = 4", "seeds = 1"))
    told = journey("sweep", small, "--study", study, "--check")
    assert told.exit_code == 0
    assert "3 are fewer than the 4 that journey sensitivity needs" in told.stderr
    assert "6 points × 1 seed = 6 runs" in told.stdout


def test_interrupted_before_the_first_run_leaves_no_folder(
    journey: Call, small: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.studies.sweep.lived", interrupted)
    stopped = journey("sweep", small, "--study", study, "--workers", "1")
    assert (stopped.exit_code, stopped.stderr) == (130, "journey: interrupted, nothing written\n")
    assert not Path("runs").exists()


def test_failed_runs_on_request(journey: Call, small: Path, tmp_path: Path) -> None:
    """Done is done, errors too, until --retry-failed; what is fine is not touched. Its seconds tell of a run redone."""
    study = tmp_path / "starts.toml"
    study.write_text(STUDY.replace("market.price", "start.retention").replace("[8.0, 14.0]", "[0.2, 2.0]"), "utf-8")
    folder = tmp_path / "starts"
    command = ("sweep", small, "--study", study, "--out", folder, "--workers", "1", "--days", "5")
    failed = journey(*command)
    first = open_runs(folder).frame()
    wrong = first["error"].notna()
    assert 0 < wrong.sum() < len(first)
    assert failed.exit_code == 1
    worst = first[wrong].iloc[0]
    assert f"{wrong.sum()} of 24 runs failed; the first, run {worst['run']}: start.retention: found 1." in failed.stderr
    status = journey(*command, "--status")
    assert status.exit_code == 0 and worst["error"] in status.stdout
    assert journey(*command).exit_code == 1
    pd.testing.assert_frame_equal(open_runs(folder).frame(), first)
    told = journey(*command, "--retry-failed")
    assert f"24 of 24 runs done, 0 missing, {wrong.sum()} failed" in told.stdout
    again = open_runs(folder).frame()
    pd.testing.assert_frame_equal(again[~wrong], first[~wrong])
    pd.testing.assert_frame_equal(again[wrong].drop(columns="seconds"), first[wrong].drop(columns="seconds"))
    assert (again["seconds"][wrong] != first["seconds"][wrong]).all()


@pytest.mark.slow
def test_stopped_twice_and_every_run_once(
    journey: Call, start: Start, small: Path, study: Path, tmp_path: Path
) -> None:
    """kill -9, then Ctrl-C, then to the end: nothing that was written is run again, and the numbers are the same."""
    longer = ("--days", "900", "--workers", "2")  # seconds of work are left whenever it is stopped
    folder, command = tmp_path / "runs", ("sweep", small, "--study", study, "--out", tmp_path / "runs")
    killed = start(*command, *longer)
    after_kill = rows_within(folder, 120)
    os.kill(killed.pid, signal.SIGKILL)
    _, told = killed.communicate(timeout=30)  # ends when the workers, too, have let go of its pipes
    assert told == ""
    kept = {part.name: part.read_bytes() for part in open_runs(folder).parts()}
    assert 0 < after_kill < 24
    stopped = start(*command, *longer)
    rows_within(folder, 120, least=sum(len(pd.read_parquet(folder / "runs" / name)) for name in kept) + 1)
    stopped.send_signal(signal.SIGINT)
    _, told = stopped.communicate(timeout=30)
    assert stopped.returncode == 130
    assert "the same command goes on from there" in told
    assert len(kept) < len(open_runs(folder).parts()) and open_runs(folder).status().missing > 0
    last = journey(*command, *longer)
    assert last.exit_code == 0, last.stderr
    assert "24 of 24 runs done, 0 missing, 0 failed" in last.stdout
    assert kept.items() <= {part.name: part.read_bytes() for part in open_runs(folder).parts()}.items()
    whole = journey(*command[:-1], tmp_path / "whole", *longer[:2], "--workers", "1")
    assert whole.exit_code == 0
    pd.testing.assert_frame_equal(complete(folder), complete(tmp_path / "whole"))


def test_a_cluster_that_is_not_there(journey: Call, small: Path, study: Path) -> None:
    began = time.monotonic()
    refused = journey("sweep", small, "--study", study, "--cluster", "tcp://127.0.0.1:9")
    assert time.monotonic() - began < 10
    assert refused.exit_code == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9; start one" in refused.stderr
    assert not Path("runs").exists()


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask's that ends with the block."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_NUM_THREADS": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen([sys.executable, "-m", "dask", *arguments],
                               env=environment, **quiet)  # fmt: skip
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def listening(port: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens at port {port} after {seconds} s")


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker(journey: Call, start: Start, small: Path, study: Path, tmp_path: Path) -> None:
    """Scheduler and two workers as processes; one is killed half-way. Same rows as on this machine, each once."""
    port = free_port()
    address, longer = f"tcp://127.0.0.1:{port}", ("--days", "300")
    one = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask"))
    command = ("sweep", small, "--study", study, *longer, "--out")
    with process("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"):
        listening(port, 60)
        with process("worker", address, *one) as first, process("worker", address, *one):
            sent = start(*command, tmp_path / "far", "--cluster", address)
            assert rows_within(tmp_path / "far", 120) < 24
            first.kill()
            _, told = sent.communicate(timeout=120)
            assert sent.returncode == 0, told
    near = journey(*command, tmp_path / "near", "--workers", "1")
    assert near.exit_code == 0
    pd.testing.assert_frame_equal(complete(tmp_path / "far"), complete(tmp_path / "near"))


def test_a_setting_of_the_study_is_not_overruled_in_silence(journey: Call, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        'title = "x"\nkeep = ["profit"]\n[design]\nkind = "grid"\n[set]\nagents = 200\n'
        '[[parameters]]\npath = "market.price"\nvalues = [9.0, 10.0]\n'
    )
    for option, path in ((("--agents", "300"), "agents"), (("--set", "market.price=8"), "market.price")):
        refused = journey("sweep", small, "--study", file, "--check", *option)
        assert refused.exit_code == 2
        assert f"{path}: found it on the command line, expected only the study to set it" in refused.stderr
