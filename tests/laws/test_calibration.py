"""Calibration on real data, through the simulator alone: what is fitted to the past forecasts what came after.

The closed forms of the classics (tests of the limits) are not used here; only runs are.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.studies.calibrate import Fit, fit_target
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


@cache
def last_purchases() -> NDArray[np.int64]:
    """Day of the last purchase until the end of week 39 of CDNOW's customers, counted from their first."""
    days: dict[str, list[int]] = {}
    with (data_folder("cdnow") / "purchases_sample.csv").open() as file:
        for row in csv.DictReader(file):
            days.setdefault(row["masterid"], []).append((date.fromisoformat(row["date"]) - date(1997, 1, 1)).days)
    return np.array([max(day for day in bought if day < cdnow.CALIBRATED) - min(bought) for bought in days.values()])


def cells(repeats: NDArray[np.int64], last: NDArray[np.int64], own: NDArray[np.int64]) -> Floats:
    """Customers by repeat purchases (0 ... 6, 7+), and by few, some or many of them and when the last one was.

    What the likelihood of the BG/NBD knows of a customer is the number of his purchases, the time of the last, and how
    long he has been seen (Fader, Hardie & Lee 2005).
    """
    often = np.digitize(repeats, [1, 2, 4])
    late = np.minimum(4 * last // np.maximum(own, 1), 3)
    buyers = repeats > 0
    table = np.bincount(4 * (often[buyers] - 1) + late[buyers], minlength=12)
    return np.concatenate([np.bincount(np.minimum(repeats, 7), minlength=8), table]).astype(np.float64)


@dataclass(frozen=True)
class Buyers:
    """CDNOW's customers at the end of week 39, as `cells`."""

    copies: int

    @cached_property
    def observed(self) -> Floats:
        data = cdnow.cohorts()
        return cells(data.seen, last_purchases(), cdnow.CALIBRATED - 1 - data.first)

    @property
    def variance(self) -> Floats:
        return np.maximum(self.observed, 5.0)

    def simulate(self, world: Scenario, seed: int, tick: Tick) -> Floats:
        return self.run(world, seed, cdnow.CALIBRATED, tick)[0]

    def run(self, world: Scenario, seed: int, days: int, tick: Tick = lambda: None) -> tuple[Floats, Floats]:
        """Cells at the end of week 39, and repeat purchases by calendar week."""
        data = cdnow.cohorts()
        agents = cdnow.CUSTOMERS * self.copies
        changes = {"days": days, "agents": agents, "market.size": agents}
        engine = Engine(world.with_changes(changes), seed=seed, threads=1)
        bought = np.zeros((days + 1, agents), np.int16)
        for day in days_of(engine):
            bought[day + 1] = engine.world.people.purchases - 1
            tick()
        first = np.tile(data.first, self.copies)
        own = cdnow.CALIBRATED - 1 - first
        repeats = bought[own, np.arange(agents)].astype(np.int64)
        last = (bought[: cdnow.CALIBRATED] < repeats).sum(axis=0)  # days until his last one was made
        per_day = np.zeros(days + 1)
        for start in np.unique(data.first):
            per_day[start:] += bought[: days + 1 - start][:, first == start].sum(axis=1)
        return cells(repeats, last, own) / self.copies, np.diff(per_day[::7]) / self.copies


def test_cdnow() -> None:
    """39 weeks fitted: χ² of the histogram below 20; what comes until week 78 within 10 %, and within what is foretold.

    Weeks 40 to 78 alone had 1,882 repeat days. The BG/NBD at the maximum of its likelihood foretells 1,669, 11 % less,
    as its equation (9) says of the published parameters; so does the mean of the near-equally good settings here. That
    the truth lies within their range is all a model without Christmas can know.
    """
    world = scenario(
        bare(kind="repeat", agents=100, days=10),
        {"market": {"needs_shape": 0.5}, "start": {"retention": 1.0}, "experience": {"leave_a": 1.0, "leave_b": 2.0}},
    )
    parameters = [
        between("market.needs_per_year", 1.0, 10.0), between("market.needs_shape", 0.05, 1.0),
        between("experience.leave_a", 0.1, 3.0), between("experience.leave_b", 0.5, 10.0),
    ]  # fmt: skip
    fit = fit_target(world, Buyers(copies=3), parameters, trials=24, replicates=1, bootstrap=16)
    found, _ = Buyers(copies=10).run(fit.scenario, 9, cdnow.CALIBRATED)
    assert cdnow.chi_square(np.array(cdnow.SEEN), found[:8]) < 20.0
    published = (365.0 / 7.0 * cdnow.R / cdnow.ALPHA, cdnow.R, cdnow.A, cdnow.B)
    assert all(low <= value <= high for low, value, high in zip(fit.low, published, fit.high, strict=True))
    drawn = [fit.changes(fit.draws[k]) for k in np.linspace(0, len(fit.draws) - 1, 24).astype(int)]
    futures = np.array([Buyers(1).run(world.with_changes(one), 100 + k, cdnow.ALL)[1] for k, one in enumerate(drawn)])
    seen = cdnow.cohorts().weekly
    assert seen[77] - seen[38] == 1882
    later = futures[:, 39:78].sum(axis=1)
    assert later.min() < 1882 < later.max()
    assert later.mean() == pytest.approx(1669, rel=0.10)
    assert futures[:, :78].sum(axis=1).mean() == pytest.approx(seen[77], rel=0.10)


# contracts: survival of two segments


@dataclass(frozen=True)
class Survival:
    """Share of customers lost at each of 7 renewals, of a thousand customers (assumed: only shares are published)."""

    observed: Floats

    @property
    def variance(self) -> Floats:
        return self.observed * (1.0 - self.observed) / 1000.0

    def simulate(self, world: Scenario, seed: int, tick: Tick) -> Floats:
        return lost(survivors(world, seed, len(self.observed), tick))


def lost(left: Floats) -> Floats:
    """Share lost at each renewal, from the share left after it; these do not hang together as the latter do."""
    return -np.diff(left, prepend=1.0)


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
    fit = fit_target(world, Survival(lost(data[1:8])), parameters, trials=24, replicates=1, bootstrap=16, workers=1)
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


YEAR = 60  # days that stand for one
PRODUCT = "color_televisions"


def television(p: float, q: float, size: float, years: int) -> Scenario:
    """A durable as in test_bass: adverts that meet everybody, owners who talk to everybody."""
    rates = dict.fromkeys(("service", "retention", "loyalty", "advocacy"), 1e6)  # all owners, every day
    silent = dict.fromkeys(("consideration", "decision", "lapsed"), 0.0)
    return scenario(
        bare(kind="durable", agents=10_000, days=years * YEAR, size=size),
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
    fit: Fit = fit_target(world, Years(sales), parameters, trials=20, replicates=1, bootstrap=12)
    scale, transmission, size = fit.values
    assert scale * start[0] * start[2] / size == pytest.approx(p, rel=0.10)
    assert transmission * YEAR == pytest.approx(q, rel=0.10)
    assert size / 1000.0 == pytest.approx(m, rel=0.10)
