"""The result of a study of plans on disk: its page and tables, the scenario, and plans it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.output.folder import PROVENANCE, explained, made_by, write_json, write_table
from sim.scenario.packing import portable, write_scenario
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def fill_study(
    part: Path,
    scenario: Scenario,
    *,
    page: str,
    tables: Mapping[str, pd.DataFrame],
    seeds: Sequence[int],
    plans: Mapping[str, Scenario] | None = None,
    command: str = "",
    named: Path | str = "",
) -> None:
    """Write a study into an existing empty folder: report.html, tables, scenario.toml and further plans by name.

    Raises
    ------
    OutputError                     if the folder cannot be written; `named` is what it is called
    """
    with explained(named or part):
        for name, table in tables.items():
            write_table(table, part / f"{name}.parquet")
        write_scenario(scenario, part)
        for name, plan in (plans or {}).items():
            (part / f"{name}.toml").write_text(portable(plan, part).to_toml(), encoding="utf-8")
        (part / "report.html").write_text(page, encoding="utf-8")
        origin = {
            "title": scenario.title,
            "fingerprint": scenario.fingerprint,
            "days": scenario.days,
            "agents": scenario.agents,
            "people_per_agent": scenario.market.size / scenario.agents,
        }
        write_json(origin | made_by(command, list(seeds)), part / PROVENANCE)
