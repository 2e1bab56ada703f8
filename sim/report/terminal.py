"""What the command line shows: short tables that read well in any terminal, and in a file."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from sim.intervals import Interval
from sim.outlook import Outlook
from sim.scenario.touchpoints import PURPOSES
from sim.scenario.words import counted, people
from sim.summary import INDICATORS, for_people

if TYPE_CHECKING:
    from sim.studies.comparison import Comparison
    from sim.studies.credit import Credit
    from sim.studies.frontier import Frontier
    from sim.studies.prevention import Prevention
    from sim.studies.sensitivity import Sensitivity
    from sim.studies.store import Status
    from sim.studies.storm_study import StormStudy
    from sim.studies.sweep import Outlook as StudyOutlook
    from sim.studies.weekly_fit import WeeklyFit

#: Columns a terminal needs to show the means of both plans beside their difference.
WIDE = 110
PHASE_NAMES = ("before", "during", "after", "lapsed")


def _console() -> Console:
    """Standard output: as wide as the terminal or COLUMNS, or as needed if it goes to a file."""
    console = Console(highlight=False, markup=False)
    told = console.is_terminal or "COLUMNS" in os.environ
    return console if told else Console(highlight=False, markup=False, width=160)


def _table(*columns: str, title: str = "") -> Table:
    """A plain table: text on the left, numbers on the right."""
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        number = column.endswith(">")
        table.add_column(column.removesuffix(">"), justify="right" if number else "left", no_wrap=number)
    return table


def show_summary(title: str, seeds: Sequence[int], found: Mapping[str, Interval]) -> None:
    """The headline indicators and the money by purpose, with 95 % intervals if there are several seeds."""
    several = len(seeds) > 1
    spread = (f"mean of {len(seeds)} seeds>", "95 % interval>") if several else (f"seed {seeds[0]}>",)
    table = _table("", *spread, "unit", title=title)
    group = ""
    for indicator in INDICATORS:
        if not indicator.headline:
            continue
        if group and indicator.group != group:
            table.add_section()
        group = indicator.group
        value = found[indicator.name]
        cells = [for_people(value.mean, indicator.unit)]
        if several:
            cells.append(_range(value, indicator.unit))
        table.add_row(indicator.label, *cells, "" if indicator.unit == "share" else indicator.unit)
    console = _console()
    console.print(table)
    console.print(_purposes(found, several=several))
    console.print(
        "Booked by kind of purchase: first ones to acquisition, later ones to retention, all of them to brand and"
        " service. What spending changes is the difference between two runs."
    )


def _range(value: Interval, unit: str) -> str:
    return f"{for_people(value.low, unit)} … {for_people(value.high, unit)}" if value.seeds > 1 else "–"


def show_comparison(found: Comparison) -> None:
    """The answer, and the headline indicators of every plan against the reference."""
    from sim.report.compare_tables import range_text
    from sim.report.compare_words import answer, cost_sentence, outcome_text
    from sim.report.format import gap_text, probability_text

    console = _console()
    console.print(answer(found), style="bold")
    several = len(found.seeds) > 1
    narrow = console.width < WIDE
    rows = found.indicators()
    shown = {indicator.name for indicator in INDICATORS if indicator.headline} | {found.main}
    for plan in found.others:
        table = _table(
            "", *(() if narrow else (f"{found.reference.name}>", f"{plan.name}>")), "difference>",
            *(("95 % interval>", "P(better)>", "sure after>")[: 2 if narrow else 3] if several else ()),
            title=f"{plan.name} against {found.reference.name}, {len(found.seeds)} seed{'s' if several else ''}",
        )  # fmt: skip
        group = ""
        for row in rows[(rows["plan"] == plan.name) & rows["indicator"].isin(shown)].to_dict("records"):
            if group and row["group"] != group:
                table.add_section()
            group = row["group"]
            spread = (
                range_text(row["low"], row["high"], row["unit"]),
                probability_text(row["probability_better"]),
                str(row["sure_after"] or "–"),
            )
            means = for_people(row["mean_reference"], row["unit"]), for_people(row["mean"], row["unit"])
            cells = (() if narrow else means), (spread[: 2 if narrow else 3] if several else ())
            table.add_row(row["label"], *cells[0], gap_text(row["difference"], row["unit"]), *cells[1])
        console.print(table)
        console.print(f"{cost_sentence(found, plan.name)}.")
    if found.looks:
        console.print(f"{found.main}: {outcome_text(found)} (at most {found.most_seeds}).")
    if not several:
        console.print("One seed has no intervals: repeat with --seeds 20 to see how much is luck.")


def show_storm(found: StormStudy, before: Prevention | None = None) -> None:
    """The answer, the table of responses and delays, and what prevention does."""
    from sim.report.storm_words import answer, lede, prevention_answer, prevention_policy

    console = _console()
    narrow = console.width < WIDE
    console.print(answer(found), style="bold")
    console.print(lede(found))
    console.print(_storm_answers(found, narrow))
    if before is not None:
        console.print(prevention_answer(before))
        console.print(prevention_policy(before))
        console.print(_storm_prevention(before, narrow))
    if len(found.seeds) == 1:
        console.print("One seed has no intervals: repeat with --seeds 10 to see how much is luck.")


def _storm_answers(found: StormStudy, narrow: bool) -> Table:
    """Responses and delays, against no storm; a narrow one has what one decides by."""
    from sim.report.format import compact, euro

    several = len(found.seeds) > 1
    spread = several and not narrow
    wide = () if narrow else ("outraged>", "cost>", "against the best>")
    table = _table(
        "response", "delay>", *wide[:1], "customers>", "profit>", *(["95 % interval>"] if spread else []), *wide[1:],
        "told apart",
        title=f"Changes against no storm, {len(found.seeds)} seed{'s' if several else ''}",
    )  # fmt: skip
    for k, cell in enumerate(found.cells):
        gap = found.loss(k, "profit")
        more = () if narrow else (
            compact(found.mean(k, lambda track: track.outraged).mean),
            euro(found.cost(k).mean), euro(found.against(k, found.best).mean),
        )  # fmt: skip
        table.add_row(
            cell.kind, "" if cell.delay_hours is None else f"{cell.delay_hours} h", *more[:1],
            compact(found.loss(k, "customers_end").mean), euro(gap.mean),
            *([f"{euro(gap.low)} … {euro(gap.high)}"] if spread else []),
            *more[1:], _told_apart(found, k),
        )  # fmt: skip
    return table


def _told_apart(found: StormStudy, cell: int) -> str:
    """Whether a policy can be told from the best one, and in how many seeds its answer came if not in all."""
    if len(found.tried) == 1 and not cell:
        return "–"
    told = "best" if cell == found.best else "yes" if found.told_apart(cell) else "no"
    came, seeds = found.answered_in(cell), len(found.seeds)
    if found.cells[cell].delay_hours is None or came == seeds:
        return told
    answered = f"answered in {came} of {counted(seeds, 'seed')}"
    return f"{told}, {answered}" if came else answered


def _storm_prevention(before: Prevention, narrow: bool) -> Table:
    """What each measure does to the storm and in all."""
    from sim.report.format import euro

    table = _table("spent beforehand", "storm's cost in profit>", "in all>", *(() if narrow else ("what it buys",)))
    for k, measure in enumerate(before.measures):
        what = () if narrow else (measure.what,)
        table.add_row(measure.name, euro(before.damage(k).mean), euro(before.in_all(k).mean), *what)
    return table


def _purposes(found: Mapping[str, Interval], *, several: bool) -> Table:
    """Cost and return by purpose, one line each."""
    table = _table(
        "purpose", "cost EUR>", "of all>", "booked margin per EUR>", *(["95 % interval>"] if several else [])
    )
    whole = sum(found[f"cost_{purpose}"].mean for purpose in PURPOSES)
    for purpose in PURPOSES:
        cost, returned = found[f"cost_{purpose}"], found[f"return_{purpose}"]
        share = cost.mean / whole if whole else math.nan
        cells = [for_people(cost.mean, "EUR"), for_people(share, "share"), for_people(returned.mean, "")]
        table.add_row(purpose, *cells, *([_range(returned, "")] if several else []))
    return table


def show_frontier(found: Frontier, sentences: Sequence[str]) -> None:
    """The answer, then one line per share."""
    unit = {indicator.name: indicator.unit for indicator in INDICATORS}
    label = {indicator.name: indicator.label for indicator in INDICATORS}
    shown = list(dict.fromkeys((found.goal, "profit", "customers_end", "feeling")))
    console = _console()
    if console.width < WIDE:
        shown = shown[:1]
    table = _table("share>", "really cost EUR>", *(f"{label[name]}>" for name in shown), "behind the best>", "")
    for _, row in found.points.iterrows():
        notes = [name for name in ("current", "best") if row[name]]
        notes += ["≈ best"] if row["tied"] and not row["best"] else []
        notes += [] if row["on_budget"] else ["misses the budget"]
        table.add_row(
            for_people(row["share"], "share"), for_people(row["cost_from"] + row["cost_to"], "EUR"),
            *(for_people(row[name], unit[name]) for name in shown),
            for_people(row["behind_best"], unit[found.goal]), ", ".join(notes),
        )  # fmt: skip
    console.print(table)
    for sentence in sentences:
        console.print(sentence)


def show_credit(found: Credit, sentences: Sequence[str]) -> None:
    """Customers won by line, truth and rules; then what following each rule changes."""
    rules = found.rules
    console = _console()
    narrow = console.width < WIDE
    names = [name for name in rules.columns if name != "line"][: 2 if narrow else None]
    table = _table("customers won", *(f"{name}>" for name in names), "profit EUR>", "equity EUR>")
    truth = found.truth.set_index("line")
    for row in rules.to_dict("records"):
        worth = (for_people(float(truth.loc[row["line"], measure]), "EUR") for measure in ("profit", "equity"))
        table.add_row(str(row["line"]), *(for_people(float(row[name]), "people") for name in names), *worth)
    console.print(table)
    heads = {
        "spent_eur": "spent EUR", "profit": "profit", "equity": "equity", "equity_to_truth": "equity against the truth",
    }  # fmt: skip
    measures = ("equity_to_truth",) if narrow else tuple(heads)
    table = _table("money divided as", *(f"{heads[name]}>" for name in measures), "95 % interval>")
    for row in found.following.to_dict("records"):
        gap = Interval(
            row["equity_to_truth"], row["equity_to_truth_low"], row["equity_to_truth_high"], len(found.seeds)
        )
        cells = (for_people(float(row[name]), "EUR") for name in measures)
        table.add_row(str(row["rule"]), *cells, _range(gap, "EUR"))
    console.print(table)
    for sentence in sentences:
        console.print(sentence)


def show_outlook(outlook: Outlook) -> None:
    """What `journey check` tells."""
    console = _console()
    console.print(f"{outlook.title}: valid", style="bold")
    size = f"{counted(outlook.days, 'day')}, {counted(outlook.agents, 'consumer')}"
    console.print(f"{size}, each standing for {people(f'{outlook.people_per_agent:,.4g}')}\n")
    table = _table("persona", "segment", "share>", "people>", "consumers>")
    for persona in outlook.personas:
        numbers = (for_people(persona.share, "share"), f"{persona.people:,.0f}", f"{persona.agents:,.0f}")
        table.add_row(persona.name, persona.segment, *numbers)
    console.print(table)
    table = _table("touchpoint", "kind", "form", "purpose", "when", "planned EUR>")
    for row in outlook.touchpoints:
        when = "".join(phase[0].upper() if phase in row.phases else "·" for phase in PHASE_NAMES)
        planned = f"{row.planned_eur:,.0f}" if row.planned_eur or not row.by_use else "by use"
        table.add_row(row.name, row.kind, row.form, row.purpose, when, planned)
    console.print(table)
    console.print("When: B before, D during, A after the purchase, L lapsed.\n")
    table = _table("purpose", "planned EUR>", "share>")
    whole = sum(outlook.budget_eur.values())
    for purpose, eur in outlook.budget_eur.items():
        table.add_row(purpose, f"{eur:,.0f}", for_people(eur / whole, "share") if whole else "–")
    table.add_row("in all", f"{whole:,.0f}", "")
    console.print(table)
    console.print(
        "Planned: spend and fixed cost over the whole run, and the desks' wages (service). Visits, sends and referrals"
        " spend about that if they are used that much; without a spend of their own they cost what they are used."
        " Answers and goodwill come on top as they arise.\n"
    )
    table = _table("", "order of the day", "")
    for number, (name, does) in enumerate(outlook.order_of_day, 1):
        table.add_row(str(number), name, does)
    console.print(table)
    console.print(
        f"Estimated memory {outlook.memory_bytes / 2**20:,.0f} MiB, time {outlook.seconds:,.0f} s on two cores"
        " (the first run ever also compiles, up to a minute).\n"
    )
    for warning in outlook.warnings:
        console.print(f"warning: {warning}")


def show_study(title: str, design: str, outlook: StudyOutlook) -> None:
    """What `journey sweep --check` tells."""
    console = _console()
    console.print(f"{title}: valid", style="bold")
    seeds = outlook.runs // outlook.points
    size = f"{counted(outlook.points, 'point')} × {counted(seeds, 'seed')} = {counted(outlook.runs, 'run')}"
    console.print(f"{design}: {size}")
    workers = counted(outlook.workers, "worker")
    console.print(
        f"Estimated time {_duration(outlook.seconds)} with {workers} (the first run ever also compiles,"
        f" up to a minute), memory {outlook.memory_bytes / 2**20:,.0f} MiB"
    )


def show_status(folder: str, status: Status) -> None:
    """How far a study is."""
    console = _console()
    console.print(
        f"{folder}: {status.done:,} of {status.runs:,} runs done, {status.missing:,} missing, {status.failed:,} failed"
    )
    if status.failed:
        console.print("Why each failed stands in the column `error`.")


def failure_words(status: Status) -> str:
    """How many runs failed, and why the first of them did."""
    number, error = status.first_failure or (0, "")
    return f"{status.failed:,} of {counted(status.runs, 'run')} failed; the first, run {number}: {error}"


def show_sensitivity(found: Sequence[Sensitivity]) -> None:
    """Parameters ranked by their influence on every indicator."""
    from sim.studies.sensitivity import MEASURES  # scipy.stats behind it takes half a second

    console = _console()
    for one in found:
        names = MEASURES[one.method][:2]
        columns = [column for name in names for column in (f"{name}>", "95 % interval>")]
        table = _table("", f"{one.indicator} hangs on", *columns)
        for rank, k in enumerate(one.ranking, start=1):
            cells: list[str] = []
            for name in names:
                estimate = one.measures[name][k]
                cells += [f"{estimate.value:,.3g}", f"{estimate.low:,.3g} … {estimate.high:,.3g}"]
            table.add_row(str(rank), one.parameters[k], *cells)
        console.print(table)


def show_calibration(found: WeeklyFit) -> None:
    """The fitted settings, and errors of the forecasts beside naive ones."""
    console, fit = _console(), found.fit
    table = _table("setting", "best>", "95 % interval, all together>", "told by the data>")
    for parameter, value, low, high, told in zip(fit.parameters, fit.values, fit.low, fit.high, fit.told, strict=True):
        table.add_row(parameter.path, f"{value:,.4g}", f"{low:,.4g} … {high:,.4g}", f"{100 * told:.0f} %")
    console.print(table)
    table = _table("mean error per week held out", "fit>", "seasonal naive>", "naive with drift>", "")
    words = {None: "nothing to tell", True: "beats both", False: "does not beat naive"}
    for one in found.forecasts:
        errors = [one.errors[kind] for kind in ("model", "naive", "drift")]
        cells = ["–" if math.isnan(error) else f"{error:,.4g}" for error in errors]
        table.add_row(one.name, *cells, words[one.beats])
    console.print(table)


def _duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
