"""The page of a calibration: how near the fit comes, what it foretells, and how sure its parameters are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.report.figure import Figure, Listing, Section, Table
from sim.report.format import Axis, compact, day_text, listed, percent, span_text, words
from sim.report.page import Page
from sim.report.palette import BLACK, BLUE, GREY, RED, Stroke
from sim.report.plot_lines import Line, line_chart
from sim.report.sensitivity_page import spread
from sim.report.view import Periods
from sim.scenario.words import counted
from sim.studies.calibrate import Fit
from sim.studies.weekly import SERIES
from sim.studies.weekly_fit import FUTURES, Forecast, WeeklyFit
from sim.version import VERSION

OBSERVED, MIDDLE = Stroke(BLACK), Stroke(BLUE, "7 3", "square")
EDGE, NAIVE = Stroke(GREY, "2 3", "triangle"), Stroke(RED, "9 3 2 3", "diamond")
HARDLY = 0.3  # share of the prior's spread below which the data tell hardly anything of a parameter
TIED = 0.8  # correlation from which parameters stand for one another


def render(found: WeeklyFit) -> str:
    """The page as HTML."""
    data, fit = found.data, found.fit
    scenario = fit.scenario
    end = date.fromordinal(data.start.toordinal() + 7 * data.weeks - 1)
    return Page(
        kind="calibration",
        span=span_text(data.start, end),
        title=scenario.title,
        headline=verdict(found),
        lede=_lede(found),
        sections=[_parameters(fit), _series(found), _errors(found)],
        assumed="What was looked for, and where. All else is as in scenario.toml beside this page.",
        settings=[(parameter.path, spread(parameter)) for parameter in fit.parameters],
        caveats=[("How to read these numbers", caveats(found))],
        provenance=f"journey-simulator {VERSION} · scenario.toml holds the best fit, parameters.parquet"
        " the near-equally good ones, weekly.parquet the forecasts",
    ).html()


def verdict(found: WeeklyFit) -> str:
    """Whether the fit beats knowing nothing, in a sentence."""
    told = [one for one in found.forecasts if one.beats is not None]
    held_out = found.data.weeks - found.data.train
    if not held_out:
        return "Nothing was held out, so nothing tells whether the fit foretells anything."
    if not told:
        return (
            f"{_were(held_out, 'week')} held out, too little seen in them to tell whether the fit foretells anything."
        )
    won = [words(one.name) for one in told if one.beats]
    lost = [words(one.name) for one in told if not one.beats]
    if not won:
        return f"The fit does not beat a naive forecast: {listed(lost)} are foretold better by their own past."
    if not lost:
        return f"In the weeks held out the fit beats the naive forecasts in all series: {listed(won)}."
    return f"In the weeks held out the fit beats the naive forecasts in {listed(won)}, but not in {listed(lost)}."


def _lede(found: WeeklyFit) -> str:
    fit, data = found.fit, found.data
    near = (
        "as near to the data as one run of the model is to another"
        if fit.misfit < 1.5
        else f"{compact(fit.misfit)} times as far (squared) from the data as one run of the model is from another"
    )
    return (
        f"{_were(len(fit.parameters), 'setting')} fitted to {counted(data.train, 'week')},"
        f" {_were(data.weeks - data.train, 'week')} held out. The fit is {near}; intervals are widened accordingly."
        f" {_were(fit.runs, 'run')} needed."
    )


def _were(many: int, thing: str) -> str:
    """1 week was, 3 weeks were."""
    return f"{counted(many, thing)} {'was' if many == 1 else 'were'}"


def _parameters(fit: Fit) -> Section:
    rows = [
        (
            parameter.path, compact(value), f"{compact(low)} … {compact(high)}", percent(float(told), 0),
            "" if told > HARDLY else "the data hardly tell it",
        )
        for parameter, value, low, high, told in zip(
            fit.parameters, fit.values, fit.low, fit.high, fit.told, strict=True
        )
    ]  # fmt: skip
    columns = ("setting", "best", "95 % interval, all together", "told by the data", "")
    reading = (
        "Near-equally good settings fill the intervals. “Told” is how much of the prior's spread the data took away."
    )
    return Section(
        key="settings",
        title="Settings",
        intro="Each interval holds the truth together with all others in 95 of 100 cases, if the model is right.",
        listings=[Listing(title="Fitted settings", columns=columns, groups=[("", rows)], reading=reading)],
        notes=_ties(fit),
    )


def _ties(fit: Fit) -> list[str]:
    """Pairs of parameters that stand for one another."""
    many = len(fit.parameters)
    return [
        f"{fit.parameters[j].path} and {fit.parameters[k].path} can stand for one another (correlation"
        f" {fit.correlation[j, k]:+.2f}): the data tell them together, not apart."
        for j in range(many)
        for k in range(j + 1, many)
        if abs(fit.correlation[j, k]) >= TIED
    ]


def _series(found: WeeklyFit) -> Section:
    time = Periods(found.data.start, 7 * found.data.weeks)
    return Section(
        key="series",
        title="Fit and forecast",
        intro=f"What {FUTURES} near-equally good settings give, each with luck of its own. From week"
        f" {found.data.train + 1} on nothing was known to the fit.",
        figures=[_figure(one, found, time) for one in found.forecasts],
    )


def _figure(one: Forecast, found: WeeklyFit, time: Periods) -> Figure:
    train, unit = found.data.train, SERIES[one.name].unit
    days = 7.0 * np.arange(found.data.weeks) + 3.5
    lines = [
        Line("observed", one.observed, OBSERVED), Line("fit", one.middle, MIDDLE), Line("95 % from", one.low, EDGE),
        Line("95 % to", one.high, EDGE), Line("naive with drift", one.drift, NAIVE),
    ]  # fmt: skip
    known = np.isfinite(one.observed)
    inside = ((one.observed >= one.low) & (one.observed <= one.high))[known]
    reading = f"{percent(float(inside.mean()), 0)} of the weeks observed lie within the 95 % band."
    if train < found.data.weeks:
        reading += f" Held out from {day_text(time.date(7 * train))} on."
    cells = [
        (time.name(7 * week), *(compact(float(line.values[week])) for line in lines))
        for week in range(found.data.weeks)
    ]
    return Figure(
        key=f"series-{one.name}",
        title=f"{words(one.name).capitalize()} per week",
        reading=reading,
        draw=lambda width: line_chart(width, time, days, lines, Axis(f"{unit} per week"), height=300.0),
        wide=True,
        table=Table(("week from", *(line.name for line in lines)), cells),
    )


def _errors(found: WeeklyFit) -> Section:
    rows = [
        (
            words(one.name), *(compact(one.errors[kind]) for kind in ("model", "naive", "drift")),
            {None: "nothing to tell", True: "beats both", False: "does not beat naive"}[one.beats],
        )
        for one in found.forecasts
    ]  # fmt: skip
    columns = ("series", "fit", "seasonal naive", "naive with drift", "")
    return Section(
        key="errors",
        title="Against knowing nothing",
        intro="Mean absolute error per week in the weeks held out. Seasonal naive: the value 52 weeks before, or the"
        " last one where there is no year of past; with drift: going on as it went on average.",
        listings=[Listing(title="Errors of forecasts", columns=columns, groups=[("", rows)])],
    )


def caveats(found: WeeklyFit) -> Sequence[str]:
    """How far to trust it."""
    notes = [
        "Intervals are about chance and the settings fitted, given that the model and all other settings are right.",
        "A good fit does not show that a setting causes what it is fitted to; two settings may stand for one another.",
        "Counts are taken to vary as sums of the simulated consumers do; where the data lie further off, the misfit"
        " widens the intervals.",
    ]
    if found.fit.misfit > 4.0:
        notes.insert(0, "The model does not describe these data well: other settings matter, or something is missing.")
    return notes
