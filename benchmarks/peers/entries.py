"""Who takes part, in which task, at which sizes and how often. A slow peer does less, and the table says so."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

SMALL = os.environ.get("JOURNEY_BENCH_SMALL") == "1"
SIR, JOURNEY = "sir", "journey"


@dataclass(frozen=True)
class Entry:
    """One peer in one task."""

    name: str  # as in its results
    label: str  # as people read it
    module: str  # in benchmarks.peers.engines
    requirements: str | None  # file in requirements/; None = this project's own environment
    repetitions: dict[int, int]  # by number of agents
    task: str = SIR
    arguments: tuple[str, ...] = field(default=())

    @property
    def threads(self) -> int:
        """How many it uses."""
        return 2 if "two" in self.arguments else 1

    @property
    def sizes(self) -> dict[int, int]:
        """Repetitions by number of agents of this call: one small size with `JOURNEY_BENCH_SMALL=1`."""
        return {5_000: max(5, min(self.repetitions.values()))} if SMALL else self.repetitions


BOTH = {100_000: 5, 1_000_000: 3}
SLOW = {100_000: 3}  # a million takes minutes a run and several GB

ENTRIES: tuple[Entry, ...] = (
    Entry("reference", "the law itself: shortest paths, SciPy", "reference", None, {100_000: 40, 1_000_000: 12}),
    Entry("ours", "this simulator, the storm alone", "ours", None, BOTH),
    Entry("ours_day", "this simulator, the whole day", "ours", None, BOTH, arguments=("day",)),
    Entry("ours_two", "this simulator, the storm alone, two threads", "ours", None, BOTH, arguments=("two",)),
    Entry("sparse", "NumPy and SciPy sparse", "sparse", None, BOTH),
    Entry("laser_core", "laser-core, NumPy edges", "laser_core", "laser_core", BOTH),
    Entry("mesa_frames", "mesa-frames", "mesa_frames", "mesa_frames", BOTH),
    Entry("mesa_frames_two", "mesa-frames, two threads", "mesa_frames", "mesa_frames", BOTH, arguments=("two",)),
    Entry("starsim", "Starsim", "starsim", "starsim", BOTH),
    Entry("mesa_lean", "Mesa, only the infectious are visited", "mesa_lean", "mesa", SLOW),
    Entry("eon", "EoN, event-driven", "eon", "eon", SLOW),
    Entry("mesa_usual", "Mesa, as its tutorials do it", "mesa_usual", "mesa", SLOW),
    Entry("ndlib", "NDlib", "ndlib", "ndlib", SLOW),
    Entry("journey_ours", "this simulator", "journey_ours", None, {100_000: 20, 1_000_000: 10}, JOURNEY),
    Entry(
        "journey_ours_two", "this simulator, two threads", "journey_ours", None, {100_000: 20, 1_000_000: 10}, JOURNEY,
        ("two",),
    ),
    Entry("journey_mesa", "Mesa, one agent per consumer, in order", "journey_mesa", "mesa", {100_000: 3}, JOURNEY),
    Entry(
        "journey_mesa_usual", "Mesa, as its tutorials do it", "journey_mesa_usual", "mesa",
        {100_000: 3, 1_000_000: 1}, JOURNEY,
    ),
)  # fmt: skip
