"""Limit: talk alone, one try per tie, is the independent cascade.

Goldenberg, Libai & Muller (2001), "Talk of the Network", Marketing Letters 12, 211-223: who learns of the brand tells
each of his ties the next day, once, and is believed with the same probability. The final size is that of bond
percolation: those tied to the first ones by open ties, each open with that probability, and the day somebody hears of
it is his distance along open ties.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from sim.engine import Engine, simulate
from sim.scenario.scenario import Scenario
from sim.summary import summarise
from tests.laws.worlds import advert, assert_conserved, bare, data_folder, days_of, scenario

pytestmark = pytest.mark.law

DAYS = 30  # few cascades go on for longer, and then both are cut off here
FIRST = 0.004  # share reached by the advert of the first day


def power_law_ties(n: int, seed: int) -> NDArray[np.int64]:
    """Ties of a graph with hubs and clusters: everybody to four earlier ones, half of them hubs."""
    rng = np.random.default_rng(seed)
    late = np.repeat(np.arange(4, n), 4)
    early = np.floor(late * rng.random(late.size) ** np.where(rng.random(late.size) < 0.5, 3.0, 1.0)).astype(np.int64)
    ties = np.stack([early, late], axis=1)
    return np.unique(ties[early != late], axis=0)


@cache
def friends() -> tuple[Path, NDArray[np.int64]]:
    """The real friendship network of the data: 4,039 people, 88,234 ties."""
    path = data_folder("ego_facebook") / "edges.txt.gz"
    with gzip.open(path, "rt") as file:
        return path, np.loadtxt(file, dtype=np.int64)


def cascade(path: Path, agents: int, chance: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """People who know the brand on each evening, [DAYS], and who knew it on the first one."""
    world = scenario(
        bare(kind="durable", agents=agents, days=DAYS),
        {
            "seed": seed,
            "start_date": "2026-01-05",
            "interest": {"base": -50.0},
            "touchpoints": [
                advert(FIRST, agents, spend={"flights": [
                    {"start": "2026-01-05", "end": "2026-01-05", "weekly_eur": 7.0 * FIRST * agents * 10.0 / 1000.0},
                ]}),
            ],
            "ties": [{"name": "friends", "kind": "file", "file": str(path), "transmission": chance}],
            "talk": {"enabled": True, "once": True, "valence_base": 50.0},
        },
    )  # fmt: skip
    engine = Engine(world)
    known = np.array([engine.world.people.stage > 0 for _ in days_of(engine)])
    return known.sum(axis=1), known[0]


def percolation(ties: NDArray[np.int64], agents: int, chance: float, runs: int) -> NDArray[np.int64]:
    """The same by opening ties and measuring distances from the first ones: int64 [runs, DAYS]."""
    rng = np.random.default_rng(12345)
    found = np.zeros((runs, DAYS), np.int64)
    for run in range(runs):
        first = np.flatnonzero(rng.random(agents) < -np.expm1(-FIRST))
        if not first.size:
            continue
        a, b = ties[rng.random(len(ties)) < chance].T
        graph = csr_array((np.ones(a.size), (a, b)), shape=(agents, agents))
        distance = dijkstra(graph, directed=False, indices=first, unweighted=True, min_only=True)
        reached = distance[distance < DAYS].astype(np.int64)
        found[run] = np.cumsum(np.bincount(reached, minlength=DAYS))
    return found


def agrees(simulated: NDArray[np.int64], expected: NDArray[np.int64]) -> None:
    """Mean number who know it, on every day, within sampling error of both at the level 1e-4 for all days together."""
    difference = simulated.mean(axis=0) - expected.mean(axis=0)
    error = np.sqrt(simulated.var(axis=0, ddof=1) / len(simulated) + expected.var(axis=0, ddof=1) / len(expected))
    assert (np.abs(difference) <= 4.75 * error).all()  # 1e-4 shared by 25 days and two ends
    assert error[-1] < 0.06 * expected[:, -1].mean(), "the test could tell"


@pytest.mark.parametrize("chance", [0.12, 0.25])
def test_mean_size_and_course_of_a_cascade(chance: float, tmp_path: Path) -> None:
    agents = 2000
    ties = power_law_ties(agents, 7)
    path = tmp_path / "ties.txt"
    path.write_text("".join(f"{a} {b}\n" for a, b in ties))
    simulated = np.array([cascade(path, agents, chance, seed)[0] for seed in range(1, 61)])
    agrees(simulated, percolation(ties, agents, chance, 600))


def test_certain_ties_reach_the_whole_component(tmp_path: Path) -> None:
    """With certainty on every tie the cascade is its component, person by person; with none, nobody hears."""
    agents = 3000
    rng = np.random.default_rng(3)
    ties = rng.integers(0, agents, (900, 2))  # many small components
    ties = ties[ties[:, 0] != ties[:, 1]]
    path = tmp_path / "ties.txt"
    path.write_text("".join(f"{a} {b}\n" for a, b in ties))
    sizes, first = cascade(path, agents, 1.0, 1)
    graph = csr_array((np.ones(len(ties)), (ties[:, 0], ties[:, 1])), shape=(agents, agents))
    _, label = connected_components(graph, directed=False)
    assert 0 < first.sum() < sizes[-1] == np.isin(label, label[first]).sum() < agents
    assert set(cascade(path, agents, 0.0, 1)[0]) == {first.sum()}


@pytest.mark.parametrize("chance", [0.02, 0.05])
def test_cascade_among_real_friends(chance: float) -> None:
    path, ties = friends()
    simulated = np.array([cascade(path, 4039, chance, seed)[0] for seed in range(1, 51)])
    agrees(simulated, percolation(ties, 4039, chance, 300))


def test_main_example_among_real_friends() -> None:
    """The coffee subscription with the real network as close ties: laws hold, and people hear of it from friends."""
    path, ties = friends()
    world = Scenario.load("coffee_subscription")
    changes: dict[str, object] = {"agents": 4039, "days": 120}
    close = [layer.name for layer in world.ties if layer.platform is None]
    changes |= {f"ties.{name}.remove": True for name in close}
    world = world.with_changes(changes)
    tables = world.model_dump(exclude_unset=True)
    tables["ties"] = [*tables.get("ties", []), {"name": "friends", "kind": "file", "file": str(path)}]
    engine = Engine(Scenario.from_dict(tables))
    degree = np.diff(engine.world.ties.ptr[0])
    np.testing.assert_array_equal(degree, np.bincount(ties.ravel(), minlength=4039))
    heard = 0.0
    while not engine.finished:
        engine.step()
    assert_conserved(engine)
    results = engine.results()
    heard = float(results.daily.loc[results.daily["persona"] == "all", "heard_good"].sum())
    assert heard > 0
    silent = simulate(Scenario.from_dict({**tables, "ties": [t for t in tables["ties"] if t["name"] != "friends"]}))
    assert heard > silent.daily.loc[silent.daily["persona"] == "all", "heard_good"].sum()
    assert all(np.isfinite(value) or np.isnan(value) for value in summarise(results).values())
