"""Who is tied to whom: social graphs as pure functions of the seed and the layer's name.

All kinds work on the *positions* 0..m-1 of the members (everybody, or a platform's users) and are renumbered at the
end, so nobody else is tied and the mean degree is the members'. No graph has self-loops or repeated ties. The
generators are serial, because in a graph one tie often decides on the next; they take less time than building the rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numba import njit, uint64

from sim.channels.csr import Csr, complete, empty, from_pairs, spread, swap_repeats, without_repeats
from sim.luck import Purpose, draw_key, name_hash, own_key, uniform
from sim.scenario.edges import read_edges
from sim.scenario.talk import Ties

_REWIRE_ATTEMPTS = 64
# stages of a layer's luck: own_key(layer key, stage)
_EXTRA, _REWIRE, _TARGET = 1, 2, 3
_ORDER, _MATCH, _SWAP = 4, 5, 6
_BLOCKS = 1 << 32  # + 256 * first community + second


def build_layer(layer: Ties, *, n: int, seed: int, members: np.ndarray, persona: np.ndarray) -> Csr | None:
    """The graph of one layer of ties, or None if the layer is complete mixing.

    Parameters
    ----------
    layer : Ties
        What the scenario says about it.
    n : int
        Number of consumers.
    seed : int
        Seed of the run.
    members : int32 [m], ascending
        Consumers who can be tied: all, or the users of the layer's platform.
    persona : uint8 [n]
        Persona of every consumer, used by `communities`.

    Raises
    ------
    ScenarioError
        If the layer's edge list cannot be read or names unknown consumers.
    """
    key = _layer_key(np.uint64(seed), np.uint64(name_hash("ties:" + layer.name)))
    make = _KINDS[layer.kind]
    return None if make is None else make(layer, n, members, persona, key)


def small_world(*, members: np.ndarray, n: int, mean_degree: float, rewired: float, key: int) -> Csr:
    """Ring of neighbours, a share of whose ties is thrown anew (Watts & Strogatz 1998, Nature 393, 440).

    Every member is tied to the next h = mean_degree / 2 on a ring; of a fractional h, the last tie exists with the
    fraction's probability, so odd and fractional mean degrees are met in expectation. Each tie then keeps its first
    end and, with probability `rewired`, gets a uniformly chosen new second end, neither itself nor already tied; it
    stays where it was if 64 tries find none. The number of ties does not change. Expected clustering without
    rewiring 3 (k - 2) / (4 (k - 1)), times (1 - rewired)^3 with it.

    The ring is the members' natural order: consumers are exchangeable (all their draws are independent of their
    number), so a shuffled ring would be the same in distribution and only slower to walk along.

    Parameters
    ----------
    members : int32 [m], ascending
        Nodes to tie.
    n : int
        Number of nodes.
    mean_degree : float
        Ties per member; from m - 1 on, the graph is complete.
    rewired : float
        Share of ties thrown anew, 0..1.
    key : uint64
        The layer's luck. Tie j of consumer i uses uniform(own_key(key, stage), i 2^20 + j), so that changing
        mean_degree or rewired leaves most ties where they are.
    """
    m = len(members)
    if mean_degree >= m - 1 or mean_degree <= 0:
        return _trivial(members, n, mean_degree)
    full = int(mean_degree / 2)
    extra = mean_degree / 2 - full
    width = full + (extra > 0)
    opposite = extra > 0 and 2 * width == m  # the last tie of i and of i + m/2 are one and the same
    pairs = np.empty((m * width, 2), np.int32)
    _ring(pairs, members, width, extra, opposite, rewired, np.uint64(key))
    return spread(from_pairs(pairs, m), members, n)


def power_law(*, members: np.ndarray, n: int, mean_degree: float, exponent: float, key: int) -> Csr:
    """Configuration model with P(degree = k) ~ k^-exponent from a smallest degree up to sqrt(mean_degree m).

    The cut-off is the structural one, up to which a simple graph need not correlate degrees (Boguna, Pastor-Satorras
    & Vespignani 2004, Eur. Phys. J. B 38, 205). The smallest degree follows from the mean: fractional, i.e. fewer
    have it than the law says; below 1, some members have no ties. Members get the quantiles of the law in random
    order, so the mean is met by construction and not only in expectation. Stubs are matched uniformly; self-loops
    and repeats are swapped away, keeping every degree (a few may be lost in graphs of some dozen nodes).

    Parameters
    ----------
    members, n, mean_degree, key
        As for `small_world`.
    exponent : float
        > 2.
    """
    m = len(members)
    if mean_degree >= m - 1 or mean_degree <= 0:
        return _trivial(members, n, mean_degree)
    counts = degree_counts(m, mean_degree, exponent)
    degrees = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    order = np.arange(m, dtype=np.int32)
    _shuffle(order, np.uint64(key), _ORDER, 1)
    stubs = np.repeat(order, degrees)
    del order, degrees
    _shuffle(stubs, np.uint64(key), _MATCH, 2)
    graph = from_pairs(stubs.reshape(-1, 2), m)
    del stubs
    swap_repeats(graph.ptr, graph.idx, np.uint64(key), _SWAP)
    return spread(without_repeats(graph), members, n)


def degree_counts(m: int, mean_degree: float, exponent: float) -> np.ndarray:
    """How many of m nodes have degree 0, 1, ... in a power law of given mean; int64 [largest + 1], sum m.

    P(k) ~ k^-exponent for smallest < k <= largest = sqrt(mean_degree m), and a share of it at the smallest, found by
    bisection so that sum(k counts) is as near to mean_degree m as whole nodes allow; then made even.
    """
    largest = min(m - 1, max(math.ceil(mean_degree), math.isqrt(int(mean_degree * m))))
    k = np.arange(largest + 1)
    law = np.zeros(largest + 1)
    law[1:] = k[1:] ** -exponent

    def counts_from(smallest: float) -> np.ndarray:
        weight = np.where(k >= smallest, law, 0.0)
        whole = int(smallest)
        if whole == 0:
            weight[1:] *= smallest / weight[1:].sum()
            weight[0] = 1.0 - smallest
        else:
            weight[whole] = law[whole] * (whole + 1 - smallest)
        edges = np.floor(m * np.cumsum(weight) / weight.sum() + 0.5).astype(np.int64)
        edges[-1] = m
        return np.diff(edges, prepend=0)

    low, high = 0.0, float(largest)
    for _ in range(60):
        middle = (low + high) / 2
        if counts_from(middle) @ k < mean_degree * m:
            low = middle
        else:
            high = middle
    counts = counts_from(high)
    if (counts @ k) % 2:
        giver = int(np.flatnonzero(counts[1:])[0]) + 1
        counts[giver] -= 1
        counts[giver - 1] += 1
    return counts


def communities(
    *, members: np.ndarray, n: int, mean_degree: float, within: float, community: np.ndarray, key: int
) -> Csr:
    """Planted partition: ties fall inside the own community with a given share, else anywhere outside.

    Two members of communities p and q are tied with probability `tie_probabilities`[p, q], independently (stochastic
    block model; Condon & Karp 2001, Random Struct. Algor. 18, 116), drawn by skipping along the possible ties
    geometrically (Batagelj & Brandes 2005, Phys. Rev. E 71, 036113).

    Parameters
    ----------
    members, n, mean_degree, key
        As for `small_world`; mean_degree is everybody's expected degree, whatever the size of his community.
    within : float
        Share of all ties that stay inside, 0..1.
    community : uint8 [n]
        Community of every node.
    """
    m = len(members)
    if mean_degree >= m - 1 or mean_degree <= 0:
        return _trivial(members, n, mean_degree)
    own = community[members]
    sizes = np.bincount(own).astype(np.int64)
    probability = tie_probabilities(sizes, mean_degree, within)
    expected = (np.outer(sizes, sizes) * probability).sum() / 2
    pairs = np.empty((int(expected + 12 * math.sqrt(expected) + 200), 2), np.int32)  # more has probability < 1e-30
    order = np.argsort(own, kind="stable").astype(np.int32)
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    with np.errstate(divide="ignore"):
        log_miss = np.log1p(-probability)
    found = _blocks(pairs, order, start, log_miss, np.uint64(key))
    return spread(from_pairs(pairs[:found], m), members, n)


def tie_probabilities(sizes: np.ndarray, mean_degree: float, within: float) -> np.ndarray:
    """Probability of a tie between members of each two communities, float64 [P, P], symmetric.

    The least informed matrix under which everybody expects `mean_degree` ties and the share `within` of all ties is
    inside (maximum entropy; Park & Newman 2004, Phys. Rev. E 70, 066117): odds = theta_p theta_q, times alpha
    inside. With communities of one size it is the classic p_in, p_out. Communities of unequal size differ in their
    own share: outside ties must balance, so those of a small community lead outside more often. Where a share is
    impossible (one community holds nearly all, or is too small for so many ties inside) the nearest possible is
    taken and the mean degree holds.

    Parameters
    ----------
    sizes : int64 [P]
        Members of each community, 0 allowed; mean_degree < sum(sizes) - 1.
    """
    pairs = np.outer(sizes, sizes) - np.diag(sizes)  # ordered pairs
    inside = np.eye(len(sizes), dtype=bool)
    wanted = mean_degree * sizes
    within = min(max(within, 1e-9), 1 - 1e-9)
    theta = np.full(len(sizes), math.sqrt(mean_degree / (sizes.sum() - 1)))
    alpha = 1.0

    def expected() -> np.ndarray:
        odds = np.outer(theta, theta) * np.where(inside, alpha, 1.0)
        ties: np.ndarray = pairs * odds / (1.0 + odds)
        return ties

    for _ in range(2000):  # proportional fitting: the split, then the rows
        ties = expected()
        share = min(max(np.trace(ties) / ties.sum(), 1e-12), 1 - 1e-12)
        bent = within / share * (1 - share) / (1 - within)
        if 1e-12 < alpha * bent < 1e12:
            alpha *= bent
            theta *= math.sqrt((1 - within) / (1 - share))
        else:
            bent, alpha = 1.0, min(max(alpha * bent, 1e-12), 1e12)
        rows = expected().sum(axis=1)
        factor = np.sqrt(np.divide(wanted, rows, out=np.ones_like(theta), where=rows > 0))
        theta *= factor
        if abs(bent - 1) < 1e-9 and np.abs(factor - 1).max() < 1e-9:
            break
    odds = np.outer(theta, theta) * np.where(inside, alpha, 1.0)
    probability: np.ndarray = odds / (1.0 + odds)
    return probability


def from_edges(a: np.ndarray, b: np.ndarray, n: int) -> Csr:
    """Graph of n nodes with the ties a[e]-b[e], in whatever order; self-loops are dropped, repeats count once.

    Parameters
    ----------
    a, b : integer [E]
        Node numbers 0..n-1.

    Raises
    ------
    ValueError
        If lengths differ or a number is out of range.
    """
    if len(a) != len(b):
        raise ValueError(f"ends of ties: {len(a)} and {len(b)} given, expected as many of each")
    pairs = np.empty((len(a), 2), np.int32)
    for column, ends in enumerate((a, b)):
        if len(ends) and not (ends.min() >= 0 and ends.max() < n):
            raise ValueError(f"node numbers {ends.min()}..{ends.max()} given, expected 0..{n - 1}")
        pairs[:, column] = ends
    return without_repeats(from_pairs(pairs, n))


def _trivial(members: np.ndarray, n: int, mean_degree: float) -> Csr:
    """Nobody tied, or everybody with everybody."""
    return empty(n) if mean_degree <= 0 or len(members) < 2 else spread(complete(len(members)), members, n)


def _small_world_layer(layer: Ties, n: int, members: np.ndarray, persona: np.ndarray, key: int) -> Csr:
    return small_world(members=members, n=n, mean_degree=layer.mean_degree, rewired=layer.rewired, key=key)


def _power_law_layer(layer: Ties, n: int, members: np.ndarray, persona: np.ndarray, key: int) -> Csr:
    return power_law(members=members, n=n, mean_degree=layer.mean_degree, exponent=layer.exponent, key=key)


def _communities_layer(layer: Ties, n: int, members: np.ndarray, persona: np.ndarray, key: int) -> Csr:
    return communities(
        members=members, n=n, mean_degree=layer.mean_degree, within=layer.within, community=persona, key=key
    )


def _file_layer(layer: Ties, n: int, members: np.ndarray, persona: np.ndarray, key: int) -> Csr:
    if layer.file is None:
        raise ValueError(f"layer {layer.name} has no file")
    a, b = read_edges(layer.file, n, where=f"ties.{layer.name}.file")
    if len(members) < n:
        is_member = np.zeros(n, bool)
        is_member[members] = True
        tied = is_member[a] & is_member[b]
        a, b = a[tied], b[tied]
    return from_edges(a, b, n)


#: What makes the graph of each kind of layer; None: no graph, everybody meets everybody.
_KINDS: dict[str, Callable[[Ties, int, np.ndarray, np.ndarray, int], Csr] | None] = {
    "small_world": _small_world_layer,
    "power_law": _power_law_layer,
    "communities": _communities_layer,
    "file": _file_layer,
    "mixing": None,
}


@njit(cache=True)
def _layer_key(seed, what):
    """Key of a layer's luck."""
    return draw_key(seed, Purpose.TIES, 0, what)


