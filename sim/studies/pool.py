"""Many runs at once: tasks on all cores, in processes that start and compile once and tell how far they are.

Processes rather than threads, measured: between kernels a run is plain Python, which threads of one process can only
take in turns, and not every platform lets two threads enter compiled parallel loops.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing import connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any, TypeVar

from sim import interrupt
from sim.errors import MachineError

Item = TypeVar("Item")
Result = TypeVar("Result")
#: Called by a task when a piece of its work (a simulated day, say) is done.
Tick = Callable[[], None]

#: One round of work: called with a task and items, see `each`.
Round = Callable[[Callable[[Any, Tick], Any], Iterable[Any]], Iterator[tuple[int, Any]]]

#: Tasks handed out beyond those at work, per worker: enough that nobody waits, few enough that memory stays bounded.
AHEAD = 1
POLL_SECONDS = 0.2

_done: Synchronized[int] | None = None  # in a worker: pieces of work done by all workers together


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def each(
    task: Callable[[Item, Tick], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Generator[tuple[int, Result], None, None]:
    """Do a task for every item, several at a time; yields (position of the item, result) as they are finished.

    The order of results is that of finishing; results themselves do not depend on the number of workers as long as
    the task is a pure function of its item. Only as many items are taken from `items` as are at work or next in turn.

    Parameters
    ----------
    task : callable             picklable (a function of a module, or a dataclass with `__call__`); called with an
                                item and a `tick` to call after every piece of work. Should use one thread.
    items : iterable            picklable
    workers : int, optional     processes; 1 works in this process. Default: one per core
    progress : callable         called now and then with the pieces of work done by all so far

    Raises
    ------
    ValueError                  if `workers` is below 1
    MachineError                if a worker process was killed (usually for want of memory)
    Exception                   whatever a task raises
    """
    workers = cores() if workers is None else workers
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    return _here(task, items, progress) if workers == 1 else _in_processes(task, items, workers, progress)


def in_order(arriving: Generator[tuple[int, Result], None, None]) -> Generator[Result, None, None]:
    """Results of `each` in the order of their items, as soon as those before are there. Closing it ends the work."""
    waiting: dict[int, Result] = {}
    due = 0
    with closing(arriving):
        for position, result in arriving:
            waiting[position] = result
            while due in waiting:
                yield waiting.pop(due)
                due += 1


def _here(
    task: Callable[[Item, Tick], Result], items: Iterable[Item], progress: Callable[[int], None] | None
) -> Generator[tuple[int, Result], None, None]:
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done)

    for position, item in enumerate(items):
        yield position, task(item, tick)


def _in_processes(
    task: Callable[[Item, Tick], Result],
    items: Iterable[Item],
    workers: int,
    progress: Callable[[int], None] | None,
) -> Generator[tuple[int, Result], None, None]:
    with _processes(workers) as (pool, done):
        yield from _round(pool, done, task, items, workers, progress)


@contextmanager
def crew(*, workers: int | None = None, progress: Callable[[int], None] | None = None) -> Iterator[Round]:
    """Workers for many rounds of tasks: yields a function like `each`, to be called with a task and items.

    Each round has to be drained before the next; processes start and compile once for all of them.
    """
    workers = cores() if workers is None else workers
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    if workers == 1:
        yield lambda task, items: _here(task, items, progress)
        return
    with _processes(workers) as (pool, done):
        yield lambda task, items: _round(pool, done, task, items, workers, progress)


@contextmanager
def _processes(workers: int) -> Iterator[tuple[ProcessPoolExecutor, Synchronized[int]]]:
    """Worker processes, and their common count of pieces of work done; all are ended with the block."""
    context = multiprocessing.get_context("spawn")  # a forked copy of a process with compiled threads would hang
    _start_tracker()
    done = context.Value("q", 0)
    pool = ProcessPoolExecutor(workers, context, _prepare, (done,))
    try:
        yield pool, done
    except BrokenProcessPool as error:
        raise MachineError(
            f"a worker process ended without a word, probably for want of memory;"
            f" use fewer than {workers} workers, or simulate fewer consumers"
        ) from error
    finally:
        _stop(pool)


def _start_tracker() -> None:
    """Start Python's helper that clears up after a process killed with -9, without its list of what it cleared up."""
    if sys.platform == "win32":  # needs none
        return
    from multiprocessing import resource_tracker

    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before, "ignore:resource_tracker:UserWarning"]))
    try:
        resource_tracker.ensure_running()
    finally:
        os.environ.pop("PYTHONWARNINGS")
        if before is not None:
            os.environ["PYTHONWARNINGS"] = before


def _round(
    pool: ProcessPoolExecutor,
    done: Synchronized[int],
    task: Callable[[Item, Tick], Result],
    items: Iterable[Item],
    workers: int,
    progress: Callable[[int], None] | None,
) -> Iterator[tuple[int, Result]]:
    waiting = enumerate(items)
    running: dict[Future[Result], int] = {}
    while True:
        while len(running) < workers * (1 + AHEAD) and (entry := next(waiting, None)) is not None:
            with interrupt.held(), _nameless_main():  # a process started by half would complain
                running[pool.submit(_work, task, entry[1])] = entry[0]
        if not running:
            return
        interrupt.check()
        finished, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        if progress is not None:
            progress(done.value)
        for future in finished:
            yield running.pop(future), future.result()


def _stop(pool: ProcessPoolExecutor) -> None:
    """End all workers now: what they are still doing is not wanted any more."""
    processes = list((pool._processes or {}).values())
    manager = pool._executor_manager_thread
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    if manager is not None:
        # it waits for the processes; who waits beside it may see one that is gone and not yet counted
        manager.join()  # type: ignore[attr-defined]
    for process in processes:
        process.join()


def _prepare(done: Synchronized[int]) -> None:
    """Set up a worker: Ctrl-C is the parent's business, who ends its workers."""
    global _done
    _done = done
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is gone, however it went: after a kill -9 nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work(task: Callable[[Item, Tick], Result], item: Item) -> Result:
    return task(item, _tick)


def _tick() -> None:
    if _done is not None:
        with _done.get_lock():
            _done.value += 1


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Start workers without running the caller's script in each of them again.

    A spawned process imports the parent's main module, so that a script without `if __name__ == "__main__"` would start
    itself over and over, and one read from standard input could not be found. Our tasks live in modules and need none.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
