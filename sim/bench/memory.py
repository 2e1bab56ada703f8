"""Bytes: what the arrays of a run take by their sizes, and what the process took at its largest."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.day.state import World

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Memory:
    """Memory of a population, in bytes.

    Attributes
    ----------
    each : float            per consumer: columns, and where the ties of each begin
    per_tie : float         per tie and direction; NaN without ties
    directions : int        ties times two
    arrays : int            consumers and ties together, by array sizes
    peak : int or None      what founding and living took at most, measured; None where the system does not tell
    """

    each: float
    per_tie: float
    directions: int
    arrays: int
    peak: int | None


def _buffers(arrays: list[np.ndarray]) -> int:
    """Bytes of several arrays; memory that two of them share counts once."""
    owners: dict[int, int] = {}
    for array in arrays:
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        owners[id(owner)] = owner.nbytes
    return sum(owners.values())


def count_bytes(world: World, peak: int | None = None) -> Memory:
    """Memory of the consumers and ties of a run by the sizes of their arrays."""
    people = [column for column in vars(world.people).values() if isinstance(column, np.ndarray)]
    graphs = [graph for graph in world.layers if graph is not None]
    directions = sum(graph.idx.size for graph in graphs)
    consumers = _buffers([*people, world.stage_before, world.belongs, world.ties.ptr, *(g.ptr for g in graphs)])
    tied = _buffers([world.ties.idx, *(g.idx for g in graphs)])
    return Memory(
        each=consumers / world.plan.agents,
        per_tie=tied / directions if directions else float("nan"),
        directions=directions,
        arrays=consumers + tied,
        peak=peak,
    )


def resident_bytes() -> int | None:
    """Memory this process has now; None where the system does not tell."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Begin to watch the peak anew, where the system allows it."""
    with suppress(OSError):  # then the peak is that since the process began
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int | None:
    """The most memory this process had since `forget_peak`, or since it began; None where the system does not tell."""
    found = _status("VmHWM")
    if found is not None or sys.platform == "win32":
        return found
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _status(name: str) -> int | None:
    """A line of /proc/self/status, in bytes."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(name + ":"):
            return 1024 * int(line.split()[1])
    return None
