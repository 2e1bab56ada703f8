"""The small equations and words that docs/model.md uses everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum


class Stage(IntEnum):
    """Stages of the journey."""

    UNAWARE = 0
    AWARENESS = 1
    CONSIDERATION = 2
    DECISION = 3
    SERVICE = 4
    RETENTION = 5
    LOYALTY = 6
    ADVOCACY = 7
    LAPSED = 8


CUSTOMER = (Stage.SERVICE, Stage.RETENTION, Stage.LOYALTY, Stage.ADVOCACY)
CHANNELS = ("branch", "self_service", "service_centre", "portal", "social")
OUTCOMES = ("silent", "unresolved", "resolved", "quick", "goodwill")
REACTIONS = ("like", "comment", "share", "save")


def clip(x: float) -> float:
    """To -1..1."""
    return max(-1.0, min(1.0, x))


def toward(x: float, target: float, gain: float) -> float:
    """Close the share `gain` of the gap between x and target."""
    return x + min(1.0, gain) * (target - x)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))


def rounded(x: float) -> int:
    """Half up: how cents, opinions and contents become integers."""
    return math.floor(x + 0.5)


def along(u: float, shares: Sequence[float]) -> int:
    """The first place whose cumulated share exceeds u; the number of shares if u is beyond them all."""
    cumulated = 0.0
    for place, share in enumerate(shares):
        cumulated += share
        if u < cumulated:
            return place
    return len(shares)


def asymmetric_u(s: float, satisfied: float, dissatisfied: float) -> float:
    """U(s): the very satisfied and the very dissatisfied talk most (Anderson 1998)."""
    return 1.0 + (satisfied if s >= 0.0 else dissatisfied) * s * s
