"""The result of a run on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.intervals import CONFIDENCE, interval
from sim.output.folder import PROVENANCE, explained, made_by, number, reserved, write_json, write_table
from sim.record import Results
from sim.scenario.packing import write_scenario
from sim.studies.replicates import Replicates
from sim.summary import INDICATORS, summarise

TABLES = ("daily", "touchpoints", "journeys", "brands")
STORM_TABLES = ("storm", "infections")  # written if there was one


def write_results(
    results: Results,
    folder: Path | str,
    *,
    force: bool = False,
    replicates: Replicates | None = None,
    command: str = "",
) -> Path:
    """Write everything about a run into a new folder.

    Parameters
    ----------
    results : Results
    folder : path                   where; made with its parents
    force : bool                    replace an earlier result of that name
    replicates : Replicates         runs of further seeds, for intervals
    command : str                   how it was run, for the provenance

    Returns
    -------
    Path                            the folder: {daily, touchpoints, journeys, brands}.parquet, summary.json,
                                    scenario.toml, provenance.json, report.html; seeds.parquet with several seeds;
                                    {storm, infections}.parquet if there was a storm

    Raises
    ------
    OutputError                     if the folder is taken, unwritable or full; nothing is left behind
    """
    with reserved(folder, force=force) as part:
        fill(part, results, replicates=replicates, command=command, named=folder)
    return Path(folder)


def fill(
    part: Path,
    results: Results,
    *,
    replicates: Replicates | None = None,
    command: str = "",
    named: Path | str = "",
) -> None:
    """Write all files of a result into an existing empty folder; `named` is what errors call it."""
    from sim.report import write_report

    summary = replicates.summaries[0] if replicates else summarise(results)
    several = replicates if replicates and len(replicates.seeds) > 1 else None
    with explained(named or part):
        for name in TABLES:
            write_table(getattr(results, name), part / f"{name}.parquet")
        for name in STORM_TABLES:
            if len(getattr(results, name)):
                write_table(getattr(results, name), part / f"{name}.parquet")
        if several:
            write_table(several.table(), part / "seeds.parquet")
        write_json(summary_document(results, summary, several), part / "summary.json")
        write_scenario(results.scenario, part)
        report = part / "report.html"
        write_report(results, report, summary=summary, intervals=several.intervals if several else None)
        write_json(provenance(results, several, command), part / PROVENANCE)


def summary_document(results: Results, summary: Mapping[str, float], several: Replicates | None) -> dict[str, Any]:
    """What summary.json holds: every indicator with label, unit, definition, value and interval over the seeds."""
    found = several.intervals if several else {name: interval([value]) for name, value in summary.items()}
    rows = {}
    for indicator in INDICATORS:
        value = found[indicator.name]
        rows[indicator.name] = {
            "value": number(value.mean),
            "low": number(value.low),
            "high": number(value.high),
            "seeds": value.seeds,
            "label": indicator.label,
            "unit": indicator.unit,
            "group": indicator.group,
            "definition": indicator.how,
            "better": indicator.better,
        }
    seeds = list(several.seeds) if several else [results.seed]
    return {"title": results.scenario.title, "seeds": seeds, "confidence": CONFIDENCE, "indicators": rows}


def provenance(results: Results, several: Replicates | None = None, command: str = "") -> dict[str, Any]:
    """Where a result comes from: scenario, seeds, versions and machine type; no names of people or hosts."""
    scenario = results.scenario
    return {
        "title": scenario.title,
        "fingerprint": scenario.fingerprint,
        "days": scenario.days,
        "agents": scenario.agents,
        "people_per_agent": results.weight,
        **made_by(command, several.seeds if several else [results.seed]),
    }
