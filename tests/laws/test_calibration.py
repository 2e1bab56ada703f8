"""Calibration on real data, through the simulator alone: what is fitted to the past forecasts what came after.

The closed forms of the classics (tests of the limits) are not used here; only runs are.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.studies.calibrate import Fit, calibrate
from sim.studies.pool import Tick
from sim.studies.study import Parameter
from sim.studies.sweep import lived
from tests.laws import test_bass as bass
from tests.laws import test_bg_nbd as cdnow
from tests.laws.worlds import CUSTOMER_COLUMNS, advert, bare, data_folder, days_of, scenario

pytestmark = [pytest.mark.law, pytest.mark.slow]

Floats = NDArray[np.float64]


def between(path: str, low: float, high: float) -> Parameter:
    return Parameter(path=path, range=[low, high], scale="log")


# customers who come and go unseen: CDNOW


@dataclass(frozen=True)
class Buyers:
    """Repeat purchases of CDNOW's customers until the end of week 39: customers by their number, and weekly sums."""

    copies: int

    @cached_property
    def observed(self) -> Floats:
        data = cdnow.cohorts()
        weekly = np.diff(data.weekly[:39], prepend=0)
        return np.concatenate([np.bincount(np.minimum(data.seen, 7), minlength=8), weekly]).astype(np.float64)

    @property
    def variance(self) -> Floats:
        return np.maximum(self.observed, 5.0)

    def simulate(self, world: Scenario, seed: int, tick: Tick) -> Floats:
        histogram, weekly = self.run(world, seed, cdnow.CALIBRATED, tick)
        return np.concatenate([histogram, weekly])

    def run(self, world: Scenario, seed: int, days: int, tick: Tick) -> tuple[Floats, Floats]:
        """Customers by repeat purchases until the end of week 39, and repeat purchases by calendar week."""
        data = cdnow.cohorts()
        agents = cdnow.CUSTOMERS * self.copies
        engine = Engine(
            world.with_changes({"days": days, "agents": agents, "market.size": agents}), seed=seed, threads=1
        )
        bought = np.zeros((days + 1, agents), np.int16)
        for day in days_of(engine):
            bought[day + 1] = engine.world.people.purchases - 1
            tick()
        first = np.tile(data.first, self.copies)
        own = cdnow.CALIBRATED - 1 - first
        histogram = np.bincount(np.minimum(bought[own, np.arange(agents)], 7), minlength=8)
        per_day = np.zeros(days + 1)
        for start in np.unique(data.first):
            per_day[start:] += bought[: days + 1 - start][:, first == start].sum(axis=1)
        return histogram / self.copies, np.diff(per_day[::7]) / self.copies


def test_cdnow() -> None:
    """39 weeks fitted: χ² of the histogram below 20, and the 1,882 repeat days of weeks 40 to 78 within 10 %."""
    world = scenario(
        bare(kind="repeat", agents=100, days=10),
        {"market": {"needs_shape": 0.5}, "start": {"retention": 1.0}, "experience": {"leave_a": 1.0, "leave_b": 2.0}},
    )
    parameters = [
        between("market.needs_per_year", 1.0, 10.0), between("market.needs_shape", 0.05, 1.0),
        between("experience.leave_a", 0.1, 3.0), between("experience.leave_b", 0.5, 10.0),
    ]  # fmt: skip
    fit = calibrate(world, Buyers(copies=3), parameters, trials=24, replicates=1, bootstrap=16)
    histogram, weekly = Buyers(copies=10).run(fit.scenario, 9, cdnow.ALL, lambda: None)
    assert cdnow.chi_square(np.array(cdnow.SEEN), histogram) < 20.0
    later = cdnow.cohorts().weekly
    assert later[77] - later[38] == 1882
    assert weekly[39:78].sum() == pytest.approx(1882, rel=0.10)
    published = (52.143 * cdnow.R / cdnow.ALPHA, cdnow.R, cdnow.A, cdnow.B)
    assert all(low <= value <= high for low, value, high in zip(fit.low, published, fit.high, strict=True))


# contracts: survival of two segments


@dataclass(frozen=True)
class Survival:
    """Share of customers left after 1 ... 7 renewals, from a thousand customers (assumed: shares are published)."""

    observed: Floats

    @property
    def variance(self) -> Floats:
        return self.observed * (1.0 - self.observed) / 1000.0

    def simulate(self, world: Scenario, seed: int, tick: Tick) -> Floats:
        return survivors(world, seed, len(self.observed), tick)


