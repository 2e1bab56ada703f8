"""Second half of step *experience*: the desks settle cases, and customers take it well or not."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.agents.consumers import LEFT, LEFT_PROBLEM, NO_CASE
from sim.agents.mind import toward
from sim.counters import PersonCount
from sim.day.experience import UNRESOLVED
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, uniform


@njit(cache=True)
def take_outcomes(
    day, seed, rules, ladder, aftertaste, queue, outcome, handled, persona, stage, satisfaction,
    case_channel, case_day, today, person_counts, stride, entries, used,
):  # fmt: skip
    """Apply the outcomes of one desk's cases: satisfaction, staying or leaving (TARP's recovery ladder).

    Parameters
    ----------
    queue : int32 [Q]; outcome : int64 [Q] (0 = still waiting, -1 = dropped); handled : bool [Q]
    person_counts : int64 [P, PERSON_COUNTS]
    """
    for k in range(queue.size):
        result = outcome[k]
        if result == 0:
            continue
        i = queue[k]
        case_channel[i] = NO_CASE
        if result < 0:
            continue
        counts = person_counts[persona[i]]
        counts[PersonCount.OUTCOME_UNRESOLVED + result - UNRESOLVED] += 1
        if handled[k]:
            counts[PersonCount.CASES_HANDLED] += 1
            counts[PersonCount.RESPONSE_DAYS] += day - case_day[i]
        satisfaction[i] = toward(np.float64(satisfaction[i]), aftertaste[result], rules[0].aftertaste_gain)
        slot = panel_slot(i, stride, used.size)
        if slot >= 0:
            note(entries, used, slot, Event.OUTCOME, -1, stage[i], stage[i], result)
        if uniform(draw_key(seed, Purpose.RECOVER, case_day[i], 0), i) >= ladder[result]:
            today[i] |= LEFT | LEFT_PROBLEM
            counts[PersonCount.LOST_AFTER_PROBLEM] += 1
            if slot >= 0:
                note(entries, used, slot, Event.LEFT, -1, stage[i], stage[i], 1)
