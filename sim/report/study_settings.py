"""What every study of plans tells about its assumptions: the market in short, luck, and what numbers are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sim.report.assumptions import KINDS
from sim.report.format import compact, euro, percent, span_text, whole
from sim.scenario.scenario import Scenario
from sim.scenario.words import counted, people
from sim.version import VERSION


def span(scenario: Scenario) -> str:
    """The days a scenario is about."""
    return span_text(scenario.start_date, scenario.start_date + timedelta(days=scenario.days - 1))


def settings(scenario: Scenario, seeds: Sequence[int]) -> list[tuple[str, str]]:
    """Horizon, market and luck."""
    market = scenario.market
    period = f" per {counted(market.period_days, 'day')}" if market.kind == "subscription" else ""
    one = compact(market.size / scenario.agents)
    return [
        ("Horizon", f"{counted(scenario.days, 'day')}, {span(scenario)}"),
        ("Market", f"{whole(market.size)} people; {KINDS[market.kind]} for {euro(market.price)}{period}, of which "
                   f"{euro(market.unit_cost)} variable cost"),
        ("Discount rate", f"{percent(market.discount_rate_per_year)} a year"),
        ("Simulated", f"{counted(scenario.agents, 'consumer')}, each standing for {people(one)}; the same consumers "
                      f"with the same luck under every plan; {counted(len(seeds), 'seed')} from "
                      f"{seeds[0]} on"),
    ]  # fmt: skip


def equity_note() -> str:
    """What customer equity assumes."""
    return (
        "Customer equity is the discounted profit of the run plus what the customers held at its end will still bring, "
        "at the margin and the rates of leaving of the run (old and new customers apart; Gupta, Lehmann & Stuart 2004; "
        "Fader & Hardie 2007). Customers to be won later are not in it."
    )


def luck_note(seeds: int) -> str:
    """What the intervals say."""
    if seeds == 1:
        return "One seed was run: there are no intervals, and nothing can be told apart. Repeat with several seeds."
    return (
        f"Intervals are 95 % (Student's t) of differences within each of {seeds} seeds. They say how much is luck, not "
        "whether the assumptions hold."
    )


def model_note() -> str:
    """What the model is."""
    return (
        "Everything here is simulated. The model follows published regularities; it was not fitted to data of this "
        "brand unless the scenario's description says so."
    )


def provenance(scenario: Scenario, seeds: Sequence[int]) -> str:
    """What one needs to get the same numbers again."""
    return (
        f"journey-simulator {VERSION} · scenario {scenario.title}, fingerprint {scenario.fingerprint[:16]} · seeds "
        f"{seeds[0]} to {seeds[-1]} · scenario.toml and provenance.json beside this page give every setting and version"
    )
