"""The result of a calibration on disk: the best scenario, near-equally good parameters, forecasts, and the page."""

from __future__ import annotations

from pathlib import Path

from sim.output.folder import PROVENANCE, explained, made_by, number, write_json, write_table
from sim.report.calibration_page import render, verdict
from sim.scenario.packing import write_scenario
from sim.studies.weekly_fit import WeeklyFit


def fill_calibration(part: Path, found: WeeklyFit, *, command: str = "", named: Path | str = "") -> None:
    """Write a calibration into an existing empty folder; `named` is what errors call it.

    scenario.toml (best fit), parameters.parquet (near-equally good), weekly.parquet (observed and foretold), fit.json
    (best values, intervals, errors), report.html, provenance.json.

    Raises
    ------
    OutputError                     if the folder cannot be written
    """
    fit = found.fit
    with explained(named or part):
        write_table(found.parameters_table(), part / "parameters.parquet")
        write_table(found.weekly_table(), part / "weekly.parquet")
        write_scenario(fit.scenario, part)
        write_json(summary(found), part / "fit.json")
        (part / "report.html").write_text(render(found), encoding="utf-8")
        origin = {"title": fit.scenario.title, "fingerprint": fit.scenario.fingerprint, "agents": fit.scenario.agents}
        write_json(origin | made_by(command, [fit.scenario.seed]), part / PROVENANCE)


def summary(found: WeeklyFit) -> dict[str, object]:
    """What fit.json holds."""
    fit = found.fit
    rows = zip(fit.parameters, fit.values, fit.low, fit.high, fit.told, strict=True)
    return {
        "verdict": verdict(found),
        "weeks_fitted": found.data.train,
        "weeks_held_out": found.data.weeks - found.data.train,
        "misfit": number(fit.misfit),
        "runs": fit.runs,
        "parameters": {
            parameter.path: {"best": value, "low": low, "high": high, "told": float(told)}
            for parameter, value, low, high, told in rows
        },
        "mean_absolute_errors": {
            one.name: {kind: number(error) for kind, error in one.errors.items()} | {"beats_naive": one.beats}
            for one in found.forecasts
        },
    }
