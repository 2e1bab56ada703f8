"""Changes in words and numbers, for the reports of studies."""

from __future__ import annotations

from sim.report.format import signed, value_text

JOIN = "\u2060"  # keeps a sign with what follows


def change_text(value: float, unit: str) -> str:
    """A change with its sign: +€ 1.2 m."""
    if unit in ("points", "-1..1"):
        return signed(value, 1 if unit == "points" else 3)
    text = value_text(value, unit)
    return f"+{JOIN}{text}" if value > 0 else text
