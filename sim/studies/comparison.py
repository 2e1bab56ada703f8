"""What a comparison of plans found, as tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.agents.stages import Stage
from sim.intervals import Interval, interval
from sim.record import ALL
from sim.studies.lockstep import Outcome
from sim.studies.paired import Difference, Look, band, difference, ratio_of_means, seeds_saved
from sim.studies.pairing import NamedPlan
from sim.summary import INDICATORS

#: Plans whose costs differ by more than this share of the reference's count as unequal. An assumption: about what a
#: budget is kept to.
UNEQUAL_COST = 0.01
#: What is set in relation to a difference in cost: indicator, and per how many EUR.
PER_EUR = (("profit", 1.0), ("equity", 1.0), ("customers_end", 1_000.0), ("won", 1_000.0), ("kept", 1_000.0))
CUSTOMER = slice(Stage.SERVICE, Stage.ADVOCACY + 1)
STAGE_NAMES = tuple(stage.name.lower() for stage in Stage)


@dataclass(frozen=True)
class Comparison:
    """Plans compared over several seeds. Differences are those to the first plan, the reference.

    Attributes
    ----------
    plans : tuple of NamedPlan              the reference first
    seeds : tuple of int                    K seeds
    outcomes : tuple                        for each seed, the `Outcome` of each plan
    main : str                              indicator the answer is about
    looks : tuple                           with `until_sure`: for each plan but the reference, its looks at `main`
    most_seeds : int                        with `until_sure`: seeds at which it would have given up, else 0
    """

    plans: tuple[NamedPlan, ...]
    seeds: tuple[int, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    main: str = "profit"
    looks: tuple[tuple[Look, ...], ...] = ()
    most_seeds: int = 0

    @property
    def reference(self) -> NamedPlan:
        """The plan all others are compared with."""
        return self.plans[0]

    @property
    def others(self) -> tuple[NamedPlan, ...]:
        """The plans that are compared with the reference."""
        return self.plans[1:]

    @property
    def people_per_agent(self) -> float:
        """People each consumer stands for."""
        return self.reference.scenario.market.size / self.reference.scenario.agents

    def position(self, name: str) -> int:
        """Position of a plan by name."""
        return [plan.name for plan in self.plans].index(name)

    def values(self, plan: int, indicator: str) -> np.ndarray:
        """An indicator of a plan under each seed, float64 [K]."""
        return np.array([outcome[plan].summary[indicator] for outcome in self.outcomes], np.float64)

    def costs(self, plan: int) -> np.ndarray:
        """What a plan spent under each seed on touchpoints, wages and goodwill, EUR, float64 [K]."""
        spent: np.ndarray = self.values(plan, "marketing_cost") + self.values(plan, "service_cost")
        return spent

    @cached_property
    def differences(self) -> dict[tuple[str, str], Difference]:
        """What each plan changes in each indicator, by (plan, indicator)."""
        return {
            (plan.name, indicator.name): difference(
                self.values(k, indicator.name), self.values(0, indicator.name), indicator.better
            )
            for k, plan in enumerate(self.others, 1)
            for indicator in INDICATORS
        }

    def indicators(self) -> pd.DataFrame:
        """One row per plan and indicator: means, difference, interval, probability, seeds until it was certain."""
        rows = []
        for k, plan in enumerate(self.others, 1):
            for indicator in INDICATORS:
                here, there = self.values(k, indicator.name), self.values(0, indicator.name)
                found = self.differences[plan.name, indicator.name]
                rows.append(
                    {
                        "plan": plan.name,
                        "indicator": indicator.name,
                        "label": indicator.label,
                        "unit": indicator.unit,
                        "group": indicator.group,
                        "better": indicator.better or "",
                        "mean_reference": interval(there).mean,
                        "mean": interval(here).mean,
                        "difference": found.mean,
                        "low": found.low,
                        "high": found.high,
                        "probability_better": found.probability,
                        "sure_after": found.sure_after,
                        "seeds": found.seeds,
                        "seeds_saved": seeds_saved(here, there) if found.seeds > 1 else math.nan,
                    }
                )
        return pd.DataFrame(rows)

    def runs(self) -> pd.DataFrame:
        """One row per seed and plan with every indicator."""
        rows = [
            {"seed": seed, "plan": plan.name} | outcome[k].summary
            for seed, outcome in zip(self.seeds, self.outcomes, strict=True)
            for k, plan in enumerate(self.plans)
        ]
        return pd.DataFrame(rows)

    def days(self) -> pd.DataFrame:
        """One row per plan and day: differences in profit so far and in customers, and people who stand elsewhere.

        Each with its 95 % interval, every day for itself: `profit`, `customers` (to the reference) and `apart` (people
        in another stage than under the reference).
        """
        frames = []
        dates = pd.date_range(self.reference.scenario.start_date, periods=self.reference.scenario.days)
        for k, plan in enumerate(self.others, 1):
            columns: dict[str, object] = {"plan": plan.name, "day": np.arange(len(dates), dtype=np.int32)}
            columns["date"] = dates
            for name, gaps in self._daily_gaps(k).items():
                columns[name], columns[f"{name}_low"], columns[f"{name}_high"] = band(gaps)
            frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True)

    def _daily_gaps(self, k: int) -> dict[str, np.ndarray]:
        """Differences to the reference by seed and day, float64 [K, D] each."""
        return {
            "profit": np.cumsum([o[k].profit_eur - o[0].profit_eur for o in self.outcomes], axis=1),
            "customers": np.array([o[k].customers - o[0].customers for o in self.outcomes]),
            "apart": self.people_per_agent * np.array([o[k].apart for o in self.outcomes], np.float64),
        }

    def part_on(self, plan: str) -> np.ndarray:
        """Day on which the first consumer stands elsewhere than under the reference, int64 [K]; -1 if never."""
        k = self.position(plan)
        apart = np.array([outcome[k].apart > 0 for outcome in self.outcomes])
        first: np.ndarray = np.where(apart.any(axis=1), apart.argmax(axis=1), -1)
        return first

    def ever_apart(self, plan: str) -> Interval:
        """Share of people who ever stood elsewhere than under the reference, 0..1."""
        k, agents = self.position(plan), self.reference.scenario.agents
        return interval([outcome[k].ever_apart / agents for outcome in self.outcomes], "share")

    @property
    def personas(self) -> list[str]:
        """The whole market, called "all", and the personas by name."""
        return [ALL, *sorted(persona.name for persona in self.reference.scenario.personas)]

    def ends(self, k: int) -> np.ndarray:
        """People by `personas`, last stage under the reference and under a plan, float64 [K, P, STAGES, STAGES]."""
        ends = self.people_per_agent * np.array([outcome[k].ends for outcome in self.outcomes], np.float64)
        return np.concatenate([ends.sum(axis=1, keepdims=True), ends], axis=1)

    def changes(self) -> pd.DataFrame:
        """One row per plan, persona and pair of last stages: people who end there under the reference, here under it.

        Means over seeds with 95 % intervals; pairs that never occur are left out. Persona "all" is the whole market.
        """
        rows = []
        for k, plan in enumerate(self.others, 1):
            mean, low, high = band(self.ends(k))
            for p, a, b in np.argwhere(mean > 0.0):
                rows.append(
                    {
                        "plan": plan.name,
                        "persona": self.personas[p],
                        "stage_reference": STAGE_NAMES[a],
                        "stage": STAGE_NAMES[b],
                        "people": mean[p, a, b],
                        "low": max(0.0, low[p, a, b]),
                        "high": high[p, a, b],
                    }
                )
        return pd.DataFrame(rows)

    def switchers(self) -> pd.DataFrame:
        """One row per plan and persona: customers at the end under this plan only, and under the reference only.

        `only_here` would not be customers under the reference: `would_have_left` of them stand in LAPSED there, the
        others in an earlier stage. `only_reference` are customers there and not here; `leave_here` of them stand in
        LAPSED here. `net` is the difference with its interval `net_low` .. `net_high`. People; means over seeds.
        """
        rows = []
        for k, plan in enumerate(self.others, 1):
            ends = self.ends(k)
            both = ends[:, :, CUSTOMER, CUSTOMER].sum(axis=(2, 3))
            here = ends[:, :, :, CUSTOMER].sum(axis=(2, 3)) - both
            there = ends[:, :, CUSTOMER, :].sum(axis=(2, 3)) - both
            saved = ends[:, :, Stage.LAPSED, CUSTOMER].sum(axis=2)
            leave = ends[:, :, CUSTOMER, Stage.LAPSED].sum(axis=2)
            net, low, high = band(here - there)
            for p, persona in enumerate(self.personas):
                rows.append(
                    {
                        "plan": plan.name,
                        "persona": persona,
                        "people": float(ends[0, p].sum()),
                        "both": float(both[:, p].mean()),
                        "only_here": float(here[:, p].mean()),
                        "would_have_left": float(saved[:, p].mean()),
                        "only_reference": float(there[:, p].mean()),
                        "leave_here": float(leave[:, p].mean()),
                        "net": net[p],
                        "net_low": low[p],
                        "net_high": high[p],
                    }
                )
        return pd.DataFrame(rows)

    def cost(self, plan: str) -> Difference:
        """What a plan costs more than the reference on touchpoints, wages and goodwill, EUR."""
        return difference(self.costs(self.position(plan)), self.costs(0))

    def unequal(self, plan: str) -> bool:
        """Whether a plan's mean cost differs from the reference's by more than `UNEQUAL_COST`."""
        return abs(self.cost(plan).mean) > UNEQUAL_COST * float(self.costs(0).mean())

    def per_money(self) -> pd.DataFrame:
        """One row per plan and number: what it is per EUR spent, and what each EUR of additional cost brought.

        `reference` and `here` are averages (total / cost), with the 95 % interval of their difference; `gained` is the
        difference in the number per difference in cost, with its bootstrap interval (`paired.ratio_of_means`), not
        defined if it is uncertain which plan costs more. `per` is the amount of EUR both refer to.
        """
        rows = []
        for k, plan in enumerate(self.others, 1):
            for name, per in PER_EUR:
                if not any(indicator.name == name for indicator in INDICATORS):
                    continue
                here, there = self.values(k, name), self.values(0, name)
                average, before = per * _divided(here, self.costs(k)), per * _divided(there, self.costs(0))
                found = difference(average, before)
                gained = ratio_of_means(per * (here - there), self.costs(k) - self.costs(0))
                rows.append(
                    {
                        "plan": plan.name,
                        "indicator": name,
                        "per": per,
                        "reference": interval(before).mean,
                        "here": interval(average).mean,
                        "difference": found.mean,
                        "low": found.low,
                        "high": found.high,
                        "gained": gained.mean,
                        "gained_low": gained.low,
                        "gained_high": gained.high,
                    }
                )
        return pd.DataFrame(rows)


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, NaN where there is nothing below."""
    found: np.ndarray = np.divide(above, below, out=np.full(above.size, np.nan), where=below > 0.0)
    return found
