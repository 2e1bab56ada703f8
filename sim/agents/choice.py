"""Need and brand choice: logit over the focal brand, rivals and nothing."""

from __future__ import annotations

import math

from numba import njit

from sim.agents.consumers import TASTE_UNIT
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
def pick(own, counter, taste, i, gained, other, sensitivity, shaken, with_focal, weights):
    """Draw one alternative.

    Doubts about one brand spill over to others like it (Roehm & Tybout 2006; Borah & Tellis 2016).

    Parameters
    ----------
    own : uint64                    private sequence of the consumer's choices today
    counter : int                   which of today's choices
    taste : TASTE [N, J]            in units of TASTE_UNIT
    i : int                         the consumer
    gained : float                  utility of the focal brand without taste, price and a storm's harm included
    other : float64 [J, 3]          of each alternative: share-of-voice utility; price / reference - 1; utility it loses
                                    along with the brand while a storm is entirely fresh
    sensitivity : float             price sensitivity
    shaken : float                  how fresh a storm is that was seen, 0..1
    with_focal : bool               False: choose among the others only
    weights : float64 [J]           room to work in

    Returns
    -------
    int                             index of the alternative; -1 if there is none
    """
    first = 0 if with_focal else 1
    many = taste.shape[1]
    if first >= many:
        return -1
    highest = -math.inf
    for j in range(first, many):
        beside = gained if j == 0 else other[j, 0] - sensitivity * other[j, 1] - shaken * other[j, 2]
        weights[j] = taste[i, j] * TASTE_UNIT + beside
        highest = max(highest, weights[j])
    total = 0.0
    for j in range(first, many):
        weights[j] = math.exp(weights[j] - highest)
        total += weights[j]
    u = uniform(own, counter)
    below = 0.0
    for j in range(first, many):
        below += weights[j] / total
        if u < below:
            return j
    return many - 1
