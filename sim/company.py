"""The brand's side of the state: reviews, queues, insight, budgets that carry over."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.channels.service import CASE
from sim.plan import Plan
from sim.scenario.personas import CONTACT_CHANNELS

#: Days over which the brand's advertising is smoothed exponentially (docs/model.md, 7.1).
VOICE_DAYS = 28.0


@dataclass
class Company:
    """What the brand owns and knows; people and cents of the market unless noted.

    reviews_good, reviews_bad : float               reviews so far, people
    posts_made : float                              advocates' good posts decided last evening, people
    reactions : int64 [P]                           reactions so far by persona, agents
    tone : float64 [C]                              unanswered negative comments per reaction, yesterday
    negative : int64 [C]                            negative comments of yesterday, agents
    unanswered : int64 [C]                          those of them that nobody answered
    pool_cents : int64 [C]                          gathered: rewards of referrals, mailings since the last
    voice_eur : float or None                       smoothed weekly advertising, EUR; None before the first day
    cases : CASE [Q]                                simulated cases that wait at the desks, oldest first
    arrived : float64 [days + 1, desks]             cases of the market that have come until each morning
    served : float64 [desks]                        how many of them were settled, or have given up, so far
    """

    reviews_good: float
    reviews_bad: float
    reactions: np.ndarray
    tone: np.ndarray
    negative: np.ndarray
    unanswered: np.ndarray
    pool_cents: np.ndarray
    arrived: np.ndarray
    served: np.ndarray
    posts_made: float = 0.0
    voice_eur: float | None = None
    cases: np.ndarray = field(default_factory=lambda: np.empty(0, CASE))


def found_company(plan: Plan) -> Company:
    """The brand on the first morning."""
    lines = len(plan.touchpoints.names)
    channels = len(CONTACT_CHANNELS)
    reviews = plan.scenario.reviews
    return Company(
        reviews_good=reviews.initial_good,
        reviews_bad=reviews.initial_bad,
        reactions=np.zeros(len(plan.personas.names), np.int64),
        tone=np.zeros(lines),
        negative=np.zeros(lines, np.int64),
        unanswered=np.zeros(lines, np.int64),
        pool_cents=np.zeros(lines, np.int64),
        arrived=np.zeros((plan.days + 1, channels)),
        served=np.zeros(channels),
    )


def insight(plan: Plan, company: Company) -> np.ndarray:
    """What the brand knows of each persona, 0..1, float64 [P]: 1 - exp(-reactions per person / insight_reactions)."""
    size = plan.personas.share * plan.scenario.market.size
    per_person = company.reactions * plan.weight / size
    return -np.expm1(-per_person / plan.scenario.dialogue.insight_reactions)


def answered_share(plan: Plan, company: Company) -> np.ndarray:
    """Chance that a negative comment is answered, float64 [C]: staff over yesterday's negative comments."""
    share = np.zeros(company.negative.size)
    for c, able in plan.touchpoints.answers:
        asked = plan.weight * company.negative[c]
        share[c] = min(1.0, able / asked) if asked > 0 else 1.0
    return share


def share_of_voice(plan: Plan, company: Company) -> np.ndarray:
    """Each rival's share of all advertising, float64 [J]; 0 for the focal brand and for nothing."""
    total = plan.brands.spent_weekly + (company.voice_eur or 0.0)
    return plan.brands.weekly_spend / total if total > 0 else np.zeros(plan.brands.weekly_spend.size)


def hear_voice(plan: Plan, company: Company, media_cents: np.ndarray) -> None:
    """Let what is spent today on bought reach, int64 [C], move the brand's smoothed weekly advertising."""
    advertised = 7.0 * int(media_cents[plan.touchpoints.advertising].sum()) / 100.0
    before = advertised if company.voice_eur is None else company.voice_eur
    company.voice_eur = before + (advertised - before) / VOICE_DAYS
