"""What happens before anything is simulated: help is quick, and wrong options are refused at once."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from time import perf_counter

import pytest

from tests.end_to_end.conftest import ROOT, Call

HEAVY = ("numpy", "numba", "pandas", "pyarrow", "pydantic", "scipy", "jinja2", "mesa", "rich", "optuna", "distributed")


def test_help_takes_less_than_0_3_seconds() -> None:
    taken = []
    for _ in range(5):
        began = perf_counter()
        subprocess.run([sys.executable, str(ROOT / "cli.py"), "--help"], check=True, stdout=subprocess.DEVNULL)
        taken.append(perf_counter() - began)
    assert min(taken) < 0.3


def test_help_imports_nothing_heavy() -> None:
    code = f"import cli, sys; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


#: A run that tells how often it looked for garbage, what stayed out, and whether the end is quick.
HASTY = """
import atexit, gc, sys
looks = []
gc.callbacks.append(lambda phase, _: looks.append(phase))
atexit.register(lambda: print(len(looks), gc.get_freeze_count() > 100_000))
import cli
looks.clear()
cli.main(["run", sys.argv[1], "--quiet"], standalone_mode=False)
print("scipy.linalg" in sys.modules)
import scipy.linalg.cython_blas
"""


def test_run_begins_and_ends_without_detours(small: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HASTY, str(small)]
    place = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(command, cwd=tmp_path, env=place, check=True, capture_output=True, text=True)
    assert shown.stdout.splitlines() == ["False", "0 True"]


def test_console_script_is_cli_py() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"journey": "cli:main"}


@pytest.mark.parametrize(
    "command", ["new", "scenarios", "check", "schema", "run", "sweep", "sensitivity", "calibrate", "bench"]
)
def test_every_command_explains_itself(journey: Call, command: str) -> None:
    shown = journey(command, "--help")
    assert shown.exit_code == 0
    assert f"journey {command}" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--agents", "0"], "--agents"),
        (["--days", "-3"], "--days"),
        (["--seeds", "0"], "--seeds"),
        (["--threads", "0"], "--threads"),
        (["--threads", "100000"], "cores to be used"),
        (["--seed", "-1"], "--seed"),
        (["--set", "market.price"], "market.price=9.9"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_wrong_options_are_refused(journey: Call, small: Path, arguments: list[str], named: str) -> None:
    refused = journey("run", small, *arguments)
    assert refused.exit_code == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.output
    assert not Path("results").exists()


@pytest.mark.parametrize("command", ["run", "check"])
def test_unknown_scenario(journey: Call, command: str) -> None:
    refused = journey(command, "coffee_subscriptoin")
    assert refused.exit_code == 2
    assert "coffee_subscription" in refused.stderr
    assert "Traceback" not in refused.output


def test_all_problems_of_a_scenario_are_told_at_once(journey: Call, small: Path) -> None:
    text = small.read_text(encoding="utf-8")
    small.write_text(
        text.replace("share = 0.4", "share = 0.7").replace("price = 12.5", "prize = 12.5"), encoding="utf-8"
    )
    refused = journey("check", small)
    assert refused.exit_code == 2
    assert "tea.toml" in refused.stderr
    assert "market.prize" in refused.stderr
    assert "Traceback" not in refused.output


def test_wrong_setting_names_its_path(journey: Call, small: Path) -> None:
    refused = journey("run", small, "--set", "market.prize=3")
    assert refused.exit_code == 2
    assert "market.prize" in refused.stderr
    refused = journey("run", small, "--set", "market.price=cheap")
    assert refused.exit_code == 2
    assert "market.price" in refused.stderr
    assert "cheap" in refused.stderr


def test_one_is_told_as_one(journey: Call, small: Path, tmp_path: Path) -> None:
    """A consumer per person, for a day: nothing is counted in the plural."""
    told = journey("check", small, "--days", 1, "--set", "market.size=600")
    assert "1 day, 600 consumers, each standing for 1 person" in told.stdout
    done = journey("run", small, "--days", 1, "--set", "market.size=600", "--quiet", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "each standing for 1 person" in page
    assert "1 people" not in page and "1 days" not in page.replace("01 days", "")
