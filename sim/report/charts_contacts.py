"""Touchpoints: whom they reach, how often, at which stage, and for how much."""

from __future__ import annotations

import numpy as np

from sim.report.figure import Figure, Table
from sim.report.format import Axis, about, compact, euro, euro_full, percent, whole, words
from sim.report.palette import BLUE, GREEN, GREY, ORANGE, STROKES, Fill
from sim.report.plot_bars import Bar, Panel, panel_chart, row_chart
from sim.report.plot_lines import Line, line_chart
from sim.report.svg import GRID, INK, QUIET, Drawing, shortened, text_width
from sim.report.view import STAGE_NAMES, View

KIND_NAMES = {"paid": "paid", "owned": "owned", "earned": "earned (posts)"}


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return found


def reach(view: View) -> Figure:
    """Reach, frequency, attention and cost of every touchpoint."""
    table = view.touchpoints
    pick = {name: table[name].to_numpy(np.float64) for name in ("contacts", "noticed", "new_reach", "cost_cents")}
    cost = pick["cost_cents"] / 100.0
    order = np.argsort(-pick["new_reach"], kind="stable")
    names = [words(str(table.index[k])) for k in order]
    reached = (pick["new_reach"] / view.size)[order]
    often = _ratio(pick["contacts"], pick["new_reach"])[order]
    noticed = _ratio(pick["noticed"], pick["contacts"])[order]
    each = _ratio(cost, pick["noticed"])[order]
    panels = [
        Panel("people reached", "reached", reached, [percent(v) for v in reached], Fill(BLUE)),
        Panel(
            "contacts per person reached", "contacts each", often, [compact(v) for v in often], Fill(ORANGE, "diagonal")
        ),
        Panel("noticed", "noticed", noticed, [percent(v) for v in noticed], Fill(GREEN, "dots")),
        Panel("cost per noticed contact", "per notice", each, [_small_euro(v) for v in each], Fill(GREY, "columns")),
    ]
    rows = [
        (
            names[i], percent(reached[i]), whole(pick["contacts"][k]), compact(often[i]), percent(noticed[i]),
            euro_full(float(cost[k])), _small_euro(each[i]),
        )
        for i, k in enumerate(order)
    ]  # fmt: skip
    head = ("touchpoint", "reached", "contacts", "per person", "noticed", "cost", "per noticed contact")
    return Figure(
        key="reach",
        title="Reach, frequency, attention and cost by touchpoint",
        reading=_reach_reading(names, reached, often, each),
        draw=lambda width: panel_chart(width, names, panels),
        table=Table(head, rows),
        wide=True,
    )


def _small_euro(value: float) -> str:
    """Costs of a contact are fractions of a cent to some euros."""
    if np.isfinite(value) and 0 < value < 0.1:
        return f"{100 * value:.2g}\u00a0ct" if value >= 0.0001 else "<\u00a00.01\u00a0ct"
    return euro(float(value))


def _reach_reading(names: list[str], reached: np.ndarray, often: np.ndarray, each: np.ndarray) -> str:
    if not (reached > 0).any():
        return "No touchpoint reached anybody."
    k = int(np.argmax(reached))
    text = f"{names[k].capitalize()} reached most people: {percent(reached[k])} of the market, {compact(often[k])} "
    text += f"contact{'' if often[k] == 1 else 's'} each. "
    priced = np.where(each > 0, each, np.nan)
    if np.isfinite(priced).sum() > 1:
        low, high = int(np.nanargmin(priced)), int(np.nanargmax(priced))
        text += (
            f"A noticed contact cost least through {names[low]} ({_small_euro(each[low])}) and most through "
            f"{names[high]} ({_small_euro(each[high])})."
        )
    return text.strip()


def contacts_over_time(view: View, *, wide: bool) -> Figure:
    """Contacts per period by kind, with what people told each other."""
    time = view.time
    heard = view.column("heard_good") + view.column("heard_bad")
    series = [(KIND_NAMES[kind], daily["contacts"]) for kind, daily in view.touchpoint_days.items()]
    series.append(("talk of others", heard))
    lines = [Line(name, time.rates(daily), STROKES[k]) for k, (name, daily) in enumerate(series)]
    totals = [float(np.sum(daily)) for _, daily in series]
    every = sum(totals)
    if every > 0:
        k = int(np.argmax(totals))
        reading = (
            f"{compact(every)} contacts in all; {percent(totals[k] / every, 0)} of them came from "
            f"{series[k][0]}{'' if k == len(series) - 1 else ' touchpoints'}, "
            f"{percent(totals[-1] / every, 0)} from other people."
        )
    else:
        reading = "Nobody met anything."
    rows = [
        (time.name(first), *(whole(float(line.values[k])) for line in lines)) for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="contacts-over-time",
        title=f"Contacts per {time.word}, by who makes them",
        reading=reading,
        draw=lambda width: line_chart(width, time, time.middles, lines, Axis(f"contacts per {time.word}")),
        table=Table(("from", *(name for name, _ in series)), rows),
        wide=wide,
    )


