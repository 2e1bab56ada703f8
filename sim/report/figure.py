"""A picture with everything that belongs to it: title, what to read from it, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from sim.report.svg import Drawing

FULL, HALF, PHONE = 1080, 524, 350  # px


@dataclass(frozen=True)
class Table:
    """Numbers behind a picture, written for people; the first column names the row."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Figure:
    """One picture.

    Attributes
    ----------
    key : str               its id in the page
    title : str             what it shows
    reading : str           what to read from it, in a sentence or two computed from the numbers
    draw : callable         width in px -> Drawing
    table : Table
    wide : bool             takes the whole width of the page
    tall : bool             stands beside two others
    scrolls : bool          has one shape only and is moved sideways on a phone
    """

    key: str
    title: str
    reading: str
    draw: Callable[[float], Drawing]
    table: Table
    wide: bool = False
    tall: bool = False
    scrolls: bool = False

    @property
    def pictures(self) -> Markup:
        """The picture for large screens and paper, and another one for phones."""
        label = f"{self.title}. {self.reading}"
        drawing = self.draw(FULL if self.wide else HALF)
        if self.scrolls:
            return drawing.svg(label, "fixed")
        return drawing.svg(label, "large") + self.draw(PHONE).svg(label, "small")


@dataclass(frozen=True)
class Listing:
    """A table to be read for itself, written for people.

    Attributes
    ----------
    title : str
    columns : tuple of str      the first names the row
    groups : sequence           (heading or empty, rows)
    reading : str               what to read from it, or empty
    folded : bool               opened on demand
    words : bool                the last column holds sentences
    """

    title: str
    columns: tuple[str, ...]
    groups: Sequence[tuple[str, Sequence[tuple[str, ...]]]]
    reading: str = ""
    folded: bool = False
    words: bool = False


@dataclass(frozen=True)
class Section:
    """A chapter of the report: tables and pictures under a heading, and notes where there is nothing to draw."""

    key: str
    title: str
    intro: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
