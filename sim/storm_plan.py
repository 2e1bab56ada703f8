"""The storm settings of a scenario as numbers: when something happens, what it costs, where the hub is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.scenario.storm import FailureKind, Posters, Storm, Trigger
from sim.scenario.story import Story
from sim.scenario.touchpoints import Touchpoint

#: Longer than any run, hours: for what never ends.
NEVER = 2**31 - 1


@dataclass(frozen=True)
class Cause:
    """What set a storm off; of a trigger, or of ignition."""

    moment: int  # hours since the first morning: 24 day + hour
    kind: FailureKind
    severity: float
    vividness: float
    justified: bool
    first_posters: Posters
    posters: float  # people


@dataclass(frozen=True)
class StormPlan:
    """Everything the storm step needs beside the settings themselves."""

    settings: Storm
    causes: tuple[Cause, ...]  # dated triggers within the run, by moment
    hub: int  # touchpoint, -1 = no hub
    hub_bits: np.uint32  # what somebody must use to be there
    immune_hours: float  # mean; infinite = never lit again
    harm_of: dict[FailureKind, float]
    contagion_of: dict[FailureKind, float]

    @property
    def possible(self) -> bool:
        """Whether there can be a storm at all."""
        return bool(self.causes) or self.settings.ignition.threshold is not None

    @property
    def harmless(self) -> bool:
        """Whether seeing a storm changes nobody's mind, so that only those who join count."""
        harm = self.settings.harm
        return harm.salience == harm.feeling == harm.belief == harm.fresh == 0.0


def cause_of(trigger: Trigger, start: date) -> Cause:
    """A dated trigger by the hour of the run."""
    moment = 24 * (trigger.date - start).days + trigger.hour
    return Cause(
        moment, trigger.kind, trigger.severity, trigger.vividness, trigger.justified, trigger.first_posters,
        trigger.posters,
    )  # fmt: skip


def hub_of(story: Story, touchpoints: list[Touchpoint]) -> int:
    """Index of the brand's page among touchpoints: as named, else the first two-way owned one; -1 without any."""
    named = story.storm.hub.touchpoint
    for index, touchpoint in enumerate(touchpoints):
        if touchpoint.name == named or (named is None and touchpoint.kind == "owned" and touchpoint.two_way):
            return index
    return -1


def make_storm_plan(story: Story, touchpoints: list[Touchpoint], required: np.ndarray) -> StormPlan:
    """Resolve the storm settings of a scenario.

    Parameters
    ----------
    story : Story
    touchpoints : list of Touchpoint        sorted by name
    required : uint32 [C]                   membership bits by touchpoint
    """
    storm = story.storm
    causes = [cause_of(trigger, story.start_date) for trigger in storm.triggers]
    inside = [cause for cause in causes if 0 <= cause.moment < 24 * story.days]
    hub = hub_of(story, touchpoints)
    return StormPlan(
        settings=storm,
        causes=tuple(sorted(inside, key=lambda cause: cause.moment)),
        hub=hub,
        hub_bits=np.uint32(required[hub] if hub >= 0 else 0),
        immune_hours=math.inf if storm.spread.immune_days is None else 24.0 * storm.spread.immune_days,
        harm_of={kind: getattr(storm.kinds, kind) for kind in type(storm.kinds).model_fields},  # type: ignore[misc]
        contagion_of={kind: getattr(storm.contagion, kind) for kind in type(storm.contagion).model_fields},  # type: ignore[misc]
    )