def contacts_by_stage(view: View) -> Figure | None:
    """How often people at each stage meet each touchpoint, from the panel; None without a panel."""
    what, met = view.met
    if not view.panel or not met.sum():
        return None
    weeks = np.array([view.stage(stage).sum() for stage in STAGE_NAMES]) / 7.0 * view.panel / view.size
    often = _by_week(met.sum(axis=0).T, weeks)  # [what, stages]
    times = met.sum(axis=(0, 1))
    keep = np.argsort(-times, kind="stable")
    keep = keep[times[keep] > 0]
    names, values = [words(what[k]) for k in keep], often[keep]
    rows = [(name, *(_often(v) for v in row)) for name, row in zip(names, values, strict=True)]
    busy = np.unravel_index(int(np.nanargmax(values)), values.shape)
    reading = (
        f"The densest contact is {names[busy[0]]} in {STAGE_NAMES[busy[1]]}: {compact(float(values[busy]))} times per "
        f"person and week. Estimated from a panel of {whole(view.panel)} consumers."
    )
    return Figure(
        key="contacts-by-stage",
        title="Contacts per person and week, by touchpoint and stage",
        reading=reading,
        draw=lambda _: _grid(names, values),
        table=Table(("touchpoint", *STAGE_NAMES), rows),
        wide=True,
        scrolls=True,
    )


def _by_week(contacts: np.ndarray, weeks: np.ndarray) -> np.ndarray:
    """Contacts / person-weeks, NaN for stages with less than one person-week in the panel."""
    found: np.ndarray = np.divide(contacts, weeks, out=np.full(contacts.shape, np.nan), where=weeks >= 1.0)
    return found


def _often(value: float) -> str:
    if not np.isfinite(value):
        return ""
    return "0" if value == 0 else f"{value:.1f}" if value >= 0.095 else "<0.1"


def _grid(names: list[str], values: np.ndarray) -> Drawing:
    """Darker cells for more contacts, with the number in each."""
    width, row = 1080.0, 26.0
    drawing = Drawing(width, 30.0 + row * len(names))
    label = min(240.0, max(text_width(name) for name in names) + 14.0)
    column = (width - label) / len(STAGE_NAMES)
    most = float(np.nanmax(values)) or 1.0
    for s, stage in enumerate(STAGE_NAMES):
        drawing.text(label + (s + 0.5) * column, 18.0, stage, anchor="middle", fill=QUIET)
    for k, name in enumerate(names):
        y = 28.0 + row * k
        drawing.text(label - 8.0, y + 17.0, shortened(name, label - 8.0), anchor="end")
        for s in range(len(STAGE_NAMES)):
            value = float(values[k, s])
            x = label + s * column
            if not np.isfinite(value):
                drawing.line((x + 2, y + row / 2), (x + column - 2, y + row / 2), GRID)
                continue
            depth = np.sqrt(value / most)
            shade = tuple(round(255 + (dark - 255) * depth) for dark in (0, 77, 128))
            drawing.rect(x + 1, y + 1, column - 2, row - 2, "#{:02x}{:02x}{:02x}".format(*shade))
            ink = "#ffffff" if depth > 0.55 else INK
            drawing.text(x + column / 2, y + 17.0, _often(value), anchor="middle", fill=ink)
    return drawing


def dialogue(view: View) -> Figure | None:
    """Reactions to two-way touchpoints, and negative comments left unanswered; None if there was no reaction."""
    table = view.touchpoints
    table = table[table["reactions"] > 0].sort_values("reactions", ascending=False, kind="stable")
    if table.empty:
        return None
    rows, bars = [], []
    for name, row in table.iterrows():
        negative, answered = float(row["comments_negative"]), float(row["comments_answered"])
        bars.append(Bar(words(str(name)), float(row["reactions"]), compact(float(row["reactions"])), Fill(BLUE)))
        rows.append((words(str(name)), whole(float(row["reactions"])), whole(negative), whole(answered),
                     percent(answered / negative) if negative else "–"))  # fmt: skip
    bad, settled = float(table["comments_negative"].sum()), float(table["comments_answered"].sum())
    reading = f"{about(float(table['reactions'].sum()))} likes, comments, shares and saves"
    reading += f"; {percent(settled / bad, 0)} of {about(bad)} negative comments were answered." if bad else "."
    return Figure(
        key="dialogue",
        title="Dialogue: reactions by touchpoint",
        reading=reading,
        draw=lambda width: row_chart(width, bars, "reactions over the whole run"),
        table=Table(("touchpoint", "reactions", "negative comments", "answered", "share answered"), rows),
    )
