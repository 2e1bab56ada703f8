"""The report of a comparison, put together."""

from __future__ import annotations

from sim.report import compare_charts as charts
from sim.report import compare_words as say
from sim.report.compare_tables import by_stage, indicators, money, settings
from sim.report.figure import Section
from sim.report.format import compact, listed, whole, words
from sim.report.page import Page
from sim.report.study_settings import span
from sim.scenario.words import counted, people
from sim.studies.comparison import Comparison
from sim.version import VERSION


def comparison_html(found: Comparison) -> str:
    """The report of a comparison as one self-contained HTML document."""
    scenario = found.reference.scenario
    others = listed([words(plan.name) for plan in found.others])
    return Page(
        kind="comparison",
        span=span(scenario),
        title=f"{others} against {words(found.reference.name)}",
        headline=say.answer(found),
        lede=say.lede(found),
        sections=[_picture(found), _numbers(found), _people(found), _money(found), _plans(found)],
        assumed="The reference in short. Folder plans beside this page has every setting of each plan.",
        settings=_assumed(found),
        caveats=[
            ("How to read these numbers", say.reading_guide(found)),
            ("What was not tested", say.not_tested(found)),
        ],
        provenance=_provenance(found),
    ).html()


def _picture(found: Comparison) -> Section:
    days = found.days()
    figures = [charts.main_differences(found)] if len(found.others) > 1 else []
    figures += [charts.profit_so_far(found, days)]
    figures += [charts.overview(found, plan.name) for plan in found.others]
    figures += [charts.customers_over_time(found, days), charts.apart_over_time(found, days)]
    seeds = len(found.seeds)
    spread = f"means of {seeds} pairs of runs, with 95 % intervals" if seeds > 1 else "from one pair of runs"
    return Section(
        "difference", "The difference", f"All differences are to {words(found.reference.name)}; {spread}.", figures
    )


def _numbers(found: Comparison) -> Section:
    intro = (
        "The same indicators under each plan. “Sure after” is the number of seeds from which on the sign of the "
        "difference was certain and stayed so."
    )
    listings = [indicators(found, plan.name, headline=True) for plan in found.others]
    listings += [indicators(found, plan.name, headline=False) for plan in found.others]
    return Section("numbers", "The numbers", intro, listings=listings)


def _people(found: Comparison) -> Section:
    return Section(
        "people",
        "Who changes",
        "The same people under both plans: who is a customer at the end under one of them only.",
        [charts.who_changes(found, plan.name) for plan in found.others],
        listings=[by_stage(found, plan.name) for plan in found.others],
    )


def _money(found: Comparison) -> Section:
    notes = [say.sentence(say.cost_sentence(found, plan.name)) for plan in found.others]
    unequal = [plan.name for plan in found.others if found.unequal(plan.name)]
    listings = [money(found, name) for name in unequal]
    intro = "What the plans cost: touchpoints, wages and goodwill."
    return Section("money", "Cost", intro, notes=notes, listings=listings)


def _plans(found: Comparison) -> Section:
    intro = f"Settings in which a plan differs from {words(found.reference.name)}; everything else is the same."
    listings, notes = [], []
    for plan in found.others:
        listing = settings(found, plan.name)
        if listing is None:
            notes.append(say.sentence(f"{words(plan.name)} sets nothing differently"))
        else:
            listings.append(listing)
    return Section("plans", "What the plans change", intro, notes=notes, listings=listings)


def _assumed(found: Comparison) -> list[tuple[str, str]]:
    scenario = found.reference.scenario
    seeds = f"seeds {found.seeds[0]} to {found.seeds[-1]}" if len(found.seeds) > 1 else f"seed {found.seeds[0]}"
    return [
        ("Plans", listed([f"{words(plan.name)} ({plan.scenario.title})" for plan in found.plans])),
        ("Horizon", counted(scenario.days, "day")),
        ("Market", f"{whole(scenario.market.size)} people"),
        ("Simulated", f"{counted(scenario.agents, 'consumer')}, each standing for "
                      f"{people(compact(found.people_per_agent))}; {seeds}, the same for every plan"),
        ("Decided by", say.indicator_of(found.main).label),
    ]  # fmt: skip


def _provenance(found: Comparison) -> str:
    prints = listed([f"{words(plan.name)} {plan.scenario.fingerprint[:16]}" for plan in found.plans])
    return (
        f"journey-simulator {VERSION} · fingerprints: {prints} · seeds {found.seeds[0]} to {found.seeds[-1]} · "
        "plans and provenance.json beside this page give every setting and version"
    )
