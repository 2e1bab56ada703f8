"""Tables of a comparison, written for people."""

from __future__ import annotations

import math

import numpy as np

from sim.report.figure import Listing
from sim.report.format import UNDEFINED, compact, euro_full, gap_text, percent, probability_text, value_text, words
from sim.report.headline import GROUPS
from sim.studies.changed import changes_between
from sim.studies.comparison import CUSTOMER, STAGE_NAMES, Comparison
from sim.summary import INDICATORS

#: Pairs of last stages shown; the others are in changes.parquet.
MOST_PAIRS = 12


def range_text(low: float, high: float, unit: str) -> str:
    """An interval of a difference."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return UNDEFINED
    return f"{gap_text(low, unit)} to {gap_text(high, unit)}"


def _people(low: float, high: float) -> str:
    return f"{compact(low)} to {compact(high)}" if math.isfinite(high) else UNDEFINED


def indicators(found: Comparison, plan: str, *, headline: bool) -> Listing:
    """Headline indicators, or all folded up, under both, with difference, interval, probability and seeds."""
    shown = {i.name for i in INDICATORS if i.headline or not headline} | {found.main}
    table = found.indicators()
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row in table[(table["plan"] == plan) & table["indicator"].isin(shown)].to_dict("records"):
        groups.setdefault(GROUPS.get(row["group"], row["group"]), []).append(
            (
                row["label"], value_text(row["mean_reference"], row["unit"]), value_text(row["mean"], row["unit"]),
                gap_text(row["difference"], row["unit"]), range_text(row["low"], row["high"], row["unit"]),
                probability_text(row["probability_better"]), str(row["sure_after"] or UNDEFINED),
            )
        )  # fmt: skip
    here, there = words(plan), words(found.reference.name)
    columns = ("indicator", there, here, "difference", "95 % interval", f"{here} better", "sure after")
    title = f"{here} against {there}" if headline else f"All indicators, {here} against {there}"
    return Listing(title, columns, list(groups.items()), folded=not headline)


def by_stage(found: Comparison, plan: str) -> Listing:
    """Where the same people end under both, for those who are customers under one only."""
    table = found.changes()
    rows = table[(table["plan"] == plan) & (table["persona"] == "all")]
    customer = STAGE_NAMES[CUSTOMER]
    here = rows[rows["stage"].isin(customer) & ~rows["stage_reference"].isin(customer)]
    there = rows[~rows["stage"].isin(customer) & rows["stage_reference"].isin(customer)]
    names = words(plan), words(found.reference.name)
    groups = [
        (f"customers under {names[k]} only", [
            (f"{row['stage_reference']} → {row['stage']}", compact(row["people"]),
             _people(row["low"], row["high"]))
            for row in part.sort_values("people", ascending=False).head(MOST_PAIRS).to_dict("records")
        ])
        for k, part in ((0, here), (1, there))
    ]  # fmt: skip
    return Listing(
        f"Stage at the end: {names[1]} → {names[0]}",
        ("from → to", "people", "95 % interval"),
        [group for group in groups if group[1]],
        reading="The same person under both plans: the last stage under the reference, then under the other plan.",
    )


def money(found: Comparison, plan: str) -> Listing:
    """What each euro brought."""
    table = found.per_money()
    rows = []
    for row in table[table["plan"] == plan].to_dict("records"):
        indicator = next(i for i in INDICATORS if i.name == row["indicator"])
        per = f"{indicator.label} per EUR" + ("" if row["per"] == 1.0 else f" {row['per']:,.0f}")
        ratio = range_text(row["gained_low"], row["gained_high"], "")
        rows.append(
            (per, f"{row['reference']:,.2f}", f"{row['here']:,.2f}", range_text(row["low"], row["high"], ""),
             gap_text(row["gained"], "") if math.isfinite(row["gained_low"]) else UNDEFINED, ratio)
        )  # fmt: skip
    here, there = words(plan), words(found.reference.name)
    cost = found.cost(plan)
    return Listing(
        f"Per euro: {here} against {there}",
        ("", f"{there}, on average", f"{here}, on average", "95 % interval of the difference",
         "per EUR of additional cost", "95 % interval"),
        [("", rows)],
        reading=f"{here} costs {euro_full(float(found.costs(found.position(plan)).mean()))}, {there} "
        f"{euro_full(float(found.costs(0).mean()))}: {gap_text(cost.mean, 'EUR')} "
        f"({range_text(cost.low, cost.high, 'EUR')}), {percent(cost.mean / float(np.mean(found.costs(0))))}. "
        "Profit is after all costs, so a profit of 0 per additional euro has just paid for it.",
    )  # fmt: skip


def settings(found: Comparison, plan: str) -> Listing | None:
    """Settings that differ; None if there are none."""
    k = found.position(plan)
    rows = [
        (change.path, change.reference, change.here)
        for change in changes_between(found.reference.scenario, found.plans[k].scenario)
    ]
    if not rows:
        return None
    here, there = words(plan), words(found.reference.name)
    return Listing(f"{here} against {there}", ("setting", there, here), [("", rows)])
