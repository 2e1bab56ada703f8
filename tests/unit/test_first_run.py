"""The first run ever: what the helper compiles is what a run calls, and from the second run on nothing is started."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import pytest

from sim import first_run
from sim.day import decide as deciding
from sim.day import steps
from sim.day.state import World
from sim.founding import found_world


def types_of_calls(monkeypatch: pytest.MonkeyPatch, world: World) -> list[list[numba.types.Type]]:
    """Types of what the kernels of choice and evening are called with."""
    called: list[list[numba.types.Type]] = []

    def listen(home: ModuleType, name: str) -> None:
        monkeypatch.setattr(home, name, lambda *arguments: called.append([numba.typeof(one) for one in arguments]))

    listen(deciding, "decide")
    listen(steps, "evening")
    steps.decide_step(world)
    steps.move_step(world)
    return called


def test_the_helper_compiles_what_a_run_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = first_run._plan()
    founded = found_world(plan)
    steps.plan_step(founded)
    bare = types_of_calls(monkeypatch, first_run._bare_world(plan))
    assert len(bare) == 2
    assert bare == types_of_calls(monkeypatch, founded)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """Commands that a first run in an empty cache starts; what this process compiles is left out."""
    started: list[Any] = []

    class Helper:
        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command)

        def wait(self) -> int:
            return 0

        def kill(self) -> None:
            pass

    monkeypatch.setattr(subprocess, "Popen", Helper)
    monkeypatch.setattr(first_run, "_compile_first", lambda: None)
    monkeypatch.setattr(first_run, "_looked", False)
    monkeypatch.setattr(first_run.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return started


def test_only_the_first_run_starts_a_helper(asked: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first_run.compile_once()
    assert len(asked) == 1
    assert (tmp_path / first_run.MARK).exists()
    first_run.compile_once()  # the same process does not even look
    monkeypatch.setattr(first_run, "_looked", False)
    first_run.compile_once()  # another one finds the mark
    assert len(asked) == 1


def test_one_core_and_worker_processes_start_none(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_run.os, "cpu_count", lambda: 1)
    first_run.compile_once()
    monkeypatch.setattr(first_run, "_looked", False)
    monkeypatch.setattr(first_run.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(first_run.multiprocessing, "parent_process", lambda: object())
    first_run.compile_once()
    assert not asked


def test_a_cache_that_cannot_be_written_is_left_alone(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "file" / "cache"))
    first_run.compile_once()
    assert not asked
