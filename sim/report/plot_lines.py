"""Lines over time, named at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.format import Axis
from sim.report.frame import Frame, legend, mark, sample, spread, time_frame
from sim.report.palette import Stroke
from sim.report.svg import QUIET, Drawing, text_width
from sim.report.view import Periods

MARKS_APART = 70.0  # px


@dataclass(frozen=True)
class Line:
    """A named series; undefined values interrupt it."""

    name: str
    values: np.ndarray
    stroke: Stroke


def line_chart(
    width: float,
    time: Periods,
    days: np.ndarray,
    lines: Sequence[Line],
    axis: Axis,
    *,
    height: float = 270.0,
    least: tuple[float, float] = (0.0, 0.0),
) -> Drawing:
    """Lines at `days` [K]; the value axis encloses them and `least`."""
    drawing = Drawing(width, height)
    defined = [line.values[np.isfinite(line.values)] for line in lines]
    every = np.concatenate([*defined, np.array(least)])
    room = max((text_width(line.name) for line in lines), default=0.0) + 16.0
    named = room <= 0.36 * width and len(lines) > 1
    top = 0.0 if named or len(lines) < 2 else legend(drawing, [(line.name, sample(line.stroke)) for line in lines])
    frame = time_frame(
        drawing, time, axis, float(every.min()), float(every.max()), top=top, label_room=room if named else 14.0
    )
    shown = [line for line in lines if np.isfinite(line.values).any()]
    for line in shown:
        draw_line(frame, days, line)
    if named:
        ends = [frame.y(float(line.values[np.isfinite(line.values)][-1])) for line in shown]
        for line, end, place in zip(shown, ends, spread(ends, 14.0, 14.0, height - 34.0), strict=True):
            drawing.line((frame.right + 2, end), (frame.right + 9, place), QUIET)
            drawing.text(frame.right + 12.0, place + 4.0, line.name)
    return drawing


def draw_line(frame: Frame, days: np.ndarray, line: Line) -> None:
    """The line, with marks far enough apart to see the dashes between them."""
    spots = [(frame.x(float(day)), frame.y(float(value))) for day, value in zip(days, line.values, strict=True)]
    frame.drawing.polyline(spots, line.stroke.color, 2.2, line.stroke.dash)
    last = -MARKS_APART
    for k, (x, y) in enumerate(spots):
        alone = np.isfinite(y) and not any(np.isfinite(spots[j][1]) for j in (k - 1, k + 1) if 0 <= j < len(spots))
        if np.isfinite(y) and (x - last >= MARKS_APART or alone):
            mark(frame.drawing, line.stroke.mark, x, y, line.stroke.color)
            last = x
