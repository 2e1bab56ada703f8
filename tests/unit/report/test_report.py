"""The report as a document: complete, self-contained, and readable whatever came out of the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from sim.record import Results
from sim.report import report_html, write_report
from sim.report.headline import headline
from sim.report.view import STAGE_NAMES, View
from sim.summary import intervals, summarise

SECTIONS = (
    "key-figures", "journey", "customers", "money", "touchpoints", "talk", "service", "brands", "assumptions",
)  # fmt: skip
FIGURES = (
    "journey-map", "stages", "customers-by-stage", "flow", "won-and-lost", "won-by-persona", "feeling", "waterfall",
    "cost-by-line", "money-over-time", "cumulative", "spend-by-purpose", "returns", "good-and-bad-talk", "negative",
    "reviews", "problems", "outcomes", "response", "waiting",
)  # fmt: skip
VOID = {"meta", "link", "br", "img", "input", "hr"}
MOST_BYTES = 1_500_000

Run = Callable[[str], Results]
Html = Callable[[str], str]


class Page(HTMLParser):
    """Reads a page: elements must close in order; collects text, ids and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[int] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def test_complete_and_clean(story: str, html_of: Html) -> None:
    html = html_of(story)
    page = Page(html)
    assert len(html.encode()) < MOST_BYTES
    assert set(SECTIONS) <= set(page.ids)
    assert set(FIGURES) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    words = " ".join([*page.text, *(value for _, _, value in page.attributes)])
    assert not re.search(r"\b(nan|NaN|None|inf|NaT)\b", words)
    assert not re.search(r"\d(nan|inf)|(nan|inf)\d", words)


def test_asks_for_nothing_from_outside(story: str, html_of: Html) -> None:
    page = Page(html_of(story))
    tags = {tag for tag, _, _ in page.attributes}
    assert not tags & {"script", "img", "iframe", "object", "embed", "video", "audio", "base", "form"}
    for _, name, value in page.attributes:
        if name in ("src", "href", "xlink:href", "data", "action", "poster", "srcset"):
            assert value.startswith("#") or value == "data:,"
        assert not re.search(r"url\((?!#)", value)
        assert not name.startswith("on")
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", re.sub(r'"[^"]*"', "", html_of(story)))


def test_every_pattern_that_is_used_is_defined(story: str, html_of: Html) -> None:
    page = Page(html_of(story))
    used = {match for _, _, value in page.attributes for match in re.findall(r"url\(#([^)]*)\)", value)}
    assert used <= set(page.ids)


def test_accessible(html_of: Html) -> None:
    page = Page(html_of("usual"))
    assert ("html", "lang", "en") in page.attributes
    landmarks = {"header", "nav", "main", "section", "footer", "figure"}
    assert landmarks <= set(re.findall("<([a-z]+)", html_of("usual")))
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(page.headings))
    labels = [value for tag, name, value in page.attributes if tag == "svg" and name == "aria-label"]
    assert len(labels) >= len(FIGURES)
    assert all(len(label) > 20 for label in labels)
    assert sum(1 for tag, name, value in page.attributes if (tag, name, value) == ("th", "scope", "col")) > len(FIGURES)


def test_what_a_scenario_lacks_is_said(html_of: Html) -> None:
    assert "This scenario has no touchpoints." in html_of("no_touchpoints")
    assert "This scenario has no rivals." in html_of("no_rivals")
    assert "There are no ties between people" in html_of("no_ties")
    assert "No consumers were tracked" in html_of("nobody_knows")


def test_words_of_a_scenario_are_only_words(html_of: Html) -> None:
    html = html_of("hostile_words")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_same_results_same_page(run: Run) -> None:
    assert report_html(run("usual")) == report_html(run("usual"))


def test_intervals_are_shown_for_several_seeds(run: Run) -> None:
    found = summarise(run("usual"))
    several = intervals([found, {name: 1.1 * value for name, value in found.items()}])
    html = report_html(run("usual"), intervals=several)
    assert "Means over 2 runs of" in html
    assert html.count('class="spread"') >= 8
    single = report_html(run("usual"), intervals=intervals([found]))
    assert single == report_html(run("usual"), summary=found) == report_html(run("usual"))
    assert 'class="spread"' not in single
    assert "From one run of" in single


def test_headline_is_made_from_numbers() -> None:
    found = {"won": 12_431.0, "lost": 3_120.0, "profit": 1_234_567.0, "cac": 31.4}
    assert headline(found, 365).replace("\u00a0", " ") == (
        "12,400 customers won, 3,120 lost in a year; profit € 1.23 million; winning one cost € 31.40."
    )
    found = {"won": 0.0, "lost": 0.0, "profit": -540.0, "cac": float("nan")}
    assert headline(found, 1).replace("\u00a0", " ") == "Nobody was won and nobody was lost in a day; loss € 540."


def test_start_counts_undo_the_first_day(run: Run) -> None:
    view = View(run("usual"))
    start = view.scenario.start
    assert view.stage_start("consideration") == pytest.approx(start.consideration * view.size, rel=0.3)
    assert sum(view.stage_start(name) for name in STAGE_NAMES) == view.size


def test_contacts_of_the_panel_are_those_of_the_journal(run: Run) -> None:
    results = run("usual")
    what, met = View(results).met
    journal = results.journeys
    for name in ("video", "hub", "letter"):
        rows = journal[(journal["touchpoint"] == name) & journal["event"].isin(["contact", "noticed"])]
        assert met[:, :, what.index(name)].sum() == rows["value"].sum() > 0
    heard = journal[journal["event"].isin(["heard_good", "heard_bad"])]
    assert met[:, :, what.index("talk")].sum() == heard["value"].sum()


def test_written_to_a_file(run: Run, tmp_path: Path) -> None:
    write_report(run("usual"), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == report_html(run("usual"))
