"""Stages: the moves there are, and how flows change counts."""

from __future__ import annotations

import numpy as np

from sim.agents.stages import MOVE_INDEX, MOVES, STAGES, Stage, counts_after, move_name


def test_moves_are_those_of_the_journey() -> None:
    """MODEL.md section 2: who leaves which stage for where."""
    expected = """unaware_to_awareness awareness_to_unaware awareness_to_consideration consideration_to_decision
    decision_to_consideration decision_to_service service_to_retention service_to_lapsed retention_to_loyalty
    retention_to_lapsed loyalty_to_retention loyalty_to_advocacy advocacy_to_loyalty lapsed_to_consideration"""
    assert [move_name(move) for move in MOVES] == expected.split()


def test_index_finds_every_move_and_no_other() -> None:
    assert (MOVE_INDEX >= 0).sum() == len(MOVES)
    assert all(MOVES[MOVE_INDEX[source, target]] == (source, target) for source, target in MOVES)


def test_flows_move_people_and_lose_none() -> None:
    counts = np.full((2, STAGES), 100)
    flows = np.zeros((2, len(MOVES)), np.int64)
    flows[1, MOVE_INDEX[Stage.DECISION, Stage.SERVICE]] = 7
    after = counts_after(counts, flows)
    assert (after[0] == 100).all()
    assert (after[1, Stage.DECISION], after[1, Stage.SERVICE]) == (93, 107)
    assert after.sum() == counts.sum()
