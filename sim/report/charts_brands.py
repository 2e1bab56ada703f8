"""The brand among its rivals."""

from __future__ import annotations

import numpy as np

from sim.report.figure import Figure, Table
from sim.report.format import compact, percent, whole, words
from sim.report.palette import BLUE, GREEN, GREY, ORANGE, Fill
from sim.report.plot_bars import Panel, panel_chart
from sim.report.view import View


def brands(view: View) -> Figure | None:
    """Share, penetration and loyalty of all alternatives; None if there are no rivals."""
    table = view.results.brands
    if len(table) < 2 or not view.scenario.market.rivals:
        return None
    last = len(table) - 1 if view.scenario.market.nothing_attraction > 0 else -1
    raw = [str(name) for name in table["brand"]]
    order = sorted(range(len(raw)), key=lambda k: (k != 0, k == last, -table["purchases"].iloc[k]))
    names = ["our brand" if k == 0 else "bought nothing" if k == last else words(raw[k]) for k in order]
    pick = {name: table[name].to_numpy(np.float64)[order] for name in table.columns if name != "brand"}
    measures = (
        ("share of purchases", "share", "share", percent, Fill(BLUE)),
        ("ever bought (penetration)", "penetration", "penetration", percent, Fill(ORANGE, "diagonal")),
        ("purchases per buyer", "per buyer", "purchases_per_buyer", compact, Fill(GREEN, "dots")),
        ("purchases", "purchases", "purchases", compact, Fill(GREY, "columns")),
    )
    panels = [
        Panel(title, short, pick[name], [written(value) for value in pick[name]], fill)
        for title, short, name, written, fill in measures
    ]
    rows = [
        (names[k], whole(pick["purchases"][k]), percent(pick["share"][k]), whole(pick["buyers"][k]),
         percent(pick["penetration"][k]), compact(pick["purchases_per_buyer"][k]))
        for k in range(len(names))
    ]  # fmt: skip
    reading = _reading(view, names, pick)
    return Figure(
        key="rivals",
        title="The brand and its rivals",
        reading=reading,
        draw=lambda width: panel_chart(width, names, panels),
        table=Table(("brand", "purchases", "share", "buyers", "penetration", "purchases per buyer"), rows),
        wide=True,
    )


def _reading(view: View, names: list[str], pick: dict[str, np.ndarray]) -> str:
    if not pick["purchases"].sum():
        return "Nobody bought anything in the category."
    k = int(np.argmax(pick["purchases"]))
    text = f"Our brand made {percent(pick['share'][0])} of the purchases recorded"
    largest = f"; the largest share, {percent(pick['share'][k])}, went to {names[k]}."
    text += ", the largest share." if k == 0 else largest
    if view.scenario.market.kind == "subscription":
        text += " In a subscription market renewals with rivals are not simulated, so rivals count new contracts only."
    return text
