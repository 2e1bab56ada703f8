"""What each step of the day cannot do without, and how long that takes at the least.

One entry of `WORK` per step declares the columns of everybody it reads or writes, the columns of the few, the draws
and the random reads that docs/model.md asks for. Sizes come from the arrays themselves and counts from the days that
were lived, so the bound follows the data. It is a lower bound: the largest of the time for streaming the bytes, for
the random reads and for the draws, each at the best speed this machine has shown in `limits.py`, as if the three
overlapped perfectly. What is not in it (other arithmetic, branches, counting, Python) is what the ratio is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.agents.consumers import POST, TALK
from sim.agents.stages import MOVE_INDEX, Stage
from sim.bench.limits import Limits
from sim.bench.stopwatch import REST
from sim.counters import PersonCount, TouchCount
from sim.day.state import World
from sim.engine import Engine
from sim.plan import Plan

#: Bytes that are moved between memory and processor at once.
LINE = 64


@dataclass(frozen=True)
class Happened:
    """What happened on a mean day, in consumers and ties."""

    plan: Plan
    active: float  # touchpoints that reached anybody
    contacts: float  # consumer and touchpoint, once a day
    reached: float  # consumers met by the widest touchpoint: at least so many had a contact
    tied: float  # ties of those who spoke, on layers with a graph
    picks: float  # choices among alternatives
    asked: float  # friends asked for their opinion
    buyers: float  # who bought the brand, and use it
    customers: float

    @property
    def blocks(self) -> float:
        """Screening words for everybody: one for eight consumers."""
        return self.plan.agents / 8.0


@dataclass(frozen=True)
class Work:
    """What a step cannot do without.

    Attributes
    ----------
    reads, writes, updates      columns of everybody that are read, written, or both, by name in `Consumers`
    few                         columns that are updated for the few who act
    acting                      how many act at least, of a day
    draws, words                uniform draws and screening words of a day
    jumps                       reads at random places of a day, into the column `table`
    per_days                    a column's bytes are moved once in so many days only; default: daily
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    few: tuple[str, ...] = ()
    acting: Callable[[Happened], float] = lambda day: 0.0
    draws: Callable[[Happened], float] = lambda day: 0.0
    words: Callable[[Happened], float] = lambda day: 0.0
    jumps: Callable[[Happened], float] = lambda day: 0.0
    table: str = ""
    per_days: Callable[[str, Plan], int] = lambda column, plan: 1


def _morning(column: str, plan: Plan) -> int:
    """How many days apart the plan step empties a column; caps are looked up daily."""
    return plan.scenario.memory.synergy_window_days if column.startswith("recent") else 1


def _speak_words(day: Happened) -> float:
    """Words for who talks, and for who posts where anybody can."""
    if not day.plan.rule.talk_enabled:
        return 0.0
    return day.blocks * (2.0 if day.plan.posting_bits.size else 1.0)


#: By step, in the order of the day. A storm works on lists of those involved: nothing it does concerns everybody.
WORK: dict[str, Work] = {
    "plan": Work(reads=("weekly",), writes=("recent",), per_days=_morning),
    "expose": Work(
        reads=("stage",),
        few=("salience", "annoyance", "belief", "feeling", "loyalty", "recent", "met"),
        acting=lambda day: day.reached,
        draws=lambda day: day.contacts,  # is it noticed?
        words=lambda day: day.active * day.blocks,
    ),
    "talk": Work(
        reads=("speaking",),
        draws=lambda day: day.tied,  # is it passed on?
    ),
    "storm": Work(),
    "decide": Work(
        reads=("need_rate", "stage", "due", "today"),
        draws=lambda day: day.picks * day.plan.brands.what.size,
        words=lambda day: day.blocks,
        jumps=lambda day: day.asked,
        table="opinion",
    ),
    "experience": Work(
        reads=("stage", "today"),
        few=("belief", "feeling", "satisfaction", "loyalty"),
        acting=lambda day: day.buyers,
        draws=lambda day: 3.0 * day.buyers,  # two for the quality met, one for a review
        words=lambda day: day.blocks,
    ),
    "move": Work(
        reads=("persona", "recall", "openness", "stage"),
        updates=("salience", "annoyance", "belief", "feeling"),
        writes=("speaking", "today"),
        few=("satisfaction", "loyalty", "opinion"),
        acting=lambda day: day.customers,
        words=_speak_words,
    ),
}


