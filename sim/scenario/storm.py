"""Outrage on social media: what sets it off, how it travels, what it does, and how the brand answers.

A run without triggers and without ignition has no storm, and none of these settings matters. What the literature
disputes is a setting here: its default names who found what, or says "assumption".
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from sim.scenario.base import Day, Name, NonNegative, Part, Positive, Share, Signed

FailureKind = Literal["product_failure", "service_failure", "social_failure", "communication_failure"]
Posters = Literal["random", "influencers", "trolls", "angry_customers"]
ResponseKind = Literal["silence", "delete", "explain", "apologise", "compensate", "private_channel", "supporters"]
FAILURES: tuple[FailureKind, ...] = get_args(FailureKind)
RESPONSES: tuple[ResponseKind, ...] = get_args(ResponseKind)

Hours = Annotated[float, Field(gt=0, le=87_600)]
Factor = Annotated[float, Field(ge=0, le=100)]


class Trigger(Part):
    """A dated cause: something the brand did, or is said to have done, and those who post about it first."""

    date: Day
    hour: Annotated[int, Field(ge=0, le=23)] = 9
    kind: FailureKind = "product_failure"
    severity: Share = 0.5  # how bad it is: multiplies the chance to join and the harm of seeing it
    vividness: Share = 0.5  # a video is 1, hearsay 0: vivid triggers harm most (Hansen, Kupfer & Hennig-Thurau 2018)
    justified: bool = True  # whether the brand is at fault
    first_posters: Posters = "angry_customers"
    posters: Annotated[float, Field(gt=0, le=1e9)] = 500.0  # people of the market who post about it in the first hour


class Spread(Part):
    """How outrage passes from one to the next, by the hour."""

    join: Share = 0.35  # chance that one post makes somebody of neutral feeling join, at severity 1; assumption
    arousal: NonNegative = 1.0  # joins times 1 + arousal * vividness: high arousal spreads (Berger & Milkman 2012)
    unjustified: Factor = 0.6  # factor on joins if the brand is not at fault; assumption, direction: Coombs 2007
    relation: Annotated[float, Field(ge=0, le=20)] = 2.0  # joins times exp(-relation * feeling): goodwill dampens
    # loyal customers of a brand at fault join exp(betrayal * loyalty) times as often: love becomes hate (Gregoire,
    # Tripp & Legoux 2009); contested, most find that a good relation protects, so it is off
    betrayal: Annotated[float, Field(ge=0, le=20)] = 0.0
    close_strength: Annotated[float, Field(gt=0, le=10)] = 1.5  # of a word in person relative to a post; contested
    # (Granovetter 1973: weak ties carry farther; Herhausen et al. 2019: strong ties make firestorms)
    # reach of an outraged post relative to others on a platform: moral emotion is passed on (Brady et al. 2017: a fifth
    # more per word), and what is passed on is shown; assumption
    amplified: Factor = 3.0
    posts_per_hour: Share = 0.12  # chance that an outraged person posts again in an hour after the first; assumption
    tells_per_hour: Share = 0.05  # chance to tell close ties in an hour; assumption
    # hours of outrage: P(longer than a hours) = (1 + a / fatigue_hours) ** -fatigue_shape, the relaxation of a burst by
    # a power law (Crane & Sornette 2008). With the half-life of novelty, this lets the volume fall to a half in about 3
    # and to a tenth in about 17 hours after the peak, as the burst in data/storms did
    fatigue_hours: Hours = 10.0
    fatigue_shape: Annotated[float, Field(gt=0, le=1000)] = 1.7
    longest_hours: Annotated[int, Field(ge=1, le=8760)] = 336  # nobody stays outraged longer
    novelty_half_life_hours: Hours | None = 2.0  # joins fade with the news (Wu & Huberman 2007); unset = never
    immune_days: Positive | None = 30.0  # mean days, exponential, until who has tired can be lit again; unset = never


class Trolls(Part):
    """Those who join whatever the cause.

    How much they matter is contested: Rost, Stahel & Frey (2016) find storms driven by ordinary people under their own
    names; Cheng et al. (2017) that anybody can become one. A storm needs none.
    """

    share: Share = 0.005  # of consumers; assumption
    join: Share = 0.3  # chance that one post they see makes them join, whatever it is about; assumption


class Hub(Part):
    """Posts that land on the brand's own page."""

    touchpoint: Name | None = None  # the page; unset = the first two-way owned touchpoint by name, if there is one
    share: Share = 0.3  # of the posts of those who use its platform that are placed there; assumption
    views_per_post: NonNegative = 8.0  # people who see one there, at random among the platform's users; assumption
    most_share_per_hour: Share = 0.01  # of the platform's users look at the page in an hour at most; assumption
    strength: Annotated[float, Field(ge=0, le=10)] = 1.0  # of a post seen there relative to one from a person followed


