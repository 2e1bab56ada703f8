"""Lines over time within their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.format import Axis
from sim.report.frame import Frame, legend, sample, spread, time_frame
from sim.report.palette import Stroke
from sim.report.plot_lines import Line, draw_line
from sim.report.svg import QUIET, Drawing, text_width
from sim.report.view import Periods


@dataclass(frozen=True)
class Band:
    """A named series with the ends of its interval, float64 [K] each; undefined ends draw no area."""

    name: str
    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    stroke: Stroke


def band_chart(
    width: float, time: Periods, days: np.ndarray, bands: Sequence[Band], axis: Axis, *, height: float = 280.0
) -> Drawing:
    """Series at `days` [K] in front of their intervals; zero is always to be seen."""
    drawing = Drawing(width, height)
    every = np.concatenate([np.zeros(1), *(part for b in bands for part in (b.values, b.low, b.high))])
    every = every[np.isfinite(every)]
    room = max(text_width(b.name) for b in bands) + 16.0
    several = len(bands) > 1
    named = several and room <= 0.36 * width
    top = legend(drawing, [(b.name, sample(b.stroke)) for b in bands]) if several and not named else 0.0
    frame = time_frame(
        drawing, time, axis, float(every.min()), float(every.max()), top=top, label_room=room if named else 14.0
    )
    for b in bands:
        _area(frame, days, b)
    for b in bands:
        draw_line(frame, days, Line(b.name, b.values, b.stroke))
    if named:
        ends = [frame.y(float(b.values[-1])) for b in bands]
        for b, end, place in zip(bands, ends, spread(ends, 14.0, 14.0, height - 34.0), strict=True):
            drawing.line((frame.right + 2, end), (frame.right + 9, place), QUIET)
            drawing.text(frame.right + 12.0, place + 4.0, b.name)
    return drawing


def _area(frame: Frame, days: np.ndarray, band: Band) -> None:
    """The interval as a light area with a thin edge, so that it shows on paper too."""
    if not np.isfinite(band.low).all() or not np.isfinite(band.high).all():
        return
    up = [f"{frame.x(float(x)):.1f} {frame.y(float(y)):.1f}" for x, y in zip(days, band.high, strict=True)]
    down = [f"{frame.x(float(x)):.1f} {frame.y(float(y)):.1f}" for x, y in zip(days, band.low, strict=True)]
    frame.drawing.path(
        f"M{'L'.join(up)}L{'L'.join(reversed(down))}Z", fill=band.stroke.color, fill_opacity="0.18",
        stroke=band.stroke.color, stroke_width=0.7, stroke_opacity="0.7",
    )  # fmt: skip
