"""The pool: every item once, whatever the number of workers; failures and killed workers are told, nobody is left."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from sim.errors import MachineError
from sim.studies.pool import AHEAD, each, in_order
from tests.unit.studies.tasks import die, meet, process_of, refuse_three, square

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_once_and_all_work_told(workers: int) -> None:
    told: list[int] = []
    found = dict(each(square, range(7), workers=workers, progress=told.append))
    assert found == {k: k * k for k in range(7)}
    assert told == sorted(told)
    assert told[-1] == sum(range(7))


def test_nothing_to_do() -> None:
    assert list(each(square, [], workers=2)) == []


def test_work_is_shared(tmp_path: Path) -> None:
    """Two items that wait for each other are worked on by two processes at once, and one alone by none but this one."""
    here = os.getpid()
    found = {result for _, result in each(meet, [tmp_path, tmp_path], workers=2)}
    assert len(found) == 2
    assert here not in found
    assert dict(each(process_of, [1], workers=1)) == {0: here}


def test_results_come_in_the_order_of_their_items_and_closing_ends_the_work() -> None:
    ended = False

    def finishing() -> Generator[tuple[int, str], None, None]:
        nonlocal ended
        try:
            yield from [(1, "b"), (0, "a"), (3, "d"), (2, "c"), (4, "e")]
        finally:
            ended = True

    assert list(in_order(finishing())) == ["a", "b", "c", "d", "e"]
    ended = False
    results = in_order(finishing())
    assert next(results) == "a" and not ended
    results.close()
    assert ended


def test_items_are_taken_as_they_are_needed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for k in range(1000):
            taken += 1
            yield k

    results = each(square, items(), workers=2)
    for received, _ in enumerate(results, start=1):
        assert taken <= received + 2 * (1 + AHEAD)
        if received == 20:
            break
    results.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_task_is_told_and_ends_all(workers: int) -> None:
    with pytest.raises(ValueError, match="three is refused"):
        list(each(refuse_three, range(10), workers=workers))
    assert not multiprocessing.active_children()


def test_a_killed_worker_is_told() -> None:
    with pytest.raises(MachineError, match="fewer than 2 workers"):
        list(each(die, [1], workers=2))


def test_no_workers() -> None:
    with pytest.raises(ValueError, match="workers must be at least 1"):
        each(square, [1], workers=0)


def test_scripts_need_no_main_guard() -> None:
    script = "from sim.studies.pool import each; from tests.unit.studies.tasks import square; "
    script += "print(sorted(each(square, range(3), workers=2)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-"], input=script, env=environment, text=True, capture_output=True, timeout=60, check=True
    )
    assert ended.stdout == "[(0, 0), (1, 1), (2, 4)]\n"
    assert ended.stderr == ""
