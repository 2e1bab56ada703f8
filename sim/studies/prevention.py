"""What a weekly budget spent before the storm does to it: service, listening, community, advocates, or advertising.

Each measure costs the same, so prevention competes with advertising for the same money. Every measure is run with and
without the storm, on the same people and luck: what the storm takes under it, and what it changes in all.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.studies import pool
from sim.studies.memory import workers_that_fit
from sim.studies.paired import Difference, difference
from sim.studies.seeds import following
from sim.studies.storm_track import Track, reduced
from sim.studies.storms import first_moment, without_ignition

#: Assumptions, all of them: what a budget of EUR a week buys.
LISTENING_FACTOR = 4.0  # the alarm rings at a quarter of the posts, and at once
COMMUNITY_EUR_PER_MODERATOR_WEEK = 1_500.0
ADVOCATE_EUR_PER_YEAR = 20.0  # to make one more advocate, and keep him; at most a third more than there are


@dataclass(frozen=True)
class Measure:
    """A way to spend the budget."""

    name: str
    what: str
    scenario: Scenario


def measures(scenario: Scenario, weekly_eur: float) -> list[Measure]:
    """The scenario as it is, and with a weekly budget spent on each measure it has a place for."""
    found = [Measure("nothing", "as it is", scenario)]
    storm, desk = scenario.storm, scenario.service.desks.service_centre
    extra = weekly_eur / 7.0 / desk.wage_eur_per_day if desk.wage_eur_per_day > 0 else 0.0
    if extra > 0:
        staff = {"service.desks.service_centre.staff": desk.staff + extra}
        found.append(
            Measure("service staff", f"{extra:.1f} more people at the service centre", scenario.with_changes(staff))
        )
    alarm = {
        "storm.listening.eur_per_week": storm.listening.eur_per_week + weekly_eur,
        "storm.listening.threshold_posts_per_hour": storm.listening.threshold_posts_per_hour / LISTENING_FACTOR,
        "storm.listening.lag_hours": 0,
    }
    found.append(
        Measure("listening", "an alarm at a quarter of the posts, round the clock", scenario.with_changes(alarm))
    )
    people = weekly_eur / COMMUNITY_EUR_PER_MODERATOR_WEEK
    hub = next((t for t in scenario.touchpoints if t.kind == "owned" and t.two_way), None)
    if hub is not None:
        tended = {
            f"touchpoints.{hub.name}.fixed_eur_per_week": hub.fixed_eur_per_week + weekly_eur,
            f"touchpoints.{hub.name}.answers_per_day": hub.answers_per_day + 8.0 * 15.0 * people,
            "storm.moderators.staff": storm.moderators.staff + people,
            "storm.supporters.share": min(1.0, 2.0 * storm.supporters.share),
        }
        found.append(
            Measure("community", f"{people:.1f} more people who tend {hub.name}", scenario.with_changes(tended))
        )
    start = scenario.start
    more = min(start.advocacy / 3.0, 52.0 * weekly_eur / ADVOCATE_EUR_PER_YEAR / scenario.market.size, start.retention)
    page = hub or next((t for t in scenario.touchpoints if t.kind == "owned"), None)
    if more > 0 and page is not None:
        loved = {
            "start.advocacy": start.advocacy + more,
            "start.retention": start.retention - more,
            f"touchpoints.{page.name}.fixed_eur_per_week": page.fixed_eur_per_week + weekly_eur,
        }
        people_more = more * scenario.market.size
        found.append(Measure("advocates", f"{people_more:,.0f} customers made advocates", scenario.with_changes(loved)))
    bought = [t for t in scenario.touchpoints if t.mechanism == "impressions" and t.scale > 0]
    if bought:
        line = max(bought, key=lambda t: (t.spend.weekly_eur + sum(t.spend.weeks_eur), t.name))
        more_ads = {f"touchpoints.{line.name}.spend.weekly_eur": line.spend.weekly_eur + weekly_eur / line.scale}
        found.append(Measure("advertising", f"more {line.name.replace('_', ' ')}", scenario.with_changes(more_ads)))
    return found


@dataclass(frozen=True)
class WithAndWithout:
    """A task for `sim.studies.pool`: every measure through one seed, calm and stormy."""

    stormy: tuple[Scenario, ...]
    calm: tuple[Scenario, ...]
    moment: int  # of the first trigger, in hours

    def __call__(self, seed: int, tick: Callable[[], None]) -> tuple[tuple[Track, Track], ...]:
        """Calm and stormy track of every measure; ticks once per day lived."""
        found = []
        for calm, stormy in zip(self.calm, self.stormy, strict=True):
            trunk = Engine(calm, seed=seed, threads=1)
            for _ in range(self.moment // 24):
                trunk.step()
                tick()
            branch = trunk.branch(stormy)
            for engine in (trunk, branch):
                while not engine.finished:
                    engine.step()
                    tick()
            calm_track, stormy_track = (reduced(e.results(), self.moment, whole=False) for e in (trunk, branch))
            found.append((calm_track, stormy_track))
        return tuple(found)


@dataclass(frozen=True)
class Prevention:
    """What each measure does to the storm. tracks: [seeds][measures] of (calm, stormy); the first is nothing."""

    weekly_eur: float
    measures: tuple[Measure, ...]
    tracks: tuple[tuple[tuple[Track, Track], ...], ...]

    def _values(self, measure: int, stormy: bool, name: str) -> np.ndarray:
        return np.array([tracks[measure][int(stormy)].summary[name] for tracks in self.tracks], np.float64)

    def damage(self, measure: int, name: str = "profit") -> Difference:
        """What the storm changes under a measure."""
        return difference(self._values(measure, True, name), self._values(measure, False, name))

    def in_all(self, measure: int, name: str = "profit") -> Difference:
        """What the measure changes with the storm, its cost included, against doing nothing."""
        return difference(self._values(measure, True, name), self._values(0, True, name), "more")

    def volume(self, measure: int) -> float:
        """Mean posts of the storm."""
        return float(np.mean([tracks[measure][1].volume.sum() for tracks in self.tracks]))

    def table(self) -> pd.DataFrame:
        """One row per measure: posts, what the storm takes, and what the measure changes in all, with intervals."""
        rows = []
        for k, measure in enumerate(self.measures):
            gaps = {
                "storm_changes_profit": self.damage(k),
                "storm_changes_customers": self.damage(k, "customers_end"),
                "changes_profit_in_all": self.in_all(k),
                "changes_equity_in_all": self.in_all(k, "equity"),
            }
            ends = {f"{name}{end}": value for name, gap in gaps.items() for end, value in _ends(gap)}
            rows.append({"measure": measure.name, "what": measure.what, "posts": self.volume(k), **ends})
        return pd.DataFrame(rows)

    @cached_property
    def seeds(self) -> int:
        """Number of seeds."""
        return len(self.tracks)


def _ends(gap: Difference) -> list[tuple[str, float]]:
    return [("", gap.mean), ("_low", gap.low), ("_high", gap.high)]


def prevention(
    scenario: Scenario,
    weekly_eur: float,
    *,
    seeds: int,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Prevention:
    """Run every measure of a weekly budget with and without the scenario's storm.

    Raises
    ------
    ValueError                      if there is no trigger within the run, or no budget
    """
    if weekly_eur <= 0:
        raise ValueError(f"the weekly budget must be above 0, not {weekly_eur}")
    quiet = without_ignition(scenario)
    moment = first_moment(quiet)
    found = tuple(measures(quiet, weekly_eur))
    stormy = tuple(measure.scenario for measure in found)
    calm = tuple(s.model_copy(update={"storm": s.storm.model_copy(update={"triggers": []})}) for s in stormy)
    each = moment // 24 + 2 * (quiet.days - moment // 24)
    runs = pool.each(
        WithAndWithout(stormy, calm, moment),
        following(quiet.seed, seeds),
        workers=workers_that_fit((quiet, quiet), workers),
        progress=None if progress is None else lambda done: progress(done, seeds * each * len(found)),
    )
    with closing(pool.in_order(runs)) as arriving:
        return Prevention(weekly_eur, found, tuple(arriving))
