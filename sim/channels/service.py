"""Contact channels: inflow, queues, staff, response time, goodwill."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.luck import Purpose, draw_key, poisson_count, uniform

NO_CASE = 255
DROPPED, UNRESOLVED, RESOLVED, QUICK, GOODWILL = -1, 1, 2, 3, 4
_ROUNDING = 1e-9  # of a turn, where parts of days add up to a whole


@njit(cache=True)
def others_inflow(day, seed, expected):
    """Complaints today of the people who are not simulated: Poisson with mean `expected`, float64 [desks] -> the same.

    The simulated are a sample of the market; together with the rest, who come as often, they are the whole inflow,
    whatever their number (superposition of Poisson processes).
    """
    came = np.empty(expected.size)
    for desk in range(expected.size):
        came[desk] = poisson_count(uniform(draw_key(seed, Purpose.INFLOW, day, desk), 0), expected[desk])
    return came


@njit(cache=True)
def serve(
    day, seed, queue, waiting_since, place, gone, served, resolved_share, goodwill_share, quick_days, patience_days
):
    """One desk's day: settle those whose turn has come, first come, first served (docs/model.md, 7.6).

    Parameters
    ----------
    queue : int32 [Q]               consumers waiting, oldest first
    waiting_since : int32 [Q]       day on which each case was opened
    place : float64 [Q]             its turn among all cases of the market that ever came to this desk, from 1 on
    gone : bool [Q]                 no longer a customer
    served : float                  turns that have come by this evening

    Returns
    -------
    outcome : int64 [Q]             DROPPED, UNRESOLVED, RESOLVED, QUICK or GOODWILL; 0 = still waiting
    handled : bool [Q]              whether staff handled it
    """
    outcome = np.zeros(queue.size, np.int64)
    handled = np.zeros(queue.size, np.bool_)
    for k in range(queue.size):
        waited = day - waiting_since[k]
        if gone[k]:
            outcome[k] = DROPPED
        elif waited > patience_days:
            outcome[k] = UNRESOLVED
        elif place[k] <= served + _ROUNDING:
            handled[k] = True
            opened = waiting_since[k]  # a case's luck does not depend on when it is handled
            if uniform(draw_key(seed, Purpose.RESOLVE, opened, 0), queue[k]) < resolved_share:
                outcome[k] = QUICK if waited <= quick_days else RESOLVED
            elif uniform(draw_key(seed, Purpose.GOODWILL, opened, 0), queue[k]) < goodwill_share:
                outcome[k] = GOODWILL
            else:
                outcome[k] = UNRESOLVED
    return outcome, handled
