"""How far an optimiser may move the money of a line."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.base import NonNegative, Part


class Bounds(Part):
    """Least and most of a line, as multiples of what it costs in the plan. `journey frontier --optimise` keeps to them.

    With ``least = most = 1`` a line stays as it is.
    """

    least: NonNegative = 0.0
    most: Annotated[float, Field(ge=0, le=1000)] = 5.0  # assumption: beyond five times a plan says nothing about a line
