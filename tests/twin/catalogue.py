"""All scenarios the twin lives, by name."""

from __future__ import annotations

from .scenarios import bass, breakdown, cascade, crowd, durable, forgetting, repeat, silence, subscription
from .storm_scenarios import calendar, ignition, repair, storm

ALL = {
    story.__name__: story
    for story in (
        subscription,
        repeat,
        durable,
        bass,
        cascade,
        forgetting,
        silence,
        calendar,
        crowd,
        storm,
        ignition,
        repair,
        breakdown,
    )
}
