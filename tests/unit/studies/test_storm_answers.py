"""Which answer to a storm is best, what prevention does, and how it is said: studies made by hand, no runs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from rich.console import Console

from sim.report import terminal
from sim.report.storm_words import answer, lede, prevention_answer, prevention_policy
from sim.scenario.scenario import Scenario
from sim.studies.prevention import Measure, Prevention
from sim.studies.storm_study import Cell, StormStudy
from sim.studies.storm_track import Track
from sim.studies.storms import answered, make_cells, with_trigger
from tests.laws.worlds import busy, scenario


def story() -> Scenario:
    return with_trigger(scenario(busy(agents=100, days=40)), day=date(2026, 1, 20))


def track(profit: float, *, revenue: float = 0.0, came: bool = False) -> Track:
    nothing = np.zeros(40)
    summary = {"profit": profit, "revenue": revenue, "equity": 10.0 * profit, "customers_end": profit}
    return Track(
        summary, nothing, nothing, nothing, nothing, nothing, nothing, np.zeros((0, 3)), np.zeros(5), 0.0, 0.0, came
    )


def made(*policies: tuple[float, ...], came: bool = True) -> StormStudy:
    """The calm run earned 100 under every seed, each policy (silence first) as given; revenue falls with profit."""
    seeds = tuple(range(1, 1 + len(policies[0])))
    cells = make_cells(("explain",), tuple(range(1, len(policies))))
    lived = [
        [track(profit, revenue=-profit, came=came and k > 0) for profit in policy] for k, policy in enumerate(policies)
    ]
    tracks = tuple((track(100.0), *(policy[s] for policy in lived)) for s in range(len(seeds)))
    return StormStudy(story(), cells, seeds, 15, tracks)


SILENT, BETTER, WORSE = (50.0, 51.0, 52.0), (60.0, 61.0, 62.5), (40.0, 41.0, 42.5)


def test_the_best_has_the_most_profit() -> None:
    """Not the most revenue, which is smallest here where profit is largest; and an answer that came."""
    assert made(SILENT, BETTER, WORSE).best == 1
    assert made(SILENT, BETTER, WORSE, came=False).best == 0


def test_each_answer_stands_alone_with_its_delay() -> None:
    """As the scenario describes it, if it does; none of the others, and none at all in silence."""
    both = [{"kind": "apologise", "tone": 0.1, "cost_eur": 7.0}, {"kind": "compensate", "delay_hours": 30}]
    world = story().with_changes({"storm.responses": both})
    (own,) = answered(world, Cell("apologise", 19)).storm.responses
    assert (own.kind, own.delay_hours, own.tone, own.cost_eur) == ("apologise", 19, 0.1, 7.0)
    (new,) = answered(world, Cell("explain", 3)).storm.responses
    assert (new.kind, new.delay_hours, new.cost_eur) == ("explain", 3, 5000.0)
    assert answered(world, Cell("silence", None)).storm.responses == []


def test_compensation_costs_half_a_price_unless_the_scenario_says() -> None:
    (new,) = answered(story(), Cell("compensate", 3)).storm.responses
    assert (new.cost_eur, new.cost_per_case_eur) == (10_000.0, story().market.price / 2)


def test_the_cost_of_a_storm_is_what_a_calm_run_does_not_cost() -> None:
    found = made(SILENT)
    calm, silent = found.tracks[0]
    spent = tuple((replace(calm, cost_eur=70.0), replace(silent, cost_eur=70.0 + eur)) for eur in (1.0, 2.0, 6.0))
    assert replace(found, tracks=spent).cost(0).mean == 3.0


def with_and_without(*profits: tuple[float, float], change: float = 1.0) -> Prevention:
    """What each measure (nothing first) earns without and with the storm; under a second seed all earn 1 more, and the
    last measure in the storm `change` more."""
    spent = tuple(Measure(name, "as said", story()) for name in ("nothing", "listening", "advertising"))
    first = tuple((track(calm), track(stormy)) for calm, stormy in profits)
    second = tuple((track(calm + 1.0), track(stormy + 1.0)) for calm, stormy in profits[:-1])
    last = (track(profits[-1][0] + 1.0), track(profits[-1][1] + change))
    return Prevention(70.0, spent[: len(profits)], (first, (*second, last)))


def test_prevention_compares_with_its_own_calm_and_with_nothing_in_the_storm() -> None:
    found = with_and_without((100.0, 60.0), (95.0, 70.0), (130.0, 50.0))
    assert [found.damage(k).mean for k in range(3)] == [-40.0, -25.0, -80.0]
    assert [found.in_all(k).mean for k in range(3)] == [0.0, 10.0, -10.0]
    table = found.table()
    assert list(table["storm_changes_profit"]) == [-40.0, -25.0, -80.0]
    assert list(table["changes_profit_in_all_high"]) == [0.0, 10.0, -10.0]
    assert list(table["changes_equity_in_all"]) == [0.0, 100.0, -100.0]


def test_what_a_storm_costs_in_words() -> None:
    """A gain is no cost of minus something, and what may be luck is said to be."""
    alone = answer(made(SILENT))
    assert alone.endswith("that profit included. No answer was tried.")
    assert "luck" not in alone
    assert "best" not in lede(made(SILENT))
    assert "(all of which may be luck)" in answer(made((50.0, 140.0, 60.0)))
    gained = answer(made((140.0, 141.0, 142.0)))
    assert "costs no customers on balance, none of this run's profit and none of customer equity" in gained
    assert "−" not in gained


@pytest.mark.parametrize(
    ("explaining", "ending"),
    [
        (BETTER, r"explaining within 1 hour of noticing it saves €\s10\.17 of profit\."),
        ((49.0, 51.0, 54.0), r"saves €\s0\.33 of profit, but that may be luck\."),
        ((52.0, 51.0, 49.0), r"on average, but explain after 1 h cannot be told apart from it\."),
        (WORSE, r"every answer that came earns less than silence\."),
    ],
)
def test_no_answer_is_praised_or_dismissed_beyond_what_is_certain(explaining: tuple[float, ...], ending: str) -> None:
    assert re.search(ending + "$", answer(made(SILENT, explaining)))


def test_an_answer_that_never_came_is_not_judged() -> None:
    late = made(SILENT, SILENT, came=False)
    assert answer(late).endswith("No answer came in time: the storm was over, or never noticed.")
    assert "best" not in lede(late)


def test_prevention_in_words() -> None:
    assert "most is gained with listening: €\xa010." in prevention_answer(with_and_without((100.0, 60.0), (95.0, 70.0)))
    lost = with_and_without((100.0, 60.0), (95.0, 50.0))
    assert prevention_answer(lost).startswith("None of the measures earns back its €\xa070 a week")
    unsure = with_and_without((100.0, 60.0), (95.0, 50.0), change=19.0)
    assert "listening cannot be told apart from doing nothing" in prevention_answer(unsure)


def test_prevention_names_the_answers_that_apply() -> None:
    lost = with_and_without((100.0, 60.0), (95.0, 50.0))
    assert prevention_policy(lost) == "Under every measure the storm is left unanswered, as in the scenario."
    answers = story().with_changes({"storm.responses": [{"kind": "private_channel", "delay_hours": 9}]})
    said = prevention_policy(replace(lost, measures=(replace(lost.measures[0], scenario=answers),)))
    assert said.endswith("is answered as the scenario says: private channel 9 h after noticing it.")


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_narrow_terminal_keeps_what_one_decides_by(
    seeds: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "_console", lambda: Console(width=80, highlight=False, markup=False))
    found = made(SILENT[:seeds], BETTER[:seeds], came=seeds > 1)
    terminal.show_storm(found, with_and_without((100.0, 60.0), (95.0, 70.0)))
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert "response delay customers profit told apart" in [" ".join(line.split()) for line in lines]
    told = "best" if seeds > 1 else "answered in 0 of 1 seed"
    assert any(line.split()[:3] == ["explain", "1", "h"] and line.rstrip().endswith(told) for line in lines)
