"""Comparing plans: the same numbers as single runs, exact zeros, and who stands where on which day."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sim
from sim.agents.stages import Stage
from sim.engine import Engine, simulate
from sim.errors import MachineError, ScenarioError
from sim.record import ALL
from sim.scenario.scenario import Scenario
from sim.studies import memory
from sim.studies.changed import changes_between
from sim.studies.compare import compare, look_schedule
from sim.studies.comparison import CUSTOMER, STAGE_NAMES, UNEQUAL_COST, Comparison
from sim.studies.lockstep import Lockstep
from sim.studies.pairing import numbered, require_pairs
from sim.summary import INDICATORS, summarise
from tests.unit.studies.plans import tea

MORE = {"touchpoints__letter__touch": 0.5, "touchpoints__letter__bond": 0.5, "touchpoints__search__scale": 0.5}


def same(left: dict[str, float], right: dict[str, float]) -> bool:
    """Equal to the bit, undefined where undefined."""
    return left.keys() == right.keys() and all(
        left[name] == right[name] or (math.isnan(left[name]) and math.isnan(right[name])) for name in left
    )


@pytest.fixture(scope="module")
def found() -> Comparison:
    """A reference, a plan with more retention, and the reference again."""
    return compare({"plain": tea(), "caring": tea(**MORE), "again": tea()}, seeds=4, seed=11, workers=1)


def test_in_lockstep_plans_give_the_numbers_of_single_runs(found: Comparison) -> None:
    for k, plan in enumerate(found.plans):
        for seed, outcome in zip(found.seeds, found.outcomes, strict=True):
            alone = simulate(plan.scenario, seed=seed, threads=1)
            assert same(outcome[k].summary, summarise(alone))
            profit = alone.daily.loc[alone.daily["persona"] == ALL, "profit_cents"].to_numpy(np.float64) / 100.0
            assert np.array_equal(outcome[k].profit_eur, profit)


def test_a_plan_against_itself_differs_in_nothing(found: Comparison) -> None:
    table = found.indicators()
    again = table[table["plan"] == "again"].dropna(subset=["mean"])
    assert len(again) > 30
    assert (again["difference"] == 0.0).all()
    assert (again["low"].dropna() == 0.0).all() and (again["high"].dropna() == 0.0).all()
    judged = again[(again["better"] != "") & (again["seeds"] > 1)]
    assert (judged["probability_better"] == 0.5).all()
    assert (again["sure_after"] == 0).all()
    days = found.days()
    assert not days[days["plan"] == "again"].select_dtypes("number").drop(columns="day").to_numpy().any()
    assert (found.part_on("again") == -1).all()
    assert found.ever_apart("again").mean == 0.0
    who = found.switchers()
    assert not who.loc[who["plan"] == "again", ["only_here", "only_reference", "net"]].to_numpy().any()
    changes = found.changes()
    again = changes[changes["plan"] == "again"]
    assert (again["stage"] == again["stage_reference"]).all()
    assert found.cost("again").mean == 0.0 and not found.unequal("again")


def test_number_of_workers_changes_nothing(found: Comparison) -> None:
    two = compare({"plain": tea(), "caring": tea(**MORE), "again": tea()}, seeds=4, seed=11, workers=2)
    for name in ("indicators", "runs", "days", "changes", "switchers", "per_money"):
        pd.testing.assert_frame_equal(getattr(two, name)(), getattr(found, name)(), check_exact=True)


def test_means_and_differences_are_those_of_the_runs(found: Comparison) -> None:
    runs = found.runs()
    rows = found.indicators().set_index(["plan", "indicator"])
    for name in ("profit", "customers_end", "feeling"):
        here = runs.loc[runs["plan"] == "caring", name].to_numpy()
        there = runs.loc[runs["plan"] == "plain", name].to_numpy()
        row = rows.loc["caring", name]
        assert row["mean"] == pytest.approx(here.mean())
        assert row["mean_reference"] == pytest.approx(there.mean())
        assert row["difference"] == pytest.approx((here - there).mean())
        assert row["low"] <= row["difference"] <= row["high"]
    assert list(rows.loc["caring"].index) == [indicator.name for indicator in INDICATORS]


def test_who_changes_adds_up_to_the_difference_in_customers(found: Comparison) -> None:
    who = found.switchers().set_index(["plan", "persona"])
    rows = found.indicators().set_index(["plan", "indicator"])
    for plan in ("caring", "again"):
        row = who.loc[plan, "all"]
        assert row["net"] == pytest.approx(rows.loc[(plan, "customers_end"), "difference"])
        assert row["both"] + row["only_here"] == pytest.approx(rows.loc[(plan, "customers_end"), "mean"])
        assert row["both"] + row["only_reference"] == pytest.approx(rows.loc[(plan, "customers_end"), "mean_reference"])
        personas = who.loc[plan].drop("all")
        assert personas["net"].sum() == pytest.approx(row["net"])
        assert personas["people"].sum() == pytest.approx(40_000.0)
        assert row["would_have_left"] <= row["only_here"] and row["leave_here"] <= row["only_reference"]
    row = who.loc[("caring", "all")]
    assert row["would_have_left"] != row["leave_here"] and min(row["only_here"], row["only_reference"]) > 0
    changes = found.changes()
    every = changes[(changes["plan"] == "caring") & (changes["persona"] == "all")]
    assert every["people"].sum() == pytest.approx(40_000.0)
    customer = STAGE_NAMES[CUSTOMER]
    saved = every[(every["stage_reference"] == "lapsed") & every["stage"].isin(customer)]
    leave = every[(every["stage"] == "lapsed") & every["stage_reference"].isin(customer)]
    assert saved["people"].sum() == pytest.approx(row["would_have_left"])
    assert leave["people"].sum() == pytest.approx(row["leave_here"])


def test_parting_is_what_two_engines_side_by_side_show(found: Comparison) -> None:
    engines = [Engine(tea(), seed=11, threads=1), Engine(tea(**MORE), seed=11, threads=1)]
    ever = np.zeros(400, bool)
    apart = []
    while not engines[0].finished:
        for engine in engines:
            engine.step()
        elsewhere = engines[0].world.people.stage != engines[1].world.people.stage
        apart.append(int(elsewhere.sum()))
        ever |= elsewhere
    outcome = found.outcomes[0][1]
    assert outcome.apart.tolist() == apart
    assert outcome.ever_apart == ever.sum() > apart[-1] > 0
    assert found.part_on("caring")[0] == next(day for day, count in enumerate(apart) if count)
    stages = [engine.world.people.stage for engine in engines]
    customers = [(stage >= Stage.SERVICE) & (stage <= Stage.ADVOCACY) for stage in stages]
    assert outcome.ends[:, CUSTOMER, CUSTOMER].sum() == (customers[0] & customers[1]).sum()
    assert outcome.ends[:, CUSTOMER, Stage.LAPSED].sum() == (customers[0] & (stages[1] == Stage.LAPSED)).sum()


def test_daily_differences_end_at_those_of_the_run(found: Comparison) -> None:
    last = found.days().groupby("plan", sort=False).tail(1).set_index("plan")
    rows = found.indicators().set_index(["plan", "indicator"])
    for name, indicator in (("profit", "profit"), ("customers", "customers_end")):
        for end, column in (("", "difference"), ("_low", "low"), ("_high", "high")):
            assert last.loc["caring", name + end] == pytest.approx(rows.loc[("caring", indicator), column], abs=1e-6)


def test_unequal_costs_are_flagged_and_set_in_relation(found: Comparison) -> None:
    assert found.unequal("caring")  # half of search is saved
    cheaper = compare([tea(), tea(touchpoints__video__scale=1.0 - UNEQUAL_COST / 2)], seeds=2, workers=1)
    assert not cheaper.unequal(cheaper.others[0].name)
    rows = found.per_money().set_index(["plan", "indicator"])
    gap = found.values(1, "profit") - found.values(0, "profit")
    cost = found.costs(1) - found.costs(0)
    assert (cost < 0).all()
    assert rows.loc[("caring", "profit"), "gained"] == pytest.approx(gap.mean() / cost.mean())
    assert rows.loc[("caring", "profit"), "here"] == pytest.approx((found.values(1, "profit") / found.costs(1)).mean())
    assert math.isnan(rows.loc[("again", "profit"), "gained"])


def test_one_seed_gives_differences_without_intervals() -> None:
    one = compare([tea(), tea(**MORE)], seeds=1, workers=1)
    table = one.indicators()
    assert table["low"].isna().all() and table["probability_better"].isna().all()
    assert (table["sure_after"] == 0).all()
    assert table["difference"].notna().sum() > 30
    assert one.days()["profit_low"].isna().all()


def test_the_seed_of_the_reference_counts() -> None:
    found = compare([tea(seed=5), tea(seed=9)], seeds=2, workers=1)
    assert found.seeds == (5, 6)
    assert (found.indicators()["difference"].dropna() == 0.0).all()


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"agents": 401}, "agents"),
        ({"days": 41}, "days"),
        ({"start_date": "2026-02-02"}, "start_date"),
        ({"market__size": 40_001.0}, "market.size"),
        ({"personas__students__share": 0.5, "personas__families__share": 0.5}, "personas"),
    ],
)
def test_plans_that_are_no_pair_are_refused(changes: dict[str, object], where: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        compare({"plain": tea(), "other": tea(**changes)}, seeds=1, workers=1)
    assert f"other: {where}: found" in str(caught.value)
    assert "as in plain" in str(caught.value)


def test_what_may_differ() -> None:
    other = tea(
        seed=3, panel=0, market__price=9.0, personas__students__attention=0.5, start__retention=0.2,
        ties__friends__mean_degree=4.0,
    )  # fmt: skip
    require_pairs(sim.studies.pairing.named_plans({"a": tea(), "b": other}))


def test_everybody_is_the_same_person_where_only_plans_differ() -> None:
    """The premise of pairing: who somebody is does not depend on prices, touchpoints or the first morning."""
    other = tea(market__price=9.0, touchpoints__video__remove=True, start__retention=0.2)
    here, there = (Engine(scenario, seed=3, threads=1).world.people for scenario in (tea(), other))
    for column in ("persona", "need_rate", "leave_logit", "recall", "openness"):
        assert np.array_equal(getattr(here, column), getattr(there, column)), column


def test_looks_follow_a_schedule_that_ends_at_the_last() -> None:
    assert look_schedule(20, 200) == [20, 30, 45, 68, 102, 153, 200]
    assert look_schedule(1, 4) == [1, 2, 3, 4]
    assert look_schedule(7, 7) == [7]


def test_until_sure_stops_when_certain_and_says_so() -> None:
    found = compare([tea(), tea(touchpoints__video__scale=0.0)], seeds=3, until_sure=True, most_seeds=30, workers=1)
    assert len(found.seeds) == found.looks[0][-1].seeds < 30
    assert found.looks[0][-1].certain
    assert not any(look.certain for look in found.looks[0][:-1])


def test_until_sure_gives_up_at_the_last_seed() -> None:
    plans = [tea(), tea(touchpoints__letter__touch=0.051)]
    found = compare(plans, seeds=2, until_sure=True, most_seeds=5, main="won", workers=2)
    assert len(found.seeds) == 5
    assert [look.seeds for look in found.looks[0]] == [2, 3, 5]
    assert not found.looks[0][-1].certain


def test_until_sure_does_not_go_on_for_plans_that_do_not_differ() -> None:
    found = compare([tea(), tea()], seeds=2, until_sure=True, most_seeds=50, workers=1)
    assert len(found.seeds) == 2


def test_progress_counts_days_of_all_plans_and_seeds() -> None:
    told: list[tuple[int, int]] = []
    compare([tea(), tea()], seeds=3, workers=1, progress=lambda *at: told.append(at))
    assert told[-1] == (3 * 2 * 40, 3 * 2 * 40)


def test_too_little_memory_is_refused_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: memory.START_BYTES)
    with pytest.raises(MachineError, match="2 plans with 400 consumers"):
        compare([tea(), tea()], seeds=1)
    monkeypatch.setattr(memory, "free_bytes", lambda: int(1.5 * memory.bytes_in_lockstep([tea(), tea()])))
    assert memory.workers_that_fit([tea(), tea()], None) == 1
    with pytest.raises(MachineError, match="in 2 processes"):
        memory.workers_that_fit([tea(), tea()], 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"plans": [tea()]}, "at least two plans"),
        ({"seeds": 0}, "seeds must be"),
        ({"main": "profits"}, "no indicator is called 'profits'"),
        ({"seeds": 5, "until_sure": True, "most_seeds": 4}, "most_seeds must be"),
        ({"workers": 0}, "workers must be"),
    ],
)
def test_mistakes_in_a_call(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare(**{"plans": [tea(), tea()], **arguments})  # type: ignore[arg-type]


def test_names_tell_plans_apart() -> None:
    assert numbered(["a", "b", "a", "a", "a (2)"]) == ["a", "b", "a (2)", "a (3)", "a (2) (2)"]


def test_settings_that_differ_are_listed() -> None:
    other = tea(market__price=9.0, touchpoints__video__remove=True, title="Other", seed=7)
    assert [(c.path, c.reference, c.here) for c in changes_between(tea(), other)] == [
        ("market.price", "12.5", "9.0"),
        ("touchpoints.video", "there", "–"),
    ]
    assert changes_between(tea(), tea()) == []


def test_an_outcome_is_small_whatever_the_population() -> None:
    few = Lockstep((tea(), tea(**MORE)))(1, lambda: None)
    many = Lockstep((tea(agents=4000), tea(agents=4000, **MORE)))(1, lambda: None)
    for a, b in zip(few, many, strict=True):
        assert a.apart.nbytes + a.ends.nbytes == b.apart.nbytes + b.ends.nbytes < 10_000


def test_undefined_indicators_stay_undefined_in_tables() -> None:
    nobody: Scenario = tea(start__retention=0.0, start__loyalty=0.0, start__consideration=0.0, market__attraction=1e-9)
    found = compare([nobody, nobody], seeds=2, workers=1)
    row = found.indicators().set_index("indicator").loc["cac"]
    assert math.isnan(row["difference"]) and row["seeds"] == 0 and row["sure_after"] == 0


def test_comparison_does_not_change(found: Comparison) -> None:
    with pytest.raises(AttributeError):
        found.main = "won"  # type: ignore[misc]
    assert replace(found, main="won").main == "won"
    assert sim.compare is compare
