"""Problems and how they are settled."""

from __future__ import annotations

import numpy as np

from sim.report.figure import Figure, Table
from sim.report.format import Axis, about, compact, percent, whole, words
from sim.report.palette import BAD, BAD_TOO, GOOD, STROKES, Fill
from sim.report.plot_bars import Bar, row_chart
from sim.report.plot_lines import Line, line_chart
from sim.report.view import View
from sim.scenario.personas import CONTACT_CHANNELS

OUTCOMES: dict[str, tuple[str, Fill]] = {
    "outcome_quick": ("resolved quickly", GOOD),
    "outcome_goodwill": ("settled with goodwill", Fill("#009E73", "dots")),
    "outcome_resolved": ("resolved", Fill("#56B4E9", "cross")),
    "outcome_unresolved": ("not resolved", BAD),
    "outcome_silent": ("never complained", BAD_TOO),
}


def problems(view: View) -> Figure:
    """Problems and complaints per period."""
    time = view.time
    pairs = (("problems", "problems"), ("complaints", "complaints"))
    lines = [Line(name, time.rates(view.column(column)), STROKES[k]) for k, (name, column) in enumerate(pairs)]
    met, told = view.total("problems"), view.total("complaints")
    reading = (
        f"{about(met)} serious problems; {percent(told / met, 0)} of those concerned complained to the brand."
        if met
        else "No customer had a serious problem."
    )
    rows = [
        (time.name(first), *(whole(float(line.values[k])) for line in lines)) for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="problems",
        title=f"Problems and complaints per {time.word}",
        reading=reading,
        draw=lambda width: line_chart(width, time, time.middles, lines, Axis(f"people per {time.word}")),
        table=Table(("from", "problems", "complaints"), rows),
    )


def outcomes(view: View) -> Figure:
    """How problems ended."""
    counts = {name: view.total(name) for name in OUTCOMES}
    every = sum(counts.values())
    bars = [
        Bar(text, counts[name], f"{compact(counts[name])} ({percent(counts[name] / every, 0)})" if every else "0", fill)
        for name, (text, fill) in OUTCOMES.items()
    ]
    if every:
        well = counts["outcome_quick"] + counts["outcome_goodwill"] + counts["outcome_resolved"]
        reading = (
            f"{percent(well / every, 0)} of the problems were settled; {percent(counts['outcome_silent'] / every, 0)} "
            "never reached the brand, and those customers are the likeliest to leave."
        )
    else:
        reading = "There was no problem to settle."
    rows = [
        (text, whole(counts[name]), percent(counts[name] / every) if every else "–")
        for name, (text, _) in OUTCOMES.items()
    ]
    return Figure(
        key="outcomes",
        title="How problems ended",
        reading=reading,
        draw=lambda width: row_chart(width, bars, "problems over the whole run"),
        table=Table(("outcome", "problems", "share"), rows),
    )


def response(view: View) -> Figure:
    """Days from complaint to answer, in each period."""
    time = view.time
    values = time.ratios(view.column("response_days"), view.column("cases_handled"))
    handled, days = view.total("cases_handled"), view.total("response_days")
    if handled:
        slow = int(np.nanargmax(values))
        reading = f"An answer took {compact(days / handled)} days on average"
        if values[slow] > 1.5 * days / handled and values[slow] > 0.2:
            reading += f", at worst {compact(float(values[slow]))} days around {time.name(float(time.middles[slow]))}"
        reading += "."
    else:
        reading = "No complaint was handled."
    rows = [(time.name(first), compact(float(values[k]))) for k, first in enumerate(time.edges[:-1])]
    return Figure(
        key="response",
        title="Time until a complaint is answered",
        reading=reading,
        draw=lambda width: line_chart(
            width, time, time.middles, [Line("days", values, STROKES[0])], Axis("days from complaint to answer"),
            least=(0.0, 1.0),
        ),
        table=Table(("from", "days"), rows),
    )  # fmt: skip


def waiting(view: View) -> Figure:
    """Cases waiting in the evening, mean of each period, by contact channel."""
    time = view.time
    every = {name: view.column(f"waiting_{name}") for name in CONTACT_CHANNELS}
    lines = [
        Line(words(name), time.sums(every[name]) / np.diff(time.edges), STROKES[k])
        for k, name in enumerate(CONTACT_CHANNELS)
    ]
    longest = max(every, key=lambda name: every[name].max())
    if every[longest].max() > 0:
        when = int(np.argmax(every[longest]))
        reading = (
            f"The longest queue formed at the {words(longest)}: {about(float(every[longest][when]))} cases on the "
            f"evening of {time.name(when)}."
        )
    else:
        reading = "Staff kept up: no case was left waiting overnight."
    rows = [
        (time.name(first), *(compact(float(line.values[k])) for line in lines))
        for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="waiting",
        title="Complaints waiting in the evening, by contact channel",
        reading=reading,
        draw=lambda width: line_chart(
            width, time, time.middles, lines, Axis(f"cases waiting, mean of each {time.word}")
        ),
        table=Table(("from", *(line.name for line in lines)), rows),
    )
