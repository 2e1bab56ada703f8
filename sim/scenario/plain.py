"""Plain Python values from whatever a program hands over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from sim.scenario.base import Part


def plain(value: Any) -> Any:
    """Mappings as dict, sequences and arrays as list, NumPy numbers and paths as Python's own; the rest as it is."""
    if isinstance(value, Part):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value
