"""Satisfaction from use, and leaving. Pure functions of numbers."""

from __future__ import annotations

from numba import njit

from sim.agents.mind import clip
from sim.luck import logistic


@njit
def satisfaction_target(quality, expectation, disconfirmation, loss_aversion):
    """Satisfaction towards which one experience draws: quality plus weighted disconfirmation (Oliver 1980).

    Expectation is the belief that advertising built; falling short weighs `loss_aversion` times as much as exceeding
    it (Tversky & Kahneman 1992), so over-promising backfires.
    """
    gap = quality - expectation
    return clip(quality + disconfirmation * (gap if gap >= 0.0 else loss_aversion * gap))


@njit
def leaving(rule, leave_logit, satisfaction, loyalty, feeling):
    """Probability of leaving at a renewal, a repurchase or one of the dates every `leave_every_days`.

    logit P = theta_i + reference - k (satisfaction, loyalty, feeling); theta_i is the logit of a beta draw, so that
    with k = 0 the model is the shifted beta-geometric (Fader & Hardie 2007), the BG/NBD (Fader, Hardie & Lee 2005) or
    the periodic death opportunity model (Jerath, Fader & Hardie 2011).
    """
    held = rule.leave_satisfaction * satisfaction + rule.leave_loyalty * loyalty + rule.leave_feeling * feeling
    return logistic(leave_logit + rule.leave_reference - held)
