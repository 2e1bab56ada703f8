"""The report of credit: what each touchpoint really caused, what the usual rules say, and what believing them costs."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from sim.report.figure import Figure, Listing, Section, Table
from sim.report.format import UNDEFINED, about, compact, euro, euro_words, gap_text, listed, words
from sim.report.page import Card, Page
from sim.report.palette import BAD, COSTS, GOOD, PLAIN, PURPOSE_FILLS
from sim.report.plot_bars import Bar, Panel, panel_chart, row_chart
from sim.report.study_settings import equity_note, luck_note, model_note, provenance, settings, span
from sim.scenario.words import counted
from sim.studies.attribution import HALF_LIFE_DAYS, RULES
from sim.studies.credit import TRUTH, Credit
from sim.studies.paired import Difference, difference

USUAL = "last touch"  # what most reports show


def answer(found: Credit) -> str:
    """The result in one sentence a board member understands."""
    rules = found.rules.set_index("line")
    if not found.rules[list(RULES)].to_numpy().any():
        return "Nobody was won whose touchpoints are on record, so the usual rules have nothing to say."
    usual, truth = rules[USUAL].astype(float), rules[TRUTH].astype(float)
    line = str((usual - truth).abs().idxmax())
    said, true = float(usual[line]), float(truth[line])
    text = f"A last-touch report credits {words(line)} with {about(said)} customers won; in truth it won {about(true)}"
    if TRUTH not in found.factors or USUAL not in found.factors:
        return f"{text}."
    lost = _against_truth(found, USUAL)
    if lost.certain and lost.mean < 0:
        return f"{text}, and dividing the money as the report says costs {euro_words(-lost.mean)} of customer equity."
    return f"{text}; what following the report costs in customer equity is not certain."


def lede(found: Credit) -> str:
    """How the sums compare."""
    won, anyway = (float(found.values(plan, "won").mean()) for plan in ("current", "only nothing"))
    if won <= 0:
        return "No customer was won."
    credited = float(found.credited[:, 0].sum(axis=1).mean())
    return (
        f"{about(won)} customers were won. The rules share {about(credited)} of them out among the touchpoints, as if "
        f"each had been won by what was met before; with all touchpoints and desks switched off "
        f"{about(anyway)} would have come anyway."
    )


def _against_truth(found: Credit, rule: str) -> Difference:
    return difference(found.values(f"follow {rule}", "equity"), found.values(f"follow {TRUTH}", "equity"), "more")


def credit_html(found: Credit) -> str:
    """The report as one self-contained HTML document."""
    return Page(
        kind="credit",
        span=span(found.scenario),
        title=f"{found.scenario.title}: which touchpoint really caused what?",
        headline=answer(found),
        lede=lede(found),
        cards=_cards(found),
        cards_intro="What it costs to divide the money by a rule instead of by the truth, in customer equity.",
        sections=[
            Section(
                "customers", "Customers won: truth and rules",
                "Truth is the difference to a run without the touchpoint, same people and same luck. The rules see the "
                "journeys only.",
                [_rules_figure(found)],
            ),
            Section(
                "cost", "What it costs to follow a rule",
                f"The {euro_words(found.budget_eur)} of the lines that can win customers, divided in proportion to the "
                "customers a rule credits them with; everything else as it is.",
                [_following_figure(found)] if TRUTH in found.factors else [],
                [] if TRUTH in found.factors else ["No line that costs money wins anybody: nothing to divide."],
            ),
            Section(
                "worth", "What each touchpoint is worth",
                "Its cost is in these numbers: a line below zero does not earn its price.",
                [_worth_figure(found, measure) for measure in ("equity", "profit")],
                listings=[_truth_listing(found)],
            ),
            Section(
                "purposes", "What the purposes bring together",
                "Lines work together. The Shapley value divides what all bring between the purposes: what each adds on "
                "average over all orders of joining. Service includes the desks.",
                [_shapley_figure(found)],
            ),
        ],
        assumed="What was switched off and divided, and what the rules see.",
        settings=[*_settings(found), *settings(found.scenario, found.seeds)],
        caveats=[("How to read these numbers", _caveats(found))],
        provenance=provenance(found.scenario, found.seeds),
    ).html()  # fmt: skip


def _cards(found: Credit) -> list[Card]:
    cards = []
    for rule in RULES:
        if rule in found.factors and TRUTH in found.factors:
            gap = _against_truth(found, rule)
            spread = f"{gap_text(gap.low, 'EUR')} to {gap_text(gap.high, 'EUR')}" if gap.seeds > 1 else ""
            cards.append(Card(f"Following {rule}", gap_text(gap.mean, "EUR"), spread, "against following the truth"))
    return cards


def _rules_figure(found: Credit) -> Figure:
    rules = found.rules
    order = rules[TRUTH].to_numpy().argsort()[::-1]
    names = [words(str(rules["line"][k])) for k in order]
    panels = []
    most = float(rules[[TRUTH, *RULES]].to_numpy(np.float64).max())
    for column in (TRUTH, *RULES):
        values = np.asarray(rules[column], np.float64)[order]
        fill = GOOD if column == TRUTH else COSTS
        panels.append(Panel(column, column, values, [compact(round(value)) for value in values], fill, most))
    gap = {rule: float((rules[rule] - rules[TRUTH]).abs().sum()) for rule in RULES}
    best, worst = min(gap, key=lambda rule: gap[rule]), max(gap, key=lambda rule: gap[rule])
    reading = (
        f"{best.capitalize()} is nearest to the truth, {worst} farthest. Added up over the touchpoints, the one is off "
        f"by {about(gap[best])} customers, the other by {about(gap[worst])}."
    )
    table = Table(("touchpoint", *(panel.title for panel in panels)), [
        (names[k], *(panel.texts[k] for panel in panels)) for k in range(len(names))
    ])  # fmt: skip
    title = "Customers won by each touchpoint, people"
    return Figure("rules", title, reading, lambda width: panel_chart(width, names, panels), table, wide=True)


def _following_figure(found: Credit) -> Figure:
    table = found.following
    bars, rows = [], []
    for row in table.to_dict("records"):
        name = "as the truth says" if row["rule"] == TRUTH else f"as {row['rule']} says"
        value = float(row["equity"])
        bars.append(Bar(name, value, gap_text(value, "EUR"), GOOD if row["rule"] == TRUTH else COSTS))
        cells = []
        for measure in ("equity", "equity_to_truth", "profit", "profit_to_truth"):
            cells.append(gap_text(float(row[measure]), "EUR") + _ends(row[f"{measure}_low"], row[f"{measure}_high"]))
        rows.append((name, euro(float(row["spent_eur"])), *cells))
    worst = min((bar for bar in bars if bar.name != "as the truth says"), key=lambda bar: bar.value, default=None)
    truth = next(bar for bar in bars if bar.name == "as the truth says")
    reading = f"Dividing the money as the truth says changes customer equity by {truth.text} against the current plan"
    reading += f"; {worst.name.removesuffix(' says').removeprefix('as ')} does worst ({worst.text})." if worst else "."
    columns = ("money divided", "spent", "equity", "equity against the truth", "profit", "profit against the truth")
    return Figure(
        "following", "Customer equity against the current plan, EUR", reading,
        lambda width: row_chart(width, bars, "change of customer equity, EUR"), Table(columns, rows), wide=True,
    )  # fmt: skip


def _ends(low: float, high: float) -> str:
    return f" ({gap_text(low, 'EUR')} … {gap_text(high, 'EUR')})" if math.isfinite(low) else ""


def _money(row: Mapping[Hashable, Any]) -> list[str]:
    """Profit and equity of a row with their intervals."""
    return [
        gap_text(float(row[name]), "EUR") + _ends(row[f"{name}_low"], row[f"{name}_high"])
        for name in ("profit", "equity")
    ]


def _worth_figure(found: Credit, measure: str) -> Figure:
    truth = found.truth.sort_values(measure, ascending=False)
    label = {"equity": "Customer equity", "profit": "Profit"}[measure]
    bars = []
    for row in truth.to_dict("records"):
        value = float(row[measure])
        bars.append(Bar(words(str(row["line"])), value, gap_text(value, "EUR"), PLAIN if value >= 0 else BAD))
    rows = [
        (words(str(row["line"])), *(gap_text(float(row[f"{measure}{end}"]), "EUR") for end in ("", "_low", "_high")))
        for row in truth.to_dict("records")
    ]
    losing = [bar.name for bar in bars if bar.value < 0]
    reading = f"{len(bars) - len(losing)} of {len(bars)} lines bring more than they cost."
    return Figure(
        f"worth-{measure}", f"{label} each touchpoint brings, EUR", reading,
        lambda width: row_chart(width, bars, f"{label.lower()} with it less without it, EUR"),
        Table(("touchpoint", label.lower(), "95 % from", "to"), rows), tall=True,
    )  # fmt: skip


def _shapley_figure(found: Credit) -> Figure:
    table = found.shapley
    bars, rows = [], []
    for row in table.to_dict("records"):
        value = float(row["equity"])
        bars.append(Bar(str(row["purpose"]), value, gap_text(value, "EUR"), PURPOSE_FILLS[str(row["purpose"])]))
        rows.append((
            str(row["purpose"]), compact(float(row["won"])),
            *_money(row),
        ))  # fmt: skip
    total = float(table["equity"].sum())
    reading = f"Together they change customer equity by {gap_text(total, 'EUR')} against doing nothing at all."
    return Figure(
        "shapley", "Shapley value of the purposes, EUR of customer equity", reading,
        lambda width: row_chart(width, bars, "customer equity, EUR"),
        Table(("purpose", "customers won", "profit", "equity"), rows), wide=True,
    )  # fmt: skip


def _truth_listing(found: Credit) -> Listing:
    rows: list[tuple[str, ...]] = []
    for row in found.truth.to_dict("records"):
        won = compact(float(row["won"]))
        if math.isfinite(float(row["won_low"])):
            won += f" ({compact(float(row['won_low']))} … {compact(float(row['won_high']))})"
        rows.append((words(str(row["line"])), euro(float(row["cost_eur"])), won, *_money(row), str(row["purpose"])))
    return Listing(
        "What each touchpoint caused", ("touchpoint", "cost", "customers won", "profit", "equity", "purpose"),
        [("", rows)], "With it less without it, mean and 95 % interval of the differences seed by seed.", words=True,
    )  # fmt: skip


def _settings(found: Credit) -> list[tuple[str, str]]:
    direct = about(float(found.direct.mean()))
    divided = listed([words(line) for line in found.movable]) or UNDEFINED
    return [
        ("Touch", "every contact of somebody who is no customer, noticed or not, in the "
                  f"{counted(round(found.lookback_days), 'day')} before the purchase, as ideal tracking would see it; "
                  "television and posters too"),
        ("Rules", f"position-based 40 : 20 : 40; time decay with a half-life of {HALF_LIFE_DAYS:.0f} days; Markov "
                  "removal of order 1 with a lost state, from the journeys of those won and those not won"),
        ("Money divided", f"{euro_words(found.budget_eur)} of {divided}"),
        ("Without a touch", f"{direct} customers were won without any touch on record; no rule can credit them"),
    ]  # fmt: skip


def _caveats(found: Credit) -> list[str]:
    notes = [
        model_note(),
        "Differences without one line do not add up to what all bring: lines help each other, and stand in for each "
        "other. That is why the purposes are compared by their Shapley values.",
        "Dividing money in proportion to what was caused on average is better than dividing it by a rule, but not the "
        "best: what counts is the next euro (journey frontier).",
        equity_note(),
        luck_note(len(found.seeds)),
    ]
    missed = [str(row["rule"]) for row in found.following.to_dict("records") if not row["on_budget"]]
    if missed:
        notes.append(f"Following {listed(missed)} misses the budget by more than 1 %; see what was spent.")
    return notes