@njit(cache=True, nogil=True)
def _ring(pairs, members, width, extra, opposite, rewired, key):
    """Write the m * width ties of a small world into `pairs`; tie j of position i is row i * width + j."""
    m = len(members)
    key_extra = own_key(key, _EXTRA)
    key_rewire = own_key(key, _REWIRE)
    key_target = own_key(key, _TARGET)
    for i in range(m):
        for j in range(width):
            pairs[i * width + j, 0] = i
            pairs[i * width + j, 1] = i + j + 1 if i + j + 1 < m else i + j + 1 - m
        if extra > 0.0:
            there = extra if not opposite else (2.0 * extra if 2 * i < m else 0.0)
            if not uniform(key_extra, members[i]) < there:
                pairs[i * width + width - 1, 1] = -1
    if rewired <= 0.0:
        return
    for i in range(m):
        first = i * width
        for j in range(width):
            who = (uint64(members[i]) << uint64(20)) + uint64(j)
            if pairs[first + j, 1] < 0 or not uniform(key_rewire, who) < rewired:
                continue
            own = own_key(key_target, who)
            for attempt in range(_REWIRE_ATTEMPTS):
                to = min(int(uniform(own, attempt) * m), m - 1)
                # a tie i-to stands among those of i or among those of `to`, nowhere else
                known = to == i
                for k in range(width):
                    known |= pairs[first + k, 1] == to
                    known |= pairs[to * width + k, 1] == i
                if not known:
                    pairs[first + j, 1] = to
                    break


