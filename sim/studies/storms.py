"""What a storm costs and which answer limits it: the same people with and without it, and under every answer.

Until the trigger's first morning all runs of a seed are one run: it is lived once and branched, so that a cell costs
only the days after it. Storms that arise by themselves (`storm.ignition`) are switched off in all of them: what is
studied are the dated triggers, and a calm run has no storm. Everything is reduced as it comes; whole tables are kept
of the first seed's silent storm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.errors import Problem, ScenarioError
from sim.record import ALL, Results
from sim.scenario.scenario import Scenario
from sim.scenario.storm import RESPONSES, Response, ResponseKind, Trigger
from sim.studies import pool
from sim.studies.memory import workers_that_fit
from sim.studies.paired import Difference, difference
from sim.studies.seeds import following
from sim.summary import Interval, interval, make_ledger, summarise

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
#: An indicator is back when it stays within this share of its largest loss.
BACK_WITHIN = 0.1
SOURCES = ("posts_consumers", "posts_hub", "posts_trolls")
REACHED = ("reached_first", "reached_close", "reached_platform", "reached_hub", "reached_media")


@dataclass(frozen=True)
class Cell:
    """One policy: an answer and its delay, or None for silence."""

    kind: ResponseKind
    delay_hours: int | None

    @property
    def name(self) -> str:
        """For people."""
        kind = self.kind.replace("_", " ")
        return kind if self.delay_hours is None else f"{kind} after {self.delay_hours} h"


@dataclass(frozen=True)
class Track:
    """What is kept of one run. D days of the run, H hours of the storm.

    summary : dict                      indicators by name
    profit_eur, revenue_eur, customers, feeling, first_purchases, reviews_bad : float64 [D]
    posts : float64 [H, 3]              by source, in the order of SOURCES, every hour from the first trigger on
    reached : float64 [5]               people, by what reached them first
    outraged : float                    people
    cost_eur : float                    of answers, moderators and listening
    answered : bool                     whether an answer came: the storm was seen and still alive at its hour
    storm, infections : DataFrame or None
    """

    summary: dict[str, float]
    profit_eur: np.ndarray
    revenue_eur: np.ndarray
    customers: np.ndarray
    feeling: np.ndarray
    first_purchases: np.ndarray
    reviews_bad: np.ndarray
    posts: np.ndarray
    reached: np.ndarray
    outraged: float
    cost_eur: float
    answered: bool
    storm: pd.DataFrame | None = None
    infections: pd.DataFrame | None = None

    @property
    def volume(self) -> np.ndarray:
        """Posts by hour, float64 [H]."""
        return np.asarray(self.posts.sum(axis=1))

    @property
    def peak_hour(self) -> float:
        """Hours from the trigger to the busiest hour; NaN without a post."""
        return float(self.volume.argmax()) if self.volume.sum() > 0 else math.nan

    @property
    def half_life(self) -> float:
        """Hours from the busiest hour to the first with at most half of it; NaN without a post."""
        return hours_until(self.volume, 0.5)


def hours_until(volume: np.ndarray, share: float) -> float:
    """Hours from the peak until at most a share of it is left; NaN if that does not happen."""
    if volume.size == 0 or volume.sum() == 0:
        return math.nan
    peak = int(volume.argmax())
    below = np.flatnonzero(volume[peak:] <= share * volume[peak])
    return float(below[0]) if below.size else float(volume.size - peak)


def daily(results: Results, column: str) -> np.ndarray:
    """A column of the whole market, float64 [D]."""
    table = results.daily
    return np.asarray(table.loc[table["persona"] == ALL, column].to_numpy(np.float64))


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


def hourly_posts(hours: pd.DataFrame, moment: int) -> np.ndarray:
    """Posts by source in every hour from the first trigger on, float64 [H, 3]; 0 between one storm and the next."""
    since = (24 * hours["day"] + hours["time"].dt.hour).to_numpy(np.int64) - moment
    posts = np.zeros((int(since.max(initial=-1)) + 1, len(SOURCES)))
    posts[since] = hours[list(SOURCES)].to_numpy(np.float64)
    return posts


def reduced(results: Results, moment: int, whole: bool) -> Track:
    """What a study keeps of a run whose first trigger is at an hour."""
    hours = results.storm
    return Track(
        summary=summarise(results),
        profit_eur=daily(results, "profit_cents") / 100.0,
        revenue_eur=daily(results, "revenue_cents") / 100.0,
        customers=make_ledger(results).customers,
        feeling=daily(results, "feeling"),
        first_purchases=daily(results, "first_purchases"),
        reviews_bad=daily(results, "reviews_bad"),
        posts=hourly_posts(hours, moment),
        reached=hours[list(REACHED)].sum().to_numpy(np.float64),
        outraged=float(hours["joined"].sum()),
        cost_eur=float(daily(results, "cost_of_storm_cents").sum()) / 100.0,
        answered=bool((hours["response"] != "").any()),
        storm=hours if whole else None,
        infections=results.infections if whole else None,
    )


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


@dataclass(frozen=True)
class StormStudy:
    """Storms under policies, seed by seed beside the calm run.

    scenario : Scenario             with its trigger, answered by silence
    cells : tuple of Cell           the first is silence
    seeds : tuple of int
    day : int                       of the trigger
    tracks : tuple [seeds][1 + cells]   the calm run first
    """

    scenario: Scenario
    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    day: int
    tracks: tuple[tuple[Track, ...], ...]

    def values(self, cell: int, read: Callable[[Track], float]) -> np.ndarray:
        """One number of a policy under every seed, float64 [K]; cell -1 is the calm run."""
        return np.array([read(tracks[1 + cell]) for tracks in self.tracks], np.float64)

    def mean(self, cell: int, read: Callable[[Track], float]) -> Interval:
        """Mean of a number over the seeds, with its interval."""
        return interval(list(self.values(cell, read)))

    def loss(self, cell: int, name: str) -> Difference:
        """What the storm changes in an indicator under a policy, against the calm run."""
        read = _indicator(name)
        return difference(self.values(cell, read), self.values(-1, read))

    def equity_loss(self, cell: int) -> Difference:
        """What the storm changes in customer equity, EUR.

        Profit of the run and the value of the customers held at its end, at the rate of leaving of the run.
        """
        return self.loss(cell, "equity")

    def cost(self, cell: int) -> Interval:
        """EUR spent on a storm under a policy: answers and moderators; what listening costs is paid without one too."""
        return interval(list(self.values(cell, lambda t: t.cost_eur) - self.values(-1, lambda t: t.cost_eur)))

    def against(self, cell: int, other: int) -> Difference:
        """Profit of a policy less that of another, seed by seed."""
        return difference(self.values(cell, _indicator("profit")), self.values(other, _indicator("profit")), "more")

    def answered_in(self, cell: int) -> int:
        """Seeds in which the answer of a policy came; 0 for silence, and if the storm was over before its hour."""
        return sum(tracks[1 + cell].answered for tracks in self.tracks)

    @cached_property
    def tried(self) -> tuple[int, ...]:
        """Silence, and the policies whose answer came in a seed at least."""
        return tuple(k for k, cell in enumerate(self.cells) if cell.delay_hours is None or self.answered_in(k))

    @cached_property
    def best(self) -> int:
        """The policy with the highest mean profit, of those whose answer came."""
        return max(self.tried, key=lambda k: self.mean(k, _indicator("profit")).mean)

    def told_apart(self, cell: int) -> bool:
        """Whether a policy is certainly worse than the best one: the interval of the paired difference excludes 0."""
        return cell != self.best and self.against(cell, self.best).certain

    def same_as(self, cell: int) -> list[int]:
        """Policies that cannot be told apart from this one."""
        return [k for k in range(len(self.cells)) if k != cell and not self.against(k, cell).certain]

    def price_of_an_hour(self, kind: ResponseKind) -> list[tuple[int, int, Difference]]:
        """For each two neighbouring delays of an answer: from, until, and EUR of profit lost per hour waited.

        Only of delays after which the answer came in every seed: an answer that never came has no price of waiting.
        """
        cells = sorted(
            (cell.delay_hours, k)
            for k, cell in enumerate(self.cells)
            if cell.kind == kind and cell.delay_hours is not None and self.answered_in(k) == len(self.seeds)
        )
        found = []
        for (early, a), (late, b) in pairwise(cells):
            read, hours = _indicator("profit"), late - early
            found.append((early, late, difference(self.values(a, read) / hours, self.values(b, read) / hours)))
        return found

    def gap(self, cell: int, column: str) -> np.ndarray:
        """Mean over seeds of a daily column less that of the calm run, float64 [D]."""
        gaps = [getattr(t[1 + cell], column) - getattr(t[0], column) for t in self.tracks]
        return np.asarray(np.mean(gaps, axis=0))

    def times(self, seed: int) -> dict[str, slice]:
        """Days before the first trigger, from it until the last hour of the silent storm, and after, of the k-th seed.

        Before is a week at most, and after the rest of the run; either may be empty.
        """
        hours = self.tracks[seed][1].posts.shape[0]
        over = min(self.scenario.days, self.day + max(1, math.ceil(hours / 24)))
        return {
            "before": slice(max(0, self.day - 7), self.day),
            "during": slice(self.day, over),
            "after": slice(over, self.scenario.days),
        }

    def mood(self, cell: int, column: str) -> dict[str, float]:
        """Mean of a daily column over the days before, during and after the storm, over all seeds; -1 is the calm run.

        NaN for a time without days.
        """
        found: dict[str, float] = {}
        for name in ("before", "during", "after"):
            parts = [getattr(t[1 + cell], column)[self.times(k)[name]] for k, t in enumerate(self.tracks)]
            means = [float(part.mean()) for part in parts if part.size]
            found[name] = float(np.mean(means)) if means else math.nan
        return found

    def days_until_back(self, cell: int, column: str, smooth: int = 7) -> float:
        """Days after the trigger until a mean daily column stays near the calm one.

        0 without a loss, NaN if not within the run. Near: within `BACK_WITHIN` of the largest loss, in means of
        `smooth` days.
        """
        path = np.convolve(self.gap(cell, column)[self.day :], np.ones(smooth) / smooth, "valid")
        largest = -path.min() if path.size else 0.0
        if largest <= 0:
            return 0.0
        away = np.flatnonzero(np.abs(path) > BACK_WITHIN * largest)
        last = int(away[-1]) if away.size else -1
        return float(last + 1) if last + 1 < path.size else math.nan

    def table(self) -> pd.DataFrame:
        """One row per policy: volume, reach, losses with intervals, cost, time until back, and what it is told from."""
        rows = []
        for k, cell in enumerate(self.cells):
            lost = {name: self.loss(k, name) for name in ("profit", "revenue", "customers_end", "won", "lost", "nps")}
            equity = self.equity_loss(k)
            rows.append(
                {
                    "response": cell.kind,
                    "delay_hours": math.nan if cell.delay_hours is None else float(cell.delay_hours),
                    "answered_in_seeds": self.answered_in(k),
                    "peak_posts_per_hour": self.mean(k, lambda t: float(t.volume.max(initial=0.0))).mean,
                    "peak_hour": self.mean(k, lambda t: t.peak_hour).mean,
                    "half_life_hours": self.mean(k, lambda t: t.half_life).mean,
                    "posts": self.mean(k, lambda t: float(t.volume.sum())).mean,
                    "reached": self.mean(k, lambda t: float(t.reached.sum())).mean,
                    "outraged": self.mean(k, lambda t: t.outraged).mean,
                    "cost_eur": self.cost(k).mean,
                    **{
                        f"{name}_{end}": getattr(gap, attribute)
                        for name, gap in {**lost, "equity": equity}.items()
                        for end, attribute in (("change", "mean"), ("low", "low"), ("high", "high"))
                    },
                    "days_until_feeling_back": self.days_until_back(k, "feeling"),
                    "days_until_purchases_back": self.days_until_back(k, "first_purchases", 14),
                    "against_best": self.against(k, self.best).mean,
                    "against_best_low": self.against(k, self.best).low,
                    "against_best_high": self.against(k, self.best).high,
                    "told_apart_from_best": self.told_apart(k),
                    "cannot_be_told_from": ", ".join(self.cells[j].name for j in self.same_as(k)),
                }
            )
        return pd.DataFrame(rows)

    def delays(self) -> pd.DataFrame:
        """The price of waiting: EUR of profit per hour between neighbouring delays, by answer."""
        rows = [
            {
                "response": kind,
                "from_hours": a,
                "to_hours": b,
                "eur_per_hour": gap.mean,
                "low": gap.low,
                "high": gap.high,
            }
            for kind in RESPONSES
            for a, b, gap in self.price_of_an_hour(kind)
        ]
        return pd.DataFrame(rows, columns=["response", "from_hours", "to_hours", "eur_per_hour", "low", "high"])

    def days(self) -> pd.DataFrame:
        """Mean daily differences to the calm run, by policy: profit, revenue, customers, feeling."""
        frames = []
        for k, cell in enumerate(self.cells):
            gaps = {name: self.gap(k, name) for name in ("profit_eur", "revenue_eur", "customers", "feeling")}
            frames.append(pd.DataFrame({"response": cell.name, "day": np.arange(self.scenario.days), **gaps}))
        return pd.concat(frames, ignore_index=True)

    def runs(self) -> pd.DataFrame:
        """Every run: seed, policy (calm first), and all indicators."""
        names = ["calm", *(cell.name for cell in self.cells)]
        rows = [
            {"seed": seed, "policy": name, **track.summary}
            for seed, tracks in zip(self.seeds, self.tracks, strict=True)
            for name, track in zip(names, tracks, strict=True)
        ]
        return pd.DataFrame(rows)

    @property
    def storm(self) -> pd.DataFrame:
        """The first seed's silent storm, hour by hour."""
        found = self.tracks[0][1].storm
        assert found is not None  # kept of the first seed
        return found

    @property
    def infections(self) -> pd.DataFrame:
        """Who outraged whom in it."""
        found = self.tracks[0][1].infections
        assert found is not None  # kept of the first seed
        return found


def _indicator(name: str) -> Callable[[Track], float]:
    return lambda track: track.summary[name]


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
