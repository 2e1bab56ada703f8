"""The journey map: where each persona stands, how it feels there, and what it meets."""

from __future__ import annotations

import numpy as np

from sim.report.figure import FULL, Figure, Table
from sim.report.format import listed, percent, signed, words
from sim.report.palette import BLUE, RED
from sim.report.scale import Linear
from sim.report.svg import GRID, INK, QUIET, Drawing, shortened, wrapped
from sim.report.view import STAGE_NAMES, View
from sim.scenario.touchpoints import PHASES

PHASE_TITLES = {
    "before": "Before the purchase", "during": "During", "after": "After the purchase", "lapsed": "Left",
}  # fmt: skip
LEAST_CONTACTS = 5  # of the panel, below which shares say nothing
MOST_PERSONAS = 12
LABEL, CURVE, LINES = 118.0, 76.0, 3
HEAD, BLOCK = 58.0, CURVE + 18.0 + 14.0 * LINES + 16.0


def journey_map(view: View) -> Figure:
    """Phases and stages across, personas down: the emotional curve and the touchpoints met."""
    felt = np.array([[view.feeling(stage, persona) for stage in STAGE_NAMES] for persona in view.personas])
    felt[:, 0] = np.nan  # who does not know the brand feels nothing about it
    what, met = view.met
    return Figure(
        key="journey-map",
        title="Journey map: what each persona feels and meets at each stage",
        reading=_reading(view, felt),
        draw=lambda _: _draw(view, felt, what, met),
        table=_table(view, felt, what, met),
        wide=True,
        scrolls=True,
    )


def _top(what: list[str], contacts: np.ndarray, count: int) -> list[tuple[str, float]]:
    """The things met most and their share of all contacts; nothing where there were too few."""
    whole = contacts.sum()
    if whole < LEAST_CONTACTS:
        return []
    order = np.argsort(-contacts, kind="stable")[:count]
    return [(words(what[k]), float(contacts[k] / whole)) for k in order if contacts[k] > 0]


def _reading(view: View, felt: np.ndarray) -> str:
    if not np.isfinite(felt).any():
        return "Nobody knew the brand during the run, so there is nothing to feel about it."
    best, worst = (np.unravel_index(pick(felt), felt.shape) for pick in (np.nanargmax, np.nanargmin))
    parts = [
        f"Feeling is best among {words(view.personas[best[0]])} in {STAGE_NAMES[best[1]]} "
        f"({signed(float(felt[best]))} on a scale from −1 to +1)"
    ]
    if best != worst:
        parts.append(
            f"and lowest among {words(view.personas[worst[0]])} in {STAGE_NAMES[worst[1]]} "
            f"({signed(float(felt[worst]))})"
        )
    return " ".join(parts) + ". Percentages are shares of all contacts at that stage."


def _draw(view: View, felt: np.ndarray, what: list[str], met: np.ndarray) -> Drawing:
    shown = min(len(view.personas), MOST_PERSONAS)
    drawing = Drawing(FULL, HEAD + BLOCK * shown)
    column = (FULL - LABEL) / len(STAGE_NAMES)
    _heading(drawing, column)
    low, high = float(np.nanmin(felt, initial=0.0)), float(np.nanmax(felt, initial=0.0))
    if high - low < 0.1:
        high = low + 0.1
    for p in range(shown):
        top = HEAD + BLOCK * p
        drawing.line((0, top), (FULL, top), INK if p == 0 else "#8c959f")
        _persona(drawing, view, view.personas[p], top)
        _curve(drawing, felt[p], Linear(low, high, top + CURVE + 2.0, top + 26.0), column)
        for s in range(len(STAGE_NAMES)):
            x = LABEL + s * column + 4.0
            for k, (name, share) in enumerate(_top(what, met[p, s], LINES)):
                y = top + CURVE + 32.0 + 14.0 * k
                number = percent(share, 0)
                drawing.text(x + 25.0, y, number, size=10, anchor="end", bold=True)
                drawing.text(x + 29.0, y, shortened(name, column - 38.0, 10.0), size=10)
    return drawing


def _heading(drawing: Drawing, column: float) -> None:
    at = 0
    for phase, stages in PHASES.items():
        x, width = LABEL + at * column, len(stages) * column
        drawing.rect(x + 1, 0, width - 2, 24, "#e8ecf0")
        drawing.text(x + width / 2, 16.5, PHASE_TITLES[phase], anchor="middle", bold=True)
        for k, stage in enumerate(stages):
            drawing.text(x + (k + 0.5) * column, 44.0, stage, anchor="middle")
        if at:
            drawing.line((x, 0), (x, drawing.height), "#8c959f")
        at += len(stages)
    for k in range(1, 9):
        drawing.line((LABEL + k * column, HEAD), (LABEL + k * column, drawing.height), "#eef1f4")


def _persona(drawing: Drawing, view: View, persona: str, top: float) -> None:
    share = next(p.share for p in view.scenario.personas if p.name == persona)
    lines = wrapped(words(persona), LABEL - 28.0, 13.0)[:3]
    for k, line in enumerate(lines):
        drawing.text(0, top + 22.0 + 16.0 * k, line, size=13, bold=True)
    y = top + 22.0 + 16.0 * len(lines)
    drawing.text(0, y, f"{percent(share, 0)} of the market", size=10.5, fill=QUIET)
    drawing.text(0, top + CURVE + 32.0, "met most", size=10.5, fill=QUIET)


def _curve(drawing: Drawing, felt: np.ndarray, y: Linear, column: float) -> None:
    """Mean feeling by stage, the same scale for all personas; round marks above zero, square ones below."""
    drawing.line((LABEL, y(0.0)), (FULL, y(0.0)), GRID, 1.2)
    drawing.text(LABEL - 4.0, y(0.0) + 3.5, "0", size=10, anchor="end", fill=QUIET)
    spots = [(LABEL + (s + 0.5) * column, y(float(value))) for s, value in enumerate(felt)]
    drawing.polyline(spots[:-1], "#59636e", 1.8)
    drawing.polyline(spots[-2:], "#59636e", 1.2, "3 3")
    for (across, down), value in zip(spots, felt, strict=True):
        if not np.isfinite(value):
            continue
        above = round(float(value), 2) >= 0
        if above:
            drawing.add("circle", cx=across, cy=down, r=5, fill=BLUE)
        else:
            drawing.add("rect", x=across - 5, y=down - 5, width=10, height=10, fill=RED)
        place = down - 9.0 if above else down + 17.0
        drawing.text(across, place, signed(float(value)), size=10.5, anchor="middle", halo=True)


def _table(view: View, felt: np.ndarray, what: list[str], met: np.ndarray) -> Table:
    rows = []
    for p, persona in enumerate(view.personas):
        for s, stage in enumerate(STAGE_NAMES):
            people = view.stage(stage, persona)
            top = [f"{name} {percent(share, 0)}" for name, share in _top(what, met[p, s], 5)]
            rows.append(
                (
                    f"{words(persona)}, {stage}", percent(float(people.mean() / max(1e-9, _size(view, persona)))),
                    signed(float(felt[p, s])), listed(top) or "–",
                )
            )  # fmt: skip
    return Table(("persona and stage", "mean share of the persona", "mean feeling −1…+1", "met most"), rows)


def _size(view: View, persona: str) -> float:
    """People of a persona."""
    return float(sum(view.stage(stage, persona)[-1] for stage in STAGE_NAMES))
