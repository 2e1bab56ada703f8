"""The forecasts a calibrated scenario has to beat: those that know nothing but the past of the series itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

YEAR = 52  # weeks


def seasonal_naive(past: Floats, ahead: int) -> Floats:
    """Next year is like this year: the value 52 weeks before; with less than a year of past, the last value.

    (Hyndman & Athanasopoulos 2021, Forecasting: Principles and Practice, 5.2.)
    """
    known = past[np.isfinite(past)]
    if len(past) < YEAR or not np.isfinite(past[-YEAR:]).all():
        return np.full(ahead, known[-1] if known.size else np.nan)
    return past[len(past) - YEAR + np.arange(ahead) % YEAR]


def with_drift(past: Floats, ahead: int) -> Floats:
    """The same, going on as it went on average, never below nothing.

    With more than a year of past the mean weekly change against the year before; else from the first to the last week.
    """
    weeks = np.flatnonzero(np.isfinite(past))
    if len(weeks) < 2:
        return seasonal_naive(past, ahead)
    if len(past) > YEAR and np.isfinite(past).all():
        slope = float(np.mean(past[YEAR:] - past[:-YEAR])) / YEAR
        since = YEAR * (1.0 + np.arange(ahead) // YEAR)  # weeks between a week and the one it is taken from
    else:
        slope = float((past[weeks[-1]] - past[weeks[0]]) / (weeks[-1] - weeks[0]))
        since = (
            YEAR * (1.0 + np.arange(ahead) // YEAR)
            if len(past) >= YEAR and np.isfinite(past[-YEAR:]).all()
            else np.arange(1.0, ahead + 1)
        )
    return np.maximum(0.0, seasonal_naive(past, ahead) + slope * since)


def mean_error(forecast: Floats, truth: Floats) -> float:
    """Mean absolute error over the weeks that were observed; NaN if there is none."""
    known = np.isfinite(truth)
    return float(np.abs(forecast - truth)[known].mean()) if known.any() else float("nan")