@njit(cache=True, nogil=True)
def _shuffle(items, key, stage, step):
    """Random order in place, from the last place down (Fisher & Yates; Durstenfeld 1964). Counter of a draw: its place.

    With step 2 only the first of each two neighbours is drawn, items[0] for items[1] and so on: a uniform matching.
    """
    own = own_key(key, stage)
    for last in range(len(items) - 1, 0, -step):
        place = last + 1 - step
        other = min(int(uniform(own, place) * (place + 1)), place)
        items[place], items[other] = items[other], items[place]


@njit(cache=True, nogil=True)
def _blocks(pairs, order, start, log_miss, key):
    """Write the ties of a planted partition into `pairs`, return how many.

    `order` lists positions by community, community p from start[p] on; log_miss[p, q] = ln(1 - P(tie)). The possible
    ties of two communities are a rectangle, those of one with itself a triangle; each is walked along row by row.
    """
    found = 0
    for p in range(len(start) - 1):
        for q in range(p, len(start) - 1):
            rows, width = start[p + 1] - start[p], start[q + 1] - start[q]
            if p == q:
                width = 0
            own = own_key(key, _BLOCKS + 256 * p + q)
            counter, row, column = 0, 0, -1
            while log_miss[p, q] < 0.0:
                skipped = math.log(uniform(own, counter)) / log_miss[p, q]
                counter += 1
                if skipped > 1e18:
                    break
                column += 1 + int(skipped)
                while column >= width and row < rows:
                    column -= width
                    row += 1
                    if p == q:
                        width = row
                if row >= rows or found == len(pairs):
                    break
                pairs[found, 0] = order[start[p] + row]
                pairs[found, 1] = order[start[q] + column]
                found += 1
    return found
