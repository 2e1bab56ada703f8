"""Write a scenario out: as TOML with every default, and as a fingerprint of its content."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from sim.errors import Problem, ScenarioError
from sim.scenario.base import NONE, Part, falls_back
from sim.scenario.story import NAMED_LISTS, Story


def tables(part: Part) -> dict[str, Any]:
    """A part as plain tables with every default written out, "none" for what is switched off."""
    written: dict[str, Any] = {}
    for key, field in type(part).model_fields.items():
        value = getattr(part, key)
        if value is not None:
            written[key] = _plain(value)
        elif not falls_back(field):
            written[key] = NONE
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return tables(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


def toml(story: Story) -> str:
    """A scenario as TOML."""
    return tomli_w.dumps(tables(story))


def digest(story: Story) -> str:
    """SHA-256 of a scenario's content in hexadecimal, independent of the order of entries that have a name.

    Raises
    ------
    ScenarioError
        If an edge list cannot be read; its contents count, not its path.
    """
    content = tables(story)
    for *above, last in NAMED_LISTS:
        table = content
        for key in above:
            table = table[key]
        table[last] = sorted(table[last], key=lambda entry: str(entry["name"]))
    for ties in content["ties"]:
        if "file" in ties:
            ties["file"] = _file_digest(Path(ties["file"]), f"ties.{ties['name']}.file")
    text = json.dumps(_positive_zero(content), sort_keys=True, default=date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def _positive_zero(value: Any) -> Any:
    """The same with 0.0 for -0.0, which is equal but written differently."""
    if isinstance(value, dict):
        return {key: _positive_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_positive_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value


def _file_digest(path: Path, where: str) -> str:
    """Digest of an edge list's text, the same whether it is packed or not."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        found = f"{path}, which cannot be read"
        raise ScenarioError(
            [Problem(where, found, "the edge list that was there when the scenario was loaded")]
        ) from error
