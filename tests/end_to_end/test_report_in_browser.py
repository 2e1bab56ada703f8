"""The report in a real browser: it opens without a network, shows what it holds, and fits a phone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sim.engine import simulate
from sim.report import write_report
from sim.report.compare_page import comparison_html
from sim.report.credit_page import credit_html
from sim.report.frontier_page import frontier_html
from sim.report.storm_page import storm_html
from sim.scenario.scenario import Scenario
from sim.scenario.storm import ResponseKind
from sim.studies.compare import compare
from sim.studies.credit import credit
from sim.studies.frontier import frontier
from sim.studies.optimise import optimise
from sim.studies.prevention import prevention
from sim.studies.storms import storms, with_trigger

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECTIONS = ("key-figures", "journey", "customers", "money", "touchpoints", "talk", "service", "brands", "assumptions")
SECONDS = 90

#: What no reader should see: numbers that are none. "None of the measures" is a sentence.
UNWANTED = re.compile(r"\b(NaN|nan|undefined|inf)\b|\bNone\b(?! of)")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

#: Looks at the page from inside a frame of a given width, and writes down what it sees.
PROBE = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe id="frame" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe><pre id="seen"></pre>
<script>
document.getElementById("frame").addEventListener("load", event => {{
  const page = event.target.contentDocument, root = page.documentElement;
  const seen = element => element.getBoundingClientRect().width > 0;
  const shown = [...page.querySelectorAll("svg[role=img]")].filter(seen);
  document.getElementById("seen").textContent = JSON.stringify({{
    title: page.title,
    overflow: root.scrollWidth - root.clientWidth,
    figures: page.querySelectorAll("figure").length,
    drawn: [...page.querySelectorAll("figure")].filter(f => [...f.querySelectorAll("svg")].filter(seen).length == 1)
      .length,
    empty: shown.filter(svg => svg.getBBox().width < 10).length,
    outside: shown.map(svg => [svg.getBBox(), svg.viewBox.baseVal, svg.getAttribute("aria-label")])
      .filter(([box, view]) => box.x < -3 || box.y < -3 || box.x + box.width > view.width + 3
        || box.y + box.height > view.height + 3).map(([,, label]) => label.slice(0, 60)),
    sections: [...page.querySelectorAll("main section")].map(section => section.id),
    resources: event.target.contentWindow.performance.getEntriesByType("resource").map(entry => entry.name),
    text: page.body.innerText,
  }});
}});
</script>"""


def tea_club() -> Scenario:
    """A small market with a little of everything."""
    paid = {"kind": "paid", "purpose": "acquisition", "cpm_eur": 10.0, "spend": {"weekly_eur": 3000.0}}
    return Scenario.model_validate(
        {
            "title": "A small tea club",
            "days": 60,
            "agents": 500,
            "panel": 100,
            "market": {"kind": "subscription", "size": 50_000.0, "rivals": [{"name": "grocer", "price": 9.0}]},
            "start": {"awareness": 0.3, "consideration": 0.1, "retention": 0.1, "loyalty": 0.05},
            "personas": [
                {"name": "students", "share": 0.4, "platforms": {"pictures": 0.8}},
                {"name": "busy_families_in_town", "share": 0.6, "platforms": {"pictures": 0.4}},
            ],
            "touchpoints": [
                {"name": "out_of_home_posters_and_screens", **paid},
                {"name": "website", "kind": "owned", "purpose": "brand", "visits_per_week": 0.3},
                {
                    "name": "letter", "kind": "owned", "form": "sends", "purpose": "retention", "phases": ["after"],
                    "sends_per_week": 1.0, "cost_per_contact_eur": 0.2, "bond": 0.1,
                },
            ],
            "ties": [{"name": "friends"}, {"name": "followers", "platform": "pictures", "kind": "power_law"}],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a small run."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(simulate(tea_club(), threads=1), path)
    return path


def chromium(folder: Path, *arguments: str) -> str:
    """Run Chromium without a window or a network of its own, and return what it prints."""
    assert CHROMIUM is not None
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
        "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--virtual-time-budget=10000", *arguments,
    ]  # fmt: skip
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=True, env={**os.environ, "HOME": str(folder)}
    )
    return found.stdout


def look(report: Path, folder: Path, width: int) -> dict:
    """What a reader sees on a screen `width` px wide."""
    page = report.read_text(encoding="utf-8").replace("&", "&amp;").replace('"', "&quot;")
    probe = folder / "probe.html"
    probe.write_text(PROBE.format(width=width, page=page), encoding="utf-8")
    dom = chromium(folder, "--window-size=1400,1000", "--dump-dom", probe.as_uri())
    found = re.search(r'<pre id="seen">(.*?)</pre>', dom, re.DOTALL)
    assert found
    text = found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u00a0").replace("&amp;", "&")
    return json.loads(text)


@pytest.mark.parametrize("width", [1280, 400])
def test_opens_and_fits(report: Path, tmp_path: Path, width: int) -> None:
    seen = look(report, tmp_path, width)
    assert seen["title"].startswith("A small tea club")
    assert seen["sections"] == list(SECTIONS)
    assert seen["resources"] == []
    assert seen["overflow"] <= 0, "the page itself must not scroll sideways"
    assert seen["figures"] == seen["drawn"] >= 20
    assert seen["empty"] == 0
    assert seen["outside"] == []
    assert not UNWANTED.search(seen["text"])


def _comparison() -> str:
    club = tea_club()
    return comparison_html(
        compare({"club": club, "dear": club.with_changes({"market.price": 12.0})}, seeds=3, workers=1)
    )


def _frontier() -> str:
    found = frontier(tea_club(), steps=3, seeds=2, workers=1)
    return frontier_html(found, optimise(tea_club(), seeds=1, held_out=2, rounds=1, workers=1))


def _credit() -> str:
    return credit_html(credit(tea_club(), seeds=2, workers=1))


def _storm() -> str:
    stormy = with_trigger(tea_club())
    responses: tuple[ResponseKind, ...] = ("silence", "apologise")
    found = storms(stormy, responses=responses, delays=(1, 24), seeds=2, workers=1)
    return storm_html(found, prevention(stormy, 500.0, seeds=2, workers=1))


STUDIES = {"comparison": _comparison, "frontier": _frontier, "credit": _credit, "storm": _storm}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of every kind of study."""
    folder = tmp_path_factory.mktemp("pages")
    for name, html in STUDIES.items():
        (folder / f"{name}.html").write_text(html(), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in STUDIES}


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", STUDIES)
def test_pages_of_studies_open_and_fit(pages: dict[str, Path], tmp_path: Path, name: str, width: int) -> None:
    seen = look(pages[name], tmp_path, width)
    assert len(seen["sections"]) >= 3 and seen["sections"][-1] == "assumptions"
    assert seen["resources"] == []
    assert seen["overflow"] <= 0, "the page itself must not scroll sideways"
    assert seen["figures"] == seen["drawn"] >= 1
    assert seen["empty"] == 0
    assert seen["outside"] == []
    assert not UNWANTED.search(seen["text"])


def test_prints(report: Path, tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    chromium(tmp_path, f"--print-to-pdf={paper}", "--no-pdf-header-footer", report.as_uri())
    assert paper.read_bytes().startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 20
