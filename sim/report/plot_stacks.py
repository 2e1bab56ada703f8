"""What adds up, over time: areas for states, bars for what happens in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.format import Axis
from sim.report.frame import Frame, legend, mark, sample, spread, swatch, time_frame
from sim.report.palette import Fill
from sim.report.plot_lines import Line
from sim.report.svg import QUIET, Drawing, text_width
from sim.report.view import Periods


@dataclass(frozen=True)
class Layer:
    """A named part of a whole, float64 [K]."""

    name: str
    values: np.ndarray
    fill: Fill


def area_chart(
    width: float, time: Periods, days: np.ndarray, layers: Sequence[Layer], axis: Axis, *, height: float = 300.0
) -> Drawing:
    """Layers on top of each other, the first at the bottom, named at the right."""
    drawing = Drawing(width, height)
    if days.size == 1:
        days = np.array([0.0, float(time.days)])
        layers = [Layer(layer.name, np.repeat(layer.values, 2), layer.fill) for layer in layers]
    heights = np.cumsum([np.nan_to_num(layer.values) for layer in layers], axis=0)
    room = max(text_width(layer.name) for layer in layers) + 24.0
    frame = time_frame(drawing, time, axis, 0.0, float(heights.max()), label_room=room)
    floor = np.zeros(days.size)
    middles, thick = [], []
    for layer, ceiling in zip(layers, heights, strict=True):
        up = [f"{frame.x(float(x)):.1f} {frame.y(float(y)):.1f}" for x, y in zip(days, ceiling, strict=True)]
        down = [f"{frame.x(float(x)):.1f} {frame.y(float(y)):.1f}" for x, y in zip(days, floor, strict=True)]
        drawing.path(
            f"M{'L'.join(up)}L{'L'.join(reversed(down))}Z", fill=layer.fill.paint, stroke="#fff", stroke_width=0.8
        )
        middles.append(frame.y(float(ceiling[-1] + floor[-1]) / 2.0))
        thick.append(float(ceiling[-1] - floor[-1]) > 0)
        floor = ceiling
    for layer, middle, place, there in zip(
        layers, middles, spread(middles, 14.0, 20.0, height - 36.0), thick, strict=True
    ):
        drawing.line((frame.right + 1.0, middle), (frame.right + 17.0, place), QUIET)
        drawing.text(frame.right + 20.0, place + 4.0, layer.name, fill="#1b1f24" if there else QUIET)
    return drawing


def bar_chart(
    width: float,
    time: Periods,
    up: Sequence[Layer],
    axis: Axis,
    *,
    down: Sequence[Layer] = (),
    line: Line | None = None,
    height: float = 280.0,
) -> Drawing:
    """Bars per period, upwards and downwards from zero, and a line across them."""
    drawing = Drawing(width, height)
    items = [(layer.name, swatch(layer.fill)) for layer in (*up, *down)]
    if line:
        items.append((line.name, sample(line.stroke)))
    top = legend(drawing, items)
    ups = np.cumsum([np.nan_to_num(layer.values) for layer in up], axis=0)
    downs = -np.cumsum([np.nan_to_num(layer.values) for layer in down], axis=0) if down else np.zeros((1, 1))
    crossing = np.nan_to_num(line.values) if line else np.zeros(1)
    low, high = min(float(downs.min()), float(crossing.min())), max(float(ups.max()), float(crossing.max()))
    frame = time_frame(drawing, time, axis, low, high, top=top + 4.0, count=7)
    for layers, ends in ((up, ups), (down, downs)):
        floor = np.zeros(time.middles.size)
        for layer, ceiling in zip(layers, ends, strict=False):
            _bars(frame, time, floor, ceiling, layer.fill)
            floor = ceiling
    frame.drawing.line((frame.x(0.0), frame.y(0.0)), (frame.right, frame.y(0.0)), "#1b1f24", 1.2)
    if line:
        spots = [(frame.x(float(x)), frame.y(float(y))) for x, y in zip(time.middles, line.values, strict=True)]
        drawing.polyline(spots, "#fff", 5.0)
        drawing.polyline(spots, line.stroke.color, 2.2, line.stroke.dash)
        for x, y in spots[:: max(1, len(spots) // 8)]:
            mark(drawing, line.stroke.mark, x, y, line.stroke.color)
    return drawing


def _bars(frame: Frame, time: Periods, floor: np.ndarray, ceiling: np.ndarray, fill: Fill) -> None:
    """One layer's bars as a single path."""
    x, y = frame.x, frame.y
    gap = min(2.0, 0.15 * (x(float(time.edges[1])) - x(0.0)))
    pieces = []
    for first, end, bottom, peak in zip(time.edges[:-1], time.edges[1:], floor, ceiling, strict=True):
        if bottom != peak:
            left, right = x(float(first)) + gap / 2, x(float(end)) - gap / 2
            pieces.append(f"M{left:.1f} {y(float(bottom)):.1f}H{right:.1f}V{y(float(peak)):.1f}H{left:.1f}Z")
    if pieces:
        frame.drawing.path("".join(pieces), fill=fill.paint)
