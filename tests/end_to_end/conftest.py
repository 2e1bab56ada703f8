"""A small complete scenario, and the command line as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli

ROOT = Path(cli.__file__).resolve().parent

SMALL = """
title = "A small tea club"
days = 40
agents = 600
panel = 20

[market]
kind = "subscription"
size = 60000
price = 12.5
rivals = [{ name = "grocer", price = 9.0, weekly_spend_eur = 2000.0 }]

[start]
awareness = 0.2
retention = 0.1
loyalty = 0.05

[[personas]]
name = "students"
share = 0.4

[[personas]]
name = "families"
share = 0.6

[[touchpoints]]
name = "video"
kind = "paid"
purpose = "brand"
cpm_eur = 10.0
spend = { weekly_eur = 2000.0 }

[[touchpoints]]
name = "search"
kind = "paid"
purpose = "acquisition"
phases = ["before", "during"]
cpm_eur = 20.0
click = 0.2
lands_on = "website"
spend = { weekly_eur = 3000.0 }

[[touchpoints]]
name = "website"
kind = "owned"
purpose = "service"
visits_per_week = 0.2
fixed_eur_per_week = 300.0

[[touchpoints]]
name = "letter"
kind = "owned"
form = "sends"
purpose = "retention"
phases = ["after"]
sends_per_week = 1.0
cost_per_contact_eur = 0.01

[[ties]]
name = "friends"
kind = "file"
file = "friends.txt"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The file of the small scenario; its ties come from an edge list beside it."""
    folder = tmp_path / "stories"
    folder.mkdir()
    ties = "".join(f"{i} {(i * 7 + k) % 600}\n" for i in range(600) for k in (1, 5) if (i * 7 + k) % 600 != i)
    (folder / "friends.txt").write_text(ties, encoding="utf-8")
    path = folder / "tea.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


Call = Callable[..., Result]


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the command line in this process, in an empty current folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], prog_name="journey")

    return call


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts `python cli.py …` as a process of its own, in `cwd`."""

    def begin(*arguments: object, cwd: Path = tmp_path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)],
            cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    return begin


def files_in(folder: Path) -> set[str]:
    """Names of everything in a folder, hidden ones too."""
    return {path.name for path in folder.iterdir()} if folder.exists() else set()
