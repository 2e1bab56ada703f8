"""A progress bar on stderr while runs are simulated."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    quiet: bool, doing: str = "simulating", unit: str = "day"
) -> Iterator[Callable[[int, int], None] | None]:
    """A bar to be told (days or runs done, in all); None, and nothing to see, if quiet or if stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None, said="starting")
        yield lambda done, total: bar.update(task, completed=done, total=total, said=f"{unit} {done:,} of {total:,}")


@contextmanager
def run_bar(quiet: bool) -> Iterator[Callable[[int, int, int, int], None] | None]:
    """A bar to be told (runs done, failed, in all, days simulated), which shows rate and time left; None likewise."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} of {task.total:,} runs"))
    began, first = monotonic(), -1
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1)

        def tell(done: int, failed: int, runs: int, _days: int) -> None:
            nonlocal first
            first = done if first < 0 else first
            rate = (done - first) / max(1e-9, monotonic() - began)
            words = f"{rate:.1f} a second" if done > first else "starting"
            words += f", {failed:,} failed" if failed else ""
            bar.update(task, completed=done, total=runs, description=words)

        yield tell
