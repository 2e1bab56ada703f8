"""The settings every kernel reads, as one flat record: ``rules.loyal_from`` instead of thirty arguments.

Each entry names its unit in the scenario schema; what is computed here (decay per day, hazards, cents) says so.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from sim.scenario.scenario import Scenario

#: One-element array of records with a float64 or int64 field per setting. Kernels take the array (a record alone cannot
#: cross into a parallel loop) and read ``rules[0].loyal_from``.
Rules: TypeAlias = np.ndarray

#: Fields that are whole numbers: days, counts and switches.
WHOLE = frozenset(
    {
        "synergy_window_days", "synergy_most", "win_back_days", "instant", "period_days", "first_period_days",
        "use_every_days", "leave_every_days", "lapse_after_days", "talk_enabled", "talk_once", "quick_days",
        "patience_days", "renewals_spread",
    }
)  # fmt: skip
OUTCOMES = ("silent", "unresolved", "resolved", "quick", "goodwill")


def _kept(half_life_days: float) -> float:
    """Share left after one day: 2 ** (-1 / half-life), rounded to single precision like what it is applied to."""
    return float(np.float32(math.exp2(-1.0 / half_life_days)))


def _reference_price(scenario: Scenario) -> float:
    """EUR that buyers compare with: as given, else the mean of the rivals' prices, else the brand's own."""
    market = scenario.market
    if market.reference_price:
        return market.reference_price
    if market.rivals:
        return sum(rival.price for rival in market.rivals) / len(market.rivals)
    return market.price


def make_rules(scenario: Scenario) -> Rules:
    """Flatten the settings of a scenario into one record."""
    market, mind, interest = scenario.market, scenario.memory, scenario.interest
    choice, use, talk = scenario.choice, scenario.experience, scenario.talk
    service, dialogue, start = scenario.service, scenario.dialogue, scenario.start
    values: dict[str, float | int] = {
        # memory
        "salience_kept": _kept(mind.salience_half_life_days),
        "belief_kept": _kept(mind.belief_half_life_days),
        "feeling_kept": _kept(mind.feeling_half_life_days),
        "annoyance_kept": _kept(mind.annoyance_half_life_days),
        "loyalty_kept": _kept(use.loyalty_half_life_days),
        "awareness_scale": mind.awareness_scale,
        "synergy_window_days": mind.synergy_window_days,
        "synergy_most": mind.synergy_most,
        "annoyance_tolerance": mind.annoyance_tolerance,
        "annoyance_effect": mind.annoyance_effect,
        # interest
        "interest_base": interest.base,
        "interest_salience": interest.salience,
        "interest_belief": interest.belief,
        "interest_feeling": interest.feeling,
        "win_back_penalty": interest.win_back_penalty,
        "win_back_days": interest.win_back_days,
        # market and choice
        "instant": int(market.instant_decision),
        "decision_days": market.decision_days,
        "period_days": market.period_days,
        "reference_price": _reference_price(scenario),
        "log_availability": math.log(market.availability),
        "voice_weight": market.share_of_voice_weight,
        "choice_belief": choice.belief,
        "choice_feeling": choice.feeling,
        "choice_loyalty": choice.loyalty,
        "choice_salience": choice.salience,
        "choice_friends": choice.friends,
        "choice_reviews": choice.reviews,
        # experience
        "quality": use.quality,
        "quality_sd": use.quality_sd,
        "disconfirmation": use.disconfirmation,
        "loss_aversion": use.loss_aversion,
        "satisfaction_gain": use.satisfaction_gain,
        "feeling_gain": use.feeling_gain,
        "learning": use.learning,
        "loyalty_gain": use.loyalty_gain,
        "first_period_days": use.first_period_days,
        "good_satisfaction": use.good_satisfaction,
        "loyal_from": use.loyal_from,
        "loyal_margin": use.loyal_margin,
        "disappointed_below": use.disappointed_below,
        "advocate_from": use.advocate_from,
        "use_every_days": use.use_every_days,
        "leave_every_days": use.leave_every_days,
        "leave_satisfaction": use.leave_satisfaction,
        "leave_loyalty": use.leave_loyalty,
        "leave_feeling": use.leave_feeling,
        "leave_reference": use.leave_reference,
        "lapse_after_days": use.lapse_after_days,
        # talk
        "talk_enabled": int(talk.enabled),
        "talk_once": int(talk.once),
        "talk_satisfied": talk.satisfied,
        "talk_dissatisfied": talk.dissatisfied,
        "valence_base": talk.valence_base,
        "valence_slope": talk.valence_slope,
        "talk_weight": talk.weight,
        "talk_inform": talk.inform,
        "talk_touch": talk.touch,
        "influencer_share": talk.influencer_share,
        "influencer_posts": talk.influencer_posts,
        "review_probability": scenario.reviews.probability,
        "review_half_trust": scenario.reviews.half_trust,
        # dialogue
        "like_until": dialogue.like_share,
        "comment_until": dialogue.like_share + dialogue.comment_share,
        "share_until": dialogue.like_share + dialogue.comment_share + dialogue.share_share,
        "unanswered_harm": dialogue.unanswered_harm,
        "answer_repair": dialogue.answer_repair,
        # service
        "failure_hazard": -math.expm1(-service.failures_per_year / 365.0),
        "failure_pain": service.failure_pain,
        "quick_days": service.quick_days,
        "patience_days": service.patience_days,
        "goodwill_share": service.goodwill_share,
        "public_share": service.public_share,
        "aftertaste_gain": service.aftertaste_gain,
        # start
        "start_satisfaction": start.satisfaction,
        "renewals_spread": int(start.renewals_spread),
    }
    dtype = [(name, np.int64 if name in WHOLE else np.float64) for name in values]
    return np.array([tuple(values.values())], dtype)
