"""Bars in rows: one number per name, written behind its bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.palette import Fill
from sim.report.svg import GRID, INK, QUIET, Drawing, shortened, text_width

ROW = 26.0  # px


@dataclass(frozen=True)
class Bar:
    """One row: its name, value, how the value is written, and its fill; `start` is where the bar begins."""

    name: str
    value: float
    text: str
    fill: Fill
    start: float = 0.0


def row_chart(width: float, bars: Sequence[Bar], unit: str) -> Drawing:
    """Horizontal bars from their start to start + value. On narrow pictures names stand above their bars."""
    narrow = width < 420.0
    row = 38.0 if narrow else ROW
    drawing = Drawing(width, 24.0 + row * max(1, len(bars)))
    label = 0.0 if narrow else min(0.38 * width, max((text_width(bar.name) for bar in bars), default=0.0) + 12.0)
    ends = [0.0, *(b.start + b.value for b in bars if np.isfinite(b.value)), *(b.start for b in bars)]
    low, high = min(ends), max(ends)
    room = max((text_width(bar.text) for bar in bars), default=0.0) + 8.0
    before = room if any(bar.value < 0 for bar in bars) and low < 0 else 0.0
    span = (width - label - room - before) / ((high - low) or 1.0)
    zero = label + before - low * span
    drawing.text(label, 12.0, unit, size=11, fill=QUIET)
    for k, bar in enumerate(bars):
        y = 22.0 + row * k
        if narrow:
            drawing.text(0, y + 11.0, shortened(bar.name, width))
        else:
            drawing.text(label - 8.0, y + 15.0, shortened(bar.name, label - 8.0), anchor="end")
        place = y + 16.0 if narrow else y + 3.0
        if narrow:
            drawing.line((zero, place - 2.0), (zero, place + 18.0), INK, 1.2)
        value = bar.value if np.isfinite(bar.value) else 0.0
        left, right = sorted((bar.start, bar.start + value))
        drawing.rect(zero + left * span, place, (right - left) * span, 16.0, bar.fill.paint)
        behind = bar.start + value >= 0 if bar.start == 0.0 else True
        if behind:
            drawing.text(zero + right * span + 5.0, place + 12.5, bar.text, halo=True)
        else:
            drawing.text(zero + left * span - 5.0, place + 12.5, bar.text, anchor="end", halo=True)
    if not narrow:
        drawing.line((zero, 18.0), (zero, 22.0 + row * len(bars)), INK, 1.2)
    return drawing


@dataclass(frozen=True)
class Panel:
    """One column of bars: title (and a short one for phones), values and how they are written.

    `top` is the value of the longest bar there could be, to compare columns by; its own largest value if not given.
    """

    title: str
    short: str
    values: Sequence[float] | np.ndarray
    texts: Sequence[str]
    fill: Fill
    top: float | None = None


def panel_chart(width: float, names: Sequence[str], panels: Sequence[Panel]) -> Drawing:
    """Several measures of the same things side by side, each with its own scale that starts at zero."""
    narrow = width < 600.0
    per_row = 2 if narrow else len(panels)
    head = 0.0 if narrow else 22.0
    inner = 34.0 if narrow else ROW
    rows = -(-len(panels) // per_row)
    block = inner * rows + (18.0 if narrow else 0.0)
    drawing = Drawing(width, head + block * len(names) + (4.0 if narrow else 8.0))
    label = 0.0 if narrow else min(0.27 * width, max((text_width(n) for n in names), default=0.0) + 14.0)
    column = (width - label) / per_row
    if not narrow:
        for p, panel in enumerate(panels):
            drawing.text(label + p * column, 12.0, panel.title, size=11, fill=QUIET)
    for k, name in enumerate(names):
        y = head + block * k
        if k and not narrow:
            drawing.line((0, y), (width, y), GRID)
        drawing.text(0, y + (13.0 if narrow else 17.0), shortened(name, width if narrow else label - 8.0), bold=narrow)
        for p, panel in enumerate(panels):
            x = label + (p % per_row) * column
            place = y + (18.0 + inner * (p // per_row) if narrow else 0.0)
            _cell(drawing, panel, k, x, place, column, narrow)
    return drawing


def _cell(drawing: Drawing, panel: Panel, k: int, x: float, y: float, column: float, narrow: bool) -> None:
    """One bar with its number."""
    defined = [v for v in panel.values if np.isfinite(v)]
    top = (max(defined, default=0.0) if panel.top is None else panel.top) or 1.0
    room = max(text_width(text) for text in panel.texts) + 22.0
    value = panel.values[k] if np.isfinite(panel.values[k]) else 0.0
    long = max(0.0, value / top * (column - (16.0 if narrow else room)))
    if narrow:
        drawing.text(x, y + 12.0, f"{panel.short}: {panel.texts[k]}", size=11, fill=INK)
        drawing.rect(x, y + 17.0, long, 8.0, panel.fill.paint)
    else:
        drawing.line((x, y + 4.0), (x, y + 22.0), INK)
        drawing.rect(x, y + 6.0, long, 14.0, panel.fill.paint)
        drawing.text(x + long + 5.0, y + 17.0, panel.texts[k])
