"""Laws of direction: more pressure never lowers reach, better service never lowers satisfaction, size means nothing."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine import Engine, simulate
from sim.record import Results
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.touchpoints import PURPOSES
from tests.laws.worlds import CUSTOMER_COLUMNS, advert, bare, busy, days_of, everybody, merged, scenario, trusting

pytestmark = pytest.mark.law

SCALES = (0.0, 0.3, 1.0, 1.1, 3.0, 20.0)


def met_by_day(tables: dict[str, Any]) -> NDArray[np.bool_]:
    """Who has met the first touchpoint by name until each evening, [days, N]."""
    engine = Engine(scenario(tables))
    return np.array([(engine.world.people.met & 1) > 0 for _ in days_of(engine)])


def everyone_addressed(scale: float) -> dict[str, Any]:
    """The busy world with one more line, the first by name, that addresses everybody."""
    world = busy(agents=4000, days=30)
    line = advert(0.01, world["market"]["size"], scale=scale, affinity={"old": 3.0})
    return merged(world, {"touchpoints": [line, *world["touchpoints"]]})


def test_more_pressure_keeps_everybody_it_reached_and_adds_some() -> None:
    """Person by person and day by day, whatever else happens: contacts are nested."""
    before = met_by_day(everyone_addressed(SCALES[0]))
    assert not before.any()
    for scale in SCALES[1:]:
        after = met_by_day(everyone_addressed(scale))
        assert (after >= before).all()
        assert after.sum() > before.sum()
        before = after


@pytest.mark.parametrize(
    "narrowed",
    [{"stages": ["unaware", "awareness"]}, {"platform": "pix"}, {"frequency_cap_per_week": 1}],
    ids=["before", "platform", "capped"],
)
def test_more_pressure_never_lowers_reach_of_a_targeted_line(narrowed: dict[str, Any]) -> None:
    reach = []
    for scale in SCALES:
        world = busy(agents=4000, days=30)
        line = advert(0.01, world["market"]["size"], scale=scale, **narrowed)
        reach.append(met_by_day(merged(world, {"touchpoints": [line, *world["touchpoints"]]})).sum(axis=1))
    assert (np.diff(reach, axis=0) >= 0).all()
    assert (np.diff([days[-1] for days in reach]) > 0).all()


# -- service


def customers_with_problems(**service: Any) -> dict[str, Any]:
    """Subscribers with many problems, who need not buy anything in between; satisfaction starts at .3."""
    return merged(
        bare(kind="subscription", agents=20_000, days=60),
        {
            "market": {"period_days": 300},
            "start": {"retention": 1.0},
            "personas": [trusting(complaint_share=0.7)],
            "service": {"failures_per_year": 4.0, "patience_days": 10, **service},
        },
    )


def desks(people: float, share: float = 0.6, cases: float = 10.0) -> dict[str, Any]:
    """Staff by the number of agents, so that .1 a channel is about half of what comes in."""
    return {
        name: {"staff": people, "resolved_share": share, "cases_per_staff_day": cases} for name in CONTACT_CHANNELS
    }  # fmt: skip


STAYING = {"ladder": dict.fromkeys(("silent", "unresolved", "resolved", "quick", "goodwill"), 1.0)}
STEPS: dict[str, list[dict[str, Any]]] = {
    "more staff": [{"desks": desks(people)} for people in (0.0, 1.0, 2.0, 4.0, 8.0, 30.0)],
    "faster staff": [{"desks": desks(2.0, cases=cases)} for cases in (1.0, 5.0, 20.0, 200.0)],
    "abler staff": [{"desks": desks(8.0, share=share)} for share in (0.0, 0.3, 0.6, 1.0)],
    "more goodwill": [{"desks": desks(8.0), "goodwill_share": share} for share in (0.0, 0.3, 1.0)],
}


def satisfaction(results: Results) -> tuple[float, float]:
    """Mean of customers over all days, and on the last one."""
    daily = everybody(results)
    customers = daily[CUSTOMER_COLUMNS].sum(axis=1)
    return float((daily["satisfaction"] * customers).sum() / customers.sum()), float(daily["satisfaction"].iloc[-1])


@pytest.mark.parametrize("leaving", ["nobody leaves", "the recovery ladder"])
@pytest.mark.parametrize("way", STEPS)
def test_better_service_never_lowers_satisfaction(way: str, leaving: str) -> None:
    """Neither with customers held, which is the effect itself, nor with those who leave gone from the mean."""
    extra = STAYING if leaving == "nobody leaves" else {}
    found = [satisfaction(simulate(scenario(customers_with_problems(**step, **extra)))) for step in STEPS[way]]
    for before, after in pairwise(found):
        assert after >= before
        assert after[1] >= before[1]
    assert found[-1][0] > found[0][0] + 0.003


def test_more_staff_answers_sooner() -> None:
    waited = []
    for step in STEPS["more staff"][1:]:
        daily = everybody(simulate(scenario(customers_with_problems(**step)))).sum(numeric_only=True)
        waited.append(daily["response_days"] / daily["cases_handled"])
    assert (np.diff(waited) <= 0).all()
    assert waited[-1] == 0.0 < 3.0 < waited[0]


# -- size

SEEDS = 12
TOTALS = [
    "first_purchases", "repeat_purchases", "rival_purchases", "lost", "won_back", "talk_good", "talk_bad",
    "posts_good", "posts_bad", "heard_good", "heard_bad", "reviews_good", "reviews_bad", "problems",
    "outcome_resolved", "outcome_quick", "outcome_goodwill", "reactions", "revenue_cents", "profit_cents",
    *(f"cost_for_{purpose}_cents" for purpose in PURPOSES),
]  # fmt: skip
STANDING = ["stage_awareness", "stage_consideration", "stage_retention", "stage_loyalty"]


@cache
def totals(agents: int, first_seed: int) -> NDArray[np.float64]:
    """Sums over a run, of the market, for SEEDS seeds: float64 [SEEDS, indicators]."""
    rows = []
    for seed in range(first_seed, first_seed + SEEDS):
        results = simulate(scenario(busy(agents=agents, days=45, panel=0)), seed=seed)
        daily = everybody(results)
        lines = results.touchpoints.groupby("touchpoint", observed=True)[["impressions", "noticed"]].sum()
        last = daily[[*STANDING, "satisfaction"]].iloc[-1]
        rows.append([*daily[TOTALS].astype(float).sum(), *lines.to_numpy().ravel(), *last])
    return np.array(rows)


def test_doubling_the_agents_changes_totals_by_sampling_noise_only() -> None:
    """Welch's z over twelve seeds each, at 1e-4 for all indicators together (Bonferroni), with t's heavier tails."""
    small, large = totals(4000, 1), totals(8000, 101)
    difference = large.mean(axis=0) - small.mean(axis=0)
    error = np.sqrt((large.var(axis=0, ddof=1) + small.var(axis=0, ddof=1)) / SEEDS)
    moves = error > 0
    assert moves.sum() > 30
    assert (np.abs(difference[moves]) < 6.5 * error[moves]).all(), np.abs(difference[moves] / error[moves]).max()
    np.testing.assert_allclose(difference[~moves], 0.0, atol=1e-6)
    noise = error[moves] / np.abs(small.mean(axis=0)[moves])
    assert np.median(noise) < 0.02, "the test could tell a change of some per cent"
    spread = large.var(axis=0, ddof=1)[moves] / small.var(axis=0, ddof=1)[moves]
    assert 0.3 < np.median(spread) < 0.8, "twice the agents, half the variance"
