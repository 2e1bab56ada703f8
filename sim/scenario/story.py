"""The scenario as a whole, as a table of tables: what people write, each value checked on its own."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.scenario.base import Day, Part
from sim.scenario.market import Market, Start
from sim.scenario.mind import Choice, Experience, Interest, Memory
from sim.scenario.personas import Persona
from sim.scenario.service import Service
from sim.scenario.storm import Storm
from sim.scenario.talk import Reviews, Talk, Ties
from sim.scenario.touchpoints import Dialogue, Touchpoint

#: Lists whose entries are known by their name: addressed, merged and compared by it, in any order.
NAMED_LISTS: frozenset[tuple[str, ...]] = frozenset(
    {("personas",), ("touchpoints",), ("ties",), ("market", "rivals")},
)


class Story(Part):
    """All settings with every default filled in. What spans several of them is checked by `Scenario`."""

    title: str = "Untitled"
    description: str = ""
    days: Annotated[int, Field(ge=1, le=32_000)] = 365  # 87 years: consumers keep dates in 16 bits
    agents: Annotated[int, Field(ge=1, le=200_000_000)] = 100_000  # each stands for market.size / agents people
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    start_date: Day = date(2026, 1, 5)  # day 0
    panel: Annotated[int, Field(ge=0, le=100_000)] = 1000  # tracked consumers
    market: Market = Market()
    start: Start = Start()
    personas: Annotated[list[Persona], Field(min_length=1, max_length=64)]
    touchpoints: Annotated[list[Touchpoint], Field(max_length=32)] = []
    ties: Annotated[list[Ties], Field(max_length=16)] = []
    memory: Memory = Memory()
    interest: Interest = Interest()
    choice: Choice = Choice()
    experience: Experience = Experience()
    dialogue: Dialogue = Dialogue()
    talk: Talk = Talk()
    reviews: Reviews = Reviews()
    service: Service = Service()
    storm: Storm = Storm()

    @model_validator(mode="after")
    def _weeks_start_with_the_run(self) -> Self:
        """Fill in the first week of weekly amounts. It counts as not written, so that it follows a new start_date."""
        touchpoints = [_started(touchpoint, self.start_date) for touchpoint in self.touchpoints]
        self.__dict__["touchpoints"] = touchpoints
        return self


def _started(touchpoint: Touchpoint, day: date) -> Touchpoint:
    """The touchpoint, its weekly amounts starting on `day` unless they say otherwise."""
    written = touchpoint.spend
    if not written.weeks_eur or "weeks_start" in written.model_fields_set:
        return touchpoint
    spend, started = written.model_copy(), touchpoint.model_copy()
    spend.__dict__["weeks_start"] = day
    started.__dict__["spend"] = spend
    return started
