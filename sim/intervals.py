"""A mean over seeds, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """Mean over seeds with its 95 % confidence interval; low and high are NaN for fewer than two values."""

    mean: float
    low: float
    high: float
    seeds: int  # runs in which the indicator is defined


#: What a quantity of some unit cannot leave; intervals end there.
LIMITS: dict[str, tuple[float, float]] = {
    "share": (0.0, 1.0),
    "0..1": (0.0, 1.0),
    "-1..1": (-1.0, 1.0),
    "people": (0.0, math.inf),
    "purchases": (0.0, math.inf),
    "days": (0.0, math.inf),
}


def interval(values: Sequence[float] | np.ndarray, unit: str = "") -> Interval:
    """Mean and Student's t interval of independent values; undefined ones (NaN) are left out and not counted.

    The interval is cut at the limits of the unit, which loses none of its coverage.
    """
    defined = np.array([value for value in values if not math.isnan(value)], np.float64)
    count = len(defined)
    if count == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(defined.mean())
    if count == 1:
        return Interval(mean, math.nan, math.nan, 1)
    from scipy.special import stdtrit  # 0.1 s, needed for several seeds only

    half = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2.0)) * float(defined.std(ddof=1)) / math.sqrt(count)
    least, most = LIMITS.get(unit, (-math.inf, math.inf))
    return Interval(mean, max(least, mean - half), min(most, mean + half), count)
