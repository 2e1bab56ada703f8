"""Social graphs: well-formed for any input, shaped as the literature says, the same for any number of threads."""

import os
from pathlib import Path

import networkx as nx
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.channels import csr
from sim.channels.csr import Csr
from sim.channels.ties import build_layer, communities, degree_counts, from_edges, power_law, small_world
from sim.errors import MachineError, ScenarioError
from sim.scenario.talk import Ties

KINDS = ("small_world", "power_law", "communities")
N = 1000


def everybody(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.int32)


def layer_graph(n: int = N, seed: int = 1, members=None, persona=None, **settings_) -> Csr:
    members = everybody(n) if members is None else members
    persona = np.arange(n, dtype=np.uint8) % 4 if persona is None else persona
    return build_layer(Ties(**({"name": "friends"} | settings_)), n=n, seed=seed, members=members, persona=persona)


def as_networkx(graph: Csr) -> nx.Graph:
    made = nx.Graph()
    made.add_nodes_from(range(graph.nodes))
    made.add_edges_from((a, int(b)) for a in range(graph.nodes) for b in graph.idx[graph.ptr[a] : graph.ptr[a + 1]])
    return made


def assert_well_formed(graph: Csr, n: int) -> None:
    assert graph.ptr.dtype == np.uint32
    assert graph.idx.dtype == np.int32
    assert graph.nodes == n
    assert graph.ptr[0] == 0
    assert graph.ptr[-1] == len(graph.idx)
    rows = np.repeat(np.arange(n), graph.degrees)
    assert not (rows == graph.idx).any(), "self-loop"
    codes = rows * np.int64(n) + graph.idx
    assert (np.diff(codes) > 0).all(), "row not sorted, or a tie twice"
    assert np.array_equal(np.sort(graph.idx * np.int64(n) + rows), codes), "not symmetric"


def same(one: Csr, other: Csr) -> bool:
    return np.array_equal(one.ptr, other.ptr) and np.array_equal(one.idx, other.idx)


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(0, 40),
    mean_degree=st.floats(0.01, 60),
    part=st.floats(0, 1),
    exponent=st.floats(2.01, 6),
    seed=st.integers(0, 2**63 - 1),
    share=st.floats(0, 1),
    personas=st.integers(1, 5),
)
def test_any_graph_is_simple_symmetric_and_among_members(kind, n, mean_degree, part, exponent, seed, share, personas):
    members = everybody(n)[np.random.default_rng(n).random(n) < share]
    graph = layer_graph(
        n, seed, members, (np.arange(n) % personas).astype(np.uint8),
        kind=kind, mean_degree=mean_degree, rewired=part, within=part, exponent=exponent,
    )  # fmt: skip
    assert_well_formed(graph, n)
    assert np.isin(np.flatnonzero(graph.degrees), members).all()
    if mean_degree >= len(members) - 1:
        assert len(graph.idx) == len(members) * max(len(members) - 1, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mean_degree", [0.6, 3.0, 7.5, 10.0, 61.3])
def test_mean_degree_is_met_among_members(kind, mean_degree):
    n = 20_000
    members = everybody(n)[::2]
    graph = layer_graph(n, kind=kind, mean_degree=mean_degree, members=members)
    # communities: number of ties near Poisson; small world: of the fractional ties binomial; power law: exact
    tolerance = 4 * np.sqrt(2 * mean_degree / len(members)) if kind != "power_law" else 0.002 * mean_degree
    assert graph.degrees[members].mean() == pytest.approx(mean_degree, abs=tolerance)
    assert not graph.degrees[1::2].any()


@pytest.mark.parametrize("exponent", [2.05, 2.5, 3.0, 4.5])
@pytest.mark.parametrize("n", [100, 1000, 50_000])
def test_power_law_meets_its_mean_within_two_percent_and_its_cutoff(n, exponent):
    graph = power_law(members=everybody(n), n=n, mean_degree=8.0, exponent=exponent, key=np.uint64(5))
    assert_well_formed(graph, n)
    assert graph.degrees.mean() == pytest.approx(8.0, rel=0.02)
    assert graph.degrees.max() <= np.sqrt(8.0 * n)


@pytest.mark.parametrize("exponent", [2.2, 2.5, 3.0])
def test_power_law_exponent_by_maximum_likelihood(exponent):
    """Clauset, Shalizi & Newman (2009), SIAM Review 51, 661, eq. 3.7, with the cut-off in the normalising sum."""
    n = 200_000
    degrees = power_law(members=everybody(n), n=n, mean_degree=8.0, exponent=exponent, key=np.uint64(5)).degrees
    smallest, largest = degrees[degrees > 0].min() + 1, degrees.max()  # the smallest class is filled only in part
    tail = degrees[degrees >= smallest]
    k = np.arange(smallest, largest + 1)
    tried = np.linspace(exponent - 0.3, exponent + 0.3, 601)
    likelihood = [-g * np.log(tail).sum() - len(tail) * np.log((k**-g).sum()) for g in tried]
    assert tried[int(np.argmax(likelihood))] == pytest.approx(exponent, abs=0.03)


def test_power_law_is_matched_at_random():
    """Mean degree of neighbours is <k^2>/<k>, whatever one's own degree (no correlation)."""
    graph = power_law(members=everybody(50_000), n=50_000, mean_degree=8.0, exponent=3.0, key=np.uint64(9))
    degrees = graph.degrees
    rows = np.repeat(np.arange(graph.nodes), degrees)
    assert abs(np.corrcoef(degrees[rows], degrees[graph.idx])[0, 1]) < 0.03
    low, high = degrees[graph.idx][degrees[rows] <= 6].mean(), degrees[graph.idx][degrees[rows] > 20].mean()
    assert low == pytest.approx(high, rel=0.1)


def test_degree_counts_add_up_and_are_even():
    for m, mean_degree, exponent in ((3, 1.0, 2.5), (101, 5.0, 2.1), (1000, 0.3, 3.0), (50, 47.3, 2.5)):
        counts = degree_counts(m, mean_degree, exponent)
        total = counts @ np.arange(len(counts))
        assert counts.sum() == m
        assert (counts >= 0).all()
        assert total % 2 == 0
        assert total == pytest.approx(mean_degree * m, abs=max(2.0, 0.02 * mean_degree * m))


@pytest.mark.parametrize("rewired", [0.0, 0.1, 0.4, 1.0])
def test_small_world_looks_like_that_of_networkx(rewired):
    ours = [as_networkx(layer_graph(seed=s, rewired=rewired, mean_degree=10)) for s in range(10)]
    theirs = [nx.watts_strogatz_graph(N, 10, rewired, seed=s) for s in range(10)]
    for measure in (nx.average_clustering, lambda g: np.var([d for _, d in g.degree]), nx.transitivity):
        a, b = np.array([measure(g) for g in ours]), np.array([measure(g) for g in theirs])
        error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 10)
        assert abs(a.mean() - b.mean()) < 4 * error + 1e-12
    assert all(g.number_of_edges() == 5 * N for g in ours)