PERIOD = 5  # days that stand for a year


def survivors(world: Scenario, seed: int, years: int, tick: Tick = lambda: None) -> Floats:
    daily = lived(world.with_changes({"days": PERIOD * years + 2}), seed, tick)
    customers = daily[CUSTOMER_COLUMNS].sum(axis=1).to_numpy(np.float64)
    return np.asarray(customers[PERIOD * np.arange(1, years + 1)] / world.market.size)


@pytest.mark.parametrize("segment", ["high_end", "regular"])
def test_retention(segment: str) -> None:
    """Years 1 to 7 fitted, year 12 met within 3 points."""
    with (data_folder("retention") / "survival_two_segments.csv").open() as file:
        data = np.array([float(row[f"{segment}_pct_surviving"]) for row in csv.DictReader(file)]) / 100.0
    world = scenario(
        bare(kind="subscription", agents=20_000, days=PERIOD * 12 + 2),
        {
            "market": {"period_days": PERIOD},
            "start": {"retention": 1.0, "renewals_spread": False},
            "experience": {"leave_a": 1.0, "leave_b": 2.0},
        },
    )
    parameters = [between("experience.leave_a", 0.1, 5.0), between("experience.leave_b", 0.3, 20.0)]
    fit = calibrate(world, Survival(data[1:8]), parameters, trials=24, replicates=1, bootstrap=16, workers=1)
    assert survivors(fit.scenario, 9, 12)[11] == pytest.approx(data[12], abs=0.03)


# a durable: colour television


@dataclass(frozen=True)
class Years:
    """Sales of each year, thousands; all years weigh the same, as in the published fits."""

    observed: Floats

    @property
    def variance(self) -> Floats:
        return np.full(len(self.observed), (0.1 * self.observed.max()) ** 2)

    def simulate(self, world: Scenario, seed: int, tick: Tick) -> Floats:
        bought = lived(world, seed, tick)["first_purchases"].to_numpy(np.float64)
        return np.asarray(bought.reshape(len(self.observed), -1).sum(axis=1) / 1000.0)


YEAR = 90  # days that stand for one
PRODUCT = "color_televisions"


def television(p: float, q: float, size: float, years: int) -> Scenario:
    """A durable as in test_bass: adverts that meet everybody, owners who talk to everybody."""
    rates = dict.fromkeys(("service", "retention", "loyalty", "advocacy"), 1e6)  # all owners, every day
    silent = dict.fromkeys(("consideration", "decision", "lapsed"), 0.0)
    return scenario(
        bare(kind="durable", agents=15_000, days=years * YEAR, size=size),
        {
            "market": {"instant_decision": True},
            "interest": {"base": 50.0},
            "touchpoints": [advert(p / YEAR, size)],
            "ties": [{"name": "everybody", "kind": "mixing", "mean_degree": 1.0, "transmission": q / YEAR}],
            "talk": {
                "enabled": True, "in_person_per_week": rates | silent, "satisfied": 0.0, "dissatisfied": 0.0,
                "valence_base": 50.0,
            },
            "experience": {"use_every_days": 3650},
        },
    )  # fmt: skip


def test_durables() -> None:
    """p, q and m of the real series, searched from half to double, within 10 % of the published ones."""
    p, q, m, years, _ = bass.PRODUCTS[PRODUCT]
    with (data_folder("durables") / "annual_sales_us.csv").open() as file:
        sales = np.array([float(row["sales_thousands"]) for row in csv.DictReader(file) if row["product"] == PRODUCT])
    start = (0.03, 0.4, 50_000e3)
    world = television(*start, years)
    name = world.touchpoints[0].name
    parameters = [
        between(f"touchpoints.{name}.scale", 0.2, 2.0), between("ties.everybody.transmission", 0.2 / YEAR, 1.0 / YEAR),
        between("market.size", 25_000e3, 80_000e3),
    ]  # fmt: skip
    fit: Fit = calibrate(world, Years(sales), parameters, trials=24, replicates=1, bootstrap=12)
    scale, transmission, size = fit.values
    assert scale * start[0] * start[2] / size == pytest.approx(p, rel=0.10)
    assert transmission * YEAR == pytest.approx(q, rel=0.10)
    assert size / 1000.0 == pytest.approx(m, rel=0.10)
