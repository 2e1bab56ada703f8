"""The page: everything put together."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from sim.record import Results
from sim.report import assumptions, headline
from sim.report.chapters import chapters
from sim.report.format import span_text
from sim.report.palette import definitions
from sim.report.view import View
from sim.summary import Interval, summarise


def render(
    results: Results, summary: Mapping[str, float] | None = None, intervals: Mapping[str, Interval] | None = None
) -> str:
    """The report as HTML; see `sim.report.report_html`."""
    view = View(results)
    seeds = max((value.seeds for value in intervals.values()), default=1) if intervals else 1
    if intervals and seeds > 1:
        found: Mapping[str, float] = {name: value.mean for name, value in intervals.items()}
    else:
        found, intervals = summary if summary is not None else summarise(results), None
    end = view.time.date(view.time.days - 1)
    page: str = _template().render(
        title=view.scenario.title,
        description=view.scenario.description,
        span=span_text(view.time.start, end),
        headline=headline.headline(found, view.time.days),
        lede=headline.lede(view, found),
        cards=headline.cards(found, intervals),
        indicators=headline.all_indicators(found, intervals),
        several=seeds > 1,
        seeds=seeds,
        sections=chapters(view, found),
        definitions=definitions(),
        settings=assumptions.settings(view),
        caveats=assumptions.caveats(view, seeds),
        provenance=assumptions.provenance(view),
    )
    return page


def _template() -> Template:
    """The page's template; everything put into it is escaped."""
    folder = resources.files("sim.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["style"] = Markup((folder / "page.css").read_text(encoding="utf-8"))
    return environment.from_string((folder / "page.html.j2").read_text(encoding="utf-8"))
