"""How contacts are remembered and turned into interest, choice, satisfaction and loyalty."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.base import NonNegative, Part, Positive, Share, Signed


class Memory(Part):
    """Memory, mood and irritation. Defaults without a source are assumptions."""

    salience_half_life_days: Positive = 28.0  # carry-over of advertising: 2-6 weeks are usual (Broadbent 1979)
    belief_half_life_days: Positive = 365.0
    feeling_half_life_days: Positive = 90.0
    annoyance_half_life_days: Positive = 3.0  # wear-out passes, recall stays (Schmidt & Eisend 2015)
    awareness_scale: NonNegative = 1.5  # P(aware) = 1 - exp(-salience / scale): 3 noticed contacts, 86 % (Krugman 1972)
    synergy_window_days: Annotated[int, Field(ge=1, le=365)] = 14
    synergy_most: Annotated[int, Field(ge=0, le=31)] = 3  # other touchpoints that count at most
    annoyance_tolerance: NonNegative = 0.5
    annoyance_effect: NonNegative = 0.05  # feeling lost per contact and unit of annoyance above tolerance


class Interest(Part):
    """AWARENESS and LAPSED to CONSIDERATION: logistic(base + salience*s + belief*b + feeling*f) above one's own.

    Defaults without a source are assumptions.
    """

    base: float = -3.0
    salience: NonNegative = 0.4
    belief: NonNegative = 2.0
    feeling: NonNegative = 2.0
    win_back_penalty: NonNegative = 2.0  # subtracted for the LAPSED
    win_back_days: Annotated[int, Field(ge=0, le=3650)] = 30  # days after leaving before anybody returns


class Choice(Part):
    """Weights of the logit choice; taste, price and availability are added. Defaults are assumptions."""

    belief: NonNegative = 0.8
    feeling: NonNegative = 0.8
    loyalty: NonNegative = 1.5
    salience: NonNegative = 0.0  # of what is on top of the mind, per unit of salience / (1 + salience)
    friends: Share = 0.2  # share of the gap to customers' opinion closed by asking close ties in DECISION
    reviews: Share = 0.3  # share of the gap to the reviews' mean closed by reading them in DECISION


class Experience(Part):
    """Use, satisfaction, loyalty, leaving. Defaults without a source are assumptions."""

    quality: Signed = 0.4
    quality_sd: NonNegative = 0.25
    disconfirmation: NonNegative = 0.6  # weight of quality - expectation in satisfaction (Oliver 1980)
    loss_aversion: Annotated[float, Field(ge=1)] = 2.25  # Tversky & Kahneman 1992
    satisfaction_gain: Share = 0.3
    feeling_gain: Share = 0.2
    learning: Share = 0.1  # share of the gap between belief and experienced quality closed
    loyalty_gain: Share = 0.12  # share of the gap to 1 closed by a good purchase, times satisfaction
    loyalty_half_life_days: Positive = 730.0
    first_period_days: Annotated[int, Field(ge=0, le=3650)] = 30
    good_satisfaction: Signed = 0.0  # ends SERVICE
    loyal_from: Share = 0.5
    loyal_margin: Share = 0.1  # hysteresis of LOYALTY and ADVOCACY
    disappointed_below: Signed = -0.1
    advocate_from: Share = 0.55  # enthusiasm = involvement draw * (satisfaction + feeling) / 2
    use_every_days: Annotated[int, Field(ge=1, le=3650)] = 30  # durable only
    leave_a: Positive | None = 1.0  # Beta(a, b) of leaving at each chance to; unset = nobody leaves by himself
    leave_b: Positive | None = 19.0  # with a = 1: 1 in 20 leaves at the first renewal
    leave_satisfaction: NonNegative = 2.0  # logit units per unit of satisfaction above `leave_reference`
    leave_loyalty: NonNegative = 1.5
    leave_feeling: NonNegative = 1.0
    leave_reference: float = 0.0  # logit units added back, so that the average customer leaves as the Beta says
    leave_every_days: Annotated[int, Field(ge=0, le=3650)] = 0  # repeat: days between chances to; 0 = each repurchase
    # (by date: Jerath, Fader & Hardie 2011)
    lapse_after_days: Annotated[int, Field(ge=0, le=36500)] = 0  # repeat: lapsed so long after a purchase; 0 = never
