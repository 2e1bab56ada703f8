"""The same tasks on a Dask cluster that is there already: see docs/cluster.md. Needs the extra `cluster`."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from sim.errors import MachineError
from sim.studies.pool import Tick

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_SECONDS = 4.0  # to reach the machine, and again for the scheduler to answer
WORKER_SECONDS = 60.0  # to wait for a first worker to arrive, as a batch system may take its time
AHEAD = 4  # tasks handed out per worker thread: enough that nobody waits, few enough that memory stays bounded

_alone = threading.Lock()  # runs of one worker process follow one another: compiled threads are not shared


@dataclass(frozen=True)
class Sent(Generic[Item, Result]):
    """A task with its position, so that results of a retried one are still told apart."""

    task: Callable[[Item, Tick], Result]

    def __call__(self, position: int, item: Item) -> tuple[int, Result]:
        with _alone:
            return position, self.task(item, _no_tick)


def _no_tick() -> None:
    """Days are not counted across a cluster."""


def each_on_cluster(
    task: Callable[[Item, Tick], Result], items: Iterable[Item], address: str
) -> Iterator[tuple[int, Result]]:
    """Like `sim.studies.pool.each`, on the workers of a Dask scheduler; the work of a worker that dies is done again.

    Raises
    ------
    MachineError                if Dask is not installed, or no scheduler or worker answers at the address
    """
    try:
        import distributed
    except ImportError as error:
        raise MachineError('--cluster needs Dask: pip install "journey-simulator[cluster]"') from error
    with _quiet():
        try:
            _reach(address)
            client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise MachineError(
                f"no Dask scheduler answers at {address}; start one (dask scheduler), or leave --cluster out to use"
                " this machine"
            ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as error:
            raise MachineError(
                f"the scheduler at {address} has no workers; start some: dask worker {address} --nthreads 1"
            ) from error
        yield from _results(client, distributed, Sent(task), items)


def _results(client, distributed, task, items):  # type: ignore[no-untyped-def]  # Dask has no types
    waiting = enumerate(items)
    work = distributed.as_completed(loop=client.loop)
    running: set[int] = set()
    exhausted = False
    while True:
        threads = sum(client.nthreads().values()) or 1
        while not exhausted and len(running) < AHEAD * threads:
            entry = next(waiting, None)
            if entry is None:
                exhausted = True
                break
            running.add(entry[0])
            work.add(client.submit(task, *entry, pure=False))
        if not running:
            return
        future = next(work)
        try:
            position, result = future.result()
        except distributed.KilledWorker as error:
            raise MachineError(
                "a run ended several workers of the cluster one after the other, probably for want of memory; simulate"
                " fewer consumers or give workers more"
            ) from error
        future.release()
        running.discard(position)
        yield position, result


def _reach(address: str) -> None:
    """Raise OSError or ValueError unless something listens at scheme://host:port; quicker than Dask, and for good."""
    place = urlsplit(address)
    if not place.hostname or not place.port:
        raise ValueError(address)
    socket.create_connection((place.hostname, place.port), timeout=CONNECT_SECONDS).close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Dask's own log of failing connections, which says the same in many lines."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
