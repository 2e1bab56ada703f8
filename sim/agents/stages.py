"""The stages of the journey, and who may move where."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stage(IntEnum):
    """Where a consumer stands. The order is that of the journey; customers are SERVICE to ADVOCACY."""

    UNAWARE = 0
    AWARENESS = 1
    CONSIDERATION = 2
    DECISION = 3
    SERVICE = 4
    RETENTION = 5
    LOYALTY = 6
    ADVOCACY = 7
    LAPSED = 8


STAGES = len(Stage)

#: Every move there is. Flows are counted by position in this list; nobody moves otherwise.
MOVES: tuple[tuple[Stage, Stage], ...] = (
    (Stage.UNAWARE, Stage.AWARENESS),
    (Stage.AWARENESS, Stage.UNAWARE),
    (Stage.AWARENESS, Stage.CONSIDERATION),
    (Stage.CONSIDERATION, Stage.DECISION),
    (Stage.DECISION, Stage.CONSIDERATION),
    (Stage.DECISION, Stage.SERVICE),
    (Stage.SERVICE, Stage.RETENTION),
    (Stage.SERVICE, Stage.LAPSED),
    (Stage.RETENTION, Stage.LOYALTY),
    (Stage.RETENTION, Stage.LAPSED),
    (Stage.LOYALTY, Stage.RETENTION),
    (Stage.LOYALTY, Stage.ADVOCACY),
    (Stage.ADVOCACY, Stage.LOYALTY),
    (Stage.LAPSED, Stage.CONSIDERATION),
)

#: Position of a move in MOVES by (from, to), int64 [STAGES, STAGES]; -1 where there is none.
MOVE_INDEX = np.full((STAGES, STAGES), -1, np.int64)
for _position, (_source, _target) in enumerate(MOVES):
    MOVE_INDEX[_source, _target] = _position
MOVE_INDEX.setflags(write=False)

#: What one move changes in the counts of stages, int64 [MOVES, STAGES].
_CHANGE = np.zeros((len(MOVES), STAGES), np.int64)
for _position, (_source, _target) in enumerate(MOVES):
    _CHANGE[_position, _source], _CHANGE[_position, _target] = -1, 1


def move_name(move: tuple[Stage, Stage]) -> str:
    """Name of a move in tables: ``retention_to_loyalty``."""
    return f"{move[0].name.lower()}_to_{move[1].name.lower()}"


def counts_after(counts: np.ndarray, flows: np.ndarray) -> np.ndarray:
    """Stage counts after flows.

    Parameters
    ----------
    counts : int64 [..., STAGES]
    flows : int64 [..., len(MOVES)]

    Returns
    -------
    int64 [..., STAGES]
    """
    return counts + flows @ _CHANGE
