"""Messages on their way: who speaks, what travels, and what it adds up to, against NumPy and plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.consumers import BAD, CHUNK, POST, TALK
from sim.agents.stages import STAGES, Stage
from sim.channels.tie_table import LAYER
from sim.channels.ties import small_world
from sim.counters import PERSON_COUNTS, PersonCount
from sim.day.listen import listen
from sim.day.mingle import MIXED, gather_speakers, mingle
from sim.day.tell import INVITES, IS_BAD, MESSAGE, ON_PLATFORM, WEIGHED, _by_hearer, posting_platform, tell
from sim.journal import ENTRY
from sim.luck import Purpose, draw_key, name_hash, poisson_count, screen_word, screened_uniform, uniform
from sim.plan import make_plan
from sim.scenario.scenario import Scenario

N = 3 * CHUNK + 11
WEIGHTS = np.array([100, 150, 50, 75])
PLAN = make_plan(Scenario.load("coffee_subscription").with_changes({"agents": 100}))
NOBODY = (10**9, np.zeros((0, 1), ENTRY), np.zeros(0, np.int32))


def sorted_by_hearer(messages: np.ndarray, chunks: int) -> tuple[np.ndarray, np.ndarray]:
    """What `tell` returns, of messages that lie in three parts with gaps between them."""
    cuts = np.array([0, len(messages) // 3, len(messages) // 2, len(messages)])
    counts, begins = np.diff(cuts), cuts[:-1] + 5 * np.arange(3)
    parts = np.zeros(len(messages) + 15, MESSAGE)
    for begin, first, last in zip(begins, cuts, cuts[1:], strict=False):
        parts[begin : begin + last - first] = messages[first:last]
    return _by_hearer(parts, begins, counts, chunks)


def heard(
    messages: np.ndarray, mixed: np.ndarray | None, member: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts by chunk [chunks, PERSON_COUNTS], salience and feeling after everybody has listened; both 0 before."""
    chunks = -(-N // CHUNK)
    counts = np.zeros((chunks, 1, PERSON_COUNTS), np.int64)
    salience, belief, feeling = (np.zeros(N, np.float32) for _ in range(3))
    told = (PLAN.rules, *sorted_by_hearer(messages, chunks), WEIGHTS, 7)
    minds = (np.ones(1), salience, belief, feeling)
    persona, stage, invited = (np.zeros(N, np.uint8) for _ in range(3))
    stage[::2] = Stage.RETENTION
    if mixed is None:
        listen(*told, persona, stage, invited, *minds, counts, *NOBODY)
    else:
        mingle(3, 5, *told, mixed, persona, member, stage, invited, *minds, counts, *NOBODY)
    asked = np.bincount(messages["hearer"], (messages["kind"] & INVITES) != 0, N) > 0
    assert invited.tolist() == np.where(asked & (stage == Stage.UNAWARE), 8, 0).tolist()
    return counts[:, 0], salience, feeling


@pytest.mark.parametrize("size", [0, 1, 7, 8, 63, 64, 65, 1000])
def test_speakers_are_all_who_speak(size: int) -> None:
    speaking = np.where(np.random.default_rng(size).random(size) < 0.2, 4, 0).astype(np.uint8)
    assert gather_speakers(speaking).tolist() == np.flatnonzero(speaking).tolist()
    assert gather_speakers(np.ones(size, np.uint8)).tolist() == list(range(size))


def test_messages_sorted_by_chunk_keep_their_order() -> None:
    messages = np.zeros(5000, MESSAGE)
    messages["hearer"] = np.random.default_rng(1).integers(0, N, 5000)
    messages["feeling"] = np.arange(5000) % 100
    arrived, starts = sorted_by_hearer(messages, 4)
    order = np.argsort(messages["hearer"] // CHUNK, kind="stable")
    assert arrived.tolist() == messages[order].tolist()
    assert starts.tolist() == np.searchsorted(messages["hearer"][order] // CHUNK, range(5)).tolist()


@pytest.mark.parametrize("transmission", [1.0, 0.3])
def test_what_is_said_reaches_the_ties_that_let_it_through(transmission: float) -> None:
    n = 2 * CHUNK + 40
    graphs = [small_world(members=np.arange(n, dtype=np.int32), n=n, mean_degree=k, rewired=0.2, key=9) for k in (6, 3)]
    layers = np.zeros(2, LAYER)
    layers["what"], layers["transmission"], layers["platform"] = (11, 12), transmission, (-1, 1)
    layers["start"] = 0, graphs[0].idx.size
    speaking, member = np.zeros(n, np.uint8), np.zeros(n, np.uint32)
    speaking[::30], speaking[::90], speaking[CHUNK - 20 : CHUNK + 20] = TALK, TALK | BAD, POST
    member[::2] = 4  # who has both platforms, and who has only the first of them
    member |= 2
    stage = np.where(np.arange(n) % 60, Stage.AWARENESS, Stage.LOYALTY).astype(np.uint8)
    belief, feeling, satisfaction = np.full(n, 0.5, np.float32), np.full(n, 0.1, np.float32), np.ones(n, np.float32)
    invites_from = np.arange(STAGES) == Stage.LOYALTY
    counts = np.zeros((3, 1, PERSON_COUNTS), np.int64)
    messages, starts = tell(
        4, 1, layers, np.array([g.ptr for g in graphs]), np.concatenate([g.idx for g in graphs]),
        np.array([2, 4], np.uint32), np.zeros(n, np.uint8), member, stage, speaking, belief, feeling, satisfaction,
        np.uint64(5), 0.5, invites_from, counts,
    )  # fmt: skip
    invite_key, expected = np.uint64(draw_key(1, Purpose.INVITE, 4, 5)), []
    for i in np.flatnonzero(speaking):
        bad = bool(speaking[i] & BAD)
        mood = 1.0 if stage[i] == Stage.LOYALTY else 0.1
        felt, believed = (round(50 * (held + (-1 if bad else 1))) for held in (mood, 0.5))
        for k, graph in enumerate(graphs):
            key = np.uint64(draw_key(1, Purpose.PASS_ON, 4, 11 + k))
            if k == 0 and not speaking[i] & TALK:
                continue
            if k == 1 and (not speaking[i] & POST or posting_platform(1, 4, i, member[i], np.array([2, 4])) != 1):
                continue
            for e in range(graph.ptr[i], graph.ptr[i + 1]):
                if uniform(key, e) < transmission:
                    kind = (IS_BAD if bad else 0) | (ON_PLATFORM if k else 0)
                    if k == 0 and not bad and stage[i] == Stage.LOYALTY and uniform(invite_key, e) < 0.5:
                        kind |= INVITES
                    expected.append((int(graph.idx[e]), felt, believed, kind))
    assert sorted(messages.tolist()) == sorted(expected)
    assert starts.tolist() == np.searchsorted(messages["hearer"] // CHUNK, range(4)).tolist()
    kinds = {kind & (INVITES | WEIGHED) for _, _, _, kind in expected}
    assert kinds == {0, IS_BAD, ON_PLATFORM, INVITES}
    said = [
        (speaking & TALK > 0) & (speaking & BAD == 0),
        (speaking & TALK > 0) & (speaking & BAD > 0),
        speaking == POST,
    ]
    for who, column in zip(said, (PersonCount.TALK_GOOD, PersonCount.TALK_BAD, PersonCount.POSTS_GOOD), strict=True):
        assert counts[:, 0, column].tolist() == np.add.reduceat(who, np.arange(0, n, CHUNK), dtype=int).tolist()


@pytest.mark.parametrize("mixed", [None, np.zeros(0, MIXED)])
def test_what_is_heard_adds_up(mixed: np.ndarray | None) -> None:
    rng = np.random.default_rng(4)
    messages = np.zeros(30_000, MESSAGE)
    messages["hearer"] = rng.integers(0, N // 2, 30_000) * 2 % N  # many hear several
    messages["kind"] = rng.integers(0, 8, 30_000)
    messages["feeling"] = rng.integers(-100, 101, 30_000)
    counts, salience, feeling = heard(messages, mixed, np.zeros(N, np.uint32))
    bad = (messages["kind"] & IS_BAD) != 0
    for which, column in ((~bad, PersonCount.HEARD_GOOD), (bad, PersonCount.HEARD_BAD)):
        by = np.bincount(messages["hearer"][which] // CHUNK, minlength=4)
        assert counts[:, column].tolist() == by.tolist()
    q = WEIGHTS[messages["kind"] & WEIGHED]
    weight = np.bincount(messages["hearer"], q, N)
    felt = np.bincount(messages["hearer"], q * messages["feeling"], N)
    rule = PLAN.rule
    assert salience == pytest.approx(rule.talk_weight * weight / 100.0, rel=1e-6)
    share = 1.0 - (1.0 - rule.talk_touch) ** (weight / 100.0)
    expected = np.divide(felt, 100.0 * weight, out=np.zeros(N), where=weight > 0) * np.minimum(1.0, share)
    assert feeling == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("mean", [0.004, 0.7, 6.0])
def test_members_of_a_mixing_layer_hear_what_the_poisson_law_says(mean: float) -> None:
    what = np.uint64(name_hash("ties:all"))
    member = np.where(np.arange(N) % 3 == 0, 2, 1).astype(np.uint32)
    mixed = np.array([(what, 2, True, mean, 75, 8.0, 0.0), (what, 0, False, mean, 50, 8.0, 0.0)], MIXED)
    counts, salience, _ = heard(np.zeros(0, MESSAGE), mixed, member)

    def many(purpose: Purpose, i: int) -> int:
        key = np.uint64(draw_key(5, purpose, 3, what))
        return int(poisson_count(screened_uniform(key, i, np.uint64(screen_word(key, i >> 3))), mean))

    some = range(0, N, 7)
    bad = {i: many(Purpose.HEAR_BAD, i) if member[i] == 2 else 0 for i in some}
    good = {i: many(Purpose.HEAR_GOOD, i) for i in some}
    weight = np.array([75 * bad[i] + 50 * good[i] for i in some])
    assert salience[::7] == pytest.approx(PLAN.rule.talk_weight * weight / 100.0, rel=1e-6)
    assert counts[:, PersonCount.HEARD_GOOD].sum() == pytest.approx(N * mean, rel=0.2)
    assert counts[:, PersonCount.HEARD_BAD].sum() == pytest.approx(N / 3 * mean, rel=0.3)


def test_kinds_are_bits_of_the_table_of_weights() -> None:
    assert ON_PLATFORM | IS_BAD == WEIGHED == WEIGHTS.size - 1 == PLAN.talk.weights.size - 1
    assert MESSAGE.itemsize == 8
