"""Points with intervals in rows, around a line that means no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.report.format import Axis, tick_texts
from sim.report.palette import BLUE, RED
from sim.report.scale import Linear, ticks
from sim.report.svg import GRID, INK, QUIET, Drawing, shortened, text_width

ROW = 28.0  # px


@dataclass(frozen=True)
class Range:
    """One row: a point with its interval (NaN: none), how it is written, and whether it is good, bad or neither."""

    name: str
    value: float
    low: float
    high: float
    text: str
    good: bool | None

    @property
    def certain(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0.0 or self.high < 0.0


def range_chart(width: float, rows: Sequence[Range], axis: Axis) -> Drawing:
    """Points with their intervals; certain ones filled, with a thick line, others hollow.

    Better is a blue circle, worse a red square, neither a grey diamond. On narrow pictures names stand above.
    """
    narrow = width < 420.0
    row = 40.0 if narrow else ROW
    top, foot = 18.0, 26.0
    drawing = Drawing(width, top + row * len(rows) + foot)
    ends = [0.0, *(v for r in rows for v in (r.value, r.low, r.high) if math.isfinite(v))]
    spots = ticks(min(ends), max(ends), 4 if narrow else 6)
    label = 0.0 if narrow else min(0.36 * width, max(text_width(r.name) for r in rows) + 14.0)
    room = 0.0 if narrow else max(text_width(r.text) for r in rows) + 12.0
    x = Linear(spots[0], spots[-1], label + 8.0, width - room - 8.0)
    bottom = top + row * len(rows)
    for value, text in zip(spots, tick_texts(spots, axis), strict=True):
        zero = abs(value) < 1e-12
        drawing.line((x(value), top - 4.0), (x(value), bottom), INK if zero else GRID, 1.4 if zero else 1.0)
        drawing.text(x(value), bottom + 16.0, text, anchor="middle", size=11, fill=QUIET)
    drawing.text(label, 10.0, axis.title, size=11, fill=QUIET)
    for k, found in enumerate(rows):
        y = top + row * k + (27.0 if narrow else 0.5 * row)
        if narrow:
            drawing.text(0, y - 12.0, shortened(f"{found.name}: {found.text}", width), halo=True)
        else:
            drawing.text(0, y + 4.0, shortened(found.name, label - 8.0))
            drawing.text(width, y + 4.0, found.text, anchor="end", bold=found.certain)
        color = QUIET if found.good is None else BLUE if found.good else RED
        if math.isfinite(found.low) and found.high > found.low:
            drawing.line((x(found.low), y), (x(found.high), y), color, 3.0 if found.certain else 1.4)
            for end in (found.low, found.high):
                drawing.line((x(end), y - 4.0), (x(end), y + 4.0), color, 1.4)
        _point(drawing, x(found.value), y, color, found)
    return drawing


def _point(drawing: Drawing, x: float, y: float, color: str, found: Range) -> None:
    """Circle, square or diamond; hollow if not certain."""
    fill, r = color if found.certain else "#fff", 4.6
    if found.good is None:
        points = " ".join(f"{x + a * 1.3 * r:.1f},{y + b * 1.3 * r:.1f}" for a, b in ((0, -1), (1, 0), (0, 1), (-1, 0)))
        drawing.add("polygon", points=points, fill=fill, stroke=color, stroke_width=1.8)
    elif found.good:
        drawing.add("circle", cx=x, cy=y, r=r, fill=fill, stroke=color, stroke_width=1.8)
    else:
        drawing.add("rect", x=x - r, y=y - r, width=2 * r, height=2 * r, fill=fill, stroke=color, stroke_width=1.8)
