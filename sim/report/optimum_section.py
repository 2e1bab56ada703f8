"""The chapter about the best division over all lines."""

from __future__ import annotations

from sim.report.figure import Figure, Listing, Section, Table
from sim.report.format import euro, euro_words, gap_text, listed, value_text, words
from sim.report.palette import COSTS, GOOD
from sim.report.plot_bars import Panel, panel_chart
from sim.scenario.words import counted
from sim.studies.optimise import Optimum
from sim.summary import INDICATORS

_NAMED = {indicator.name: indicator for indicator in INDICATORS}


def optimum_sentence(found: Optimum) -> str:
    """What the best division over all lines gains, on seeds it never saw."""
    indicator, gain = _NAMED[found.goal], found.gain()
    if all(factor == 1.0 for factor in found.factors.values()):
        return "Over all lines no better division than the current plan was found."
    text = f"Dividing all {euro_words(found.budget_eur)} anew over all lines changes {indicator.label.lower()} by "
    text += gap_text(gain.mean, indicator.unit)
    if gain.seeds > 1:
        text += f" (95 %: {gap_text(gain.low, indicator.unit)} to {gap_text(gain.high, indicator.unit)})"
    return text + f" on {counted(gain.seeds, 'seed')} it was not searched on."


def lines_section(found: Optimum) -> Section:
    """Where the money of every line goes."""
    indicator, gain, told = _NAMED[found.goal], found.gain(), found.found
    note = (
        f"On the {counted(len(found.seeds), 'seed')} it was searched on the gain looked like "
        f"{gap_text(told.mean, indicator.unit)}: what is found is always found to be better than it is, so the "
        f"{gain.seeds} other seeds count. Lines that can stand in for each other can be exchanged at little loss."
    )
    listing = Listing(
        "Every line", ("line", "now", "best", "×", "bounds", "purpose"),
        [("", [
            (words(str(row["line"])), euro(float(row["now_eur"])), euro(float(row["best_eur"])),
             f"{float(row['factor']):.2f}", f"{row['least']:g} … {row['most']:g}", str(row["purpose"]))
            for row in found.table.to_dict("records")
        ])],
        words=True,
    )  # fmt: skip
    missed = (
        []
        if found.on_budget
        else ["The division misses the budget by more than 1 %, as bounds or whole mailings do not allow it."]
    )
    return Section(
        "lines", "All lines", f"{optimum_sentence(found)} {note}", [_figure(found)], missed, [listing]
    )  # fmt: skip


def _figure(found: Optimum) -> Figure:
    table = found.table.sort_values("best_eur", ascending=False)
    names = [words(str(name)) for name in table["line"]]
    most = float(table[["now_eur", "best_eur"]].to_numpy(float).max())
    panels = [
        Panel(title, title, table[column].to_numpy(float), [euro(float(value)) for value in table[column]], fill, most)
        for title, column, fill in (("now", "now_eur", COSTS), ("best division", "best_eur", GOOD))
    ]
    gap = table["best_eur"] - table["now_eur"]
    more = [words(str(name)) for name in table["line"][gap.nlargest(3).index]]
    less = [words(str(name)) for name in table["line"][gap.nsmallest(3).index]]
    reading = f"More for {listed(more)}; less for {listed(less)}."
    gain = value_text(found.gain().mean, _NAMED[found.goal].unit)
    rows = [(name, panels[0].texts[k], panels[1].texts[k]) for k, name in enumerate(names)]
    return Figure(
        "lines-money", f"Where the money goes, EUR (gain {gain})", reading,
        lambda width: panel_chart(width, names, panels), Table(("line", "now", "best division"), rows), wide=True,
    )  # fmt: skip
