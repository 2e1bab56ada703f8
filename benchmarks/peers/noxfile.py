"""Runs every peer in an environment of its own, then checks and compares: `nox -f benchmarks/peers/noxfile.py`.

One peer alone: `-s "peer(starsim)"`. An environment that cannot be installed is skipped, and the table says why.
Results go to results/peers; `JOURNEY_BENCH_SMALL=1` makes a smoke test of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.peers.entries import ENTRIES, Entry  # noqa: E402

OUT = ROOT / "results" / "peers"
nox.options.sessions = ["networks", "own", "peer", "report"]
nox.options.reuse_existing_virtualenvs = True
PEERS = sorted({entry.requirements for entry in ENTRIES if entry.requirements})


@nox.session
def networks(session: nox.Session) -> None:
    """Draw the networks all peers share; those there already are kept."""
    session.install("numpy>=2,<3")
    OUT.mkdir(parents=True, exist_ok=True)
    for agents in sorted({size for entry in ENTRIES for size in entry.sizes}):
        if not network(agents).exists():
            session.run(
                "python", "-m", "benchmarks.peers.networks", str(network(agents)), str(agents), env=environment()
            )


@nox.session
def own(session: nox.Session) -> None:
    """This simulator, the law itself, and NumPy and SciPy alone."""
    session.install("-c", str(ROOT / "constraints.txt"), str(ROOT))
    for entry in ENTRIES:
        if entry.requirements is None:
            measure(session, entry)


@nox.session
@nox.parametrize("name", PEERS, ids=PEERS)
def peer(session: nox.Session, name: str) -> None:
    """The entries of one peer, with the versions of requirements/NAME.txt."""
    mine = [entry for entry in ENTRIES if entry.requirements == name]
    try:
        session.install("-r", str(ROOT / "benchmarks" / "peers" / "requirements" / f"{name}.txt"))
    except CommandFailed:
        for entry in mine:
            for agents in entry.sizes:
                found = {"peer": entry.name, "agents": agents, "skipped": "its environment cannot be installed here"}
                target(entry, agents).write_text(json.dumps(found) + "\n")
        session.skip(f"{name} cannot be installed here")
    for entry in mine:
        measure(session, entry)


@nox.session
def report(session: nox.Session) -> None:
    """Check that they agree, then write table and picture."""
    session.install("-c", str(ROOT / "constraints.txt"), str(ROOT))
    session.run("python", "-m", "benchmarks.peers.report", str(OUT), env=environment())


def measure(session: nox.Session, entry: Entry) -> None:
    """Run an entry at all its sizes, each in a process of its own."""
    for agents, repetitions in entry.sizes.items():
        what = str(network(agents))
        module = f"benchmarks.peers.engines.{entry.module}"
        with target(entry, agents).open("w") as file:
            session.run(
                "python", "-m", module, what, str(repetitions), *entry.arguments, env=environment(entry.threads),
                stdout=file, stderr=None,
            )  # fmt: skip


def network(agents: int) -> Path:
    """Where the network of a size is kept."""
    return OUT / f"random_{agents}.npz"


def target(entry: Entry, agents: int) -> Path:
    """Where the result of an entry goes."""
    return OUT / f"{entry.task}_{entry.name}_{agents}.json"


def environment(threads: int = 1) -> dict[str, str]:
    """The checkout is imported, and libraries that would use threads of their own get one, unless two are asked for."""
    settings = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")
    return {"PYTHONPATH": str(ROOT), **dict.fromkeys(settings, str(threads))}