def test_small_world_without_rewiring_is_the_ring():
    assert nx.utils.graphs_equal(as_networkx(layer_graph(rewired=0.0, mean_degree=6)), nx.watts_strogatz_graph(N, 6, 0))
    graph = layer_graph(10_000, rewired=0.0, mean_degree=10)
    assert nx.average_clustering(as_networkx(graph)) == pytest.approx(3 * (10 - 2) / (4 * (10 - 1)))


def test_more_rewiring_and_more_ties_keep_what_was():
    def ties(**changed) -> set[int]:
        graph = layer_graph(**({"mean_degree": 9.0, "rewired": 0.2} | changed))
        return set((np.repeat(np.arange(N), graph.degrees) * N + graph.idx).tolist())

    usual, more, lattice = ties(), ties(rewired=0.3), ties(rewired=0.0)
    assert len(usual & ties(mean_degree=9.5)) > 0.98 * len(usual)
    assert len(more & lattice) < 0.9 * len(usual & lattice)
    assert len(more & lattice - usual) < 0.005 * len(lattice)  # but for those thrown back by chance


@pytest.mark.parametrize("within", [0.25, 0.7, 1.0])
def test_share_of_ties_inside_the_persona(within):
    n = 20_000
    persona = np.repeat(np.arange(4), [2000, 8000, 5000, 5000]).astype(np.uint8)
    graph = layer_graph(n, kind="communities", mean_degree=12, within=within, persona=persona)
    rows = np.repeat(np.arange(n), graph.degrees)
    inside = persona[rows] == persona[graph.idx]
    assert inside.mean() == pytest.approx(within, abs=4 * np.sqrt(0.25 / graph.ties))
    for p in range(4):
        degrees = graph.degrees[persona == p]
        assert degrees.mean() == pytest.approx(12, abs=5 * np.sqrt(12 / len(degrees)))
        assert degrees.var() == pytest.approx(12, rel=0.15)  # near Poisson


def test_communities_where_the_share_is_impossible_keep_the_mean_degree():
    persona = (np.arange(N) < 100).astype(np.uint8)  # 90 % are of one persona: at least 80 % of their ties stay inside
    graph = layer_graph(kind="communities", mean_degree=10, within=0.1, persona=persona)
    for p in (0, 1):
        assert graph.degrees[persona == p].mean() == pytest.approx(10, abs=1.3)
    inside = persona[np.repeat(np.arange(N), graph.degrees)] == persona[graph.idx]
    assert inside.mean() == pytest.approx(0.8, abs=0.03)


