"""What one plan sets otherwise than another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.scenario.scenario import Scenario
from sim.scenario.words import shown

#: What says nothing about a plan, or is the same for all plans of a comparison.
_IGNORED = frozenset({"title", "description", "seed", "panel"})
ABSENT = "–"


@dataclass(frozen=True)
class Change:
    """A setting by its dotted path, as it stands in the reference and in the plan."""

    path: str
    reference: str
    here: str


def changes_between(reference: Scenario, scenario: Scenario) -> list[Change]:
    """Settings in which two scenarios differ, in the order of the file; parts that only one has count as one change."""
    before, after = _settings(reference), _settings(scenario)
    paths = [*before, *(path for path in after if path not in before)]
    return [
        Change(path, before.get(path, ABSENT), after.get(path, ABSENT))
        for path in paths
        if before.get(path, ABSENT) != after.get(path, ABSENT) and not _inside_absent(path, before, after)
    ]


def _settings(scenario: Scenario) -> dict[str, str]:
    return dict(_flat(scenario.model_dump(), ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Values by dotted path; entries of lists go by name where they have one, and are there or not (path itself)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if path or key not in _IGNORED:
                yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
        for item in value:
            yield f"{path}.{item['name']}", "there"
            yield from _flat({key: inner for key, inner in item.items() if key != "name"}, f"{path}.{item['name']}")
    elif isinstance(value, list):
        yield path, f"{shown(value)}, {_sum(value)} in all" if _sum(value) else shown(value) + _entries(value)
    else:
        yield path, shown(value)


def _sum(value: list[Any]) -> str:
    """Sum of a list of more than three numbers, which is not shown in full."""
    if len(value) > 3 and all(isinstance(item, int | float) for item in value):
        return f"{sum(value):,.6g}"
    return ""


def _entries(value: list[Any]) -> str:
    """Entries of a list of tables, which `shown` only counts."""
    if value and all(isinstance(item, dict) for item in value):
        return ": " + "; ".join(", ".join(f"{key} {shown(inner)}" for key, inner in item.items()) for item in value)
    return ""


def _inside_absent(path: str, before: dict[str, str], after: dict[str, str]) -> bool:
    """Whether a setting belongs to a named part that only one of the two has, which is told once."""
    parts = path.split(".")
    for end in range(1, len(parts)):
        part = ".".join(parts[:end])
        if (part in before) != (part in after):
            return True
    return False
