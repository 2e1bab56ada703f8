"""Founding: consumers are drawn, ties are tied, and the brand is set up for the first morning."""

from __future__ import annotations

import numpy as np

from sim.agents.consumers import CHUNK, Consumers, chunks_of, draw_members, draw_minds
from sim.agents.stages import STAGES
from sim.channels.csr import Csr
from sim.channels.tie_table import TieTable, side_by_side
from sim.channels.ties import build_layer
from sim.company import found_company
from sim.day.instructions import WIDTH
from sim.day.state import World, empty_panel, empty_tally
from sim.plan import Plan

#: Consumers counted together: what NumPy needs beside them stays small.
_AT_A_TIME = 64 * CHUNK


def found_world(plan: Plan) -> World:
    """Draw consumers and ties and set up the brand: the first morning of a run."""
    people = draw_members(plan)
    graphs, users = _draw_ties(plan, people)
    layers, ties = side_by_side(plan, graphs)  # before the rest is drawn, which leaves room for what this takes
    draw_minds(plan, people)
    return gather_world(plan, people, layers, ties, users)


def _draw_ties(plan: Plan, people: Consumers) -> tuple[list[Csr | None], list[int]]:
    """Ties of all layers, and how many consumers use each."""
    everybody = np.arange(plan.agents, dtype=np.int32)
    layers = []
    users = []
    for layer, posting in zip(plan.layers, plan.posting_what, strict=True):
        required = np.uint32(plan.posting_bits[posting]) if posting >= 0 else np.uint32(0)
        members = everybody if posting < 0 else everybody[(people.member & required) == required]
        users.append(members.size)
        layers.append(build_layer(layer, n=plan.agents, seed=plan.seed, members=members, persona=people.persona))
    return layers, users


def gather_world(plan: Plan, people: Consumers, layers: list[Csr | None], ties: TieTable, users: list[int]) -> World:
    """A world of these consumers and ties (None: a layer on which all meet all) on the first morning."""
    return World(
        plan=plan, people=people, layers=layers, ties=ties, layer_users=users,
        belongs=_who_belongs(plan, people.member),
        cap_reached=np.zeros((chunks_of(plan.agents), plan.touchpoints.capped.size), np.bool_),
        company=found_company(plan), counts=_count_stages(plan, people.member, people.persona, people.stage),
        tally=empty_tally(plan), panel=empty_panel(plan),
    )  # fmt: skip


def _count_stages(plan: Plan, member: np.ndarray, persona: np.ndarray, stage: np.ndarray) -> np.ndarray:
    """Consumers by membership requirement, persona and stage, int64 [R, P, STAGES]."""
    personas = len(plan.personas.names)
    counts = np.zeros((plan.groups.size, personas, STAGES), np.int64)
    for first in range(0, plan.agents, _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        cell = persona[some].astype(np.int64) * STAGES + stage[some]
        for r, required in enumerate(plan.groups):
            inside = (member[some] & required) == required
            counts[r] += np.bincount(cell[inside], minlength=personas * STAGES).reshape(personas, STAGES)
    return counts


def _who_belongs(plan: Plan, member: np.ndarray) -> np.ndarray:
    """Who meets each membership requirement, for good: bits uint64 [R, ceil(N / 64)]; those beyond N are 0."""
    bits = np.zeros((plan.groups.size, -(-plan.agents // WIDTH)), np.uint64)
    for first in range(0, plan.agents, _AT_A_TIME):
        for r, required in enumerate(plan.groups):
            inside = np.packbits((member[first : first + _AT_A_TIME] & required) == required, bitorder="little")
            bits[r].view(np.uint8)[first // 8 : first // 8 + inside.size] = inside
    return bits
