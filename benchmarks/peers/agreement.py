"""Do two programs simulate the same law? Asked before their speed is compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

#: Chance to refuse a peer that is right, each time one is asked.
ERROR_LEVEL = 1e-3


@dataclass(frozen=True)
class Verdict:
    """What the test says about one peer's outcomes."""

    mean: float
    statistic: float  # difference of the means in standard errors
    limit: float  # it is refused if the statistic is beyond, in either direction
    detects: float  # least relative difference of the means that would be refused

    @property
    def agrees(self) -> bool:
        """Whether the peer's mean is within sampling error of the reference's."""
        return abs(self.statistic) <= self.limit


def judge(outcomes: list[float], reference: list[float]) -> Verdict:
    """Compare the mean of a peer's outcomes with that of many runs of the reference: Student's test.

    If the peer's law is the reference's, its runs scatter as the reference's do. Their standard deviation s is
    therefore taken from the reference alone, with R - 1 degrees of freedom, which works for a peer with few runs, even
    one: statistic = (mean - mean of reference) / (s sqrt(1 / runs + 1 / R)).

    Raises
    ------
    ValueError      without outcomes, with fewer than three runs of the reference, or if those do not scatter
    """
    if not outcomes or len(reference) < 3:
        raise ValueError(f"{len(outcomes)} outcomes and {len(reference)} of the reference are too few to compare")
    scatter = float(np.std(reference, ddof=1))
    if not scatter > 0:
        raise ValueError("the reference's runs are all alike: nothing can be said about sampling error")
    error = scatter * math.sqrt(1.0 / len(outcomes) + 1.0 / len(reference))
    limit = float(student.isf(ERROR_LEVEL / 2.0, len(reference) - 1))
    mean, expected = float(np.mean(outcomes)), float(np.mean(reference))
    return Verdict(mean, (mean - expected) / error, limit, limit * error / abs(expected))
