"""The answer in a sentence, and the key figures."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.intervals import Interval
from sim.report.figure import Listing
from sim.report.format import UNDEFINED, about, euro, euro_words, percent, value_text
from sim.report.page import Card
from sim.report.view import View
from sim.summary import INDICATORS

#: Key figures in the order a board asks for them: indicator, what it is called, and the note below it.
CARDS = (
    ("won", "Customers won", "first purchases of the brand, former customers included"),
    ("customers_end", "Customers at the end", "on the last evening: those kept and those won"),
    ("lost", "Customers lost", "left by choice, after a problem, or stopped buying"),
    ("retention_rate", "Retention rate", "of customers who stay for a year, at the rate of leaving in this run"),
    ("cac", "Cost of winning one (CAC)", "acquisition spending per customer won"),
    ("clv", "Value of one (CLV)", "lifetime value, discounted, before the cost of winning"),
    ("revenue", "Revenue", "at the price paid, over the whole run"),
    ("profit", "Profit", "after variable cost, touchpoints, wages and goodwill"),
    ("feeling", "Sentiment", "mean feeling of those who know the brand, −1…+1, at the end"),
    ("nps", "Net promoter score", "promoters less detractors among customers, −100…+100, at the end"),
)
GROUPS = {
    "customers": "Customers", "value": "Value of a customer", "money": "Money", "purposes": "By purpose",
    "sentiment": "Sentiment", "service": "Service",
}  # fmt: skip


def headline(found: Mapping[str, float], days: int) -> str:
    """One sentence a board member can repeat."""
    won, lost, profit, cost = (found[name] for name in ("won", "lost", "profit", "cac"))
    years = round(days / 365.25)
    span = "a day" if days == 1 else f"{days:,} days"
    if years and abs(days - 365.25 * years) < 4:
        span = "a year" if years == 1 else f"{years} years"
    if won or lost:
        parts = [f"{about(won) if won else 'No'} customers won, {about(lost) if lost else 'none'} lost in {span}"]
    else:
        parts = [f"Nobody was won and nobody was lost in {span}"]
    parts.append(f"{'profit' if profit >= 0 else 'loss'} {euro_words(abs(profit))}")
    if won and math.isfinite(cost):
        parts.append(f"winning one cost {euro(cost)}" if cost > 0 else "nothing was spent on acquisition")
    return "; ".join(parts) + "."


def lede(view: View, found: Mapping[str, float]) -> str:
    """The second sentence: how the base stands, and whether winning pays."""
    before, after = found["customers_start"], found["customers_end"]
    text = f"Of {about(view.size)} people, {about(after)} ({percent(after / view.size)}) are customers at the end"
    text += f", {about(before)} were at the start. " if before else "; there were none at the start. "
    value, cost = found["clv"], found["cac"]
    if math.isfinite(value) and math.isfinite(cost) and cost > 0 and found["won"] > 0:
        verdict = "more than" if value > cost else "less than"
        text += f"A customer is worth {euro(value)} over the years, {verdict} the {euro(cost)} it takes to win one. "
    if math.isfinite(found["retention_rate"]) and after:
        text += f"At this rate {percent(found['retention_rate'], 0)} of customers stay for a year."
    return text.strip()


def cards(found: Mapping[str, float], intervals: Mapping[str, Interval] | None) -> list[Card]:
    """The key figures."""
    units = {indicator.name: indicator.unit for indicator in INDICATORS}
    return [
        Card(label, value_text(found[name], units[name]), _spread(name, units[name], intervals), note)
        for name, label, note in CARDS
    ]


def _spread(name: str, unit: str, intervals: Mapping[str, Interval] | None) -> str:
    """The 95 % interval, or nothing for a single seed."""
    if intervals is None or not math.isfinite(intervals[name].low):
        return ""
    return f"{value_text(intervals[name].low, unit)} to {value_text(intervals[name].high, unit)}"


def all_indicators(found: Mapping[str, float], intervals: Mapping[str, Interval] | None) -> Listing:
    """Every indicator by group: label, value, interval if there is one, definition."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for indicator in INDICATORS:
        spread = (_spread(indicator.name, indicator.unit, intervals) or UNDEFINED,) if intervals else ()
        row = (indicator.label, value_text(found[indicator.name], indicator.unit), *spread, indicator.how)
        groups.setdefault(GROUPS.get(indicator.group, indicator.group), []).append(row)
    columns = ("indicator", "value", *(("95 % interval",) if intervals else ()), "definition")
    return Listing("All indicators and how they are defined", columns, list(groups.items()), folded=True, words=True)
