"""Where people stand over time, and how they feel."""

from __future__ import annotations

import numpy as np

from sim.report.figure import Figure, Table
from sim.report.format import Axis, about, percent, signed, whole, words
from sim.report.palette import STAGE_FILLS, STROKES
from sim.report.plot_lines import Line, line_chart
from sim.report.plot_stacks import Layer, area_chart
from sim.report.view import CUSTOMER_STAGES, STAGE_NAMES, View


def _stack(view: View, key: str, title: str, reading: str, names: tuple[str, ...]) -> Figure:
    days = view.time.samples
    counts = {name: view.stage(name)[days] for name in names}
    layers = [Layer(name, counts[name], STAGE_FILLS[name]) for name in names]
    rows = [(view.time.name(day), *(whole(float(counts[name][k])) for name in names)) for k, day in enumerate(days)]
    return Figure(
        key=key,
        title=title,
        reading=reading,
        draw=lambda width: area_chart(width, view.time, days + 1.0, layers, Axis("people, every evening")),
        table=Table(("evening of", *names), rows),
    )


def everybody(view: View) -> Figure:
    """All stages."""
    first, last = (1.0 - view.stage_start("unaware") / view.size, 1.0 - view.stage("unaware")[-1] / view.size)
    considering = float(view.stage("consideration")[-1] + view.stage("decision")[-1]) / view.size
    reading = (
        f"{percent(first, 0)} of the market knew the brand at the start and {percent(last, 0)} at the end; "
        f"{percent(considering)} are considering it or deciding then."
    )
    return _stack(view, "stages", "People by stage of the journey", reading, STAGE_NAMES)


def customers(view: View) -> Figure:
    """The stages of customers only, which the whole market would dwarf."""
    start = sum(view.stage_start(name) for name in CUSTOMER_STAGES)
    held = view.customers()
    if held.max() == 0:
        reading = "There were no customers."
    else:
        loyal = float(view.stage("loyalty")[-1] + view.stage("advocacy")[-1])
        share = f"; {percent(loyal / held[-1], 0)} of them are loyal or advocates" if held[-1] > 0 else ""
        reading = f"{about(start)} customers at the start, {about(float(held[-1]))} at the end{share}."
    return _stack(view, "customers-by-stage", "Customers by stage", reading, CUSTOMER_STAGES)


def feeling(view: View) -> Figure:
    """Mean feeling of those who know the brand, by persona."""
    days, most = view.time.samples, len(STROKES)
    shown = view.personas[:most]
    lines = [Line(words(name), view.column("feeling", name)[days], STROKES[k]) for k, name in enumerate(shown)]
    every = view.column("feeling")
    defined = every[np.isfinite(every)]
    rows = [
        (view.time.name(day), *(signed(float(view.column("feeling", name)[day])) for name in ("all", *view.personas)))
        for day in days
    ]
    if defined.size:
        way = "rose" if defined[-1] > defined[0] + 0.005 else "fell" if defined[-1] < defined[0] - 0.005 else "stayed"
        how = f"stayed at {signed(float(defined[-1]))}" if way == "stayed" else (
            f"{way} from {signed(float(defined[0]))} to {signed(float(defined[-1]))}"
        )  # fmt: skip
        reading = f"The mean feeling towards the brand {how} (−1 hate, 0 indifference, +1 enthusiasm)."
    else:
        reading = "Nobody knew the brand, so there is no feeling to show."
    if len(view.personas) > most:
        reading += f" Shown are the {most} largest of {len(view.personas)} personas; the table has all."
    return Figure(
        key="feeling",
        title="Feeling of those who know the brand, by persona",
        reading=reading,
        draw=lambda width: line_chart(
            width, view.time, days + 1.0, lines, Axis("mean feeling, −1…+1"), least=(0.0, 0.1)
        ),
        table=Table(("evening of", "all", *(words(name) for name in view.personas)), rows),
    )
