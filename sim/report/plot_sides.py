"""Two numbers per row, one to each side of a middle line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.report.frame import legend, swatch
from sim.report.palette import Fill
from sim.report.svg import INK, QUIET, Drawing, shortened, text_width

ROW = 26.0  # px


@dataclass(frozen=True)
class Side:
    """One row: its name, both numbers (at least 0) and how they are written."""

    name: str
    left: float
    right: float
    left_text: str
    right_text: str


def side_chart(
    width: float, sides: Sequence[Side], *, left: str, right: str, fills: tuple[Fill, Fill], unit: str
) -> Drawing:
    """Bars to the left and to the right on one scale. On narrow pictures names stand above their bars."""
    narrow = width < 420.0
    row = 40.0 if narrow else ROW
    label = 0.0 if narrow else min(0.3 * width, max((text_width(s.name) for s in sides), default=0.0) + 14.0)
    drawing = Drawing(width, 66.0 + row * max(1, len(sides)))
    top = legend(drawing, [(left, swatch(fills[0])), (right, swatch(fills[1]))])
    drawing.text(label, top + 12.0, unit, size=11, fill=QUIET)
    rooms = [max((text_width(text) for text in texts), default=0.0) + 10.0
             for texts in ([s.left_text for s in sides], [s.right_text for s in sides])]  # fmt: skip
    most = (max((s.left for s in sides), default=0.0), max((s.right for s in sides), default=0.0))
    scale = (width - label - sum(rooms)) / (sum(most) or 1.0)
    middle = label + rooms[0] + most[0] * scale
    for k, side in enumerate(sides):
        y = top + 18.0 + row * k
        place = y + 17.0 if narrow else y + 3.0
        if narrow:
            drawing.text(0, y + 12.0, shortened(side.name, width))
        else:
            drawing.text(0, y + 15.0, shortened(side.name, label - 8.0))
        drawing.rect(middle - side.left * scale, place, side.left * scale, 16.0, fills[0].paint)
        drawing.rect(middle, place, side.right * scale, 16.0, fills[1].paint)
        drawing.text(middle - side.left * scale - 5.0, place + 12.5, side.left_text, anchor="end", halo=True)
        drawing.text(middle + side.right * scale + 5.0, place + 12.5, side.right_text, halo=True)
        drawing.line((middle, place - 4.0), (middle, place + 20.0), INK, 1.2)
    return drawing
