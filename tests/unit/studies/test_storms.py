"""The storm study: branches are runs, differences are paired, what cannot be told apart is said."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from sim.engine import simulate
from sim.errors import ScenarioError
from sim.report.charts_storm import SHOWN_HOURS, first_hours
from sim.report.plot_network import depths
from sim.report.storm_page import storm_html
from sim.scenario.scenario import Scenario
from sim.studies.prevention import measures, prevention
from sim.studies.storm_study import StormStudy
from sim.studies.storm_track import SOURCES, Track, hours_until
from sim.studies.storms import Branches, answered, make_cells, storms, with_trigger
from sim.summary import summarise
from tests.laws.worlds import busy, scenario


def story() -> Scenario:
    world = scenario(busy(agents=1500, days=40))
    return with_trigger(world, day=date(2026, 1, 20), severity=0.9, vividness=0.9, posters=20_000.0)


@cache
def study() -> StormStudy:
    return storms(story(), responses=("apologise", "delete"), delays=(6, 1), seeds=3, workers=1)


def test_a_branch_is_the_run_itself() -> None:
    """Every policy's indicators are those of a run of its own from the first day."""
    found = study()
    assert [cell.name for cell in found.cells] == [
        "silence", "delete after 1 h", "delete after 6 h", "apologise after 1 h", "apologise after 6 h",
    ]  # fmt: skip
    for k, cell in enumerate(found.cells):
        alone = simulate(answered(story().model_copy(update={"panel": 0}), cell), seed=found.seeds[1])
        assert found.tracks[1][1 + k].summary == pytest.approx(summarise(alone), nan_ok=True, rel=0)


def test_losses_are_paired_with_the_calm_run() -> None:
    found = study()
    gaps = found.values(0, lambda t: t.summary["profit"]) - found.values(-1, lambda t: t.summary["profit"])
    assert found.loss(0, "profit").mean == pytest.approx(gaps.mean())
    assert (found.gap(0, "profit_eur")[: found.day] == 0).all()
    assert found.gap(0, "profit_eur")[found.day :].any()
    assert found.gap(0, "feeling")[found.day + 1] < -0.01


def test_what_cannot_be_told_apart_is_mutual_and_never_oneself() -> None:
    found = study()
    for k in range(len(found.cells)):
        assert k not in found.same_as(k)
        assert all(k in found.same_as(j) for j in found.same_as(k))
    assert not found.told_apart(found.best)
    table = found.table()
    assert table["against_best"].max() == 0
    assert (table["told_apart_from_best"] == (table["against_best_high"] < 0)).all()


def test_the_price_of_an_hour_is_profit_lost_by_waiting() -> None:
    found = study()
    ((early, late, price),) = found.price_of_an_hour("apologise")
    assert (early, late) == (1, 6)
    gap = found.loss(3, "profit").mean - found.loss(4, "profit").mean
    assert price.mean == pytest.approx(gap / 5)
    assert found.price_of_an_hour("silence") == []


def test_hours_until_a_share_is_left() -> None:
    volume = np.array([1.0, 8.0, 5.0, 4.0, 0.5])
    assert (hours_until(volume, 0.5), hours_until(volume, 0.1)) == (2, 3)
    assert math.isnan(hours_until(np.zeros(3), 0.5))


def track(feeling: np.ndarray) -> Track:
    nothing = np.zeros(feeling.size)
    return Track(
        {}, nothing, nothing, nothing, feeling, nothing, nothing, np.zeros((0, 3)), np.zeros(5), 0.0, 0.0, False
    )


def test_days_until_back() -> None:
    """The first day after the trigger from which the weekly mean stays within a tenth of the largest loss."""
    dip = np.zeros(60)
    dip[10:20] = -1.0
    found = StormStudy(story(), make_cells((), ()), (1,), 10, ((track(np.zeros(60)), track(dip)),))
    assert found.days_until_back(0, "feeling", smooth=1) == 10
    gone = StormStudy(story(), make_cells((), ()), (1,), 10, ((track(np.zeros(60)), track(-np.ones(60))),))
    assert math.isnan(gone.days_until_back(0, "feeling"))
    same = StormStudy(story(), make_cells((), ()), (1,), 10, ((track(dip), track(dip)),))
    assert same.days_until_back(0, "feeling") == 0


def test_a_trigger_is_made_or_changed() -> None:
    plain = scenario(busy(agents=100, days=40))
    made = with_trigger(plain, kind="social_failure").storm.triggers[0]
    assert (made.kind, made.date, made.posters) == ("social_failure", date(2026, 1, 15), pytest.approx(1000.003))
    changed = with_trigger(story(), severity=0.1).storm.triggers[0]
    assert (changed.severity, changed.date) == (0.1, date(2026, 1, 20))
    with pytest.raises(ScenarioError, match="a day of the run"):
        with_trigger(plain, day=date(2027, 1, 1))


def test_the_mood_before_during_and_after() -> None:
    """A storm of 30 hours from day 10 on takes days 10 and 11; the week before it counts, the days before do not."""
    feeling = np.concatenate([np.full(3, 9.0), np.full(7, 0.5), [-1.0, -0.5], np.full(28, 0.25)])
    raging = replace(track(feeling), posts=np.ones((30, 3)))
    found = StormStudy(story(), make_cells((), ()), (1,), 10, ((track(np.ones(40)), raging),))
    assert found.mood(0, "feeling") == {"before": 0.5, "during": -0.75, "after": 0.25}
    assert found.mood(-1, "feeling") == {"before": 1.0, "during": 1.0, "after": 1.0}
    first = replace(found, day=0)
    assert math.isnan(first.mood(0, "feeling")["before"])


