"""The page every report is printed on: answer, key figures, chapters with pictures and tables, assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from sim.report.figure import Listing, Section
from sim.report.palette import definitions

JOIN = "\u2060"  # keeps the sign of an amount on its line


@dataclass(frozen=True)
class Card:
    """One key figure, written for people; `spread` is its 95 % interval or empty."""

    label: str
    value: str
    spread: str
    note: str


@dataclass(frozen=True)
class Page:
    """What stands on a page, in its order; all texts are escaped when it is printed.

    Attributes
    ----------
    kind : str                          what it is, after "Customer journey": report, comparison, …
    span : str                          time it is about
    title : str
    headline : str                      the answer in one sentence a board member understands
    lede : str                          the second sentence
    description : str                   what was looked at, or empty
    cards : sequence of Card            key figures; without any there is no such chapter
    cards_intro : str                   where they come from
    details : sequence of Listing       tables below the key figures, folded up
    sections : sequence of Section      chapters
    assumed : str                       a sentence above the settings
    settings : sequence of pairs        what, and how it was set
    caveats : sequence of pairs         heading, and a list of sentences
    provenance : str                    what one needs to get the same numbers again
    """

    kind: str
    span: str
    title: str
    headline: str
    lede: str
    sections: Sequence[Section]
    assumed: str
    settings: Sequence[tuple[str, str]]
    caveats: Sequence[tuple[str, Sequence[str]]]
    provenance: str
    description: str = ""
    cards: Sequence[Card] = ()
    cards_intro: str = ""
    details: Sequence[Listing] = ()

    def html(self) -> str:
        """The page as one self-contained document."""
        text: str = _template().render(page=self, definitions=definitions())
        return text.replace("−€", f"−{JOIN}€").replace("+€", f"+{JOIN}€")


def _template() -> Template:
    """The template of all pages; everything put into it is escaped."""
    folder = resources.files("sim.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["style"] = Markup((folder / "page.css").read_text(encoding="utf-8"))
    return environment.from_string((folder / "page.html.j2").read_text(encoding="utf-8"))
