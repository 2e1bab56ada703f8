"""Customers won and lost."""

from __future__ import annotations

from sim.report.figure import Figure, Table
from sim.report.format import Axis, about, compact, percent, whole, words
from sim.report.palette import BAD, BAD_THREE, BAD_TOO, GOOD, Fill
from sim.report.plot_bars import Bar, row_chart
from sim.report.plot_stacks import Layer, bar_chart
from sim.report.view import View

REASONS = {
    "lost_by_choice": ("left by choice", BAD),
    "lost_after_problem": ("left after a problem", BAD_TOO),
    "lost_inactive": ("stopped buying", BAD_THREE),
}


def won_and_lost(view: View) -> Figure:
    """Per period, losses by reason."""
    time = view.time
    up = [Layer("won", time.rates(view.column("flow_decision_to_service")), GOOD)]
    down = [Layer(name, time.rates(view.column(column)), fill) for column, (name, fill) in REASONS.items()]
    shown = [layer for layer in down if layer.values.any()]
    won, lost = view.total("flow_decision_to_service"), view.total(*REASONS)
    rows = [
        (time.name(first), *(whole(float(layer.values[k])) for layer in (*up, *down)))
        for k, first in enumerate(time.edges[:-1])
    ]
    return Figure(
        key="won-and-lost",
        title=f"Customers won and lost per {time.word}",
        reading=_reading(view, won, lost),
        draw=lambda width: bar_chart(width, time, up, Axis(f"people per {time.word}"), down=shown),
        table=Table(("from", "won", *(name for name, _ in REASONS.values())), rows),
        wide=True,
    )


def _reading(view: View, won: float, lost: float) -> str:
    if won == 0 and lost == 0:
        return "Nobody was won and nobody was lost."
    text = f"{about(won)} won" if won else "Nobody was won"
    if not lost:
        return f"{text}, and nobody was lost."
    column = max(REASONS, key=lambda name: view.total(name))
    part = view.total(column) / lost
    why = REASONS[column][0].replace("left ", "")
    text += f", {about(lost)} lost, {'all' if part > 0.9995 else percent(part, 0)} of them "
    text += "because they stopped buying" if column == "lost_inactive" else why
    more = won - lost
    return f"{text}. On balance {about(abs(more))} {'more' if more >= 0 else 'fewer'} customers."


def by_persona(view: View) -> Figure:
    """Customers won per 1,000 people of each persona, so that personas of different size compare."""
    found = []
    for persona in view.personas:
        people = next(p.share for p in view.scenario.personas if p.name == persona) * view.size
        won = view.total("flow_decision_to_service", persona=persona)
        lost = view.total(*REASONS, persona=persona)
        found.append((persona, people, won, lost, float(view.customers(persona)[-1])))
    found.sort(key=lambda row: -row[2] / row[1])
    bars = [
        Bar(words(name), 1000.0 * won / people, compact(1000.0 * won / people), Fill(GOOD.color))
        for name, people, won, _, _ in found
    ]
    rows = [(words(n), whole(p), whole(w), whole(lo), whole(k), percent(k / p)) for n, p, w, lo, k in found]
    best, last = found[0], found[-1]
    if not best[2]:
        reading = "No persona was won."
    elif len(found) == 1:
        reading = f"All customers are {words(best[0])}: {compact(bars[0].value)} won per 1,000 people."
    else:
        reading = (
            f"Easiest to win were {words(best[0])} ({compact(bars[0].value)} per 1,000 people), hardest "
            f"{words(last[0])} ({compact(bars[-1].value)})."
        )
    return Figure(
        key="won-by-persona",
        title="Customers won per 1,000 people, by persona",
        reading=reading,
        draw=lambda width: row_chart(width, bars, "customers won per 1,000 people of the persona"),
        table=Table(("persona", "people", "won", "lost", "customers at the end", "share of the persona"), rows),
    )
