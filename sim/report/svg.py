"""Drawing in SVG, element by element.

Drawn by hand because it is quick: all pictures of a report, each also in a shape for phones, take 0.3 s of one core.
Altair with vl-convert took 0.4 s to import, 1.0 s for the first picture and 0.15 s for each further one: 4 s for the
same pictures, more than a whole run may take, and still without the journey map and the flow between stages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from markupsafe import Markup

Point = tuple[float, float]

INK, QUIET, GRID = "#1b1f24", "#59636e", "#d9dee3"
SIZE = 12.0  # of text, px

_NARROW, _WIDE = set("iljtfrI.,:;'|()[] \u00a0"), set("mwMW%€@")


def text_width(text: str, size: float = SIZE) -> float:
    """Width of a text in a wide sans-serif font (others are narrower), px, roughly."""
    units = sum(0.36 if c in _NARROW else 0.92 if c in _WIDE else 0.70 if c.isupper() else 0.615 for c in text)
    return units * size


def shortened(text: str, width: float, size: float = SIZE) -> str:
    """The text; if it is wider than `width` px, its middle is left out, as names often differ at their ends."""
    if text_width(text, size) <= width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        tail = kept // 3
        short = f"{text[: kept - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"
        if text_width(short, size) <= width:
            return short
    return "…"


def wrapped(text: str, width: float, size: float = SIZE) -> list[str]:
    """The text in lines of at most `width` px, broken between words."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [shortened(line, width, size) for line in lines]


class Drawing:
    """A picture of width × height px. What has an undefined coordinate is not drawn."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def add(self, tag: str, content: str | None = None, /, **attributes: str | float | None) -> None:
        """Add an element; underscores in attributes become hyphens, None leaves one out."""
        written = []
        for name, value in attributes.items():
            if value is None:
                continue
            if isinstance(value, str):
                shown = escape(value)
            elif math.isfinite(value):
                shown = f"{value:.1f}".removesuffix(".0")
            else:
                return
            written.append(f' {name.rstrip("_").replace("_", "-")}="{shown}"')
        inside = f">{escape(content)}</{tag}>" if content is not None else "/>"
        self._parts.append(f"<{tag}{''.join(written)}{inside}")

    def line(self, start: Point, end: Point, stroke: str = GRID, width: float = 1.0, dash: str | None = None) -> None:
        """A straight line."""
        self.add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=stroke, stroke_width=width,
                 stroke_dasharray=dash)  # fmt: skip

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, stroke: str | None = None, rx: float = 0.0
    ) -> None:
        """A rectangle; nothing if it has no extent."""
        if width > 0 and height > 0:
            self.add("rect", x=x, y=y, width=width, height=height, fill=fill, stroke=stroke, rx=rx or None)

    def text(
        self, x: float, y: float, content: str, *, anchor: str = "start", size: float = SIZE, fill: str = INK,
        bold: bool = False, halo: bool = False,
    ) -> None:  # fmt: skip
        """A line of text at its baseline; a halo keeps it readable on top of other things."""
        self.add(
            "text", content, x=x, y=y, text_anchor=None if anchor == "start" else anchor,
            font_size=None if size == SIZE else size, fill=None if fill == INK else fill,
            font_weight="600" if bold else None, class_="h" if halo else None,
        )  # fmt: skip

    def path(self, d: str, **attributes: str | float | None) -> None:
        """A path."""
        self.add("path", d=d, **attributes)

    def polyline(self, points: Sequence[Point], stroke: str, width: float = 2.0, dash: str | None = None) -> None:
        """A line through points, interrupted where one is undefined."""
        pieces, pen = [], "M"
        for x, y in points:
            if math.isfinite(x) and math.isfinite(y):
                pieces.append(f"{pen}{x:.1f} {y:.1f}")
                pen = "L"
            else:
                pen = "M"
        if pieces:
            self.path("".join(pieces), fill="none", stroke=stroke, stroke_width=width, stroke_dasharray=dash,
                      stroke_linejoin="round")  # fmt: skip

    def svg(self, label: str, css: str = "") -> Markup:
        """The finished picture; `label` is what somebody hears who does not see it."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" class="{css}" '
            f'viewBox="0 0 {self.width:.0f} {self.height:.0f}" style="max-width:{self.width * 1.15:.0f}px" '
            f'font-size="{SIZE:.0f}" fill="{INK}">'
        )
        return Markup(head + "".join(self._parts) + "</svg>")
