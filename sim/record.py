"""What is recorded: declared measures, the tables of a run, and the money in cents."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.agents.stages import MOVES, STAGES, Stage, move_name
from sim.counters import FEELING_SUMS, PERSON_COUNTS, TOUCH_COUNTS, FeelingSum, PersonCount, TouchCount
from sim.day.state import World
from sim.day.storm_state import CHANNELS, HOUR, INFECTION
from sim.journal import ENTRY, Event
from sim.plan import Plan, cents, cumulated_cents
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.scenario import Scenario
from sim.scenario.storm import RESPONSES
from sim.scenario.touchpoints import PURPOSES

#: Columns of `daily` that are counts of people, and the counter each comes from.
PEOPLE: dict[str, PersonCount] = {
    "needs": PersonCount.NEEDS,
    "first_purchases": PersonCount.FIRST_PURCHASES,
    "repeat_purchases": PersonCount.REPEAT_PURCHASES,
    "rival_purchases": PersonCount.RIVAL_PURCHASES,
    "nothing_purchases": PersonCount.NOTHING_PURCHASES,
    "won_back": PersonCount.WON_BACK,
    "lost_by_choice": PersonCount.LOST_BY_CHOICE,
    "lost_after_problem": PersonCount.LOST_AFTER_PROBLEM,
    "lost_inactive": PersonCount.LOST_INACTIVE,
    "lost_of_start": PersonCount.LOST_OF_START,
    "talk_good": PersonCount.TALK_GOOD,
    "talk_bad": PersonCount.TALK_BAD,
    "posts_good": PersonCount.POSTS_GOOD,
    "posts_bad": PersonCount.POSTS_BAD,
    "heard_good": PersonCount.HEARD_GOOD,
    "heard_bad": PersonCount.HEARD_BAD,
    "reviews_good": PersonCount.REVIEWS_GOOD,
    "reviews_bad": PersonCount.REVIEWS_BAD,
    "problems": PersonCount.PROBLEMS,
    "complaints": PersonCount.COMPLAINTS,
    "outcome_silent": PersonCount.OUTCOME_SILENT,
    "outcome_unresolved": PersonCount.OUTCOME_UNRESOLVED,
    "outcome_resolved": PersonCount.OUTCOME_RESOLVED,
    "outcome_quick": PersonCount.OUTCOME_QUICK,
    "outcome_goodwill": PersonCount.OUTCOME_GOODWILL,
    "cases_handled": PersonCount.CASES_HANDLED,
    "response_days": PersonCount.RESPONSE_DAYS,
    "reactions": PersonCount.REACTIONS,
    "promoters": PersonCount.PROMOTERS,
    "detractors": PersonCount.DETRACTORS,
    "storm_reached": PersonCount.STORM_REACHED,
    "storm_outraged": PersonCount.STORM_OUTRAGED,
    "storm_posts": PersonCount.STORM_POSTS,
    "storm_compensated": PersonCount.STORM_COMPENSATED,
}
TOUCH: dict[str, TouchCount] = {count.name.lower(): count for count in TouchCount}
CUSTOMERS = slice(Stage.SERVICE, Stage.ADVOCACY + 1)
ALL = "all"
SHARES = ("answered_hub", "appeal")  # columns of an hour of storm that are no counts


@dataclass(frozen=True)
class Results:
    """What came out of one run. People and money are those of the market, not of the agents.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    weight : float              people per agent
    daily : DataFrame           one row per day and persona, and per day for ``all``; columns in docs/tables.md
    touchpoints : DataFrame     one row per day and touchpoint
    journeys : DataFrame        one row per event of a tracked consumer
    brands : DataFrame          one row per alternative: purchases, buyers, penetration, purchases per buyer
    storm : DataFrame           one row per hour of a live storm; empty if there was none
    infections : DataFrame      who was outraged by whom, the first so many; empty if nobody was
    """

    scenario: Scenario
    seed: int
    weight: float
    daily: pd.DataFrame
    touchpoints: pd.DataFrame
    journeys: pd.DataFrame
    brands: pd.DataFrame
    storm: pd.DataFrame
    infections: pd.DataFrame

    @cached_property
    def everybody(self) -> pd.DataFrame:
        """The rows of ``daily`` for all personas together, one per day, in order."""
        return self.daily[self.daily["persona"] == ALL].sort_values("day").reset_index(drop=True)


def _listening(plan: Plan) -> np.ndarray:
    """What social listening costs each day, int64 [D] cents."""
    return cumulated_cents(np.full(plan.days, plan.storm.settings.listening.eur_per_week / 7.0))


def whole_cents(amount: np.ndarray | float) -> np.ndarray:
    """Round cents half up to int64."""
    return np.asarray(np.floor(np.asarray(amount, np.float64) + 0.5), np.int64)


#: What a line costs by the piece: refused contacts (less), visits and messages, rewards, answers.
_COSTING = np.array(
    [TouchCount.REFUSED, TouchCount.IMPRESSIONS, TouchCount.INVITED_WINS, TouchCount.COMMENTS_ANSWERED], np.intp
)


class Recorder:
    """Takes down each day in arrays and turns them into tables at the end."""

    def __init__(self, plan: Plan, counts: np.ndarray) -> None:
        days, personas, lines = plan.days, len(plan.personas.names), len(plan.touchpoints.names)
        self.plan = plan
        self.start_counts = counts  # int64 [P, STAGES], first morning
        self.person = np.zeros((days, personas, PERSON_COUNTS), np.int64)
        self.flows = np.zeros((days, personas, len(MOVES)), np.int64)
        self.standing = np.zeros((days, personas, STAGES), np.int64)  # consumers in the evening
        self.sums = np.zeros((days, personas, STAGES, FEELING_SUMS))
        self.touch = np.zeros((days, lines, TOUCH_COUNTS), np.int64)
        self.cost_cents = np.zeros((days, lines), np.int64)
        self.brands = np.zeros((days, plan.brands.what.size), np.int64)
        self.reviews = np.zeros((days, 2))
        self.waiting = np.zeros((days, len(CONTACT_CHANNELS)), np.int64)
        self.voice_eur = np.zeros(days)
        self.journal: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
        self._wages = self._wages_per_day()
        self.storm_cents = _listening(plan)
        self.storm_hours: list[np.ndarray] = []
        self.infections: list[np.ndarray] = []

    def _wages_per_day(self) -> int:
        desks = self.plan.scenario.service.desks
        return sum(cents(getattr(desks, n).staff * getattr(desks, n).wage_eur_per_day) for n in CONTACT_CHANNELS)

    def branch(self, plan: Plan, days: int) -> Recorder:
        """A copy that goes on by itself under a plan with other storm settings, after so many days."""
        other = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray | list):
                setattr(other, name, value.copy())
        other.plan = plan
        other.storm_cents[days:] = _listening(plan)[days:]
        return other

    # -- during the run

    def record(self, world: World) -> None:
        """Take down the day that was just lived, and let its money and reviews count for tomorrow."""
        day, tally, company = world.day, world.tally, world.company
        weight = self.plan.weight
        self.person[day] = tally.person.sum(axis=0)
        self.flows[day] = tally.flows[:, 0].sum(axis=0)
        self.touch[day] = tally.touch.sum(axis=0)
        self.brands[day] = tally.brands.sum(axis=0)
        self.standing[day] = world.counts[0]
        self.sums[day] = summed_in_order(tally.sums)
        self.cost_cents[day] = self._line_costs(world)
        touch = self.touch[day]
        negative = touch[:, TouchCount.COMMENTS_NEGATIVE]
        unanswered = negative - touch[:, TouchCount.COMMENTS_ANSWERED]
        reactions = touch[:, TouchCount.REACTIONS]
        company.tone = unanswered / np.maximum(1, reactions)
        company.negative = negative.copy()
        company.unanswered = unanswered
        company.reactions = company.reactions + self.person[day, :, PersonCount.REACTIONS]
        company.posts_made = weight * float(self.person[day, :, PersonCount.UGC].sum())
        company.reviews_good += weight * float(self.person[day, :, PersonCount.REVIEWS_GOOD].sum())
        company.reviews_bad += weight * float(self.person[day, :, PersonCount.REVIEWS_BAD].sum())
        self.reviews[day] = company.reviews_good, company.reviews_bad
        self.waiting[day] = np.bincount(company.cases["desk"], minlength=len(CONTACT_CHANNELS))
        self.voice_eur[day] = company.voice_eur or 0.0
        if world.storm is not None:
            self.storm_cents[day] += world.storm.cents
            self.storm_hours += world.storm.hours
            self.infections += world.storm.infections
        if world.panel.used.any():
            self.journal.append(self._entries(world))

    def _line_costs(self, world: World) -> np.ndarray:
        """Cents each line cost today, int64 [C]; pays rewards out of their pools."""
        plan, day, pressure = self.plan, world.day, world.pressure
        assert pressure is not None  # set by the plan step
        lines = plan.touchpoints
        counted = 100.0 * plan.weight * self.touch[day][:, _COSTING]
        refused = whole_cents(counted[:, 0] * pressure.unit_eur)
        visited, rewards, answers = whole_cents(counted[:, 1:].T * lines.each_eur)
        world.company.pool_cents -= rewards
        cost: np.ndarray = lines.fixed_cents[day] + np.maximum(0, pressure.media_cents - refused)
        cost += visited + rewards + answers
        return cost

    def _entries(self, world: World) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
        """Today's events of the panel: day, consumers, their personas, ENTRY records."""
        panel = world.panel
        slot = np.repeat(np.arange(panel.used.size), panel.used)
        order = np.arange(slot.size) - np.repeat(np.cumsum(panel.used) - panel.used, panel.used)
        entries = panel.entries[slot, order]
        who = slot * panel.stride
        return world.day, who.astype(np.int32), world.people.persona[who], entries

    # -- tables

    def results(self, days: int, bought: np.ndarray) -> Results:
        """Tables of the first `days` days; `bought` are the consumers' bits of alternatives ever bought, uint16 [N]."""
        return Results(
            scenario=self.plan.scenario,
            seed=self.plan.seed,
            weight=self.plan.weight,
            daily=self._daily(days),
            touchpoints=self._touchpoints(days),
            journeys=self._journeys(),
            brands=self._brands(days, bought),
            storm=self._storm(),
            infections=self._infections(),
        )

    def indicators(self, day: int) -> dict[str, float]:
        """One day's row for all personas together."""
        columns = self._columns(slice(day, day + 1), None) | self._company(slice(day, day + 1))
        return {name: float(column[0]) for name, column in columns.items()}

    def everybody(self, days: int) -> pd.DataFrame:
        """The rows of ``all`` of the daily table, without its dates: all that indicators need."""
        span = slice(0, days)
        head = {"day": np.arange(days, dtype=np.int32)}
        return pd.DataFrame(head | self._columns(span, None) | self._company(span))

    def _columns(self, days: slice, persona: int | None) -> dict[str, np.ndarray]:
        """Columns of `daily` for one persona, or for all together (None)."""
        weight = self.plan.weight

        def pick(table: np.ndarray) -> np.ndarray:
            return table[days].sum(axis=1) if persona is None else table[days, persona]

        person, flows, count, sums = pick(self.person), pick(self.flows), pick(self.standing), pick(self.sums)
        columns: dict[str, np.ndarray] = {}
        for stage in Stage:
            columns[f"stage_{stage.name.lower()}"] = weight * count[:, stage]
        for position, move in enumerate(MOVES):
            columns[f"flow_{move_name(move)}"] = weight * flows[:, position]
        for name, counter in PEOPLE.items():
            columns[name] = weight * person[:, counter]
        columns["purchases"] = columns["first_purchases"] + columns["repeat_purchases"]
        columns["lost"] = columns["lost_by_choice"] + columns["lost_after_problem"] + columns["lost_inactive"]
        money = self._money(days)
        for name, table in money.items():
            columns[name] = table.sum(axis=1) if persona is None else table[:, persona]
        columns["feeling"] = _ratio(sums[:, 1:, FeelingSum.FEELING].sum(1), count[:, 1:].sum(1))
        columns["belief"] = _ratio(sums[:, 1:, FeelingSum.BELIEF].sum(1), count[:, 1:].sum(1))
        columns["salience"] = _ratio(sums[:, 1:, FeelingSum.SALIENCE].sum(1), count[:, 1:].sum(1))
        customers = count[:, CUSTOMERS].sum(1)
        columns["satisfaction"] = _ratio(sums[:, CUSTOMERS, FeelingSum.SATISFACTION].sum(1), customers)
        columns["loyalty"] = _ratio(sums[:, CUSTOMERS, FeelingSum.LOYALTY].sum(1), customers)
        for stage in list(Stage)[1:]:  # of the UNAWARE nobody asks
            columns[f"feeling_{stage.name.lower()}"] = _ratio(sums[:, stage, FeelingSum.FEELING], count[:, stage])
        return columns

    def _money(self, days: slice) -> dict[str, np.ndarray]:
        """Revenue and unit cost, int64 [days, P] cents of the market."""
        person, weight = self.person[days], self.plan.weight
        bought = person[:, :, PersonCount.FIRST_PURCHASES] + person[:, :, PersonCount.REPEAT_PURCHASES]
        unit = cents(self.plan.scenario.market.unit_cost)
        return {
            "revenue_cents": whole_cents(weight * person[:, :, PersonCount.REVENUE_CENTS]),
            "unit_cost_cents": whole_cents(weight * (bought * unit)),
        }

    def _company(self, days: slice) -> dict[str, np.ndarray]:
        """Columns of `daily` that belong to the brand, for the rows of ``all``."""
        plan = self.plan
        cost = self.cost_cents[days]
        settled = self.person[days, :, PersonCount.OUTCOME_GOODWILL].sum(axis=1)
        goodwill = whole_cents(plan.weight * (settled * cents(plan.scenario.service.goodwill_eur)))
        wages = np.full(cost.shape[0], self._wages, np.int64)
        columns: dict[str, np.ndarray] = {
            f"cost_{name}_cents": cost[:, c] for c, name in enumerate(plan.touchpoints.names)
        }
        storm = self.storm_cents[days]
        columns |= {"cost_of_wages_cents": wages, "cost_of_goodwill_cents": goodwill, "cost_of_storm_cents": storm}
        for purpose in PURPOSES:
            lines = [c for c, t in enumerate(plan.touchpoints.settings) if t.purpose == purpose]
            extra = wages + goodwill + storm if purpose == "service" else 0
            columns[f"cost_for_{purpose}_cents"] = cost[:, lines].sum(axis=1) + extra
        money = {name: table.sum(axis=1) for name, table in self._money(days).items()}
        columns["profit_cents"] = (
            money["revenue_cents"] - money["unit_cost_cents"] - cost.sum(axis=1) - wages - goodwill - storm
        )
        columns |= {"reviews_good_stock": self.reviews[days, 0], "reviews_bad_stock": self.reviews[days, 1]}
        for k, channel in enumerate(CONTACT_CHANNELS):
            columns[f"waiting_{channel}"] = plan.weight * self.waiting[days, k]
        columns["advertising_eur_per_week"] = self.voice_eur[days]
        for j, name in enumerate(plan.brands.names):
            columns[f"purchases_of_{name}"] = plan.weight * self.brands[days, j]
        return columns

    def _daily(self, days: int) -> pd.DataFrame:
        span = slice(0, days)
        dates = pd.to_datetime(self.plan.dates[:days])
        frames = []
        for label, persona in [(ALL, None), *((name, p) for p, name in enumerate(self.plan.personas.names))]:
            columns = self._columns(span, persona)
            if persona is None:
                columns |= self._company(span)
            head = {"day": np.arange(days, dtype=np.int32), "date": dates, "persona": label}
            frames.append(pd.DataFrame(head | columns))
        table = pd.concat(frames, ignore_index=True)
        table["persona"] = pd.Categorical(table["persona"], [ALL, *self.plan.personas.names])
        whole = [str(name) for name in table if str(name).endswith("_cents")]
        table = table.astype({name: "Int64" if table[name].isna().any() else "int64" for name in whole})
        return table.sort_values(["day", "persona"], kind="stable", ignore_index=True)

    def _touchpoints(self, days: int) -> pd.DataFrame:
        lines = self.plan.touchpoints
        many = len(lines.names)
        dates = pd.to_datetime(self.plan.dates[:days])
        columns: dict[str, object] = {
            "day": np.repeat(np.arange(days, dtype=np.int32), many),
            "date": np.repeat(dates, many),
            "touchpoint": pd.Categorical(np.tile(np.array(lines.names, object), days), list(lines.names)),
        }
        for name, pick in (
            ("kind", lambda t: t.kind),
            ("purpose", lambda t: t.purpose),
            ("form", lambda t: t.mechanism),
        ):
            columns[name] = pd.Categorical(np.tile(np.array([pick(t) for t in lines.settings], object), days))
        columns["cost_cents"] = self.cost_cents[:days].ravel()
        for name, counter in TOUCH.items():
            columns[name] = self.plan.weight * self.touch[:days, :, counter].ravel()
        return pd.DataFrame(columns)

    def _journeys(self) -> pd.DataFrame:
        if not self.journal:
            empty = {"consumer": np.int32, "persona": object, "day": np.int32, "event": object, "touchpoint": object}
            empty |= {"from_stage": object, "to_stage": object, "value": np.float32}
            return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in empty.items()})
        days, consumers, personas, entries = zip(*self.journal, strict=True)
        entry = np.concatenate(entries)
        table = pd.DataFrame(
            {
                "consumer": np.concatenate(consumers),
                "persona": np.concatenate(personas),
                "day": np.repeat(np.array(days, np.int32), [part.size for part in consumers]),
            }
            | {name: entry[name] for name in ENTRY.names or ()}
        )
        stages = [stage.name.lower() for stage in Stage]
        events = [Event(k).name.lower() if k else "nothing" for k in range(len(Event) + 1)]
        named = self.plan.personas.names, events, self.plan.touchpoints.names, stages, stages
        columns = ("persona", "event", "touchpoint", "source", "target")
        for column, names in zip(columns, named, strict=True):
            table[column] = pd.Categorical.from_codes(table[column].to_numpy(np.int16), pd.Index(list(names)))
        table = table.rename(columns={"source": "from_stage", "target": "to_stage"})
        return table.sort_values(["consumer", "day"], kind="stable", ignore_index=True)

    def _storm(self) -> pd.DataFrame:
        """The hours of all storms: when, what was posted, who was reached and by what, how the brand answered."""
        hours = np.concatenate([*self.storm_hours, np.empty(0, HOUR)])
        moment = hours["moment"]
        begun = [
            "+".join(kind for bit, kind in enumerate(RESPONSES) if bits >> bit & 1)
            for bits in hours["response"].tolist()
        ]
        counted = [name for name in HOUR.names or () if name not in ("moment", "media", "response", *SHARES)]
        start = np.datetime64(self.plan.scenario.start_date, "h")
        return pd.DataFrame(
            {
                "day": (moment // 24).astype(np.int32),
                "time": (start + moment.astype("timedelta64[h]")).astype("datetime64[s]"),
                **{name: self.plan.weight * hours[name] for name in counted},
                "media": hours["media"] > 0,
                **{name: hours[name] for name in SHARES},
                "response": pd.Series(begun, dtype="str"),
            }
        )

    def _infections(self) -> pd.DataFrame:
        """Who was outraged by whom, in agents' numbers; -1 is nobody: a first poster, the media, the hub's public."""
        pairs = np.concatenate([*self.infections, np.empty(0, INFECTION)])
        return pd.DataFrame(
            {
                "moment": pairs["moment"],
                "consumer": pairs["who"],
                "source": pairs["source"],
                "channel": pd.Categorical.from_codes(pairs["channel"].astype(np.int16), pd.Index(CHANNELS)),
            }
        )

    def _brands(self, days: int, bought: np.ndarray) -> pd.DataFrame:
        many = self.plan.brands.what.size
        buyers = np.array([np.count_nonzero(bought >> j & 1) for j in range(many)], np.int64)
        purchases = self.brands[:days].sum(axis=0)
        return pd.DataFrame(
            {
                "brand": self.plan.brands.names,
                "purchases": self.plan.weight * purchases,
                "share": _ratio(purchases, np.full(purchases.size, purchases.sum())),
                "buyers": self.plan.weight * buyers,
                "penetration": buyers / self.plan.agents,
                "purchases_per_buyer": _ratio(purchases, buyers),
            }
        )


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, NaN where there is nothing to divide by."""
    ratio: np.ndarray = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) > 0)
    return ratio


def summed_in_order(chunks: np.ndarray) -> np.ndarray:
    """Sum over the first axis, where NumPy adds row to row if rows have more than one number: floats add up alike."""
    total: np.ndarray = chunks.sum(axis=0)
    return total