class Media(Part):
    """Press and television: above a threshold they report, and reach beyond the network (Pfeffer et al. 2014)."""

    threshold_posts_per_hour: Positive | None = 5000.0  # people's posts in one hour; unset = they never report
    reach: Share = 0.1  # of all consumers, reached in all; assumption
    hours: Annotated[int, Field(ge=1, le=8760)] = 12  # over so many hours
    strength: Annotated[float, Field(ge=0, le=10)] = 0.3  # of a report, to a post of somebody one follows; assumption


class Moderators(Part):
    """Who answers for the brand on its page while a storm is alive; paid by the day, only then."""

    staff: NonNegative = 2.0
    answers_per_hour: NonNegative = 15.0  # of one moderator; assumption
    wage_eur_per_day: NonNegative = 250.0
    effect: Share = 0.5  # share of its force that an answered post loses (van Noort & Willemsen 2012: answers help)


class Supporters(Part):
    """Advocates who see the storm may defend the brand, unpaid (Pfeffer et al. 2014: a cared-for community answers)."""

    share: Share = 0.1  # of advocates reached, and not outraged themselves, who speak up; assumption
    hours: Annotated[int, Field(ge=1, le=8760)] = 12  # for so long
    answers_per_hour: NonNegative = 0.5  # of one supporter
    effect: Share = 0.7  # joins times 1 - effect * answers / (answers + posts); assumption


class Listening(Part):
    """Social listening: when the brand sees the storm. Nothing is answered before."""

    eur_per_week: NonNegative = 0.0  # paid every week, storm or not
    threshold_posts_per_hour: Positive = 200.0  # people's posts in one hour that raise the alarm; assumption
    lag_hours: Annotated[int, Field(ge=0, le=8760)] = 2  # from there until somebody who may decide knows; assumption


class Response(Part):
    """One answer of the brand, some hours after it has seen the storm."""

    kind: ResponseKind
    delay_hours: Annotated[int, Field(ge=0, le=8760)] = 6  # after detection
    tone: Signed = 0.5  # -1 defensive and cold, 1 warm and personal
    credibility: Share = 0.7  # how far it is believed
    cost_eur: NonNegative = 0.0  # once
    cost_per_case_eur: NonNegative = 0.0  # compensate: per customer who takes it; private_channel: per post answered


class Effect(Part):
    """What one kind of response does at full strength; see `Effects`."""

    calms: Annotated[float, Field(ge=-10, le=1)] = 0.0  # share by which joining falls from then on; below 0 it rises
    relieves: Share = 0.0  # share by which seeing the storm hurts less from then on
    repairs: Share = 0.0  # share of lost trust given back to those it reaches: fresh anger, and feeling towards tone
    hides: Share = 0.0  # share of posts on the hub that nobody sees any more
    justified: Share = 1.0  # strength if the brand is at fault ...
    unjustified: Share = 1.0  # ... and if it is not


