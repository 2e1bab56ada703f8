"""What is kept of one run with a storm, or of the calm run beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.ledger import make_ledger
from sim.record import Results
from sim.summary import summarise

SOURCES = ("posts_consumers", "posts_hub", "posts_trolls")
REACHED = ("reached_first", "reached_close", "reached_platform", "reached_hub", "reached_media")


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
    """Hours from the peak until at most a share of it is left, or until the record ends; NaN without a post."""
    if volume.size == 0 or volume.sum() == 0:
        return math.nan
    peak = int(volume.argmax())
    below = np.flatnonzero(volume[peak:] <= share * volume[peak])
    return float(below[0]) if below.size else float(volume.size - peak)


def _series(results: Results, column: str) -> np.ndarray:
    """A column of the whole market by day, float64 [D]."""
    return np.asarray(results.everybody[column].to_numpy(np.float64))


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
        profit_eur=_series(results, "profit_cents") / 100.0,
        revenue_eur=_series(results, "revenue_cents") / 100.0,
        customers=make_ledger(results).customers,
        feeling=_series(results, "feeling"),
        first_purchases=_series(results, "first_purchases"),
        reviews_bad=_series(results, "reviews_bad"),
        posts=hourly_posts(hours, moment),
        reached=hours[list(REACHED)].sum().to_numpy(np.float64),
        outraged=float(hours["joined"].sum()),
        cost_eur=float(_series(results, "cost_of_storm_cents").sum()) / 100.0,
        answered=bool((hours["response"] != "").any()),
        storm=hours if whole else None,
        infections=results.infections if whole else None,
    )
