"""The tables of a run as arrays, and time in periods short enough to see and long enough to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from sim.agents.stages import MOVES, Stage, move_name
from sim.record import ALL, Results
from sim.report.format import MONTHS

STAGE_NAMES = tuple(stage.name.lower() for stage in Stage)
CUSTOMER_STAGES = STAGE_NAMES[Stage.SERVICE : Stage.ADVOCACY + 1]


@dataclass(frozen=True)
class Periods:
    """The horizon cut into days, weeks or longer; what is left over at the end lengthens the last one."""

    start: date
    days: int

    @cached_property
    def step(self) -> int:
        """Days in a period."""
        return next((step for limit, step in ((42, 1), (550, 7), (4400, 28)) if self.days <= limit), 364)

    @property
    def word(self) -> str:
        """What a period is called after "per"."""
        return {1: "day", 7: "week", 28: "four weeks", 364: "52 weeks"}[self.step]

    @cached_property
    def edges(self) -> np.ndarray:
        """First day of each period and the end of the last, int64 [K + 1]."""
        return np.array([*range(0, max(1, self.days // self.step) * self.step, self.step), self.days])

    @cached_property
    def middles(self) -> np.ndarray:
        """Middle of each period in days, float64 [K]."""
        middles: np.ndarray = (self.edges[:-1] + self.edges[1:]) / 2.0
        return middles

    @cached_property
    def samples(self) -> np.ndarray:
        """Days on which a state is shown: at least one in each period, the first and the last, int64 [S]."""
        step = min(self.step, max(7, self.days // 150)) if self.step > 1 else 1
        return np.unique(np.append(np.arange(0, self.days, step), self.days - 1))

    def sums(self, daily: np.ndarray) -> np.ndarray:
        """Sum of a daily count in each period, float64 [K]."""
        return np.add.reduceat(np.asarray(daily, np.float64), self.edges[:-1])

    def rates(self, daily: np.ndarray) -> np.ndarray:
        """The same per `step` days, so that a longer last period looks no busier."""
        return self.sums(daily) / np.diff(self.edges) * self.step

    def ratios(self, above: np.ndarray, below: np.ndarray) -> np.ndarray:
        """Sum of `above` / sum of `below` in each period, NaN where there is nothing below."""
        top, bottom = self.sums(above), self.sums(below)
        found: np.ndarray = np.divide(top, bottom, out=np.full(top.size, np.nan), where=bottom > 0)
        return found

    def date(self, day: float) -> date:
        """The date of a day."""
        return self.start + timedelta(days=int(day))

    def name(self, day: float) -> str:
        """A day in short: 5 Jan 2026."""
        found = self.date(day)
        return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


class View:
    """What the charts look at."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.scenario = results.scenario
        daily = results.daily
        self._rows = {str(name): frame for name, frame in daily.groupby("persona", observed=True, sort=False)}
        self._cache: dict[tuple[str, str], np.ndarray] = {}
        first = self._rows[ALL]["date"].iloc[0]
        self.time = Periods(first.date(), len(self._rows[ALL]))
        self.size = float(self.scenario.market.size)

    def column(self, name: str, persona: str = ALL) -> np.ndarray:
        """One column of `daily`, float64 [days]; zeros if it does not exist."""
        key = persona, name
        if key not in self._cache:
            rows = self._rows[persona]
            zeros = np.zeros(self.time.days)
            self._cache[key] = rows[name].to_numpy(np.float64, na_value=np.nan) if name in rows else zeros
        return self._cache[key]

    def total(self, *names: str, persona: str = ALL) -> float:
        """Sum of columns over the run."""
        return float(sum(np.nansum(self.column(name, persona)) for name in names))

    def eur(self, name: str) -> np.ndarray:
        """A column in cents as EUR."""
        return self.column(name) / 100.0

    def stage(self, name: str, persona: str = ALL) -> np.ndarray:
        """People in a stage every evening."""
        return self.column(f"stage_{name}", persona)

    def customers(self, persona: str = ALL) -> np.ndarray:
        """Customers every evening."""
        held: np.ndarray = np.sum([self.stage(name, persona) for name in CUSTOMER_STAGES], axis=0)
        return held

    def stage_start(self, name: str) -> float:
        """People in a stage on the first morning: the first evening's with that day's moves undone."""
        count = self.stage(name)[0]
        for source, target in MOVES:
            moved = self.column(f"flow_{move_name((source, target))}")[0]
            count += moved * ((source.name.lower() == name) - (target.name.lower() == name))
        return float(count)

    def feeling(self, stage: str, persona: str = ALL) -> float:
        """Mean feeling in a stage over all people and days there; NaN if nobody was."""
        people = self.stage(stage, persona)
        felt = self.column(f"feeling_{stage}", persona)
        there = (people > 0) & np.isfinite(felt)
        return float((felt[there] * people[there]).sum() / people[there].sum()) if there.any() else float("nan")

    @cached_property
    def personas(self) -> list[str]:
        """Names, the largest share of the market first."""
        return [p.name for p in sorted(self.scenario.personas, key=lambda p: (-p.share, p.name))]

    @cached_property
    def touchpoints(self) -> pd.DataFrame:
        """Totals by touchpoint over the run, in the order of the scenario; empty without touchpoints."""
        table = self.results.touchpoints
        if table.empty:
            return pd.DataFrame()
        numbers = table.select_dtypes("number").drop(columns="day").columns
        totals = table.groupby("touchpoint", observed=True)[list(numbers)].sum()
        return totals.reindex([t.name for t in self.scenario.touchpoints])

    @cached_property
    def touchpoint_days(self) -> dict[str, dict[str, np.ndarray]]:
        """Daily contacts and noticed contacts by kind of touchpoint, float64 [days]."""
        table = self.results.touchpoints
        found: dict[str, dict[str, np.ndarray]] = {}
        for kind in ("paid", "owned", "earned"):
            rows = table[table["kind"] == kind] if not table.empty else table
            if len(rows):
                day = rows["day"].to_numpy()
                found[kind] = {
                    name: np.bincount(day, rows[name].to_numpy(np.float64), self.time.days)
                    for name in ("contacts", "noticed")
                }
        return found

    @cached_property
    def met(self) -> tuple[list[str], np.ndarray]:
        """Contacts of the tracked panel: what was met, and how often by persona and stage.

        Returns
        -------
        list of str                     touchpoints, then talk of others, then reviews
        float64 [P, STAGES, what]       contacts over the run, in panel members' contacts; P as in `personas`
        """
        lines = [t.name for t in self.scenario.touchpoints]
        what = [*lines, "talk", "reviews"]
        counts = np.zeros((len(self.personas), len(STAGE_NAMES), len(what)))
        journal = self.results.journeys
        if journal.empty:
            return what, counts
        events = list(journal["event"].cat.categories)
        code = journal["event"].cat.codes.to_numpy()
        kept = ("contact", "noticed", "heard_good", "heard_bad", "read_reviews")
        wanted = {name: events.index(name) for name in kept}
        place = np.full(len(events), -1)
        place[[wanted["heard_good"], wanted["heard_bad"]]] = len(lines)
        place[wanted["read_reviews"]] = len(lines) + 1
        thing = place[code]
        contact = (code == wanted["contact"]) | (code == wanted["noticed"])
        order = np.array([lines.index(name) for name in journal["touchpoint"].cat.categories] or [0])
        thing[contact] = order[journal["touchpoint"].cat.codes.to_numpy()[contact]] if lines else -1
        rank = np.array([self.personas.index(name) for name in journal["persona"].cat.categories])
        stage = journal["from_stage"].cat.codes.to_numpy()
        seen = (thing >= 0) & (stage >= 0)
        who = rank[journal["persona"].cat.codes.to_numpy()[seen]]
        times = np.where(code[seen] == wanted["read_reviews"], 1.0, journal["value"].to_numpy(np.float64)[seen])
        np.add.at(counts, (who, stage[seen], thing[seen]), times)
        return what, counts

    @cached_property
    def panel(self) -> int:
        """Tracked consumers."""
        wanted, agents = self.scenario.panel, self.scenario.agents
        if not wanted:
            return 0
        stride = max(1, agents // wanted)
        return min(wanted, -(-agents // stride))
