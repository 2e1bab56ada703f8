"""Contact channels: queues, staff, response time, goodwill."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.luck import Purpose, draw_key, uniform

NO_CASE = 255
DROPPED, UNRESOLVED, RESOLVED, QUICK, GOODWILL = -1, 1, 2, 3, 4


@njit(cache=True)
def serve(
    day, seed, queue, waiting_since, gone, credit, capacity, resolved_share, goodwill_share, quick_days, patience_days
):
    """One desk's day: settle cases first come, first served (docs/model.md, 7.6).

    Parameters
    ----------
    queue : int32 [Q]               consumers waiting, oldest first
    waiting_since : int32 [Q]       day on which each case was opened
    gone : bool [Q]                 no longer a customer
    credit : float                  staff capacity left over, cases
    capacity : float                cases the staff can handle a day

    Returns
    -------
    outcome : int64 [Q]             DROPPED, UNRESOLVED, RESOLVED, QUICK or GOODWILL; 0 = still waiting
    handled : bool [Q]              whether staff handled it
    credit : float
    """
    outcome = np.zeros(queue.size, np.int64)
    handled = np.zeros(queue.size, np.bool_)
    credit += capacity
    places = math.floor(credit)
    served = 0
    left = 0
    for k in range(queue.size):
        waited = day - waiting_since[k]
        if gone[k]:
            outcome[k] = DROPPED
        elif waited > patience_days:
            outcome[k] = UNRESOLVED
        elif served < places:
            served += 1
            handled[k] = True
            opened = waiting_since[k]  # a case's luck does not depend on when it is handled
            if uniform(draw_key(seed, Purpose.RESOLVE, opened, 0), queue[k]) < resolved_share:
                outcome[k] = QUICK if waited <= quick_days else RESOLVED
            elif uniform(draw_key(seed, Purpose.GOODWILL, opened, 0), queue[k]) < goodwill_share:
                outcome[k] = GOODWILL
            else:
                outcome[k] = UNRESOLVED
        else:
            left += 1
    credit -= served
    if left == 0:
        credit = min(credit, 1.0)
    return outcome, handled, credit
