"""The scenario as a whole: one checked, unchanging value."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from sim.scenario.base import Part
from sim.scenario.market import Market, Start
from sim.scenario.mind import Choice, Experience, Interest, Memory
from sim.scenario.personas import Persona
from sim.scenario.service import Service
from sim.scenario.talk import Reviews, Talk, Ties
from sim.scenario.touchpoints import Dialogue, Touchpoint


class Scenario(Part):
    """Everything a run needs, with every default filled in."""

    title: str = "Untitled"
    description: str = ""
    days: Annotated[int, Field(ge=1, le=36500)] = 365
    agents: Annotated[int, Field(ge=1, le=200_000_000)] = 100_000  # each stands for market.size / agents people
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    start_date: date = date(2026, 1, 5)  # day 0
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
