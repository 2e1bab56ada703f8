"""Journeys as attribution tools see them: which touchpoints somebody met before he bought, or did not buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.agents.stages import Stage
from sim.record import Results

#: Events that are a touch: met, met and noticed, invited by a friend (a referral line). Ideal tracking sees them all.
TOUCHES = ("contact", "noticed", "invited")
#: Days before the purchase within which touches count; tools look back 30 to 90 days.
LOOKBACK_DAYS = 90
_PROSPECTS = tuple(stage.name.lower() for stage in Stage if stage < Stage.SERVICE or stage == Stage.LAPSED)


@dataclass(frozen=True)
class Paths:
    """What P prospects met, T touches in all, path by path in order of time.

    Attributes
    ----------
    names : tuple of str        touchpoints
    touch : int64 [T]           index into names
    age : float64 [T]           days between the touch and the end of its path
    start : int64 [P + 1]       path p holds touches start[p] .. start[p + 1] - 1
    won : bool [P]              whether it ended with a first purchase (or a former customer's return)
    """

    names: tuple[str, ...]
    touch: np.ndarray
    age: np.ndarray
    start: np.ndarray
    won: np.ndarray

    @property
    def length(self) -> np.ndarray:
        """Touches of each path, int64 [P]."""
        return np.diff(self.start)


def paths_of(results: Results, lookback_days: float = LOOKBACK_DAYS) -> Paths:
    """Paths of the tracked panel: a path is what a consumer met while no customer, until he is won or the run ends.

    Touches longer before the end of their path than `lookback_days` are forgotten. Whoever is a customer has no path;
    who leaves begins a new one.
    """
    journal = results.journeys
    names = tuple(sorted(touchpoint.name for touchpoint in results.scenario.touchpoints))
    touched = journal["event"].isin(TOUCHES) & journal["from_stage"].isin(_PROSPECTS) & journal["touchpoint"].notna()
    won = (journal["event"] == "moved") & (journal["from_stage"] == "decision") & (journal["to_stage"] == "service")
    rows = journal[touched | won]
    closing = won[touched | won].to_numpy(bool)
    who, day = rows["consumer"].to_numpy(np.int64), rows["day"].to_numpy(np.float64)
    before: np.ndarray = np.cumsum(closing) - closing  # wins before this row: what follows a win is a new path
    fresh = np.concatenate([[True], (np.diff(who) != 0) | (np.diff(before) != 0)]) if who.size else np.zeros(0, bool)
    path = np.cumsum(fresh) - 1
    count = int(path[-1]) + 1 if path.size else 0
    end = np.full(count, float(results.scenario.days))
    end[path[closing]] = day[closing]
    ended_well = np.zeros(count, np.bool_)
    ended_well[path[closing]] = True
    age = end[path] - day
    kept = ~closing & (age <= lookback_days)
    codes = pd.Categorical(rows["touchpoint"].astype(object), list(names)).codes.astype(np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(path[kept], minlength=count))]).astype(np.int64)
    return Paths(names, codes[kept], age[kept], start, ended_well)
