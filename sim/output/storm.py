"""The result of a storm study on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.intervals import CONFIDENCE
from sim.output.folder import PROVENANCE, explained, made_by, number, write_json, write_table
from sim.scenario.packing import write_scenario
from sim.studies.prevention import Prevention
from sim.studies.storm_study import StormStudy


def fill_storm(
    part: Path, found: StormStudy, before: Prevention | None = None, *, command: str = "", named: Path | str = ""
) -> None:  # fmt: skip
    """Write all files of a storm study into an existing empty folder; `named` is what errors call it.

    Files: {responses, delays, days, runs, storm, infections}.parquet, prevention.parquet if it was studied, storm.json,
    report.html, provenance.json and scenario.toml, the scenario with its trigger.
    """
    from sim.report.storm_page import storm_html

    with explained(named or part):
        tables = {
            "responses": found.table(), "delays": found.delays(), "days": found.days(), "runs": found.runs(),
            "storm": found.storm, "infections": found.infections,
        }  # fmt: skip
        if before is not None:
            tables["prevention"] = before.table()
        for name, table in tables.items():
            write_table(table, part / f"{name}.parquet")
        write_json(storm_document(found, before), part / "storm.json")
        write_scenario(found.scenario, part)
        (part / "report.html").write_text(storm_html(found, before), encoding="utf-8")
        scenario = found.scenario
        origin = {"title": scenario.title, "fingerprint": scenario.fingerprint, "days": scenario.days}
        write_json({**origin, "agents": scenario.agents, **made_by(command, found.seeds)}, part / PROVENANCE)


def storm_document(found: StormStudy, before: Prevention | None = None) -> dict[str, Any]:
    """What storm.json holds: the answer, and every response and measure against the run without a storm."""
    from sim.report.storm_words import answer

    rows = found.table().to_dict("records")
    document: dict[str, Any] = {
        "answer": answer(found),
        "seeds": list(found.seeds),
        "confidence": CONFIDENCE,
        "best": found.cells[found.best].name,
        "responses": [{str(key): _plain(value) for key, value in row.items()} for row in rows],
        "price_of_an_hour": [
            {str(key): _plain(value) for key, value in row.items()} for row in found.delays().to_dict("records")
        ],
    }
    if before is not None:
        document["prevention"] = [
            {
                "measure": measure.name,
                "what": measure.what,
                "storm_changes_profit": number(before.damage(k).mean),
                "changes_profit_in_all": number(before.in_all(k).mean),
                "low": number(before.in_all(k).low),
                "high": number(before.in_all(k).high),
            }
            for k, measure in enumerate(before.measures)
        ]
    return document


def _plain(value: Any) -> Any:
    """A cell of a table as JSON knows it."""
    return number(float(value)) if isinstance(value, float) else value
