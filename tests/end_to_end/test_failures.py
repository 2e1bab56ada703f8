"""Whatever goes wrong while a run is written: one message, no traceback, nothing half-written, nothing lost."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sim.outlook
import sim.output.run
import sim.studies.replicates
from tests.end_to_end.conftest import ROOT, Call, Start, files_in


def test_earlier_result_is_not_overwritten(journey: Call, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    journey("run", small, "--seed", 1, "--out", out)
    before = (out / "daily.parquet").read_bytes()
    refused = journey("run", small, "--seed", 2, "--out", out)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert (out / "daily.parquet").read_bytes() == before
    replaced = journey("run", small, "--seed", 2, "--out", out, "--force")
    assert replaced.exit_code == 0, replaced.output
    assert (out / "daily.parquet").read_bytes() != before
    assert files_in(tmp_path) == {"stories", "here", "out"}


def test_force_replaces_results_only(journey: Call, small: Path, tmp_path: Path) -> None:
    refused = journey("run", small, "--out", small.parent, "--force")
    assert refused.exit_code == 1
    assert small.exists()
    refused = journey("run", small, "--out", small, "--force")
    assert refused.exit_code == 1
    assert "is a file" in refused.stderr


def test_empty_folder_is_used(journey: Call, small: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert journey("run", small, "--days", 2, "--out", tmp_path / "out").exit_code == 0
    assert "report.html" in files_in(tmp_path / "out")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system nobody can write to")
def test_unwritable_folder_is_told_before_the_run(journey: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.studies.replicates, "simulate", lambda *a, **k: pytest.fail("has run in vain"))
    refused = journey("run", small, "--out", "/proc/journey/out")
    assert refused.exit_code == 1
    assert "/proc/journey/out" in refused.stderr
    assert "Traceback" not in refused.output


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write anywhere")
def test_folder_without_permission(journey: Call, small: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    refused = journey("run", small, "--out", locked / "out")
    assert refused.exit_code == 1
    assert "permission denied" in refused.stderr.lower()


@pytest.mark.parametrize("step", ["write_table", "write_json", "write_scenario"])
def test_full_disk_leaves_nothing(
    journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sim.output.run, step, full)
    failed = journey("run", small, "--days", 2, "--out", tmp_path / "new" / "out")
    assert failed.exit_code == 1
    assert "No space left on device" in failed.stderr
    assert "Traceback" not in failed.output
    assert files_in(tmp_path) == {"stories", "here"}


def private_mounts() -> bool:
    """Whether this process may mount a file system that only its children see."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return (
        subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not private_mounts(), reason="needs the right to mount")
def test_disk_that_is_really_full(small: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=64k none "$1" && "$2" "$3/cli.py" run "$4" --out "$1/out"; echo "rc $?"; ls -A "$1"'
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", str(disk), sys.executable, str(ROOT), str(small)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.stdout == "rc 1\n"  # and nothing is left on the disk
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_failed_replacement_keeps_the_old_result(
    journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    journey("run", small, "--days", 2, "--out", out)
    before = (out / "provenance.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sim.output.run, "write_json", full)
    assert journey("run", small, "--days", 3, "--out", out, "--force").exit_code == 1
    assert (out / "provenance.json").read_bytes() == before
    assert files_in(tmp_path) == {"stories", "here", "out"}


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_nothing(start: Start, small: Path, tmp_path: Path, kind: signal.Signals) -> None:
    process = start("run", small, "--days", 32000, "--out", tmp_path / "new" / "out")
    while not list(tmp_path.glob("new/.out.*.part")):  # until it has begun
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    process.send_signal(kind)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "journey: interrupted, nothing written\n"
    assert out == ""
    assert files_in(tmp_path) == {"stories"}


def test_too_little_memory_is_told(journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(sim.studies.replicates, "simulate", exhausted)
    failed = journey("run", small, "--out", tmp_path / "out")
    assert failed.exit_code == 1
    assert "--agents" in failed.stderr
    assert files_in(tmp_path) == {"stories", "here"}


def test_a_run_that_cannot_fit_is_refused(journey: Call, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.outlook, "free_bytes", lambda: 2**30)
    alone = ("--set", "ties.friends.kind=mixing", "--set", "ties.friends.file=none")
    refused = journey("run", small, *alone, "--agents", 200_000_000)
    assert refused.exit_code == 1
    assert "200,000,000 consumers need about" in refused.stderr
    assert "1.0 GiB are free" in refused.stderr
    assert not Path("results").exists()


def test_errors_of_our_own_making_are_not_hidden(
    journey: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a mistake in the program")

    monkeypatch.setattr(sim.studies.replicates, "simulate", broken)
    failed = journey("run", small, "--out", tmp_path / "out")
    assert isinstance(failed.exception, ZeroDivisionError)
    assert files_in(tmp_path) == {"stories", "here"}
