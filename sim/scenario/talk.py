"""Word of mouth, posts and reviews, and the ties they travel along."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.base import Name, NonNegative, Part, Positive, Share


class Ties(Part):
    """One layer of social ties, undirected.

    ``small_world`` (Watts & Strogatz 1998), ``power_law`` (configuration model), ``communities`` (planted partition by
    persona), ``mixing`` (no graph: everybody meets everybody) or ``file`` (edge list, plain or gzip).
    Defaults are assumptions.
    """

    name: Name
    kind: Literal["small_world", "power_law", "communities", "mixing", "file"] = "small_world"
    platform: Name | None = None  # only its users are tied, and posts travel here; unset = close ties, talk in person
    mean_degree: Annotated[float, Field(gt=0, le=1000)] = 8.0  # mixing: people reached by one talk
    rewired: Share = 0.1  # small_world: share of ties thrown anew
    exponent: Annotated[float, Field(gt=2, le=6)] = 2.5  # power_law
    within: Share = 0.7  # communities: share of ties inside the persona
    file: str | None = None  # `a b` per line, ids 0..agents-1
    transmission: Share = 0.3  # probability that a talk or post reaches a tie


class TalkRates(Part):
    """Conversations or posts per week by stage, before satisfaction and involvement.

    Assumptions, set so that a run has about three good talks to one bad (East, Hammond & Wright 2007).
    """

    awareness: NonNegative = 0.0
    consideration: NonNegative = 0.02
    decision: NonNegative = 0.1
    service: NonNegative = 0.15
    retention: NonNegative = 0.05
    loyalty: NonNegative = 0.1
    advocacy: NonNegative = 0.5
    lapsed: NonNegative = 0.03


class Talk(Part):
    """Who talks how often, and what it does to those who hear it.

    Whether bad news weighs more than good is contested: yes by Baumeister et al. (2001) and, for reviews, Chevalier &
    Mayzlin (2006); about equally, by East, Hammond & Lomax (2008). `negativity` is the setting; 1 = equally. Other
    defaults without a source are assumptions.
    """

    enabled: bool = True
    once: bool = False  # one try per tie, the day after learning of the brand (independent cascade)
    in_person_per_week: TalkRates = TalkRates()
    posts_per_week: TalkRates = TalkRates(
        consideration=0.0, decision=0.005, service=0.03, retention=0.006, loyalty=0.02, advocacy=0.3, lapsed=0.004
    )
    satisfied: NonNegative = 1.0  # rate is multiplied by 1 + satisfied*s^2 for s > 0 ...
    dissatisfied: NonNegative = 2.0  # ... and 1 + dissatisfied*s^2 for s < 0 (Anderson 1998)
    valence_slope: NonNegative = 5.0  # P(positive) = logistic(valence_base + slope * mood)
    valence_base: float = 0.3
    influence_in_person: Annotated[float, Field(ge=0, le=10)] = 1.0  # weight of one message in person
    influence_post: Annotated[float, Field(ge=0, le=10)] = 0.5  # weight of one post seen
    negativity: Annotated[float, Field(ge=0, le=10)] = 1.5  # weight of a negative message relative to a positive one
    weight: NonNegative = 1.0  # salience gained per unit of influence
    inform: Share = 0.10  # share of the gap to the speaker's belief closed per unit of influence, before trust
    touch: Share = 0.10
    influencer_share: Share = 0.002  # of consumers
    influencer_posts: NonNegative = 10.0  # their rate of posts relative to others'


class Reviews(Part):
    """Public reviews: they add up and stay. Defaults without a source are assumptions."""

    probability: Share = 0.02  # per purchase or renewal, times the asymmetric U of talk
    initial_good: NonNegative = 0.0
    initial_bad: NonNegative = 0.0
    half_trust: Positive = 50.0  # number of reviews at which they are trusted half
