"""The slow twin itself: docs/model.md section 3, the order of the day."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.scenario.scenario import Scenario

from .decide import decide
from .experience import experience
from .expose import expose
from .move import move
from .plan import plan
from .population import draw_population, form_opinion
from .record import record
from .service import service
from .storm import storm
from .talk import decide_to_speak, talk
from .world import CHANGING, CONSTANT, Ties, World


def experience_and_service(world: World) -> None:
    """Use and problems are one step: their effects are rounded together."""
    experience(world)
    service(world)


DAY = (plan, expose, talk, storm, decide, experience_and_service, move, decide_to_speak)


class Twin:
    """A run in slow motion.

    ``ties`` holds ``(ptr, idx)`` (compressed sparse rows) by name of layer, for all layers but those of kind mixing.
    Personas, rivals, touchpoints and layers are in order of name everywhere.
    """

    def __init__(self, scenario: Scenario, seed: int, ties: Ties) -> None:
        self.world = World(scenario, seed, ties)
        draw_population(self.world)

    def step(self) -> dict[str, Any]:
        """Go through one day.

        Returns its counters by name: lists over personas, over personas and stages (``flows``: from, to),
        over touchpoints (names starting with ``touchpoint_``), and single numbers. Counts, ``revenue_cents`` and
        ``unit_cost_cents`` are of agents, all other amounts cents of the market.
        """
        self.world.new_day()
        for step in DAY:
            step(self.world)
            for consumer in self.world.consumers:
                consumer.store()
        for consumer in self.world.consumers:
            form_opinion(consumer)
        return record(self.world)

    def columns(self) -> dict[str, np.ndarray]:
        """The state of every consumer in the units of docs/model.md section 2."""
        world, everybody = self.world, self.world.consumers
        restricted = [line.t.name for line in world.lines if line.restricted]
        capped = [line for line in world.lines if line.t.frequency_cap_per_week is not None]

        def bits(marks: list[bool]) -> int:
            return sum(1 << place for place, mark in enumerate(marks) if mark)

        def column(name: str) -> np.ndarray:
            return np.array([getattr(c, name) for c in everybody])

        whole = ("due", "since", "last_purchase", "purchases", "case_day", "invited")
        return {
            "persona": np.array([c.p for c in everybody]),
            "stage": np.array([int(c.stage) for c in everybody]),
            **{name: column(name) for name in (*CONSTANT, *CHANGING, *whole)},
            "taste": np.array([c.taste for c in everybody]),
            "member": np.array(
                [
                    bits([p in c.platforms for p in world.platforms] + [name in c.opted for name in restricted])
                    for c in everybody
                ]
            ),
            "weekly": np.array([[c.counts.get(line.index, 0) for c in everybody] for line in capped]),
            "case_channel": np.array([255 if c.case_channel is None else c.case_channel for c in everybody]),
            "opinion": np.array([-128 if c.opinion is None else c.opinion for c in everybody]),
            "speaking": np.array([bits([c.talks, c.posts, c.bad]) for c in everybody]),
            "met": np.array([sum(1 << j for j in c.met) for c in everybody]),
            "recent": np.array([sum(1 << j for j in c.recent) for c in everybody]),
            "recent_before": np.array([sum(1 << j for j in c.recent_before) for c in everybody]),
            "storm_state": np.array(
                [bits([m in s for m in ("outraged", "seen", "defends")]) for s in world.storm.state]
            ),
            "immune": np.array(world.storm.immune),
            "fresh": np.array(world.storm.fresh),
            "bought": np.array([sum(1 << j for j in c.bought) for c in everybody]),
        }
