"""What comes out of a storm study: policies beside the calm run, seed by seed, and beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from sim.intervals import Interval, interval
from sim.scenario.scenario import Scenario
from sim.scenario.storm import RESPONSES, ResponseKind
from sim.studies.paired import Difference, difference
from sim.studies.storm_track import Track

#: An indicator is back when it stays within this share of its largest loss.
BACK_WITHIN = 0.1


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
