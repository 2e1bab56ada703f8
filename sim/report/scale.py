"""From values to places on the picture, and where to put ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from sim.report.format import MONTHS

LABEL_GAP = 44.0  # px between dates on an axis


@dataclass(frozen=True)
class Linear:
    """Values low..high on px start..end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def nice_step(span: float, count: int) -> float:
    """1, 2 or 5 times a power of ten, so that about `count` steps make the span."""
    raw = span / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in (1.0, 2.0, 5.0) if m * power >= raw * 0.999999), 10.0 * power)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values that enclose low..high; 0..1 if there is no extent at all."""
    if not (math.isfinite(low) and math.isfinite(high)) or high - low <= 1e-12 * max(abs(low), abs(high), 1e-3):
        low, high = (min(low, 0.0), max(high, 0.0)) if math.isfinite(low) and math.isfinite(high) else (0.0, 0.0)
        if high - low < 1e-200:  # a span whose fifth is no number any more
            high = 1.0
    step = nice_step(high - low, count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]


@dataclass(frozen=True)
class DateTick:
    """A date on an axis: days since the start, its label, and a second line with the year or nothing."""

    day: float
    label: str
    year: str


def date_ticks(start: date, days: int, width: float) -> list[DateTick]:
    """Dates to write on an axis of `days` days and `width` px: days, weeks, months or years, as there is room."""
    room = max(2, int(width / LABEL_GAP))
    if days <= 70:
        step = next((s for s in (1, 2, 7, 14) if days / s <= room), 28)
        spots = [start + timedelta(days=d) for d in range(0, max(1, days), step)]
        labels = [f"{spot.day} {MONTHS[spot.month - 1]}" for spot in spots]
    else:
        months = days / 30.44
        step = next((s for s in (1, 2, 3, 6) if months / s <= room), 12 * math.ceil(months / 12 / room))
        first = start.year * 12 + start.month - 1 + (start.day > 1)
        first = -(-first // step) * step
        last = (start + timedelta(days=days)).year * 12 + (start + timedelta(days=days)).month - 1
        spots = [date(m // 12, m % 12 + 1, 1) for m in range(first, last + 1, step)]
        labels = [MONTHS[spot.month - 1] if step < 12 else str(spot.year) for spot in spots]
    found, shown = [], None
    for spot, label in zip(spots, labels, strict=True):
        day = float((spot - start).days)
        if day > days:
            break
        year = "" if label == str(spot.year) or spot.year == shown else str(spot.year)
        shown = spot.year
        found.append(DateTick(day, label, year))
    return found
