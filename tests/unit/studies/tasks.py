"""Tasks for the pool, in a module that a worker process can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from sim.studies.pool import Tick


def square(number: int, tick: Tick) -> int:
    """The square, in as many pieces of work as the number."""
    for _ in range(number):
        tick()
    return number * number


def process_of(_item: object, _tick: Tick) -> int:
    """The process that works on it."""
    return os.getpid()


def meet(folder: Path, _tick: Tick) -> int:
    """The same, once another process works on an item with this folder as well.

    Raises
    ------
    TimeoutError        if none does within a minute
    """
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 60.0
    while len(list(folder.iterdir())) < 2:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody else came to {folder}")
        time.sleep(0.01)
    return os.getpid()


def refuse_three(number: int, _tick: Tick) -> int:
    """Fails for one item."""
    if number == 3:
        raise ValueError("three is refused")
    return number


def die(_item: int, _tick: Tick) -> None:
    """Ends its process as the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
