"""A curve over the share of a budget, with its interval band; the current share, the best and its range marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.report.format import Axis, percent, tick_texts
from sim.report.frame import legend, mark, sample
from sim.report.palette import BLUE, RED, Stroke
from sim.report.scale import Linear, ticks
from sim.report.svg import GRID, INK, QUIET, Drawing, text_width

CURVE, CURRENT = Stroke(BLUE), Stroke(RED, "7 3", "square")
BAND, RANGE = "#cfe3f1", "#eef0f2"
BEST_MARK, BEST = "diamond", "#000000"


@dataclass(frozen=True)
class Curve:
    """Values over shares 0..1 with their 95 % interval; undefined ends draw no band.

    Attributes
    ----------
    shares, values, low, high : float [K]
    now, best : int                 positions of the current and of the best share
    tied : (float, float)           smallest and largest share that cannot be told apart from the best
    """

    shares: np.ndarray
    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    now: int
    best: int
    tied: tuple[float, float]


def share_chart(width: float, curve: Curve, axis: Axis, along: str, *, height: float = 300.0) -> Drawing:
    """The curve; `along` names the share on the horizontal axis."""
    drawing = Drawing(width, height)
    ends = np.concatenate([curve.values, curve.low, curve.high, [0.0]])
    ends = ends[np.isfinite(ends)]
    spots = ticks(float(ends.min()), float(ends.max()), 6)
    texts = tick_texts(spots, axis)
    items = [
        ("mean", sample(CURVE)),
        ("current plan", sample(CURRENT)),
        ("best", sample(Stroke(BEST, None, BEST_MARK))),
    ]
    top = legend(drawing, items)
    left = max(text_width(text, 11) for text in texts) + 10.0
    bottom = height - 36.0
    x, y = Linear(0.0, 1.0, left, width - 20.0), Linear(spots[0], spots[-1], bottom, top + 26.0)
    drawing.rect(x(curve.tied[0]) - 3.0, top + 22.0, x(curve.tied[1]) - x(curve.tied[0]) + 6.0,
                 bottom - top - 22.0, RANGE)  # fmt: skip
    drawing.text(0, top + 12.0, axis.title, size=11, fill=QUIET)
    for value, text in zip(spots, texts, strict=True):
        zero = abs(value) < 1e-12
        drawing.line((left, y(value)), (width - 20.0, y(value)), INK if zero else GRID, 1.2 if zero else 1.0)
        drawing.text(left - 6.0, y(value) + 4.0, text, anchor="end", size=11, fill=QUIET)
    for share in np.linspace(0.0, 1.0, 11 if width > 420 else 6):
        drawing.line((x(share), bottom), (x(share), bottom + 5.0), QUIET)
        drawing.text(x(share), bottom + 17.0, percent(round(share, 3), 0), anchor="middle", size=11, fill=QUIET)
    drawing.text((left + width - 20.0) / 2.0, bottom + 32.0, along, anchor="middle", size=11, fill=QUIET)
    _band(drawing, curve, x, y)
    here = x(curve.shares[curve.now])
    drawing.line((here, top + 22.0), (here, bottom), CURRENT.color, 1.4, CURRENT.dash)
    places = [(x(share), y(value)) for share, value in zip(curve.shares, curve.values, strict=True)]
    drawing.polyline(places, CURVE.color, 2.2)
    for place in places:
        mark(drawing, CURVE.mark, *place, CURVE.color)
    mark(drawing, CURRENT.mark, *places[curve.now], CURRENT.color)
    mark(drawing, BEST_MARK, *places[curve.best], BEST)
    return drawing


def _band(drawing: Drawing, curve: Curve, x: Linear, y: Linear) -> None:
    """The area between low and high, where both are defined."""
    known = np.isfinite(curve.low) & np.isfinite(curve.high)
    if known.sum() < 2:
        return
    over = [f"{x(s):.1f} {y(v):.1f}" for s, v in zip(curve.shares[known], curve.high[known], strict=True)]
    under = [f"{x(s):.1f} {y(v):.1f}" for s, v in zip(curve.shares[known], curve.low[known], strict=True)]
    drawing.path(f"M{'L'.join(over)}L{'L'.join(reversed(under))}Z", fill=BAND, fill_opacity=0.8)