@dataclass(frozen=True)
class Bound:
    """The least time of a step, seconds a day, by what it takes; NaN where nothing is declared."""

    stream: float
    jumps: float
    draws: float

    @property
    def seconds(self) -> float:
        """The largest of the three: they could overlap."""
        return max(self.stream, self.jumps, self.draws)

    @property
    def by(self) -> str:
        """What holds the step back in the best case."""
        parts = {"streaming": self.stream, "random reads": self.jumps, "draws": self.draws}
        return max(parts, key=lambda name: parts[name]) if self.seconds > 0.0 else "–"


class TieCount:
    """Counts the ties of those who are about to speak: a probe for the talk step.

    A post goes out on one of the platforms its writer uses, so each of them counts with its share.
    """

    def __init__(self, world: World) -> None:
        self.days: list[float] = []
        self._degrees = [None if ties is None else ties.degrees for ties in world.layers]

    def __call__(self, world: World) -> None:
        plan, people = world.plan, world.people
        total = 0.0
        used = sum(((people.member & bits) != 0).astype(np.int64) for bits in plan.posting_bits)
        for degrees, posting in zip(self._degrees, plan.posting_what, strict=True):
            if degrees is None:
                continue
            wanted = TALK if posting < 0 else POST
            speaks = (people.speaking & wanted) != 0
            if posting < 0:
                total += float(degrees[speaks].sum())
                continue
            speaks &= (people.member & plan.posting_bits[posting]) != 0
            total += float((degrees[speaks] / np.asarray(used)[speaks]).sum())
        self.days.append(total)


def happened(engine: Engine, days: list[int], ties: TieCount) -> Happened:
    """A mean day of those lived, from the record; `ties` has seen the same days."""
    recorder, plan, world = engine.recorder, engine.plan, engine.world
    person = recorder.person[days].sum(axis=1)  # [days, PERSON_COUNTS]
    touch = recorder.touch[days]  # [days, C, TOUCH_COUNTS]
    flows = recorder.flows[days].sum(axis=1)

    def count(*which: PersonCount) -> float:
        return float(person[:, list(which)].sum(axis=1).mean())

    repeat = (PersonCount.REPEAT_PURCHASES,) if plan.scenario.market.kind == "repeat" else ()
    contacts = touch[:, :, TouchCount.CONTACTS]
    close = float(world.ties.ptr[: world.ties.close, -1].sum()) / plan.agents
    return Happened(
        plan=plan,
        active=float((contacts > 0).sum(axis=1).mean()),
        contacts=float(contacts.sum(axis=1).mean()),
        reached=float(contacts.max(axis=1, initial=0).mean()),
        tied=float(np.mean([ties.days[day] for day in days])),
        picks=count(
            PersonCount.FIRST_PURCHASES, PersonCount.RIVAL_PURCHASES, PersonCount.NOTHING_PURCHASES, *repeat
        ),
        asked=close * float(flows[:, MOVE_INDEX[Stage.CONSIDERATION, Stage.DECISION]].mean()),
        buyers=count(PersonCount.FIRST_PURCHASES, PersonCount.REPEAT_PURCHASES),
        customers=float(recorder.standing[days][..., Stage.SERVICE : Stage.ADVOCACY + 1].sum(axis=(1, 2)).mean()),
    )  # fmt: skip


def bytes_streamed(work: Work, engine: Engine, day: Happened) -> float:
    """Bytes a step moves between memory and processor a day, at the least."""
    people, agents = engine.world.people, engine.plan.agents

    def size(column: str) -> float:
        return float(getattr(people, column).nbytes) / work.per_days(column, engine.plan)

    total = sum(map(size, work.reads)) + sum(map(size, work.writes)) + 2.0 * sum(map(size, work.updates))
    share = min(1.0, work.acting(day) / agents)
    for column in work.few:
        item = getattr(people, column).nbytes / agents
        total += 2.0 * size(column) * (1.0 - (1.0 - share) ** (LINE / item))  # lines with somebody in them
    return total


def tables(engine: Engine) -> tuple[int, ...]:
    """Sizes in bytes of what is read at random."""
    return tuple(getattr(engine.world.people, work.table).nbytes for work in WORK.values() if work.table)


def bound(step: str, engine: Engine, day: Happened, limits: Limits) -> Bound:
    """The least time a step could take on a machine with these limits; of the record that for adding up the counts."""
    if step == REST:
        tally = engine.world.tally
        counted = sum(table.nbytes for table in vars(tally).values())
        return Bound(stream=counted / limits.stream, jumps=0.0, draws=0.0)
    work = WORK[step]
    jumps = work.jumps(day) / limits.reads[getattr(engine.world.people, work.table).nbytes] if work.table else 0.0
    return Bound(
        stream=bytes_streamed(work, engine, day) / limits.stream,
        jumps=jumps,
        draws=work.draws(day) / limits.draws + work.words(day) / limits.words,
    )
