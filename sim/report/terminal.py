"""What the command line shows: short tables that read well in any terminal, and in a file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from sim.outlook import Outlook
from sim.scenario.touchpoints import PURPOSES
from sim.studies.sensitivity import MEASURES, Sensitivity
from sim.studies.store import Status
from sim.studies.sweep import Outlook as StudyOutlook
from sim.studies.weekly_fit import WeeklyFit
from sim.summary import INDICATORS, Interval, for_people

PHASE_NAMES = ("before", "during", "after", "lapsed")


def _console() -> Console:
    """Standard output: as wide as the terminal, or as needed if it goes to a file."""
    console = Console(highlight=False, markup=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, width=160)


def _table(*columns: str, title: str = "") -> Table:
    """A plain table: text on the left, numbers on the right."""
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column.removesuffix(">"), justify="right" if column.endswith(">") else "left")
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


def show_outlook(outlook: Outlook) -> None:
    """What `journey check` tells."""
    console = _console()
    console.print(f"{outlook.title}: valid", style="bold")
    people = f"{outlook.people_per_agent:,.4g}"
    console.print(f"{outlook.days:,} days, {outlook.agents:,} consumers, each standing for {people} people\n")
    table = _table("persona", "segment", "share>", "people>", "consumers>")
    for persona in outlook.personas:
        numbers = (for_people(persona.share, "share"), f"{persona.people:,.0f}", f"{persona.agents:,.0f}")
        table.add_row(persona.name, persona.segment, *numbers)
    console.print(table)
    table = _table("touchpoint", "kind", "form", "purpose", *PHASE_NAMES, "planned EUR>")
    for row in outlook.touchpoints:
        marks = ("●" if phase in row.phases else "" for phase in PHASE_NAMES)
        table.add_row(row.name, row.kind, row.form, row.purpose, *marks, f"{row.planned_eur:,.0f}")
    console.print(table)
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
    console.print(f"{design}: {outlook.points:,} points × {seeds:,} seeds = {outlook.runs:,} runs")
    console.print(
        f"Estimated time {_duration(outlook.seconds)} with {outlook.workers} workers (the first run ever also compiles,"
        f" up to a minute), memory {outlook.memory_bytes / 2**20:,.0f} MiB"
    )


def show_status(folder: str, status: Status) -> None:
    """How far a study is."""
    console = _console()
    console.print(
        f"{folder}: {status.done:,} of {status.runs:,} runs done, {status.missing:,} missing, {status.failed:,} failed"
    )
    if status.failed:
        console.print("Why they failed stands in the column `error`.")


def show_sensitivity(found: Sequence[Sensitivity]) -> None:
    """Parameters ranked by their influence on every indicator."""
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
        cells = [f"{one.errors[kind]:,.4g}" for kind in ("model", "naive", "drift")]
        table.add_row(one.name, *cells, words[one.beats])
    console.print(table)


def _duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
