"""Small plans to compare: a tea club with a little of everything, and one with more of one thing."""

from __future__ import annotations

from typing import Any

from sim.scenario.scenario import Scenario

TEA: dict[str, Any] = {
    "title": "A small tea club",
    "days": 40,
    "agents": 400,
    "panel": 20,
    "market": {"kind": "subscription", "size": 40_000.0, "price": 12.5, "period_days": 14,
               "needs_per_year": 12.0, "rivals": [{"name": "grocer", "price": 9.0}]},
    "start": {"awareness": 0.3, "consideration": 0.1, "retention": 0.15, "loyalty": 0.1},
    "personas": [{"name": "students", "share": 0.4}, {"name": "families", "share": 0.6}],
    "touchpoints": [
        {"name": "video", "kind": "paid", "purpose": "brand", "cpm_eur": 10.0, "spend": {"weekly_eur": 2000.0}},
        {"name": "search", "kind": "paid", "purpose": "acquisition", "cpm_eur": 20.0, "spend": {"weekly_eur": 3000.0}},
        {
            "name": "letter", "kind": "owned", "form": "sends", "purpose": "retention", "phases": ["after"],
            "sends_per_week": 1.0, "cost_per_contact_eur": 0.01,
        },
    ],
    "ties": [{"name": "friends"}],
}  # fmt: skip


def tea(**changes: Any) -> Scenario:
    """The tea club; changes by path, with two underscores for a dot."""
    plain = Scenario.from_dict(TEA)
    return plain.with_changes({key.replace("__", "."): value for key, value in changes.items()}) if changes else plain
