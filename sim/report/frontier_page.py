"""The report of a frontier: where the next euro should go, in a sentence, a picture and a table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sim.report.figure import Figure, Listing, Section, Table
from sim.report.format import Axis, euro, euro_words, euros, gap_text, listed, percent, value_text, words
from sim.report.optimum_section import lines_section
from sim.report.page import Card, Page
from sim.report.plot_shares import Curve, share_chart
from sim.report.study_settings import equity_note, luck_note, model_note, provenance, settings, span
from sim.scenario.words import counted
from sim.studies.frontier import GOALS, Frontier
from sim.studies.optimise import Optimum
from sim.studies.pots import Pot
from sim.summary import INDICATORS

_NAMED = {indicator.name: indicator for indicator in INDICATORS}


def name_of(pot: Pot) -> str:
    """What people call a pot."""
    return listed([words(part.strip()) for part in pot.name.split(",")])


def answer(found: Frontier) -> str:
    """The result in one sentence a board member understands."""
    best, now, target = found.shares[found.best], found.shares[found.now], name_of(found.pots[1])
    label = _NAMED[found.goal].label.lower()
    low, high = found.best_range
    if len(found.seeds) > 1 and low <= now <= high:
        return (
            f"The current plan, with {percent(now, 0)} of {euro_words(found.budget_eur)} for {target}, cannot be told "
            f"apart from the best division with {len(found.seeds)} seeds."
        )
    gain = gap_text(found.lost.mean, _NAMED[found.goal].unit)
    return (
        f"Of {euro_words(found.budget_eur)} for {name_of(found.pots[0])} and {target}, "
        f"{_share_text(best)} should go to {target} instead of {percent(now, 0)}: {gain} {label}."
    )


def _share_text(share: float) -> str:
    return {0.0: "nothing", 1.0: "all"}.get(share, percent(share, 0))


def lede(found: Frontier) -> str:
    """How sure that is."""
    low, high = found.best_range
    unit = _NAMED[found.goal].unit
    if len(found.seeds) == 1:
        return "One seed was run, so there is no telling how sure this is: repeat with several."
    text = f"Any share from {percent(low, 0)} to {percent(high, 0)} does about as well within the certainty of "
    text += f"{len(found.seeds)} seeds. " if low < high else ""
    if low == high:
        text = f"Every other share that was tried is worse, surely so at 95 % in {len(found.seeds)} seeds. "
    gap = found.lost
    if found.best != found.now:
        text += (
            f"Against the best share the current plan loses {value_text(gap.mean, unit)} "
            f"(95 %: {value_text(gap.low, unit)} to {value_text(gap.high, unit)})."
        )
    return text


def frontier_html(found: Frontier, optimum: Optimum | None = None) -> str:
    """The report as one self-contained HTML document."""
    points = found.points
    goals = list(dict.fromkeys((found.goal, *GOALS)))
    return Page(
        kind="frontier",
        span=span(found.scenario),
        title=f"{found.scenario.title}: {name_of(found.pots[0])} or {name_of(found.pots[1])}?",
        headline=answer(found),
        lede=lede(found),
        cards=_cards(found, points),
        cards_intro="What the best share changes against the current plan, under the same luck.",
        sections=[
            Section(
                "curve", "The frontier",
                "The same money divided differently. Grey: shares that cannot be told apart from the best. The band "
                "is the 95 % interval of the change against the current plan.",
                [_figure(found, points, goal, wide=goal == found.goal) for goal in goals],
            ),
            Section("shares", "Every share", "Means over the seeds.", listings=[_listing(found, points, goals)]),
            *([lines_section(optimum)] if optimum else []),
        ],
        assumed="What was moved, and what was left as it is.",
        settings=[*_pots(found), *settings(found.scenario, found.seeds)],
        caveats=[("How to read these numbers", _caveats(found))],
        provenance=provenance(found.scenario, found.seeds),
    ).html()  # fmt: skip


def _axis(goal: str) -> Axis:
    indicator = _NAMED[goal]
    unit = f"{indicator.unit} " if indicator.unit else ""
    return (euros if indicator.unit == "EUR" else Axis)(f"{unit}more than with the current plan")


def _figure(found: Frontier, points: pd.DataFrame, goal: str, *, wide: bool) -> Figure:
    indicator = _NAMED[goal]
    columns = [points[f"{goal}_change{end}"].to_numpy(np.float64) for end in ("", "_low", "_high")]
    means, low, high = columns
    curve = Curve(np.array(found.shares), means, low, high, found.now, found.best, found.best_range)
    along = f"share of {name_of(found.pots[1])} in the budget"
    top = int(np.nanargmax(columns[0] if indicator.better != "less" else -columns[0]))
    reading = (
        f"{'Highest' if indicator.better != 'less' else 'Lowest'} at {percent(found.shares[top], 0)} for "
        f"{name_of(found.pots[1])}: {gap_text(columns[0][top], indicator.unit)} against the current plan."
    )
    rows = [
        (percent(share), *(gap_text(float(column[k]), indicator.unit) for column in columns))
        for k, share in enumerate(found.shares)
    ]
    table = Table(("share", "change", "95 % from", "to"), rows)
    return Figure(
        f"curve-{goal}",
        indicator.label,
        reading,
        lambda width: share_chart(width, curve, _axis(goal), along),
        table,
        wide,
    )


def _cards(found: Frontier, points: pd.DataFrame) -> list[Card]:
    row = points.iloc[found.best]
    cards = []
    for goal in dict.fromkeys((found.goal, *GOALS)):
        unit = _NAMED[goal].unit
        low, high = float(row[f"{goal}_change_low"]), float(row[f"{goal}_change_high"])
        spread = f"{gap_text(low, unit)} to {gap_text(high, unit)}" if math.isfinite(low) else ""
        note = f"{value_text(float(row[goal]), unit)} at the best share"
        cards.append(Card(_NAMED[goal].label, gap_text(float(row[f"{goal}_change"]), unit), spread, note))
    return cards


def _listing(found: Frontier, points: pd.DataFrame, goals: list[str]) -> Listing:
    columns = (
        "share", "", f"× {name_of(found.pots[0])}", f"× {name_of(found.pots[1])}", "really cost",
        *(_NAMED[goal].label for goal in goals), "behind the best", "95 %",
    )  # fmt: skip
    rows = []
    for _, row in points.iterrows():
        unit = _NAMED[found.goal].unit
        behind, spread = value_text(float(row["behind_best"]), unit), ""
        if not row["best"] and math.isfinite(row["behind_best_low"]):
            spread = f"{value_text(row['behind_best_low'], unit)} … {value_text(row['behind_best_high'], unit)}"
        notes = [name for name in ("current", "best") if row[name]]
        notes += ["≈ best"] if row["tied"] and not row["best"] else []
        notes += [] if row["on_budget"] else ["misses the budget"]
        rows.append((
            percent(row["share"]), listed(notes), f"{row['factor_from']:.2f}", f"{row['factor_to']:.2f}",
            euro(row["cost_from"] + row["cost_to"]),
            *(value_text(float(row[goal]), _NAMED[goal].unit) for goal in goals), behind, spread,
        ))  # fmt: skip
    return Listing(
        "The same budget, divided", columns, [("", rows)],
        "Factors say by how much the lines of a pot are scaled; the cost is what the runs really spent.",
    )  # fmt: skip


def _pots(found: Frontier) -> list[tuple[str, str]]:
    rows = [("Budget held", f"{euro_words(found.budget_eur)} for both over {counted(found.scenario.days, 'day')}")]
    for pot, verb in zip(found.pots, ("Taken from", "Given to"), strict=True):
        rows.append((verb, f"{name_of(pot)}: {listed([words(line) for line in pot.lines])}"))
    return rows


def _caveats(found: Frontier) -> list[str]:
    notes = [
        model_note(),
        "Within a pot all lines are scaled alike: spend, fixed cost and frequency together, and desks by their staff. "
        "Mailings are whole, and what they leave over goes to the other lines. Prices, rewards and what a line says "
        "stay as they are. How the lines of one pot should be divided is another question (--optimise).",
        "Costs by use depend on how many customers there are; the factors were solved so that what was really spent "
        f"meets the budget. It does so within {percent(_worst(found), 2)} at every share used.",
        equity_note(),
        luck_note(len(found.seeds)),
    ]
    missing = [percent(share, 0) for share, fits in zip(found.shares, found.on_budget, strict=True) if not fits]
    if missing:
        notes.append(
            f"At {listed(missing)} the money cannot be spent to within 1 % of the budget, because lines have run out "
            "of people to address or mailings are too coarse; these shares are shown but cannot be the best."
        )
    if len(found.seeds) > 1:
        notes.append(
            "The best share was picked on the same seeds it is judged by, which flatters it a little: intervals do not "
            "correct for the choice among many shares."
        )
    if found.best in (0, len(found.shares) - 1):
        notes.append(
            "The best share lies at the end of what is possible: within this scenario one of the two pots does not "
            "earn its money at the margin."
        )
    return notes


def _worst(found: Frontier) -> float:
    gap = np.abs(found.spent_eur / found.budget_eur - 1.0)[found.on_budget]
    return float(gap.max()) if gap.size else math.nan
