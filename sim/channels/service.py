"""Contact channels: inflow, turns, staff, response time, goodwill."""

from __future__ import annotations

import numpy as np
from numba import int64, njit

from sim.luck import Purpose, draw_key, poisson_count, uniform

#: A case that waits at a desk. Of each desk's, the oldest stands first.
CASE = np.dtype(
    [
        ("place", np.float64),  # its turn among all cases of the market that ever came to the desk, from 1 on
        ("who", np.int32),
        ("opened", np.int32),  # day of the complaint
        ("desk", np.int32),
    ],
    align=True,
)
#: What becomes of a case this evening.
DROPPED, WAITS, UNRESOLVED, RESOLVED, QUICK, GOODWILL = -1, 0, 1, 2, 3, 4
_ROUNDING = 1e-9  # of a turn, where parts of days add up to a whole


@njit
def others_inflow(day, seed, desk, expected):
    """Complaints that people who are not simulated bring to a desk today: Poisson with mean `expected`.

    The simulated are a sample of the market; together with the rest, who come as often, they are the whole inflow,
    whatever their number (superposition of Poisson processes).
    """
    return poisson_count(uniform(draw_key(seed, Purpose.INFLOW, day, desk), 0), expected)


@njit
def turns_come(served, gave_up, arrived, capacity):
    """How many of a desk's turns have come by this evening: float, from 1 on.

    Staff works off `capacity` cases a day, in order, none of those who gave up and none that have not arrived yet;
    `served` had come by last evening.
    """
    return min(arrived, max(served, gave_up) + capacity)


@njit
def turn_of(position, many, before, came, own):
    """Turn of the simulated case at `position` 0 .. many - 1 of a desk's today: they are spread evenly over the day.

    `before` cases of the market had come by this morning and `came` come today; `own` of them are one simulated case.
    """
    return before + (position + 0.5) * (came / max(1, many)) + 0.5 * own


@njit
def outcome_of(day, seed, case, gone, served, resolved_share, goodwill_share, quick_days, patience_days):
    """What becomes of a case today, first come, first served (docs/model.md, 7.6).

    Parameters
    ----------
    case : CASE
    gone : bool                     no longer a customer
    served : float                  turns of its desk that have come by this evening

    Returns
    -------
    int, bool                       DROPPED, WAITS, UNRESOLVED, RESOLVED, QUICK or GOODWILL; whether staff handled it
    """
    waited = int64(day) - int64(case.opened)
    if gone:
        return DROPPED, False
    if waited > patience_days:
        return UNRESOLVED, False
    if case.place > served + _ROUNDING:
        return WAITS, False
    # a case's luck does not depend on when it is handled
    if uniform(draw_key(seed, Purpose.RESOLVE, case.opened, 0), case.who) < resolved_share:
        return (QUICK if waited <= quick_days else RESOLVED), True
    if uniform(draw_key(seed, Purpose.GOODWILL, case.opened, 0), case.who) < goodwill_share:
        return GOODWILL, True
    return UNRESOLVED, True
