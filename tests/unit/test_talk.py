"""Messages on their way: who speaks, what travels, and what it adds up to, against NumPy and plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.consumers import BAD, CHUNK, TALK
from sim.channels.ties import small_world
from sim.counters import PERSON_COUNTS, PersonCount
from sim.day.talk import IS_BAD, MESSAGE, MIXED, ON_PLATFORM, by_chunk, gather_speakers, listen, mingle, push
from sim.journal import ENTRY
from sim.luck import Purpose, draw_key, name_hash, poisson_count, screen_word, screened_uniform
from sim.plan import make_plan
from sim.scenario.scenario import Scenario

N = 3 * CHUNK + 11
WEIGHTS = np.array([100, 150, 50, 75])
PLAN = make_plan(Scenario.load("coffee_subscription").with_changes({"agents": 100}))
NOBODY = (10**9, np.zeros((0, 1), ENTRY), np.zeros(0, np.int32))


def heard(
    messages: np.ndarray, mixed: np.ndarray | None, member: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts by chunk [chunks, PERSON_COUNTS], salience and feeling after everybody has listened; both 0 before."""
    chunks = -(-N // CHUNK)
    counts = np.zeros((chunks, 1, PERSON_COUNTS), np.int64)
    salience, belief, feeling = (np.zeros(N, np.float32) for _ in range(3))
    arrived, starts = by_chunk(messages, chunks)
    minds = (np.ones(1), salience, belief, feeling)
    persona, stage = np.zeros(N, np.uint8), np.zeros(N, np.uint8)
    if mixed is None:
        listen(PLAN.rules, arrived, starts, WEIGHTS, persona, stage, *minds, counts, *NOBODY)
    else:
        mingle(3, 5, PLAN.rules, arrived, starts, WEIGHTS, mixed, persona, member, stage, *minds, counts, *NOBODY)
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
    arrived, starts = by_chunk(messages, 4)
    order = np.argsort(messages["hearer"] // CHUNK, kind="stable")
    assert arrived.tolist() == messages[order].tolist()
    assert starts.tolist() == np.searchsorted(messages["hearer"][order] // CHUNK, range(5)).tolist()


@pytest.mark.parametrize("room", [0, 3, 10_000])
def test_a_list_too_short_grows(room: int) -> None:
    n = 500
    ties = small_world(members=np.arange(n, dtype=np.int32), n=n, mean_degree=6.0, rewired=0.2, key=9)
    speaking = np.zeros(n, np.uint8)
    speaking[::3], speaking[30] = TALK, TALK | BAD
    speakers = np.flatnonzero(speaking).astype(np.int32)
    zeros, floats, never = np.zeros(n, np.uint8), np.zeros(n, np.float32), np.zeros(9, np.bool_)
    first = np.zeros(room, MESSAGE)
    messages, count = push(
        0, 1, speakers, np.uint64(2), 1.0, -1, PLAN.posting_bits, ties.ptr, ties.idx, np.zeros(n, np.uint32), zeros,
        speaking, floats, floats, floats, -1, np.uint64(0), 0.0, never, zeros.copy(), first, 0, *NOBODY,
    )  # fmt: skip
    rows = [ties.idx[ties.ptr[i] : ties.ptr[i + 1]] for i in speakers]
    assert messages["hearer"][:count].tolist() == np.concatenate(rows).tolist()
    said = np.repeat(np.where(speaking[speakers] & BAD, -50, 50), [row.size for row in rows])
    assert messages["feeling"][:count].tolist() == messages["belief"][:count].tolist() == said.tolist()
    assert messages["kind"][:count].tolist() == np.where(said < 0, IS_BAD, 0).tolist()


@pytest.mark.parametrize("mixed", [None, np.zeros(0, MIXED)])
def test_what_is_heard_adds_up(mixed: np.ndarray | None) -> None:
    rng = np.random.default_rng(4)
    messages = np.zeros(30_000, MESSAGE)
    messages["hearer"] = rng.integers(0, N // 2, 30_000) * 2 % N  # many hear several
    messages["kind"] = rng.integers(0, 4, 30_000)
    messages["feeling"] = rng.integers(-100, 101, 30_000)
    counts, salience, feeling = heard(messages, mixed, np.zeros(N, np.uint32))
    bad = (messages["kind"] & IS_BAD) != 0
    for which, column in ((~bad, PersonCount.HEARD_GOOD), (bad, PersonCount.HEARD_BAD)):
        by = np.bincount(messages["hearer"][which] // CHUNK, minlength=4)
        assert counts[:, column].tolist() == by.tolist()
    q = WEIGHTS[messages["kind"]]
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
    assert ON_PLATFORM | IS_BAD == WEIGHTS.size - 1
    assert MESSAGE.itemsize == 8
