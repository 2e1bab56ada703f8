"""Bars hour by hour, stacked, with marks for what happened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.report.format import Axis, tick_texts
from sim.report.frame import legend, swatch
from sim.report.plot_stacks import Layer
from sim.report.scale import Linear, ticks
from sim.report.svg import GRID, INK, QUIET, Drawing, text_width


def hour_chart(
    width: float, layers: Sequence[Layer], axis: Axis, marks: Sequence[tuple[float, str]] = (), *, height: float = 300.0
) -> Drawing:
    """Stacked bars of H hours since the trigger; `marks` are hours with a word each, drawn as dashed lines."""
    drawing = Drawing(width, height)
    top = legend(drawing, [(layer.name, swatch(layer.fill)) for layer in layers])
    hours = len(layers[0].values)
    total = np.sum([layer.values for layer in layers], axis=0)
    spots = ticks(0.0, float(total.max(initial=1.0)))
    texts = tick_texts(spots, axis)
    left = max(text_width(text, 11) for text in texts) + 10.0
    bottom, right = height - 34.0, width - 8.0
    y = Linear(spots[0], spots[-1], bottom, top + 46.0)
    x = Linear(0.0, float(hours), left, right)
    drawing.text(0, top + 12.0, axis.title, size=11, fill=QUIET)
    for value, text in zip(spots, texts, strict=True):
        drawing.line((left, y(value)), (right, y(value)), INK if value == 0 else GRID)
        drawing.text(left - 6.0, y(value) + 4.0, text, anchor="end", size=11, fill=QUIET)
    step: int = next(s for s in (6, 12, 24, 48, 96, 168) if hours / s <= max(3.0, width / 70.0))
    for hour in range(0, hours + 1, step):
        drawing.line((x(hour), bottom), (x(hour), bottom + 5.0), QUIET)
        drawing.text(x(hour), bottom + 17.0, str(hour), anchor="middle", size=11, fill=QUIET)
    drawing.text(right, bottom + 31.0, "hours since the trigger", anchor="end", size=11, fill=QUIET)
    base = np.zeros(hours)
    bar = max(0.6, (x(1.0) - x(0.0)) * 0.86)
    for layer in layers:
        for hour in range(hours):
            low, high = y(base[hour]), y(base[hour] + layer.values[hour])
            drawing.rect(x(hour), high, bar, low - high, layer.fill.paint, stroke="#59636e" if bar > 5 else None)
        base = base + layer.values
    for k, (when, word) in enumerate(marks):
        drawing.line((x(when), top + 18.0), (x(when), bottom), INK, 1.2, "4 3")
        anchor = "end" if x(when) > 0.6 * width else "start"
        drawing.text(
            x(when) + (-4.0 if anchor == "end" else 4.0),
            top + 26.0 + 13.0 * (k % 2),
            word,
            anchor=anchor,
            size=11,
            halo=True,
        )
    return drawing