def twice() -> Scenario:
    """Two storms three days apart, the first in the afternoon, where others arise by themselves nearly every day."""
    first, second = (
        {"date": day, "hour": hour, "severity": 0.9, "vividness": 0.9, "posters": 20_000.0}
        for day, hour in (("2026-01-20", 14), ("2026-01-23", 9))
    )
    answers = [{"kind": "explain", "delay_hours": 0}]
    moody = {"ignition": {"threshold": 1.0, "chance": 1.0, "wait_days": 0}, "spread": {"longest_hours": 48}}
    return scenario(busy(agents=1500, days=40), {"storm": {"triggers": [first, second], "responses": answers, **moody}})


@cache
def relit() -> StormStudy:
    return storms(with_trigger(twice(), severity=0.8), responses=("delete",), delays=(1,), seeds=2, workers=1)


def test_other_triggers_stay_so_that_a_relight_can_be_studied() -> None:
    first, second = with_trigger(twice(), severity=0.1).storm.triggers
    assert (first.severity, second) == (0.1, twice().storm.triggers[1])


def test_hours_are_counted_from_the_first_trigger() -> None:
    """The second storm's first hour is 3 days less 5 hours after the first's; between them nobody posts."""
    for tracks in relit().tracks:
        volume = tracks[1].volume
        assert volume[0] > 0 < volume[67]
        assert volume[60:67].sum() == 0
        assert volume.sum() == pytest.approx(tracks[1].posts.sum())
    shown = first_hours(relit().storm)
    assert len(shown) == SHOWN_HOURS
    volume = shown[list(SOURCES)].sum(axis=1).to_numpy()
    assert volume == pytest.approx(relit().tracks[0][1].volume[:SHOWN_HOURS])


def test_no_storm_arises_by_itself_in_a_study() -> None:
    """Where it would: not in the calm run, and not before, between or after the triggers."""
    assert not simulate(twice().with_changes({"storm.triggers": []}), seed=1).storm.empty
    found = relit()
    for tracks in found.tracks:
        assert (tracks[0].volume.size, tracks[0].outraged, tracks[0].cost_eur) == (0, 0.0, 0.0)
    assert set(found.storm["day"]) <= {15, 16, 17, 18, 19, 20, 21}
    (tracks,) = prevention(twice(), 500.0, seeds=1, workers=1).tracks
    assert all(calm.volume.size == 0 for calm, _ in tracks)


def test_an_answer_that_never_came_is_none() -> None:
    """The storm is over after two days: an answer after ten is silence, has no price of waiting, and is never best."""
    brief = story().with_changes({"storm.spread.longest_hours": 24, "storm.spread.novelty_half_life_hours": 1.0})
    found = storms(brief, responses=("explain",), delays=(1, 6, 240), seeds=2, workers=1)
    assert [found.answered_in(k) for k in range(4)] == [0, 2, 2, 0]
    assert list(found.table()["answered_in_seeds"]) == [0, 2, 2, 0]
    assert found.tried == (0, 1, 2)
    assert found.against(3, 0).mean == 0
    assert [(a, b) for a, b, _ in found.price_of_an_hour("explain")] == [(1, 6)]
    html = storm_html(found)
    assert "answered in 0 of 2 seeds" in html


def test_what_cannot_be_studied_is_refused() -> None:
    with pytest.raises(ValueError, match="no trigger"):
        storms(scenario(busy(agents=100, days=5)), seeds=1)
    with pytest.raises(ValueError, match="at least 1"):
        storms(story(), seeds=0)


def test_every_day_lived_is_told() -> None:
    ticks = []
    quiet = story()
    Branches(quiet.with_changes({"storm.triggers": []}), (quiet,), 15 * 24 + 9, 1)(1, lambda: ticks.append(1))
    assert len(ticks) == 15 + 2 * 25


def test_the_report_says_it_all() -> None:
    html = storm_html(study(), prevention(story(), 500.0, seeds=2, workers=1))
    for text in ("Left alone, the storm reaches", "Which answers cannot be told apart", "Streisand", "service staff",
                 "The price of an hour of delay", "Who outraged whom", "The long shadow"):  # fmt: skip
        assert text in html
    assert not re.search(r"\bnan\b", html)


def test_every_measure_costs_the_budget_more_or_less() -> None:
    """Fixed cost, wages and spend of a calm week grow by the budget, whatever it is spent on."""
    world = story().with_changes({"storm.triggers": [], "service.desks.service_centre.wage_eur_per_day": 100.0})
    spent = {}
    for measure in measures(world, 2000.0):
        results = simulate(measure.scenario)
        everybody = results.daily[results.daily["persona"] == "all"].iloc[:7]
        costs = [name for name in everybody if str(name).startswith("cost_for_")]
        spent[measure.name] = float(everybody[costs].sum().sum()) / 100.0
    assert set(spent) == {"nothing", "service staff", "listening", "community", "advocates", "advertising"}
    for name, eur in spent.items():
        if name != "nothing":
            assert eur - spent["nothing"] == pytest.approx(2000.0, rel=0.1), name


def test_chains_are_counted_from_who_began() -> None:
    assert depths([5, 7, 9, 2], [-1, 5, 7, -1]) == [0, 1, 2, 0]
