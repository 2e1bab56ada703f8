"""The report of a run, put together."""

from __future__ import annotations

from collections.abc import Mapping

from sim.intervals import Interval
from sim.record import Results
from sim.report import assumptions, headline
from sim.report.chapters import chapters
from sim.report.format import span_text
from sim.report.page import Page
from sim.report.view import View
from sim.scenario.words import counted, people
from sim.summary import summarise


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
    return Page(
        kind="report",
        span=span_text(view.time.start, end),
        title=view.scenario.title,
        headline=headline.headline(found, view.time.days),
        lede=headline.lede(view, found),
        description=view.scenario.description,
        cards=headline.cards(found, intervals),
        cards_intro=_rests_on(view, seeds),
        details=[headline.all_indicators(found, intervals)],
        sections=chapters(view, found),
        assumed="The scenario in short. The file scenario.toml beside this page has every setting.",
        settings=assumptions.settings(view),
        caveats=[("How to read these numbers", assumptions.caveats(view, seeds))],
        provenance=assumptions.provenance(view),
    ).html()


def _rests_on(view: View, seeds: int) -> str:
    """How much the numbers rest on: runs and simulated consumers."""
    consumers = counted(view.scenario.agents, "simulated consumer")
    simulated = f"{consumers}, each standing for {people(f'{view.results.weight:,.4g}')}"
    if seeds > 1:
        pictures = f"Pictures and the sentences with them show one of the runs, seed {view.results.seed}."
        return f"Means over {seeds} runs of {simulated}, with 95 % intervals. {pictures}"
    return f"From one run of {simulated}; several seeds (--seeds 5) would tell how much is luck."