class Effects(Part):
    """What each kind of response does. Directions from the literature, sizes are assumptions: all of it is contested.

    A response works with strength = fit * credibility * (1 + tone) / 2 * 2 ** (-hours since the trigger / impatience);
    what makes things worse (`calms` below 0) works with its fit alone.

    * silence: leaves the field to others (Coombs 2007); in this model it does nothing by itself.
    * delete: censorship backfires (Jansen & Martin 2015, "Streisand effect"); it does hide what stood on the hub.
    * explain: fits who is not at fault (Coombs 2007, situational crisis communication theory).
    * apologise: fits who is at fault (Coombs 2007); Coombs & Holladay (2008) find it no better than sympathy or
      compensation, and Herhausen et al. (2019) that its effect depends on timing and arousal.
    * compensate: repairs the relation to customers (goodwill; de Matos, Henrique & Rossi 2007); whether it calms the
      others is contested (Coombs & Holladay 2008; Herhausen et al. 2019).
    * private_channel: takes it off the stage (Herhausen et al. 2019: works early, less so later).
    * supporters: letting supporters speak lends credibility the brand lacks (Pfeffer, Zorbach & Carley 2014).
    """

    impatience_half_life_hours: Hours | None = 48.0  # speed counts; unset = only through what has spread meanwhile
    silence: Effect = Effect()
    delete: Effect = Effect(calms=-0.5, hides=0.8)
    explain: Effect = Effect(calms=0.35, relieves=0.3, repairs=0.1, justified=0.4)
    apologise: Effect = Effect(calms=0.5, relieves=0.4, repairs=0.3, unjustified=0.3)
    compensate: Effect = Effect(calms=0.35, relieves=0.3, repairs=0.7, unjustified=0.5)
    private_channel: Effect = Effect(calms=0.2, relieves=0.1, repairs=0.2, hides=0.4)
    supporters: Effect = Effect(calms=0.1)
    take_up: Share = 0.5  # of customers reached who take a compensation
    supporters_boost: NonNegative = 2.0  # supporters: their answers times 1 + boost * strength


class Kinds(Part):
    """How much harm each kind of failure does, relative to a product failure.

    Hansen, Kupfer & Hennig-Thurau (2018): storms over products, services and social failures leave traces, those over
    failed communication hardly.
    """

    product_failure: Factor = 1.0
    service_failure: Factor = 0.9
    social_failure: Factor = 0.9
    communication_failure: Factor = 0.4


class Contagion(Part):
    """Share of the purchases' damage that rivals suffer too, by kind of failure.

    Doubts about a product spill over to similar brands (Roehm & Tybout 2006; Borah & Tellis 2016); what one firm's
    staff or advertising did, hardly.
    """

    product_failure: Share = 0.3
    service_failure: Share = 0.1
    social_failure: Share = 0.1
    communication_failure: Share = 0.0


class Harm(Part):
    """What seeing the storm does to a consumer, at severity and strength 1 of one post."""

    salience: NonNegative = 0.5  # memory gained: any publicity is noticed (Berger, Sorensen & Rasmussen 2010)
    feeling: Share = 0.25  # share of the gap to feeling -1 closed, before trust; five times a post of word of mouth
    belief: Share = 0.15
    fresh: Share = 0.5  # freshness after one post, on a scale to 1; more posts fill the rest
    fresh_half_life_days: Positive = 14.0  # most storms are forgotten within weeks (Hansen et al. 2018); assumption
    purchase: NonNegative = 3.0  # utility of the brand lost while entirely fresh: divides the odds by 20; assumption
    leaving: NonNegative = 2.5  # logit of leaving gained while entirely fresh: odds times 12; assumption
    review: Share = 0.02  # chance that who joins also writes a bad review; it stays


class Ignition(Part):
    """Storms that arise by themselves, when enough anger meets on the hub."""

    threshold: Positive | None = None  # angry people in a day: bad posts, unanswered comments, complaints unanswered
    chance: Share = 0.5  # that a day above the threshold ignites; assumption
    wait_days: Annotated[int, Field(ge=0, le=3650)] = 30  # after a storm has gone out, before the next
    severity: Share = 0.4
    vividness: Share = 0.4
    kind: FailureKind = "service_failure"


class Storm(Part):
    """Triggers, spread, harm, and what the brand does about it."""

    triggers: Annotated[list[Trigger], Field(max_length=200)] = []
    ignition: Ignition = Ignition()
    spread: Spread = Spread()
    trolls: Trolls = Trolls()
    hub: Hub = Hub()
    media: Media = Media()
    moderators: Moderators = Moderators()
    supporters: Supporters = Supporters()
    listening: Listening = Listening()
    responses: Annotated[list[Response], Field(max_length=7)] = []  # none = silence
    harm: Harm = Harm()
    kinds: Kinds = Kinds()
    contagion: Contagion = Contagion()
    effects: Effects = Effects()
    sample: Annotated[int, Field(ge=0, le=100_000)] = 400  # of who outraged whom, kept for drawing
