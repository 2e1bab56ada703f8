"""The frame of a chart over time: axes, grid, legend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.report.format import Axis, tick_texts
from sim.report.palette import Fill, Stroke
from sim.report.scale import Linear, date_ticks, ticks
from sim.report.svg import GRID, INK, QUIET, Drawing, text_width
from sim.report.view import Periods

MARK = 3.2  # px, half the size of a mark


@dataclass(frozen=True)
class Frame:
    """A drawing with its scales."""

    drawing: Drawing
    x: Linear  # days since the start
    y: Linear
    right: float  # end of the plot, px; labels of lines stand behind it


def mark(drawing: Drawing, shape: str, x: float, y: float, color: str) -> None:
    """A point of a line."""
    r = MARK
    if shape == "circle":
        drawing.add("circle", cx=x, cy=y, r=r, fill=color)
    elif shape == "square":
        drawing.add("rect", x=x - r, y=y - r, width=2 * r, height=2 * r, fill=color)
    else:
        spots = {
            "triangle": [(0, -1.3), (1.2, 1), (-1.2, 1)],
            "diamond": [(0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)],
        }[shape]
        drawing.add("polygon", points=" ".join(f"{x + r * a:.1f},{y + r * b:.1f}" for a, b in spots), fill=color)


def swatch(fill: Fill) -> Callable[[Drawing, float, float], None]:
    """Draws a sample of a fill for a legend."""

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.rect(x, y - 10, 18, 11, fill.paint, stroke="#9aa4ae")

    return draw


def sample(stroke: Stroke) -> Callable[[Drawing, float, float], None]:
    """Draws a sample of a line for a legend."""

    def draw(drawing: Drawing, x: float, y: float) -> None:
        drawing.line((x, y - 4), (x + 22, y - 4), stroke.color, 2, stroke.dash)
        mark(drawing, stroke.mark, x + 11, y - 4, stroke.color)

    return draw


def legend(
    drawing: Drawing, items: Sequence[tuple[str, Callable[[Drawing, float, float], None]]], top: float = 0.0
) -> float:
    """Write a legend from the left in as many rows as needed; returns where it ends, px."""
    x, y = 0.0, top + 12.0
    for text, draw in items:
        width = 28.0 + text_width(text) + 16.0
        if x and x + width - 16.0 > drawing.width:
            x, y = 0.0, y + 18.0
        draw(drawing, x, y)
        drawing.text(x + 27.0, y, text)
        x += width
    return y + 8.0 if items else top


def time_frame(
    drawing: Drawing,
    time: Periods,
    axis: Axis,
    low: float,
    high: float,
    *,
    top: float = 0.0,
    label_room: float = 12.0,
    count: int = 6,
) -> Frame:
    """Axes for values low..high over the horizon, below `top`, with room for labels on the right."""
    spots = ticks(low, high, count)
    texts = tick_texts(spots, axis)
    left = max(text_width(text, 11) for text in texts) + 10.0
    right = drawing.width - label_room
    bottom = drawing.height - 32.0
    drawing.text(0, top + 12.0, axis.title, size=11, fill=QUIET)
    y = Linear(spots[0], spots[-1], bottom, top + 26.0)
    x = Linear(0.0, float(time.days), left, right)
    for value, text in zip(spots, texts, strict=True):
        zero = abs(value) < 1e-12
        drawing.line((left, y(value)), (right, y(value)), INK if zero else GRID, 1.2 if zero else 1.0)
        drawing.text(left - 6.0, y(value) + 4.0, text, anchor="end", size=11, fill=QUIET)
    for tick in date_ticks(time.start, time.days, right - left):
        drawing.line((x(tick.day), bottom), (x(tick.day), bottom + 5.0), QUIET)
        if x(tick.day) + text_width(tick.label, 11) / 2 > drawing.width:
            continue
        drawing.text(x(tick.day), bottom + 17.0, tick.label, anchor="middle", size=11, fill=QUIET)
        drawing.text(x(tick.day), bottom + 30.0, tick.year, anchor="middle", size=11, fill=QUIET) if tick.year else None
    return Frame(drawing, x, y, right)


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places moved apart to at least `gap`, as little as possible (least squares) and within low..high if they fit."""
    order = sorted(range(len(places)), key=lambda k: places[k])
    blocks: list[list[float]] = []  # [mean of what was wanted less k gaps, members]
    for k, index in enumerate(order):
        blocks.append([places[index] - k * gap, 1.0])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            mean, count = blocks.pop()
            before, members = blocks[-1]
            blocks[-1] = [(before * members + mean * count) / (members + count), members + count]
    moved = [value for mean, members in blocks for value in [mean] * int(members)]
    moved = [max(low, min(high - (len(moved) - 1) * gap, value)) + k * gap for k, value in enumerate(moved)]
    result = [0.0] * len(places)
    for index, value in zip(order, moved, strict=True):
        result[index] = value
    return result
