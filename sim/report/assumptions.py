"""What was assumed: the scenario in short, and what the numbers are not."""

from __future__ import annotations

from sim.report.format import compact, euro, listed, percent, span_text, whole, words
from sim.report.view import View
from sim.scenario.words import counted, people
from sim.version import VERSION

KINDS = {
    "durable": "a durable, bought once", "repeat": "a product bought again and again",
    "subscription": "a subscription",
}  # fmt: skip


def settings(view: View) -> list[tuple[str, str]]:
    """The scenario in short: what, and how it was set."""
    scenario, market = view.scenario, view.scenario.market
    period = f" per {counted(market.period_days, 'day')}" if market.kind == "subscription" else ""
    end = view.time.date(view.time.days - 1)
    rows = [
        ("Horizon", f"{counted(view.time.days, 'day')}, {span_text(view.time.start, end)}"),
        ("Market", f"{whole(market.size)} people; {KINDS[market.kind]} for {euro(market.price)}{period}, of which "
                   f"{euro(market.unit_cost)} variable cost"),
        ("Needs", "one per person" if market.kind == "durable" else f"{compact(market.needs_per_year)} per person and "
                  "year on average"),
        ("Rivals", listed([f"{words(r.name)} ({euro(r.price)})" for r in market.rivals]) or "none"),
        ("Start", _start(view)),
        ("Personas", listed([f"{words(p.name)} {percent(p.share, 0)}" for p in scenario.personas])),
        ("Touchpoints", listed([f"{words(t.name)} ({t.kind}, {t.purpose})" for t in scenario.touchpoints]) or "none"),
        ("Word of mouth", listed([words(t.name) for t in scenario.ties]) or "no ties: nobody talks to anybody"),
        ("Service", _service(view)),
        ("Simulated", f"{counted(scenario.agents, 'consumer')}, each standing for "
                      f"{people(compact(view.results.weight))}; seed {view.results.seed}"),
    ]  # fmt: skip
    return rows


def _start(view: View) -> str:
    start = view.scenario.start
    named = ("awareness", "consideration", "retention", "loyalty", "advocacy", "lapsed")
    parts = [f"{name} {percent(getattr(start, name), 0)}" for name in named if getattr(start, name) > 0]
    return f"{listed(parts)}; the others do not know the brand" if parts else "nobody knows the brand"


def _service(view: View) -> str:
    service = view.scenario.service
    staff = sum(desk.staff for _, desk in service.desks)
    return (
        f"{compact(service.failures_per_year)} serious problems per customer and year; {compact(staff)} people at the "
        f"desks; {percent(service.goodwill_share, 0)} of unresolved cases settled with {euro(service.goodwill_eur)}"
    )


def caveats(view: View, seeds: int) -> list[str]:
    """How far to trust it."""
    notes = [
        "Everything here is simulated. The model follows published regularities; it was not fitted to data of this "
        "brand unless the scenario's description says so.",
        "Differences between two plans run with the same seed are more reliable than the numbers of one plan.",
    ]
    if seeds > 1:
        notes.append(
            f"Key figures are means over {seeds} seeds with 95 % intervals, which tell how much is luck, not whether "
            f"the assumptions hold. Pictures show seed {view.results.seed}."
        )
    else:
        notes.append("One seed was run, so there is no interval: repeat with several seeds to see how much is luck.")
    if view.results.weight > 1:
        one = compact(view.results.weight)
        notes.append(f"The smallest number that can occur is {one} people, one simulated consumer.")
    if view.panel:
        notes.append(f"What is met at which stage is estimated from a tracked panel of {whole(view.panel)} consumers.")
    notes.append(
        "Booking purchases to acquisition or retention is accounting, not cause and effect; what a spending line "
        "changes is the difference to a run without it."
    )
    return notes


def provenance(view: View) -> str:
    """What one needs to get the same numbers again."""
    return (
        f"journey-simulator {VERSION} · scenario {view.scenario.title}, fingerprint {view.scenario.fingerprint[:16]} · "
        f"seed {view.results.seed} · scenario.toml and provenance.json beside this page give every setting and version"
    )
