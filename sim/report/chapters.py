"""The chapters of the report, in the order a board member follows."""

from __future__ import annotations

from collections.abc import Mapping

from sim.report import (
    charts_brands,
    charts_contacts,
    charts_customers,
    charts_flow,
    charts_map,
    charts_money,
    charts_service,
    charts_stages,
    charts_storm,
    charts_talk,
)
from sim.report.figure import Section
from sim.report.view import View


def chapters(view: View, found: Mapping[str, float]) -> list[Section]:
    """All chapters with their figures; what a scenario does not have gets a note instead."""
    return [
        _journey(view), _customers(view), _money(view, found), _touchpoints(view), _talk(view), _service(view),
        *_storm(view), _rivals(view),
    ]  # fmt: skip


def _journey(view: View) -> Section:
    by_stage = charts_contacts.contacts_by_stage(view)
    figures = [charts_map.journey_map(view)]
    notes = []
    if by_stage:
        figures.append(by_stage)
    elif not view.panel:
        notes.append("No consumers were tracked (panel = 0), so what is met at which stage is not known.")
    else:
        notes.append("The tracked consumers met no touchpoint and heard nothing.")
    intro = "How people travel from not knowing the brand to recommending it, or leaving it."
    return Section("journey", "The journey", intro, figures, notes)


def _customers(view: View) -> Section:
    return Section(
        "customers",
        "Customers",
        "How many are where, who moves on, who is won and who is lost.",
        [
            charts_stages.everybody(view),
            charts_stages.customers(view),
            charts_flow.flow(view),
            charts_customers.won_and_lost(view),
            charts_customers.by_persona(view),
            charts_stages.feeling(view),
        ],
    )


def _money(view: View, found: Mapping[str, float]) -> Section:
    by_line, returns = charts_money.by_line(view), charts_money.returns(found)
    by_purpose = charts_money.by_purpose(view, wide=not by_line.tall)
    return Section(
        "money",
        "Money",
        "What customers bring in, what winning and keeping them costs, and what is left.",
        [
            charts_money.waterfall(view),
            charts_money.cumulative(view),
            charts_money.over_time(view),
            by_line,
            *((by_purpose, returns) if by_line.tall else (returns, by_purpose)),
        ],
    )


def _touchpoints(view: View) -> Section:
    intro = "Where people meet the brand, how often, and for how much."
    if view.touchpoints.empty:
        return Section("touchpoints", "Touchpoints", intro, notes=["This scenario has no touchpoints."])
    answers = charts_contacts.dialogue(view)
    figures = [charts_contacts.reach(view), charts_contacts.contacts_over_time(view, wide=answers is None)]
    return Section("touchpoints", "Touchpoints", intro, figures + ([answers] if answers else []))


def _talk(view: View) -> Section:
    intro = "What people tell each other, in private, in public and in reviews."
    notes = [] if view.scenario.ties else ["There are no ties between people, so nobody hears what others say."]
    return Section(
        "talk",
        "Talk and reviews",
        intro,
        [charts_talk.said(view), charts_talk.negative(view), charts_talk.reviews(view)],
        notes,
    )


def _service(view: View) -> Section:
    return Section(
        "service",
        "Service",
        "What goes wrong, who complains, and how it is settled.",
        [
            charts_service.problems(view),
            charts_service.outcomes(view),
            charts_service.response(view),
            charts_service.waiting(view),
        ],
    )


def _storm(view: View) -> list[Section]:
    """A chapter only if there was a storm."""
    if view.results.storm.empty:
        return []
    intro = "Outrage hour by hour; `journey storm` compares answers to it."
    return [Section("storm", "The storm", intro.replace("`", ""), [charts_storm.hours(view.results.storm)])]


def _rivals(view: View) -> Section:
    figure = charts_brands.brands(view)
    intro = "How the brand stands in its category."
    if figure is None:
        return Section("brands", "Rivals", intro, notes=["This scenario has no rivals."])
    return Section("brands", "Rivals", intro, [figure])
