"""What a storm costs and which answer limits it: the same people with and without it, and under every answer.

Until the trigger's first morning all runs of a seed are one run: it is lived once and branched, so that a cell costs
only the days after it. Storms that arise by themselves (`storm.ignition`) are switched off in all of them: what is
studied are the dated triggers, and a calm run has no storm. Everything is reduced as it comes; whole tables are kept
of the first seed's silent storm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta

from sim.engine import Engine
from sim.errors import Problem, ScenarioError
from sim.scenario.scenario import Scenario
from sim.scenario.storm import RESPONSES, Response, ResponseKind, Trigger
from sim.studies import pool
from sim.studies.memory import workers_that_fit
from sim.studies.seeds import following
from sim.studies.storm_study import Cell, StormStudy
from sim.studies.storm_track import Track, reduced

#: What an answer costs if the scenario does not say: once, and per case (None: half a price). Assumptions.
COSTS: dict[ResponseKind, tuple[float, float | None]] = {
    "silence": (0.0, 0.0),
    "delete": (1_000.0, 0.0),
    "explain": (5_000.0, 0.0),
    "apologise": (10_000.0, 0.0),
    "compensate": (10_000.0, None),
    "private_channel": (5_000.0, 2.0),
    "supporters": (3_000.0, 0.0),
}
DELAYS = (1, 6, 24, 72)
#: Share of the market that posts first, if the scenario has no trigger of its own; assumption.
FIRST_SHARE = 0.001


def without_ignition(scenario: Scenario) -> Scenario:
    """The scenario without a panel, and without storms that arise by themselves: a calm run is calm."""
    ignition = scenario.storm.ignition.model_copy(update={"threshold": None})
    return scenario.model_copy(update={"panel": 0, "storm": scenario.storm.model_copy(update={"ignition": ignition})})


def first_moment(scenario: Scenario) -> int:
    """Hours from the first morning to the first trigger within the run.

    Raises
    ------
    ValueError                  if there is none
    """
    moments = [24 * (t.date - scenario.start_date).days + t.hour for t in scenario.storm.triggers]
    inside = [moment for moment in moments if 0 <= moment < 24 * scenario.days]
    if not inside:
        raise ValueError("the scenario has no trigger within the run")
    return min(inside)


@dataclass(frozen=True)
class Branches:
    """A task for `sim.studies.pool`: one seed, lived once until the first trigger, then under every policy."""

    calm: Scenario
    stormy: tuple[Scenario, ...]  # the first is silence
    moment: int  # of the first trigger, in hours
    first_seed: int

    def __call__(self, seed: int, tick: Callable[[], None]) -> tuple[Track, ...]:
        """Tracks of the calm run and of every policy; ticks once per day lived."""
        trunk = Engine(self.calm, seed=seed, threads=1)
        for _ in range(self.moment // 24):
            trunk.step()
            tick()
        tracks = []
        for k, scenario in enumerate((self.calm, *self.stormy)):
            engine = trunk.branch(scenario)
            while not engine.finished:
                engine.step()
                tick()
            tracks.append(reduced(engine.results(), self.moment, whole=k == 1 and seed == self.first_seed))
        return tuple(tracks)


def make_cells(responses: Sequence[ResponseKind], delays: Sequence[int]) -> tuple[Cell, ...]:
    """Silence, and every other answer at every delay."""
    kinds = [kind for kind in RESPONSES if kind in responses and kind != "silence"]
    return (Cell("silence", None), *(Cell(kind, delay) for kind in kinds for delay in sorted(set(delays))))


def answered(scenario: Scenario, cell: Cell) -> Scenario:
    """The scenario with this answer alone: as the scenario describes it, else with the costs of `COSTS`."""
    if cell.delay_hours is None:
        responses = []
    else:
        once, per_case = COSTS[cell.kind]
        price = scenario.market.price / 2.0 if per_case is None else per_case
        own = next((r for r in scenario.storm.responses if r.kind == cell.kind), None)
        written = own or Response(kind=cell.kind, cost_eur=once, cost_per_case_eur=price)
        responses = [written.model_copy(update={"delay_hours": cell.delay_hours})]
    storm = scenario.storm.model_copy(update={"responses": responses})
    return scenario.model_copy(update={"storm": storm})


def with_trigger(
    scenario: Scenario,
    *,
    kind: str | None = None,
    day: date | None = None,
    severity: float | None = None,
    vividness: float | None = None,
    posters: float | None = None,
    justified: bool | None = None,
) -> Scenario:
    """The scenario with its first trigger changed by what is named, the others as they are; a new one if it has none.

    A new one is a severe, vivid product failure on a day after a quarter of the run.

    Raises
    ------
    ScenarioError               if a value is no good, or the day is outside the run
    """
    quarter = scenario.start_date + timedelta(days=scenario.days // 4)
    if scenario.storm.triggers:
        given = scenario.storm.triggers[0].model_dump()
    else:
        share = max(1.0, FIRST_SHARE * scenario.market.size)
        given = Trigger(date=quarter, severity=0.8, vividness=0.8, posters=share).model_dump()
    named = {
        "kind": kind,
        "date": day,
        "severity": severity,
        "vividness": vividness,
        "posters": posters,
        "justified": justified,
    }
    given |= {key: value for key, value in named.items() if value is not None}
    others = [trigger.model_dump() for trigger in scenario.storm.triggers[1:]]
    changed = scenario.with_changes({"storm.triggers": [given, *others]})
    when = changed.storm.triggers[0].date
    first, last = scenario.start_date, scenario.start_date + timedelta(days=scenario.days - 1)
    if not first <= when <= last:
        raise ScenarioError([Problem("storm.triggers.0.date", str(when), f"a day of the run, {first} to {last}")])
    return changed


def storms(
    scenario: Scenario,
    *,
    responses: Sequence[ResponseKind] = RESPONSES,
    delays: Sequence[int] = DELAYS,
    seeds: int = 10,
    seed: int | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> StormStudy:
    """Run a scenario with and without its storm, and with every answer at every delay, on the same people and luck.

    Parameters
    ----------
    scenario : Scenario             with a trigger (see `with_trigger`)
    responses, delays               answers and hours after detection; silence is always there
    seeds : int                     K: the scenario's seed (or `seed`) and the whole numbers after it
    workers : int, optional         processes; by default one per core, fewer if memory is short. Changes no number
    progress : callable, optional   called now and then with (days lived, days in all)

    Raises
    ------
    ValueError                      if there is no trigger within the run, no seed, or a negative delay
    MachineError                    if memory is too short
    """
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1, not {seeds}")
    if any(delay < 0 for delay in delays):
        raise ValueError("delays are hours from 0 on")
    quiet = without_ignition(scenario)
    moment = first_moment(quiet)
    day = moment // 24
    cells = make_cells(responses, delays)
    stormy = tuple(answered(quiet, cell) for cell in cells)
    calm = quiet.model_copy(update={"storm": quiet.storm.model_copy(update={"triggers": [], "responses": []})})
    used = following(quiet.seed if seed is None else seed, seeds)
    lived = seeds * (day + (1 + len(cells)) * (quiet.days - day))
    runs = pool.each(
        Branches(calm, stormy, moment, used[0]),
        used,
        workers=workers_that_fit((calm, calm), workers),
        progress=None if progress is None else lambda done: progress(done, lived),
    )
    with closing(pool.in_order(runs)) as arriving:
        tracks = tuple(arriving)
    return StormStudy(stormy[0], cells, used, day, tracks)
