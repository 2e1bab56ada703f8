"""What a run carries from day to day, and what one day hands from step to step."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

import numpy as np

from sim.agents.consumers import Consumers, chunks_of
from sim.agents.stages import MOVES, STAGES
from sim.channels.csr import Csr
from sim.channels.tie_table import TieTable
from sim.company import Company
from sim.counters import FEELING_SUMS, PERSON_COUNTS, TOUCH_COUNTS
from sim.day.pressure import Pressure
from sim.day.storm_state import Outrage
from sim.journal import ENTRY, panel_stride
from sim.plan import Plan


@dataclass
class Tally:
    """Counters of one day, kept per chunk of consumers and added up in order; emptied every morning."""

    touch: np.ndarray  # int64 [chunks, C, TOUCH_COUNTS]
    person: np.ndarray  # int64 [chunks, P, PERSON_COUNTS]
    flows: np.ndarray  # int64 [chunks, R, P, MOVES]
    brands: np.ndarray  # int64 [chunks, J]
    sums: np.ndarray  # float64 [chunks, P, STAGES, FEELING_SUMS]

    def clear(self) -> None:
        """Set everything to zero."""
        for table in (self.touch, self.person, self.flows, self.brands, self.sums):
            table.fill(0)


def empty_tally(plan: Plan) -> Tally:
    """Counters for a plan, all zero."""
    chunks = chunks_of(plan.agents)
    personas = len(plan.personas.names)
    return Tally(
        touch=np.zeros((chunks, len(plan.touchpoints.names), TOUCH_COUNTS), np.int64),
        person=np.zeros((chunks, personas, PERSON_COUNTS), np.int64),
        flows=np.zeros((chunks, plan.groups.size, personas, len(MOVES)), np.int64),
        brands=np.zeros((chunks, plan.brands.what.size), np.int64),
        sums=np.zeros((chunks, personas, STAGES, FEELING_SUMS), np.float64),
    )


@dataclass
class Panel:
    """Slots for the events of tracked consumers, one day at a time."""

    stride: int
    entries: np.ndarray  # ENTRY [panel, most events a day]
    used: np.ndarray  # int32 [panel]


def empty_panel(plan: Plan) -> Panel:
    """A panel of about `scenario.panel` consumers spread evenly over the population."""
    stride = panel_stride(plan.agents, plan.scenario.panel)
    size = min(plan.scenario.panel, -(-plan.agents // stride)) if plan.scenario.panel else 0
    room = 6 * len(plan.touchpoints.names) + 60
    return Panel(stride, np.zeros((size, room), ENTRY), np.zeros(size, np.int32))


@dataclass
class World:
    """A run in progress. The steps of the day read and change this and nothing else."""

    plan: Plan
    people: Consumers
    layers: list[Csr | None]  # in order of plan.layers; None = mixing
    ties: TieTable  # those of them that have ties, in one table
    layer_users: list[int]  # consumers who can hear on each layer
    belongs: np.ndarray  # uint64 [R, ceil(N / 64)], bits of those who meet each membership requirement
    company: Company
    cap_reached: np.ndarray  # bool [chunks, K], whether anybody reached a frequency cap this week
    counts: np.ndarray  # int64 [R, P, STAGES], by membership requirement; row 0 is everybody
    tally: Tally
    panel: Panel
    day: int = 0
    storm: Outrage | None = None  # None until the first one breaks out
    # handed from step to step within a day
    pressure: Pressure | None = None
    answered: np.ndarray = field(default_factory=lambda: np.zeros(0))
    stage_before: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))

    def branch(self, plan: Plan) -> World:
        """A copy that goes on by itself under another plan; what never changes is shared."""
        people = replace(
            self.people,
            **{name: column.copy() for name, column in vars(self.people).items() if name not in _CONSTANT},
        )
        return replace(
            self, plan=plan, people=people, company=copy.deepcopy(self.company), counts=self.counts.copy(),
            cap_reached=self.cap_reached.copy(), tally=empty_tally(plan), panel=empty_panel(plan),
            storm=copy.deepcopy(self.storm),
        )  # fmt: skip


_CONSTANT = frozenset({"persona", "member", "need_rate", "taste", "leave_logit", "recall", "openness"})
