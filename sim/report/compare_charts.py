"""Pictures of a comparison."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.report.compare_words import decided, indicator_of, sentence, size_text
from sim.report.figure import Figure, Table
from sim.report.format import (
    Axis,
    about,
    compact,
    euro_full,
    euros,
    gap_text,
    listed,
    percent,
    signed,
    value_text,
    whole,
    words,
)
from sim.report.palette import BAD, GOOD, STROKES
from sim.report.plot_bands import Band, band_chart
from sim.report.plot_ranges import Range, range_chart
from sim.report.plot_sides import Side, side_chart
from sim.report.view import Periods
from sim.studies.comparison import Comparison
from sim.summary import INDICATORS, Indicator

#: Indicators of the overview, if they have a scale with a true zero, so that per cent of the reference mean something.
OVERVIEW = (
    "profit", "equity", "revenue", "customers_end", "won", "lost", "kept", "retention_rate", "cac", "clv", "problems",
    "marketing_cost", "service_cost",
)  # fmt: skip


def _share(part: float, whole_value: float) -> float:
    return part / abs(whole_value) if whole_value else math.nan


def _good(indicator: Indicator, gap: float) -> bool | None:
    """Whether a difference is for the better; None if neither is."""
    if indicator.better is None or gap == 0.0 or not math.isfinite(gap):
        return None
    return (gap > 0.0) == (indicator.better == "more")


def main_differences(found: Comparison) -> Figure:
    """The main indicator of every plan against the reference."""
    main = indicator_of(found.main)
    rows, table = [], []
    for plan in found.others:
        gap = found.differences[plan.name, main.name]
        text = gap_text(gap.mean, main.unit)
        rows.append(Range(words(plan.name), gap.mean, gap.low, gap.high, text, _good(main, gap.mean)))
        table.append((words(plan.name), text, _ends(gap.low, gap.high, main.unit), str(gap.sure_after or "–")))
    sure = [words(plan.name) for plan in found.others if decided(found, plan.name)]
    reading = f"Certain: {listed(sure)}." if sure else "For no plan is the sign of the difference certain."
    factor, suffix = (100.0, " pp") if main.unit == "share" else (1.0, "")
    axis = Axis(
        f"difference to {words(found.reference.name)}, {main.unit or 'number'}",
        prefix="€\u00a0" if main.unit == "EUR" else "",
        suffix=suffix,
        factor=factor,
    )
    return Figure(
        key="main-differences",
        title=f"{main.label}: every plan against {words(found.reference.name)}",
        reading=reading,
        draw=lambda width: range_chart(width, rows, axis),
        table=Table(("plan", "difference", "95 % interval", "certain after seeds"), table),
        wide=True,
    )


def overview(found: Comparison, plan: str) -> Figure:
    """What a plan changes, in per cent of the reference."""
    k = found.position(plan)
    rows, table = [], []
    for name in OVERVIEW:
        indicator = next((i for i in INDICATORS if i.name == name), None)
        if indicator is None:
            continue
        before = float(np.nanmean(found.values(0, name))) if np.isfinite(found.values(0, name)).any() else math.nan
        gap = found.differences[plan, name]
        if not (math.isfinite(gap.mean) and before):
            continue
        relative = _share(gap.mean, before)
        text = f"{signed(100.0 * relative, 1)}\u00a0% ({gap_text(gap.mean, indicator.unit)})"
        ends = _share(gap.low, before), _share(gap.high, before)
        rows.append(Range(indicator.label, relative, *ends, text, _good(indicator, gap.mean)))
        here = float(np.nanmean(found.values(k, name)))
        table.append(
            (indicator.label, value_text(before, indicator.unit), value_text(here, indicator.unit),
             gap_text(gap.mean, indicator.unit), _ends(gap.low, gap.high, indicator.unit))
        )  # fmt: skip
    up = [row.name for row in rows if row.certain and row.good]
    down = [row.name for row in rows if row.certain and row.good is False]
    parts = [f"Certainly better: {listed(up)}." if up else "", f"Certainly worse: {listed(down)}." if down else ""]
    reading = " ".join(part for part in parts if part) or "No difference is certain."
    axis = Axis(f"difference in per cent of {words(found.reference.name)}", suffix="\u00a0%", factor=100.0)
    return Figure(
        key=f"overview-{k}",
        title=f"What {words(plan)} changes",
        reading=reading + " Filled marks with thick lines are certain; circles are better, squares worse.",
        draw=lambda width: range_chart(width, rows, axis),
        table=Table(("indicator", words(found.reference.name), words(plan), "difference", "95 % interval"), table),
        wide=True,
    )


def _ends(low: float, high: float, unit: str) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "–"
    return f"{gap_text(low, unit)} to {gap_text(high, unit)}"


def _last(days: pd.DataFrame, plan: str, column: str) -> float:
    """A column of `Comparison.days` on the last day."""
    return float(days.loc[days["plan"] == plan, column].to_numpy(np.float64)[-1])


def profit_so_far(found: Comparison, days: pd.DataFrame) -> Figure:
    """Difference in profit since the first day."""
    parts = []
    for plan in found.others:
        gap = _last(days, plan.name, "profit")
        side = "ahead" if gap >= 0 else "behind"
        parts.append(f"{words(plan.name)} ends {size_text(gap, 'EUR')} {side}{_turn(days, plan.name)}")
    return _over_time(
        found, days, "profit", key="profit-so-far", title="Difference in profit since the first day",
        reading=sentence(listed(parts)), axis=euros(f"EUR more than {words(found.reference.name)}"),
    )  # fmt: skip


def _turn(days: pd.DataFrame, plan: str) -> str:
    """When the final sign was reached for good, if the plan was on the other side for at least a week before."""
    rows = days[days["plan"] == plan]
    gap = rows["profit"].to_numpy(np.float64)
    other = np.flatnonzero(gap * np.sign(gap[-1]) < 0.0)
    if gap[-1] == 0.0 or other.size < 7:
        return ""
    when = rows["date"].iloc[min(int(other[-1]) + 1, gap.size - 1)]
    return f" (from {Periods(when.date(), 1).name(0)} on)"


def customers_over_time(found: Comparison, days: pd.DataFrame) -> Figure:
    """Difference in customers every evening."""
    parts = []
    for plan in found.others:
        gap = _last(days, plan.name, "customers")
        parts.append(f"{words(plan.name)} has {about(abs(gap))} {'more' if gap >= 0 else 'fewer'}")
    other = words(found.reference.name)
    return _over_time(
        found, days, "customers", key="customers-over-time", title="Difference in customers",
        reading=f"On the last evening {listed(parts)} than {other}.", axis=Axis(f"customers more than under {other}"),
    )  # fmt: skip


def apart_over_time(found: Comparison, days: pd.DataFrame) -> Figure:
    """People who stand elsewhere than under the reference."""
    size = found.reference.scenario.market.size
    parts = []
    for plan in found.others:
        first = found.part_on(plan.name)
        if (first < 0).all():
            parts.append(f"under {words(plan.name)} nobody's journey changes")
            continue
        day = int(np.median(first[first >= 0]))
        date = Periods(found.reference.scenario.start_date, found.reference.scenario.days).name(day)
        last, ever = percent(_last(days, plan.name, "apart") / size), percent(found.ever_apart(plan.name).mean)
        parts.append(
            f"under {words(plan.name)} paths part on {date}; {last} of all people end in another stage, and {ever} "
            "were in another at some time"
        )
    return _over_time(
        found, days, "apart", key="apart-over-time", title="When the plans part: people in another stage",
        reading=sentence(listed(parts)),
        axis=Axis(f"people in another stage than under {words(found.reference.name)}"),
    )  # fmt: skip


def _over_time(
    found: Comparison, days: pd.DataFrame, column: str, *, key: str, title: str, reading: str, axis: Axis
) -> Figure:
    time = Periods(found.reference.scenario.start_date, found.reference.scenario.days)
    spots = time.samples
    bands, rows = [], []
    for k, plan in enumerate(found.others):
        table = days[days["plan"] == plan.name]
        value, low, high = (table[column + end].to_numpy(np.float64)[spots] for end in ("", "_low", "_high"))
        bands.append(Band(words(plan.name), value, low, high, STROKES[k % len(STROKES)]))
        write = euro_full if column == "profit" else whole
        rows += [
            (f"{time.name(day)}{', ' + words(plan.name) if len(found.others) > 1 else ''}", *(write(v) for v in ends))
            for day, *ends in zip(spots, value, low, high, strict=True)
        ]
    return Figure(
        key=key,
        title=title,
        reading=reading,
        draw=lambda width: band_chart(width, time, spots + 1.0, bands, axis),
        table=Table(("evening of", "difference" if column != "apart" else "people", "low", "high"), rows),
        wide=column == "profit",
    )


def who_changes(found: Comparison, plan: str) -> Figure:
    """Customers at the end under one of the two only, by persona."""
    table = found.switchers()
    rows = table[(table["plan"] == plan) & (table["persona"] != "all")]
    whole_market = table[(table["plan"] == plan) & (table["persona"] == "all")].iloc[0]
    order = rows.assign(size=rows["only_here"] + rows["only_reference"]).sort_values("size", ascending=False)
    sides = [
        Side(
            words(row["persona"]),
            row["only_reference"],
            row["only_here"],
            compact(row["only_reference"]),
            compact(row["only_here"]),
        )
        for row in order.to_dict("records")
    ]
    here, there = words(plan), words(found.reference.name)
    gained, missed = float(whole_market["only_here"]), float(whole_market["only_reference"])
    if gained == 0.0 and missed == 0.0:
        reading = "The same people are customers at the end."
    else:
        left = about(float(whole_market["would_have_left"])), about(float(whole_market["leave_here"]))
        reading = (
            f"{about(gained)} people are customers at the end under {here} only; under {there} {left[0]} of them have "
            f"left. {about(missed)} are customers under {there} only; {left[1]} of them have left under {here}."
        )
    k = found.position(plan)
    return Figure(
        key=f"who-changes-{k}",
        title=f"Who is a customer at the end under {here} only, and under {there} only",
        reading=reading,
        draw=lambda width: side_chart(
            width, sides, left=f"only under {there}", right=f"only under {here}", fills=(BAD, GOOD), unit="people"
        ),
        table=Table(
            ("persona", "people", "customers under both", f"only under {here}", "of whom would have left",
             f"only under {there}", f"of whom leave under {here}", "net", "95 % interval"),
            [_person_row(row) for row in table[table["plan"] == plan].to_dict("records")],
        ),
        wide=True,
    )  # fmt: skip


def _person_row(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """A persona's line of `Comparison.switchers`."""
    columns = ("people", "both", "only_here", "would_have_left", "only_reference", "leave_here")
    numbers = (whole(row[column]) for column in columns)
    net = gap_text(row["net"], "people"), _ends(row["net_low"], row["net_high"], "people")
    return (words(row["persona"]), *numbers, *net)
