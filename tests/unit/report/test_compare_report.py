"""The report of a comparison: the answer first, readable whatever came out."""

from __future__ import annotations

import re

import pytest

from sim.report.compare_page import comparison_html
from sim.report.compare_words import answer
from sim.report.format import gap_text, probability_text
from sim.scenario.scenario import Scenario
from sim.studies.compare import compare
from sim.studies.comparison import Comparison
from tests.unit.report.test_report import Page
from tests.unit.studies.plans import tea

KINDS = ("two", "three", "same", "one seed", "until sure", "one day", "nobody", "no touchpoints")


def less() -> Scenario:
    """The tea club without its video."""
    return tea(touchpoints__video__scale=0.0)


@pytest.fixture(scope="module", params=KINDS)
def found(request: pytest.FixtureRequest) -> Comparison:
    """Comparisons of every kind."""
    nobody = {"start__retention": 0.0, "start__loyalty": 0.0, "start__consideration": 0.0, "market__attraction": 1e-9}
    silent = tea(touchpoints__video__remove=True, touchpoints__search__remove=True, touchpoints__letter__remove=True)
    plans, seeds, sure = {
        "two": ([tea(), less()], 3, False),
        "three": ([tea(), less(), tea(market__price=14.0)], 2, False),
        "same": ([tea(), tea()], 2, False),
        "one seed": ([tea(), less()], 1, False),
        "until sure": ([tea(), less()], 3, True),
        "one day": ([tea(days=1), tea(days=1, touchpoints__video__scale=0.0)], 2, False),
        "nobody": ([tea(**nobody), tea(**nobody, touchpoints__video__scale=0.0)], 2, False),
        "no touchpoints": ([silent, tea()], 2, False),
    }[request.param]
    named = {f"plan_{k}": plan for k, plan in enumerate(plans)}
    return compare(named, seeds=seeds, until_sure=sure, most_seeds=6, workers=1)


def test_complete_and_clean(found: Comparison) -> None:
    html = comparison_html(found)
    page = Page(html)
    assert {"difference", "numbers", "people", "money", "plans", "assumptions", "profit-so-far"} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    words = " ".join([*page.text, *(value for _, _, value in page.attributes)])
    assert not re.search(r"\b(nan|NaN|None|inf|NaT)\b", words)
    assert not re.search(r"\d(nan|inf)|(nan|inf)\d", words)
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "") and "https://" not in html


def test_answer_picture_table_caveats_in_this_order(found: Comparison) -> None:
    html = comparison_html(found)
    places = [html.index(text) for text in (answer(found).split("€")[0].split("<")[0], "<svg xmlns", 'id="numbers"')]
    places += [html.index("How to read these numbers"), html.index("What was not tested")]
    assert places == sorted(places)


def test_the_answer_says_how_sure_it_is() -> None:
    sure = compare({"a": tea(), "b": less()}, seeds=12, workers=1)
    assert re.fullmatch(r"With b, profit is .+ higher than with a, and it is clear that it is higher\.", answer(sure))
    assert "exactly the same" in answer(compare({"a": tea(), "b": tea()}, seeds=2, workers=1))
    assert "in the one run made" in answer(compare({"a": tea(), "b": less()}, seeds=1, workers=1))
    open_ = compare({"a": tea(), "b": tea(touchpoints__letter__bond=0.5)}, seeds=2, workers=1, main="lost")
    assert answer(open_).startswith("Whether customers lost is") or "exactly the same" in answer(open_)
    three = compare({"a": tea(), "b": tea(touchpoints__video__scale=0.5), "c": less()}, seeds=12, workers=1)
    assert answer(three).startswith("Of 2 plans against a, c does best: its profit is")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0131, "share", "+1.3 pp"), (-0.0002, "share", "−0.02 pp"), (0.0, "share", "0.0 pp"),
        (-4.81, "EUR", "−€ 4.81"), (356_000.0, "EUR", "+€ 356 k"), (-0.004, "-1..1", "−0.004"),
        (0.0001, "-1..1", "0.000"), (-6850.0, "people", "−6,850"), (float("nan"), "EUR", "–"),
    ],
)  # fmt: skip
def test_differences_are_written_with_their_sign(value: float, unit: str, text: str) -> None:
    assert gap_text(value, unit).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9999, "> 99.9 %"), (0.997, "99.7 %"), (0.56, "56 %"), (0.003, "0.3 %"), (0.0, "< 0.1 %"), (1.0, "> 99.9 %")],
)
def test_a_probability_is_never_rounded_to_certainty(share: float, text: str) -> None:
    assert probability_text(share).replace("\u00a0", " ") == text
