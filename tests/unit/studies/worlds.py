"""A scenario that runs in hundredths of a second."""

from __future__ import annotations

from typing import Any

from sim import Scenario


def club(**changes: Any) -> Scenario:
    """A club that some are members of and that the newsletter keeps; 20 days of 300 consumers."""
    tables: dict[str, Any] = {
        "title": "A small club",
        "days": 20,
        "agents": 300,
        "market": {"kind": "subscription", "size": 3000, "price": 10.0, "period_days": 7},
        "start": {"consideration": 0.3, "retention": 0.4},
        "personas": [{"name": "members", "share": 1.0}],
        "touchpoints": [
            {"name": "letter", "kind": "owned", "form": "sends", "purpose": "retention", "sends_per_week": 1.0}
        ],
    }
    return Scenario.from_dict(tables | changes)
