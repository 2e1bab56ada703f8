"""The journal: what happens to a tracked panel of consumers, event by event.

Every `stride`-th consumer is tracked. Each has his own slots for the day, so that threads never meet.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit


class Event(IntEnum):
    """What can happen to a tracked consumer. `value` is given in brackets."""

    CONTACT = 1  # met a touchpoint without noticing [contacts]
    NOTICED = 2  # met and noticed it [contacts]
    REACTION = 3  # liked, commented, shared or saved [kind 0..3]
    COMMENT_NEGATIVE = 4
    CLICK = 5
    PROMPTED = 6
    HEARD_GOOD = 7  # word of mouth and posts [messages]
    HEARD_BAD = 8
    INVITED = 9
    NEED = 10  # a need today [needs]
    READ_REVIEWS = 11  # [mean rating -1..1]
    ASKED_FRIENDS = 12  # [mean opinion -1..1]
    BOUGHT = 13  # [cents]
    BOUGHT_ELSEWHERE = 14  # [alternative]
    BOUGHT_NOTHING = 15
    EXPERIENCE = 16  # [satisfaction after]
    REVIEWED = 17  # [1 good, -1 bad]
    PROBLEM = 18
    COMPLAINED = 19  # [contact channel]
    OUTCOME = 20  # of a problem [0 silent .. 4 goodwill]
    LEFT = 21  # [0 by choice, 1 after a problem, 2 inactive]
    MOVED = 22  # from stage to stage
    SPOKE = 23  # will talk tomorrow [1 good, -1 bad]
    POSTED = 24
    SAW_STORM = 25  # for the first time since it broke out
    OUTRAGED = 26  # joined a storm [hours it will last]
    COMPENSATED = 27  # took what the brand offered in a storm


#: One event of a day. Touchpoint and stages are -1 where they do not apply.
ENTRY = np.dtype(
    [("event", np.uint8), ("touchpoint", np.int8), ("source", np.int8), ("target", np.int8), ("value", np.float32)]
)


def panel_stride(agents: int, panel: int) -> int:
    """Every how many consumers one is tracked, so that about `panel` are; agents + 1 tracks only number 0."""
    return max(1, agents // panel) if panel else agents + 1


@njit
def panel_slot(who, stride, size):
    """Slot of consumer `who` in the panel, -1 if not tracked."""
    if size == 0 or who % stride != 0:
        return -1
    slot = who // stride
    return slot if slot < size else -1


@njit
def note(entries, used, slot, event, touchpoint, source, target, value):
    """Write one event of a tracked consumer; a day with more than the slots hold keeps the first ones."""
    k = used[slot]
    if k < entries.shape[1]:
        entries[slot, k].event = event
        entries[slot, k].touchpoint = touchpoint
        entries[slot, k].source = source
        entries[slot, k].target = target
        entries[slot, k].value = value
        used[slot] = k + 1
