"""The task all peers do, as data: an SIR epidemic on a given network. Needs NumPy only.

Law, the same for everybody. On each of `STEPS` days, everybody who was infectious in the morning tries each of his ties
once and infects a susceptible one with probability `TRANSMISSION`; in the evening he recovers with probability
`RECOVERY`. Who was infected today is infectious from tomorrow on, so that everybody has at least one day of trying. The
result is the *final size*: how many were ever infected, the first ones included.

A tie lets the infection through with probability p / (1 - (1 - p) (1 - r)) = 0.236, p and r being transmission and
recovery; would one recover before trying, it were that times 1 - r: the order of the day matters.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 100
TRANSMISSION = 0.03
RECOVERY = 0.1
MEAN_DEGREE = 10
FIRST = 0.001  # share infected on the first morning, drawn anew in every run


@dataclass(frozen=True)
class Network:
    """A random graph of n nodes with n MEAN_DEGREE / 2 ties (Erdős & Rényi 1959)."""

    agents: int
    pairs: NDArray[np.int32]  # [ties, 2], every tie once, first < second
    path: Path  # where it was read from; the same ties stand beside it as text, see `write_network`

    def rows(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Compressed sparse rows with every tie in both: ptr int64 [n + 1], idx int32 [2 ties]."""
        source = np.concatenate([self.pairs[:, 0], self.pairs[:, 1]])
        target = np.concatenate([self.pairs[:, 1], self.pairs[:, 0]])
        order = np.argsort(source, kind="stable")
        ptr = np.zeros(self.agents + 1, np.int64)
        np.cumsum(np.bincount(source, minlength=self.agents), out=ptr[1:])
        return ptr, target[order]

    def first_infected(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Who is infected on the first morning, int64 [FIRST n]."""
        return rng.choice(self.agents, round(FIRST * self.agents), replace=False)


def draw_pairs(agents: int, seed: int) -> NDArray[np.int32]:
    """Ties of a random graph, int32 [agents MEAN_DEGREE / 2, 2]: uniform among all pairs, none twice, ordered."""
    rng = np.random.default_rng(seed)
    wanted = agents * MEAN_DEGREE // 2
    found = np.empty(0, np.int64)
    while found.size < wanted:
        ends = np.sort(rng.integers(0, agents, (wanted + wanted // 10, 2)), axis=1)
        ends = ends[ends[:, 0] < ends[:, 1]]
        found = np.unique(np.concatenate([found, ends[:, 0] * agents + ends[:, 1]]))
    kept = np.sort(rng.choice(found, wanted, replace=False))
    return np.stack([kept // agents, kept % agents], axis=1).astype(np.int32)


def write_network(path: Path, agents: int, seed: int = 1) -> None:
    """Draw a network and write it as `path` (.npz) and, for who reads edge lists, as text beside it (.txt)."""
    pairs = draw_pairs(agents, seed)
    np.savez(path, agents=agents, pairs=pairs)
    with path.with_suffix(".txt").open("w") as file:
        file.writelines(f"{a} {b}\n" for a, b in pairs.tolist())


def read_network(path: Path) -> Network:
    """A network written by `write_network`."""
    with np.load(path) as stored:
        return Network(int(stored["agents"]), stored["pairs"], path)


@dataclass
class Measured:
    """What one peer made of one task; written as one line of JSON."""

    peer: str
    version: str
    agents: int
    steps: int
    seconds: list[float] = field(default_factory=list)  # of a core, of each run, warm, without setting up
    wall_seconds: list[float] = field(default_factory=list)  # the same by the clock: more where the machine is shared
    setup_seconds: float = 0.0  # least of what it took to build a model from the network
    outcomes: list[float] = field(default_factory=list)  # what is compared, of each run
    bytes_per_agent: float = 0.0  # most memory beyond that with the network read; compiling, if any, is in it
    python: str = field(default_factory=lambda: ".".join(map(str, sys.version_info[:3])))

    def line(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


def peak_bytes() -> int:
    """The most memory this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(
    found: Measured, build: Callable[[int], Any], run: Callable[[Any], float], repetitions: int, *, warm: bool
) -> Measured:
    """Time `run(build(seed))` for seeds 1, 2, ...: only `run` counts. `warm`: seed 0 is run before and not counted.

    On one thread seconds of a core are what the clock would show were the machine not shared.
    """
    before = peak_bytes()
    setups = []
    for seed in range(0 if warm else 1, repetitions + 1):
        began = time.perf_counter()
        model = build(seed)
        built, spent = time.perf_counter(), time.process_time()
        outcome = run(model)
        spent, ended = time.process_time() - spent, time.perf_counter()
        setups.append(built - began)
        if seed:
            found.seconds.append(spent)
            found.wall_seconds.append(ended - built)
            found.outcomes.append(float(outcome))
        del model
    found.setup_seconds = min(setups)
    found.bytes_per_agent = max(0, peak_bytes() - before) / found.agents
    return found


def main(peer: str, version: str, prepare: Callable[[Network], tuple[Callable[[int], Any], Callable[[Any], float]]],
         *, warm: bool = True, steps: int = STEPS) -> None:  # fmt: skip
    """The command line of a peer: NETWORK REPETITIONS [WORDS]; prints one line of JSON.

    `prepare` turns the network into what the peer reads and returns two functions: one builds a model for a seed, the
    other lives its days and returns how many were ever infected. Interpreted peers have nothing to warm up. The word
    `two` stands for two threads, of which the clock tells, not seconds of a core.
    """
    network = read_network(Path(sys.argv[1]))
    build, run = prepare(network)
    found = Measured(peer + "_two" * ("two" in sys.argv[3:]), version, network.agents, steps)
    print(measure(found, build, run, int(sys.argv[2]), warm=warm).line())
