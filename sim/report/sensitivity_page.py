"""The page of a sensitivity analysis: what a result hangs on, ranked, with a picture and the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.report.figure import Figure, Section, Table
from sim.report.format import Axis, compact, listed, percent, shares, value_text, whole
from sim.report.page import Page
from sim.report.plot_whiskers import Range, range_chart
from sim.scenario.words import counted
from sim.studies.sensitivity import MEASURES, Estimate, Sensitivity
from sim.studies.store import Runs
from sim.studies.study import Parameter
from sim.summary import INDICATORS
from sim.version import VERSION

SHOWN = 12  # parameters in a picture
LEGEND = {"morris": ("mu*: mean size of the effect", "sigma: how much it differs"), "sobol": ("total", "alone")}
HOW = {
    "morris": "An effect is how much the result would change if the setting went through its whole range at the slope "
              "found where it was tried. mu* is its mean size; sigma how much it differs from place to place: large "
              "where settings interact or effects bend (Morris 1991; Campolongo, Cariboni & Saltelli 2007).",
    "sobol": "Shares of the variance of the result over the ranges given. Alone: what a setting explains by itself; "
             "total: with all its interactions, so totals may add up to more than 100 % (Sobol 1993; Saltelli et al. "
             "2010; Jansen 1999).",
}  # fmt: skip


def render(runs: Runs, found: Sequence[Sensitivity]) -> str:
    """The page as HTML."""
    study = runs.study
    return Page(
        kind="sensitivity",
        span=runs.scenario,
        title=study.title,
        headline=_headline(found[0]),
        lede=HOW[found[0].method],
        description=study.description,
        sections=[_section(one) for one in found],
        assumed="What was varied, and how. All else is as in scenario.toml beside this page.",
        settings=[(parameter.path, spread(parameter)) for parameter in study.parameters],
        caveats=[("How to read these numbers", _caveats(runs, found))],
        provenance=f"journey-simulator {VERSION} · study.json and scenario.toml beside this page give every setting",
    ).html()


def _headline(one: Sensitivity) -> str:
    lead = one.measures[MEASURES[one.method][0]]
    names = [one.parameters[k] for k in one.ranking[:3] if lead[k].value > 0]
    if not names:
        return f"{label(one.indicator)}: nothing that was varied matters."
    return f"What matters most for {label(one.indicator).lower()}: {listed(names)}."


def label(indicator: str) -> str:
    """What people call an indicator."""
    return next((entry.label for entry in INDICATORS if entry.name == indicator), indicator)


def _unit(indicator: str) -> str:
    return next((entry.unit for entry in INDICATORS if entry.name == indicator), "")


def _section(one: Sensitivity) -> Section:
    unit = _unit(one.indicator)
    if one.method == "sobol":
        axis, text = shares("share of the variance"), _percent
    elif unit == "share":
        axis, text = shares("change over the whole range"), _percent
    else:
        axis = Axis(f"change over the whole range, {unit}" if unit else "change over the whole range")
        text = _amount if unit == "EUR" else compact
    order = one.ranking
    pair = [one.measures[name] for name in MEASURES[one.method][:2]]
    rows = [Range(one.parameters[k], tuple(_three(side[k]) for side in pair)) for k in order[:SHOWN]]
    names = LEGEND[one.method]
    many = len(one.parameters)
    hidden = f" The {SHOWN} with the largest of {many} are drawn." if many > SHOWN else ""
    figure = Figure(
        key=one.indicator,
        title=f"What matters for {label(one.indicator).lower()}",
        reading=f"{_headline(one)} Whiskers are 95 % intervals (bootstrap).{hidden}",
        draw=lambda width: range_chart(width, rows, axis, names),
        wide=True,
        table=Table(
            ("setting", *(f"{name}, 95 % interval" for name in names)),
            [(one.parameters[k], *(_written(side[k], text) for side in pair)) for k in order],
        ),
    )
    kind = "trajectories" if one.method == "morris" else "base points"
    used = f"From {whole(one.used)} of {whole(one.planned)} {kind}." if one.used < one.planned else ""
    return Section(key=f"on-{one.indicator}", title=label(one.indicator), intro=used, figures=[figure])


def _percent(value: float) -> str:
    return percent(value)


def _amount(value: float) -> str:
    return value_text(value, "EUR")


def _three(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _written(estimate: Estimate, text: Callable[[float], str]) -> str:
    return f"{text(estimate.value)} ({text(estimate.low)} … {text(estimate.high)})"


def spread(parameter: Parameter) -> str:
    """How a parameter was varied, in words."""
    if parameter.values:
        return f"values {', '.join(map(str, parameter.values))}"
    if parameter.range is not None:
        low, high = (compact(end) for end in parameter.range)
        return f"{low} to {high}{', on a log scale' if parameter.scale == 'log' else ''}"
    written = parameter.as_distribution().model_dump(exclude_unset=True)
    numbers = ", ".join(f"{name} {compact(value)}" for name, value in written.items() if name != "kind")
    return f"{written['kind'].replace('_', '-')}, {numbers}"


def _caveats(runs: Runs, found: Sequence[Sensitivity]) -> list[str]:
    notes = [
        "Sensitivity is that of the simulation within the ranges given: wider ranges give larger effects.",
        f"Every point was run with the same {counted(runs.study.seeds, 'seed')}, so that differences between points "
        "are not luck; results are means over them.",
    ]
    if any(one.used < one.planned for one in found):
        notes.append("Points of which a run is missing or failed are left out with all that belong to them.")
    return notes
