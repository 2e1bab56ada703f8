"""Tasks for the pool, in a module that a worker process can import."""

from __future__ import annotations

import os
import signal
import time

from sim.studies.pool import Tick


def square(number: int, tick: Tick) -> int:
    """The square, in as many pieces of work as the number."""
    for _ in range(number):
        tick()
    return number * number


def process_of(_item: int, _tick: Tick) -> int:
    """The process that works on it, after a while, so that one worker cannot take all."""
    time.sleep(0.3)
    return os.getpid()


def refuse_three(number: int, _tick: Tick) -> int:
    """Fails for one item."""
    if number == 3:
        raise ValueError("three is refused")
    return number


def die(_item: int, _tick: Tick) -> None:
    """Ends its process as the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
