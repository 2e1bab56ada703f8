"""Colours the colour-blind can tell apart (Okabe & Ito 2008); patterns, dashes and marks for black and white."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, RED, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#8C959F"

_STROKES = {
    "diagonal": '<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="#fff" stroke-width="2"/>',
    "dots": '<circle cx="2" cy="2" r="1.4" fill="#fff"/><circle cx="6" cy="6" r="1.4" fill="#fff"/>',
    "rows": '<path d="M0 2H8M0 6H8" stroke="#fff" stroke-width="1.4"/>',
    "cross": '<path d="M0 0L8 8M8 0L0 8" stroke="#fff" stroke-width="1.4"/>',
    "columns": '<path d="M2 0V8M6 0V8" stroke="#fff" stroke-width="0.9"/>',
}


@dataclass(frozen=True)
class Fill:
    """What fills an area: a colour, and a pattern in white that tells it apart without colour."""

    color: str
    pattern: str = ""

    @property
    def key(self) -> str:
        """Its name within the page."""
        return f"{self.pattern}-{self.color[1:].lower()}"

    @property
    def paint(self) -> str:
        """Value of an SVG fill."""
        return f"url(#{self.key})" if self.pattern else self.color


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: colour, dashes, and the mark at its points (see `marks.py`)."""

    color: str
    dash: str | None = None
    mark: str = "circle"


GOOD, GOOD_TOO = Fill(BLUE), Fill(SKY, "dots")
BAD, BAD_TOO, BAD_THREE = Fill(RED, "diagonal"), Fill(ORANGE, "rows"), Fill(PURPLE, "cross")
PLAIN, COSTS = Fill(BLUE), Fill(GREY, "columns")
PURPOSE_FILLS = {
    "acquisition": Fill(BLUE),
    "retention": Fill(GREEN, "diagonal"),
    "brand": Fill(ORANGE, "dots"),
    "service": Fill(PURPLE, "rows"),
}
#: The same purposes as lines.
PURPOSE_STROKES = {
    "acquisition": Stroke(BLUE),
    "retention": Stroke(GREEN, "7 3", "square"),
    "brand": Stroke(ORANGE, "2 3", "triangle"),
    "service": Stroke(PURPLE, "9 3 2 3", "diamond"),
}
#: Fills that stand for nothing in particular, for lists.
FILLS = (Fill(BLUE), Fill(ORANGE, "diagonal"), Fill(GREEN, "dots"), Fill(PURPLE, "rows"), Fill(SKY, "cross"),
         Fill(GREY, "columns"))  # fmt: skip
STROKES = (
    Stroke(BLUE), Stroke(RED, "7 3", "square"), Stroke(GREEN, "2 3", "triangle"), Stroke(BLACK, "9 3 2 3", "diamond"),
    Stroke(PURPLE, "12 4", "square"), Stroke(ORANGE, "4 2", "circle"), Stroke(SKY, None, "triangle"),
    Stroke(GREY, "2 2 6 2", "diamond"),
)  # fmt: skip
#: Light and dark in turn, so that neighbours differ without colour; blue before, orange during, green after.
STAGE_FILLS = {
    "unaware": Fill("#ECEFF2"),
    "awareness": Fill("#A9D3EE"),
    "consideration": Fill("#2F86BF"),
    "decision": Fill("#F3C65F"),
    "service": Fill("#0B6B50"),
    "retention": Fill("#BFE3D6"),
    "loyalty": Fill("#3FA885"),
    "advocacy": Fill("#E2F4EC"),
    "lapsed": Fill("#6E7781", "diagonal"),
}


def definitions() -> Markup:
    """All patterns, to stand once in the page."""
    fills = {GOOD, GOOD_TOO, BAD, BAD_TOO, BAD_THREE, PLAIN, COSTS, *PURPOSE_FILLS.values(), *FILLS,
             *STAGE_FILLS.values()}  # fmt: skip
    patterns = "".join(
        f'<pattern id="{fill.key}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{fill.color}"/>{_STROKES[fill.pattern]}</pattern>'
        for fill in sorted(fills, key=lambda fill: fill.key)
        if fill.pattern
    )
    return Markup(f'<svg width="0" height="0" class="defs" aria-hidden="true"><defs>{patterns}</defs></svg>')
