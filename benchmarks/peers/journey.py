"""A reduced customer journey, as data: what our scenario and the Mesa model of it have in common. Needs nothing.

Everybody begins UNAWARE. Two touchpoints and what friends say raise a salience that fades; above a threshold of one's
own one is aware, and while aware one comes to consider the brand by a logit rule. Who considers it and has a need
chooses between two brands by tastes of one's own (a Dirichlet), becomes a customer if it is ours, and from then on
chooses at every need. Those who consider or own it talk to their ties. The result is the number of purchases.

The day: contacts; what was said last evening is heard; needs and choices; fading, stages, who speaks. See
docs/model.md, 7.2 to 7.4, 7.7 and 7.8, for the rules in full; what is not named here is switched off.
"""

from __future__ import annotations

DAYS = 120
#: Contacts a day, and the chance that one is noticed (attention times trust).
TV_CONTACTS, TV_NOTICED = 0.2, 0.3 * 0.4
SITE_CONTACTS, SITE_NOTICED = 0.5 / 7.0, 0.3 * 0.6
SALIENCE_HALF_LIFE_DAYS = 28.0
AWARENESS_SCALE = 1.5  # mean of the exponential thresholds
INTEREST_BASE, INTEREST_PER_SALIENCE = -2.0, 0.8
NEEDS_PER_DAY = 12.0 / 365.0
TASTE_SHAPE = 1.5  # of the gamma tastes for either brand
TALKS_PER_WEEK_CONSIDERING, TALKS_PER_WEEK_OWNING = 0.1, 0.4  # times an involvement, uniform on 0..2
HEARD = 0.3  # chance that a talk reaches a tie
