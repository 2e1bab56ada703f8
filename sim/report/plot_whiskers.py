"""Values with their intervals in rows, one below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.report.format import Axis, tick_texts
from sim.report.palette import BLUE, RED
from sim.report.scale import Linear, ticks
from sim.report.svg import GRID, INK, QUIET, Drawing, shortened, text_width

ROW = 28.0  # px
COLORS = (BLUE, RED)


@dataclass(frozen=True)
class Range:
    """A row: its name, and one or two values as (value, low, high)."""

    name: str
    values: tuple[tuple[float, float, float], ...]


def range_chart(width: float, rows: Sequence[Range], axis: Axis, names: tuple[str, ...] = ("",)) -> Drawing:
    """Points with whiskers on one scale that holds zero; the first value of a row is filled, the next open."""
    narrow = width < 420.0
    row = 44.0 if narrow else ROW
    top = 40.0 if len(names) > 1 else 22.0
    drawing = Drawing(width, top + row * len(rows) + 28.0)
    label = 0.0 if narrow else min(0.42 * width, max(text_width(one.name) for one in rows) + 14.0)
    every = [x for one in rows for three in one.values for x in three if math.isfinite(x)]
    spots = ticks(min([0.0, *every]), max([0.0, *every]), 4 if narrow else 6)
    scale = Linear(spots[0], spots[-1], label + 8.0, width - 26.0)
    drawing.text(label, 12.0, axis.title, size=11, fill=QUIET)
    if len(names) > 1:
        x = label
        for k, name in enumerate(names):
            _mark(drawing, k, x + 6.0, 28.0)
            drawing.text(x + 16.0, 32.0, name, size=11)
            x += 32.0 + text_width(name, 11)
    bottom = top + row * len(rows) + 4.0
    for value, text in zip(spots, tick_texts(spots, axis), strict=True):
        drawing.line((scale(value), top), (scale(value), bottom), INK if value == 0 else GRID)
        drawing.text(scale(value), bottom + 14.0, text, anchor="middle", size=11, fill=QUIET)
    for k, one in enumerate(rows):
        y = top + row * k
        if narrow:
            drawing.text(0, y + 12.0, shortened(one.name, width))
        else:
            drawing.text(label - 8.0, y + 17.0, shortened(one.name, label - 8.0), anchor="end")
        middle = y + (28.0 if narrow else 13.0) - 4.0 * (len(one.values) - 1)
        for j, (value, low, high) in enumerate(one.values):
            place = middle + 9.0 * j
            drawing.line((scale(low), place), (scale(high), place), COLORS[j], 2.0)
            for end in (low, high):
                drawing.line((scale(end), place - 4.0), (scale(end), place + 4.0), COLORS[j], 2.0)
            _mark(drawing, j, scale(value), place)
    return drawing


def _mark(drawing: Drawing, k: int, x: float, y: float) -> None:
    drawing.add("circle", cx=x, cy=y, r=4.0, fill=COLORS[k] if k == 0 else "#fff", stroke=COLORS[k], stroke_width=2.0)
