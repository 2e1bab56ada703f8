"""What a run will do, told before it is run: for `journey check`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.agents.consumers import empty_consumers
from sim.engine import DAY
from sim.errors import MachineError, Problem, ScenarioError
from sim.plan import Plan, make_plan
from sim.scenario.edges import read_edges
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PHASES, PURPOSES, Purpose, Touchpoint

#: Time of a warm run on two cores: to start and to write, per consumer and day, and on top of that per touchpoint.
#: Measured with benchmarks/; an order of magnitude for planning, not a promise.
START_SECONDS = 2.0
SECONDS_PER_CONSUMER_DAY = 4e-8
SECONDS_PER_CONSUMER_DAY_AND_TOUCHPOINT = 2e-9
#: Memory of Python with its libraries, and of the pictures of a report; per tracked consumer and day in the journal.
START_BYTES = 270 * 2**20
JOURNAL_BYTES = 120
#: Of each consumer, where a storm can break out: measured 25 with a third to two fifths of a million reached.
STORM_BYTES = 30


@dataclass(frozen=True)
class PersonaRow:
    """A persona and how many people and agents it stands for."""

    name: str
    segment: str
    share: float
    people: float
    agents: float


@dataclass(frozen=True)
class TouchpointRow:
    """A touchpoint, the phases it addresses and its planned money."""

    name: str
    kind: str
    form: str
    purpose: Purpose
    phases: tuple[str, ...]
    planned_eur: float  # spend and fixed cost over the horizon, before what depends on use
    by_use: bool  # costs what it is used, without a spend of its own to end that


@dataclass(frozen=True)
class Outlook:
    """Everything `journey check` shows."""

    title: str
    days: int
    agents: int
    people_per_agent: float
    personas: tuple[PersonaRow, ...]
    touchpoints: tuple[TouchpointRow, ...]
    budget_eur: dict[Purpose, float]  # planned over the horizon; service includes the desks' wages
    order_of_day: tuple[tuple[str, str], ...]  # name and what it does
    warnings: tuple[str, ...]
    memory_bytes: int
    seconds: float


def phases_of(touchpoint: Touchpoint) -> tuple[str, ...]:
    """Phases of the purchase a touchpoint addresses, at least with one stage."""
    if not touchpoint.stages:
        return tuple(phase for phase in PHASES if phase in touchpoint.phases)
    return tuple(phase for phase, stages in PHASES.items() if set(stages) & set(touchpoint.stages))


def look_ahead(scenario: Scenario) -> Outlook:
    """Work out what a run of the scenario will do, without running it.

    Raises
    ------
    ScenarioError               if an edge list cannot be used
    """
    _read_edge_lists(scenario)
    plan = make_plan(scenario)
    rows = _touchpoint_rows(plan)
    budget = {purpose: sum(row.planned_eur for row in rows if row.purpose == purpose) for purpose in PURPOSES}
    desks = scenario.service.desks
    wages = sum(desk.staff * desk.wage_eur_per_day for _, desk in desks)
    budget["service"] += scenario.days * wages
    return Outlook(
        title=scenario.title,
        days=scenario.days,
        agents=scenario.agents,
        people_per_agent=plan.weight,
        personas=tuple(
            PersonaRow(p.name, p.segment, p.share, p.share * scenario.market.size, p.share * scenario.agents)
            for p in scenario.personas
        ),
        touchpoints=rows,
        budget_eur=budget,
        order_of_day=tuple((step.name, step.does) for step in DAY),
        warnings=tuple(scenario.warnings),
        memory_bytes=estimated_bytes(plan),
        seconds=estimated_seconds(scenario),
    )


def _read_edge_lists(scenario: Scenario) -> None:
    """Read all edge lists, as a run will: whatever is wrong with any of them is told now, all at once."""
    problems: list[Problem] = []
    for layer in scenario.ties:
        if layer.kind == "file" and layer.file:
            try:
                read_edges(layer.file, scenario.agents, where=f"ties.{layer.name}.file")
            except ScenarioError as error:
                problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)


def estimated_seconds(scenario: Scenario) -> float:
    """Rough time of a warm run on two cores, with reading and writing."""
    each = SECONDS_PER_CONSUMER_DAY + SECONDS_PER_CONSUMER_DAY_AND_TOUCHPOINT * len(scenario.touchpoints)
    return START_SECONDS + each * scenario.agents * scenario.days


def estimated_bytes(plan: Plan) -> int:
    """Rough memory of a run at its largest: consumers, ties, journal, and the program itself."""
    each = empty_consumers(1000, plan.brands.what.size, plan.touchpoints.capped.size).bytes_each
    journal = JOURNAL_BYTES * min(plan.scenario.panel, plan.agents) * plan.days
    if plan.storm.possible:
        each += STORM_BYTES
    ties = _tie_bytes(plan)
    founding = sum(ties) + max(ties, default=0.0) * (len(ties) > 1)  # layers are put side by side, one at a time
    return int(START_BYTES + max(founding, each * plan.agents + sum(ties) + journal))


def free_bytes() -> int | None:
    """Memory this machine can still give, swap included; None where it does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kibibytes = {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}
    return 1024 * (kibibytes["MemAvailable"] + kibibytes["SwapFree"])


def require_memory(scenario: Scenario) -> None:
    """Refuse a run that would not fit, rather than be killed in the middle of it without a word.

    Raises
    ------
    MachineError                saying what is needed and what there is
    """
    needed, free = estimated_bytes(make_plan(scenario)), free_bytes()
    if free is not None and needed > free:
        needs, has = (f"{size / 2**30:,.1f} GiB" for size in (needed, free))
        raise MachineError(
            f"{scenario.agents:,} consumers need about {needs} of memory and {has} are free;"
            " simulate fewer with --agents"
        )


def _tie_bytes(plan: Plan) -> list[float]:
    """By layer: two numbers of four bytes per tie, and four bytes per consumer; an edge list is about as large."""
    sizes = []
    for layer in plan.layers:
        if layer.kind == "file" and layer.file is not None:
            sizes.append(4.0 * plan.agents + Path(layer.file).stat().st_size)
        elif layer.kind != "mixing":
            users = sum(
                p.share * (p.platforms.get(layer.platform, 0.0) if layer.platform else 1.0)
                for p in plan.scenario.personas
            )
            sizes.append(plan.agents * (4.0 + 4.0 * users * layer.mean_degree))
    return sizes


def _touchpoint_rows(plan: Plan) -> tuple[TouchpointRow, ...]:
    lines = plan.touchpoints
    has_budget = lines.record["has_budget"]
    planned = (lines.spend_cents.sum(axis=0) + lines.fixed_cents.sum(axis=0)) / 100.0
    return tuple(
        TouchpointRow(t.name, t.kind, t.mechanism, t.purpose, phases_of(t), float(eur), bool(costs and not spends))
        for t, eur, costs, spends in zip(lines.settings, planned, lines.each_eur[0], has_budget, strict=True)
    )