def test_one_community_is_a_random_graph():
    ours = layer_graph(kind="communities", mean_degree=8, persona=np.zeros(N, np.uint8))
    theirs = [nx.fast_gnp_random_graph(N, 8 / (N - 1), seed=s) for s in range(10)]
    assert ours.ties == pytest.approx(np.mean([g.number_of_edges() for g in theirs]), abs=4 * np.sqrt(4 * N))
    assert nx.average_clustering(as_networkx(ours)) == pytest.approx(8 / N, abs=0.005)


@pytest.mark.parametrize("kind", KINDS)
def test_seed_and_name_make_the_graph_and_threads_do_not(kind):
    n = 60_000  # enough pairs for more than one thread
    before = numba.get_num_threads()
    try:
        graphs = []
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            graphs.append(layer_graph(n, kind=kind, mean_degree=10))
    finally:
        numba.set_num_threads(before)
    assert same(*graphs)
    assert not same(graphs[0], layer_graph(n, kind=kind, mean_degree=10, seed=2))
    assert not same(graphs[0], layer_graph(n, kind=kind, mean_degree=10, name="colleagues"))


def test_mixing_has_no_graph():
    assert layer_graph(kind="mixing") is None


def test_from_edges_drops_loops_and_repeats():
    graph = from_edges(np.array([0, 1, 3, 3, 2]), np.array([1, 0, 3, 1, 1]), 5)
    assert_well_formed(graph, 5)
    assert graph.ptr.tolist() == [0, 1, 4, 5, 6, 6]
    assert graph.idx.tolist() == [1, 0, 2, 3, 1, 1]
    assert from_edges(np.zeros(0, int), np.zeros(0, int), 0).nodes == 0
    for a, b in (([0], [5]), ([-1], [0]), ([0, 1], [1])):
        with pytest.raises(ValueError, match="expected"):
            from_edges(np.array(a), np.array(b), 5)


def test_more_ties_than_a_layer_holds_are_refused(monkeypatch):
    monkeypatch.setattr(csr, "MOST_ENTRIES", 100)
    assert layer_graph(n=50, mean_degree=2.0, kind="small_world").ties == 50
    with pytest.raises(MachineError, match="100 ties in one layer are more than the 50 it can hold"):
        layer_graph(n=50, mean_degree=4.0, kind="small_world")


def test_a_hub_known_to_all_is_sorted():
    others = np.random.default_rng(1).permutation(np.arange(1, 100_000))
    graph = from_edges(np.zeros(len(others), np.int64), others, 100_000)
    assert_well_formed(graph, 100_000)
    assert graph.degrees[0] == 99_999


def test_members_are_tied_as_a_population_of_their_own():
    members = np.array([3, 8, 9, 15, 16], np.int32)
    graph = small_world(members=members, n=20, mean_degree=2, rewired=0.0, key=np.uint64(1))
    assert_well_formed(graph, 20)
    assert graph.idx[graph.ptr[9] : graph.ptr[10]].tolist() == [8, 15]
    assert graph.idx[graph.ptr[3] : graph.ptr[4]].tolist() == [8, 16]
    whole = communities(
        members=members, n=20, mean_degree=9, within=0.5, community=np.zeros(20, np.uint8), key=np.uint64(1)
    )
    assert_well_formed(whole, 20)
    assert whole.ties == 10


def test_a_layer_from_a_file_ties_members_only(tmp_path):
    path = tmp_path / "friends.txt"
    path.write_text("0 1\n1 2\n2 0\n")
    assert layer_graph(4, kind="file", file=str(path)).idx.tolist() == [1, 2, 0, 2, 0, 1]
    assert layer_graph(4, kind="file", file=str(path), members=np.array([0, 2, 3], np.int32)).idx.tolist() == [2, 0]


def test_an_unknown_consumer_in_a_file_is_a_scenario_error(tmp_path):
    path = tmp_path / "friends.txt"
    path.write_text("0 1\n1 4\n")
    with pytest.raises(ScenarioError, match=r"ties\.friends\.file"):
        layer_graph(4, kind="file", file=str(path))


def test_real_friendships():
    """4,039 people of Facebook, 88,234 friendships, clustering .6055 (McAuley & Leskovec 2012; SNAP ego-Facebook)."""
    folder = os.environ.get("JOURNEY_DATA_DIR")
    if not folder:
        pytest.skip("JOURNEY_DATA_DIR is unset: no real data")
    path = Path(folder) / "ego_facebook" / "edges.txt.gz"
    graph = layer_graph(4039, kind="file", file=str(path))
    assert_well_formed(graph, 4039)
    assert graph.ties == 88_234
    assert nx.average_clustering(as_networkx(graph)) == pytest.approx(0.6055, abs=0.0001)
