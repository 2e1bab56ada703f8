"""The result of a comparison on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.intervals import CONFIDENCE, interval
from sim.output.folder import PROVENANCE, explained, made_by, number, write_json, write_table
from sim.scenario.packing import write_scenario
from sim.studies.comparison import UNEQUAL_COST, Comparison
from sim.summary import INDICATORS, Indicator

TABLES = ("indicators", "runs", "days", "changes", "switchers", "per_money")


def fill_comparison(part: Path, found: Comparison, *, command: str = "", named: Path | str = "") -> None:
    """Write all files of a comparison into an existing empty folder; `named` is what errors call it.

    Files: {indicators, runs, days, changes, switchers, per_money}.parquet, comparison.json, report.html,
    provenance.json, and plans/K-NAME/scenario.toml, the reference being 1.
    """
    from sim.report.compare_page import comparison_html

    with explained(named or part):
        for name in TABLES:
            write_table(getattr(found, name)(), part / f"{name}.parquet")
        write_json(comparison_document(found), part / "comparison.json")
        for k, plan in enumerate(found.plans, 1):
            folder = part / "plans" / f"{k}-{file_name(plan.name)}"
            folder.mkdir(parents=True)
            write_scenario(plan.scenario, folder)
        (part / "report.html").write_text(comparison_html(found), encoding="utf-8")
        write_json(provenance(found, command), part / PROVENANCE)


def file_name(name: str) -> str:
    """A plan's name as it may stand in a file system."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)[:60] or "plan"


def comparison_document(found: Comparison) -> dict[str, Any]:
    """What comparison.json holds: the answer, and every indicator of every plan against the reference."""
    from sim.report.compare_words import answer

    return {
        "answer": answer(found),
        "reference": found.reference.name,
        "main": found.main,
        "seeds": list(found.seeds),
        "confidence": CONFIDENCE,
        "unequal_cost_from": UNEQUAL_COST,
        "plans": {plan.name: _plan(found, k) for k, plan in enumerate(found.others, 1)},
    }


def _plan(found: Comparison, k: int) -> dict[str, Any]:
    name = found.plans[k].name
    cost = found.cost(name)
    document: dict[str, Any] = {
        "cost_difference": {"value": number(cost.mean), "low": number(cost.low), "high": number(cost.high)},
        "unequal_cost": bool(found.unequal(name)),
        "indicators": {indicator.name: _row(found, k, indicator) for indicator in INDICATORS},
    }
    if found.looks:
        document["looks"] = [
            {"seeds": look.seeds, "confidence": look.confidence, "low": number(look.low), "high": number(look.high)}
            for look in found.looks[k - 1]
        ]
    return document


def _row(found: Comparison, k: int, indicator: Indicator) -> dict[str, Any]:
    gap = found.differences[found.plans[k].name, indicator.name]
    return {
        "reference": number(interval(found.values(0, indicator.name)).mean),
        "mean": number(interval(found.values(k, indicator.name)).mean),
        "difference": number(gap.mean),
        "low": number(gap.low),
        "high": number(gap.high),
        "probability_better": number(gap.probability),
        "sure_after": gap.sure_after or None,
        "seeds": gap.seeds,
        "label": indicator.label,
        "unit": indicator.unit,
        "definition": indicator.how,
        "better": indicator.better,
    }


def provenance(found: Comparison, command: str = "") -> dict[str, Any]:
    """Where a comparison comes from: plans, seeds, versions and machine type."""
    scenario = found.reference.scenario
    return {
        "plans": [
            {"name": plan.name, "title": plan.scenario.title, "fingerprint": plan.scenario.fingerprint}
            for plan in found.plans
        ],
        "days": scenario.days,
        "agents": scenario.agents,
        "people_per_agent": found.people_per_agent,
        **made_by(command, found.seeds),
    }
