"""Need and brand choice: logit over the focal brand, rivals and nothing."""

from __future__ import annotations

import math

from numba import njit

from sim.luck import uniform


@njit
def price_utility(price, reference, sensitivity):
    """Utility of a price: -sensitivity (price / reference - 1); 0 if there is no reference."""
    return -sensitivity * (price / reference - 1.0) if reference > 0.0 else 0.0


@njit
def attraction(rule, belief, feeling, loyalty, salience):
    """Utility the focal brand has gained with this consumer beyond taste and price (McFadden 1974)."""
    return (
        rule.choice_belief * belief
        + rule.choice_feeling * feeling
        + rule.choice_loyalty * loyalty
        + rule.choice_salience * salience / (1.0 + salience)
        + rule.log_availability
    )


@njit
def spilt(taste, loss, nothing):
    """Tastes after rivals have suffered along with the brand: each rival's less `loss`, float32 [J].

    Doubts about one brand spill over to others like it (Roehm & Tybout 2006; Borah & Tellis 2016). The brand's own loss
    is not in here, and buying nothing (index `nothing`, -1 if it is none) loses nothing.
    """
    left = taste.copy()
    for j in range(1, taste.size):
        if j != nothing:
            left[j] = left[j] - loss
    return left


@njit
def pick(own, counter, taste, gained, other, sensitivity, with_focal):
    """Draw one alternative.

    Parameters
    ----------
    own : uint64                    private sequence of the consumer's choices today
    counter : int                   which of today's choices
    taste : float32 [J]
    gained : float                  utility of the focal brand without taste, price included
    other : float64 [J, 2]          of each alternative: share-of-voice utility, and price / reference - 1
    sensitivity : float             price sensitivity
    with_focal : bool               False: choose among the others only

    Returns
    -------
    int                             index of the alternative; -1 if there is none
    """
    first = 0 if with_focal else 1
    many = taste.size
    if first >= many:
        return -1
    highest = -math.inf
    for j in range(first, many):
        utility = taste[j] + (gained if j == 0 else other[j, 0] - sensitivity * other[j, 1])
        highest = max(highest, utility)
    total = 0.0
    for j in range(first, many):
        total += math.exp(taste[j] + (gained if j == 0 else other[j, 0] - sensitivity * other[j, 1]) - highest)
    u = uniform(own, counter)
    below = 0.0
    for j in range(first, many):
        below += math.exp(taste[j] + (gained if j == 0 else other[j, 0] - sensitivity * other[j, 1]) - highest) / total
        if u < below:
            return j
    return many - 1
