"""Peers are compared only if they agree: a wrong one is refused, a right one is not; the network is what it says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import report
from benchmarks.peers.agreement import ERROR_LEVEL, judge
from benchmarks.peers.engines import ours, reference, sparse
from benchmarks.peers.engines.reference import ever_infected
from benchmarks.peers.task import MEAN_DEGREE, Network, draw_pairs, read_network, write_network

AGENTS = 20_000


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    path = tmp_path_factory.mktemp("peers") / "random.npz"
    write_network(path, AGENTS)
    return read_network(path)


@pytest.fixture(scope="module")
def law(network: Network) -> list[float]:
    """Final sizes by the law itself, 30 runs."""
    return outcomes(reference, network, 30)


def outcomes(engine, network: Network, runs: int) -> list[float]:
    build, run = engine.prepare(network)
    return [run(build(seed)) for seed in range(1, runs + 1)]


def test_the_network_is_simple_and_of_the_degree_it_says() -> None:
    pairs = draw_pairs(3000, 7).astype(np.int64)
    assert len(pairs) == 3000 * MEAN_DEGREE / 2
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(np.unique(pairs[:, 0] * 3000 + pairs[:, 1])) == len(pairs)
    degrees = np.bincount(pairs.ravel(), minlength=3000)
    assert degrees.var() == pytest.approx(MEAN_DEGREE, rel=0.15)  # Poisson


def test_both_forms_of_the_network_hold_the_same_ties(network: Network) -> None:
    ptr, idx = network.rows()
    source = np.repeat(np.arange(AGENTS), np.diff(ptr))
    kept = source < idx
    np.testing.assert_array_equal(np.stack([source, idx], axis=1)[kept], network.pairs)
    np.testing.assert_array_equal(np.loadtxt(network.path.with_suffix(".txt"), dtype=int), network.pairs)


@pytest.mark.parametrize("engine", [sparse, ours], ids=["sparse", "ours"])
def test_who_follows_the_law_is_not_refused(engine, network: Network, law: list[float]) -> None:
    """The storm in its SIR limit, and days of a sparse matrix, against shortest paths."""
    verdict = judge(outcomes(engine, network, 5), law)
    assert verdict.agrees, verdict


def test_the_other_order_of_the_day_is_refused(
    network: Network, law: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovering before trying, the easiest mistake to make, with a single run."""

    class Hasty(np.random.Generator):
        def geometric(self, p, size):
            drawn = super().geometric(p, size)
            return drawn - 1 if p == reference.RECOVERY else drawn

    ptr, idx = network.rows()
    source = np.repeat(np.arange(AGENTS, dtype=np.int32), np.diff(ptr))
    wrong = ever_infected(network, source, idx, Hasty(np.random.PCG64(1)))
    assert not judge([float(wrong)], law).agrees


def test_the_level_of_error_is_what_it_says() -> None:
    """Of runs of the same law one in 1 / ERROR_LEVEL comparisons is refused, for few runs as for many."""
    rng = np.random.default_rng(1)
    for runs in (1, 5):
        refused = sum(
            not judge(rng.normal(100.0, 1.0, runs).tolist(), rng.normal(100.0, 1.0, 12).tolist()).agrees
            for _ in range(10_000)
        )
        assert refused <= 10_000 * ERROR_LEVEL + 4 * (10_000 * ERROR_LEVEL) ** 0.5


@pytest.mark.parametrize(("mine", "others"), [([], [1.0, 2.0, 3.0]), ([1.0], [1.0, 2.0]), ([1.0], [2.0, 2.0, 2.0])])
def test_too_little_to_compare(mine: list[float], others: list[float]) -> None:
    with pytest.raises(ValueError, match=r"too few|all alike"):
        judge(mine, others)


def written(folder: Path, name: str, values: list[float], **more: object) -> None:
    line = {"peer": name, "version": "1", "agents": 1000, "steps": 100, "seconds": [0.1] * len(values),
            "setup_seconds": 0.0, "outcomes": values, "bytes_per_agent": 1.0, **more}  # fmt: skip
    (folder / f"sir_{name}_1000.json").write_text(json.dumps(line) + "\n")


def test_a_wrong_peer_gets_no_speed_and_fails_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, "reference", [870.0, 872.0, 871.0, 869.0, 873.0])
    written(tmp_path, "ours", [871.0, 870.0])
    written(tmp_path, "ours_day", [871.0, 870.0], seconds=[9.0, 9.0])
    written(tmp_path, "ndlib", [830.0, 831.0], seconds=[1e-9, 1e-9])
    written(tmp_path, "eon", [870.0], seconds=[1.0])
    (tmp_path / "sir_starsim_1000.json").write_text('{"peer": "starsim", "agents": 1000, "skipped": "not here"}\n')
    with pytest.raises(SystemExit, match=r"NDlib \(1,000 agents\)"):
        report.main(tmp_path)
    table = {line.split("|")[3].strip(): line for line in capsys.readouterr().out.splitlines() if line.startswith("|")}
    assert "| NO | – | – |" in table["NDlib"]
    assert "skipped: not here" in table["Starsim"]
    assert "| yes | 0.1 | 10 |" in table["EoN, event-driven"]
    drawn = (tmp_path / "speed.svg").read_text()
    assert "EoN" in drawn
    assert "NDlib" not in drawn


def test_without_a_reference_nothing_is_compared(tmp_path: Path) -> None:
    written(tmp_path, "ours", [871.0, 870.0])
    with pytest.raises(FileNotFoundError, match="reference"):
        report.main(tmp_path)
