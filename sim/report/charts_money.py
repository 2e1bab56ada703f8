"""Money: where it comes from, where it goes, and what is left."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.report.figure import Figure, Table
from sim.report.format import euro, euro_full, euro_words, euros, listed, percent, words
from sim.report.palette import BAD, BLACK, BLUE, COSTS, PURPOSE_FILLS, PURPOSE_STROKES, STROKES, Fill, Stroke
from sim.report.plot_bars import Bar, row_chart
from sim.report.plot_lines import Line, line_chart
from sim.report.plot_stacks import Layer, bar_chart
from sim.report.view import View
from sim.scenario.touchpoints import PURPOSES
from sim.scenario.words import counted

PURPOSE_NAMES = {
    "acquisition": "acquisition", "retention": "retention", "brand": "brand", "service": "service and goodwill",
}  # fmt: skip


def _spent(view: View, purpose: str) -> np.ndarray:
    return view.eur(f"cost_for_{purpose}_cents")


def waterfall(view: View) -> Figure:
    """From revenue to profit, step by step."""
    revenue, unit = float(view.eur("revenue_cents").sum()), float(view.eur("unit_cost_cents").sum())
    profit = float(view.eur("profit_cents").sum())
    bars = [Bar("revenue", revenue, euro(revenue), Fill(BLUE))]
    left = revenue
    steps = [("variable cost", unit, COSTS)]
    steps += [(PURPOSE_NAMES[p], float(_spent(view, p).sum()), PURPOSE_FILLS[p]) for p in PURPOSES]
    for name, cost, fill in steps:
        bars.append(Bar(name, -cost, euro(-cost) if cost else euro(0), fill, start=left))
        left -= cost
    gained = profit >= 0
    bars.append(Bar("profit" if gained else "loss", profit, euro(profit), Fill(BLUE) if gained else BAD))
    share = f", {percent(profit / revenue, 0)} of revenue" if revenue > 0 and profit > 0 else ""
    biggest = max(steps, key=lambda step: step[1])
    reading = f"{'A profit' if profit >= 0 else 'A loss'} of {euro_words(abs(profit))}{share}."
    if biggest[1] > 0:
        reading += f" The largest cost is {biggest[0]} with {euro_words(biggest[1])}."
    rows = [(bar.name, euro_full(bar.value)) for bar in bars]
    return Figure(
        key="waterfall",
        title="From revenue to profit",
        reading=reading,
        draw=lambda width: row_chart(width, bars, "EUR over the whole run"),
        table=Table(("", "EUR"), rows),
    )


def by_line(view: View) -> Figure:
    """What every line cost, marked by its purpose."""
    lines = [
        (words(t.name), t.purpose, float(view.eur(f"cost_{t.name}_cents").sum())) for t in view.scenario.touchpoints
    ]
    lines += [
        ("service wages", "service", float(view.eur("cost_of_wages_cents").sum())),
        ("goodwill", "service", float(view.eur("cost_of_goodwill_cents").sum())),
    ]
    storms = float(view.eur("cost_of_storm_cents").sum())
    lines += [("storms", "service", storms)] if storms else []
    lines.sort(key=lambda line: -line[2])
    whole_sum = sum(line[2] for line in lines)
    bars = [
        Bar(f"{name} ({purpose[0].upper()})", cost, euro(cost), PURPOSE_FILLS[purpose]) for name, purpose, cost in lines
    ]
    sums = {p: sum(cost for _, purpose, cost in lines if purpose == p) for p in PURPOSES}
    if whole_sum > 0:
        top = max(sums, key=lambda p: sums[p])
        reading = (
            f"{euro_words(whole_sum)} spent, {percent(sums[top] / whole_sum, 0)} of it on {top}; the largest line "
            f"is {lines[0][0]}. A = acquisition, R = retention, B = brand, S = service."
        )
    else:
        reading = "Nothing was spent."
    rows = [
        (name, purpose, euro_full(cost), percent(cost / whole_sum) if whole_sum else "–")
        for name, purpose, cost in lines
    ]
    return Figure(
        key="cost-by-line",
        title="Spending by line and purpose",
        reading=reading,
        draw=lambda width: row_chart(width, bars, "EUR over the whole run"),
        table=Table(("line", "purpose", "EUR", "share"), rows),
        tall=len(bars) > 12,
    )


def over_time(view: View) -> Figure:
    """Revenue against what it cost, per period."""
    time = view.time
    layers = [Layer("variable cost", time.rates(view.eur("unit_cost_cents")), COSTS)]
    layers += [Layer(PURPOSE_NAMES[p], time.rates(_spent(view, p)), PURPOSE_FILLS[p]) for p in PURPOSES]
    shown = [layer for layer in layers if layer.values.any()]
    revenue = time.rates(view.eur("revenue_cents"))
    line = Line("revenue", revenue, Stroke(BLACK))
    gain = revenue - np.sum([layer.values for layer in layers], axis=0)
    rows = [
        (time.name(first), euro_full(float(revenue[k])), *(euro_full(float(layer.values[k])) for layer in layers),
         euro_full(float(gain[k])))
        for k, first in enumerate(time.edges[:-1])
    ]  # fmt: skip
    black = int((gain > 0).sum())
    unit = time.word if time.word in ("day", "week") else "period"
    reading = (
        f"Revenue exceeds all costs in {black} of {counted(gain.size, unit)}. "
        "Where the line runs above the bars, the brand earns."
    )
    return Figure(
        key="money-over-time",
        title=f"Revenue and costs per {time.word}",
        reading=reading,
        draw=lambda width: bar_chart(
            width, time, shown or layers[:1], euros(f"EUR per {time.word}"), line=line, height=310.0
        ),
        table=Table(("from", "revenue", *(layer.name for layer in layers), "profit"), rows),
        wide=True,
    )


def cumulative(view: View) -> Figure:
    """Profit so far."""
    days = view.time.samples
    profit, revenue = np.cumsum(view.eur("profit_cents")), np.cumsum(view.eur("revenue_cents"))
    spent = np.cumsum(np.sum([_spent(view, p) for p in PURPOSES], axis=0))
    lines = [
        Line("revenue", revenue[days], STROKES[0]),
        Line("spending", spent[days], STROKES[1]),
        Line("profit", profit[days], STROKES[3]),
    ]
    low = int(np.argmin(profit))
    if profit[-1] > 0 and profit[low] < 0:
        back = int(np.argmax((np.arange(profit.size) > low) & (profit >= 0)))
        reading = (
            f"At the lowest point, on {view.time.name(low)}, {euro_words(-float(profit[low]))} were tied up; "
            f"the plan had paid back by {view.time.name(back)}."
        )
    elif profit[-1] > 0:
        reading = "The plan paid its way from the first day on."
    else:
        reading = f"Within the run the plan did not pay back: {euro_words(float(profit[-1]))} at the end."
    rows = [(view.time.name(day), *(euro_full(float(line.values[k])) for line in lines)) for k, day in enumerate(days)]
    return Figure(
        key="cumulative",
        title="Revenue, spending and profit so far",
        reading=reading,
        draw=lambda width: line_chart(width, view.time, days + 1.0, lines, euros("EUR since the first day")),
        table=Table(("evening of", "revenue", "spending without variable cost", "profit"), rows),
    )


def by_purpose(view: View, *, wide: bool) -> Figure:
    """What was spent for each purpose, per period."""
    time = view.time
    lines = [
        Line(PURPOSE_NAMES[p], time.rates(_spent(view, p)), PURPOSE_STROKES[p])
        for p in PURPOSES
        if _spent(view, p).any()
    ]
    totals = {p: float(_spent(view, p).sum()) for p in PURPOSES}
    all_in = sum(totals.values())
    winning, keeping = totals["acquisition"] + totals["brand"], totals["retention"] + totals["service"]
    reading = (
        f"{percent(winning / all_in, 0)} of spending went into winning customers (acquisition and brand), "
        f"{percent(keeping / all_in, 0)} into keeping them (retention and service)."
        if all_in > 0
        else "Nothing was spent."
    )
    rows = [
        (time.name(first), *(euro_full(float(time.rates(_spent(view, p))[k])) for p in PURPOSES))
        for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="spend-by-purpose",
        title=f"Spending by purpose per {time.word}",
        reading=reading,
        draw=lambda width: line_chart(width, time, time.middles, lines, euros(f"EUR per {time.word}")),
        table=Table(("from", *PURPOSES), rows),
        wide=wide,
    )


def returns(found: Mapping[str, float]) -> Figure:
    """Margin booked to each purpose per EUR spent on it."""
    values = {p: found[f"return_{p}"] for p in PURPOSES}
    base = {"acquisition": "first purchases", "retention": "later purchases"}
    bars = [
        Bar(f"{p}: {base.get(p, 'all purchases')}", values[p], euro_full(values[p]), PURPOSE_FILLS[p]) for p in PURPOSES
    ]
    pays = [p for p in PURPOSES if values[p] >= 1.0]
    if not any(math.isfinite(value) for value in values.values()):
        reading = "Nothing was spent, so there is no return on it."
    elif pays:
        reading = f"Booked margin exceeds the cost of {listed(pays)}. This is bookkeeping, not cause and effect."
    else:
        reading = "For no purpose does the booked margin cover its cost. This is bookkeeping, not cause and effect."
    rows = [
        (p, base.get(p, "all purchases"), euro_full(found[f"cost_{p}"]), euro_full(values[p]),
         euro_full(found[f"profit_{p}"]))
        for p in PURPOSES
    ]  # fmt: skip
    return Figure(
        key="returns",
        title="Margin per euro spent, by purpose",
        reading=reading,
        draw=lambda width: row_chart(width, bars, "EUR of margin per EUR spent"),
        table=Table(("purpose", "margin of", "cost", "margin per EUR", "booked profit"), rows),
    )
