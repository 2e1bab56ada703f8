"""Touchpoints: every contact between consumer and brand that the brand pays for, owns or encourages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.scenario.base import Day, Name, NonNegative, Part, Positive, Share, Signed
from sim.scenario.bounds import Bounds

Purpose = Literal["acquisition", "retention", "brand", "service"]
PURPOSES: tuple[Purpose, ...] = ("acquisition", "retention", "brand", "service")
Kind = Literal["paid", "owned", "earned"]
Form = Literal["impressions", "visits", "sends", "curation", "influencers", "referral"]
#: Which form each kind may take; the first is the default.
FORMS: dict[Kind, tuple[Form, ...]] = {
    "paid": ("impressions",),
    "owned": ("visits", "sends"),
    "earned": ("curation", "influencers", "referral"),
}
StageName = Literal[
    "unaware", "awareness", "consideration", "decision", "service", "retention", "loyalty", "advocacy", "lapsed"
]
#: The stages each phase of the purchase stands for.
PHASES: dict[str, tuple[StageName, ...]] = {
    "before": ("unaware", "awareness", "consideration"),
    "during": ("decision",),
    "after": ("service", "retention", "loyalty", "advocacy"),
    "lapsed": ("lapsed",),
}


class Flight(Part):
    """Spend between two dates, both included, on top of the weekly amount."""

    start: Day
    end: Day
    weekly_eur: NonNegative


class Spend(Part):
    """How much a line spends. Several sources add up."""

    weekly_eur: NonNegative = 0.0
    flights: list[Flight] = []
    file: str | None = None  # CSV with one row per week, relative to the scenario file
    column: str | None = None  # column of the file in EUR per week; default: the touchpoint's name
    date_column: str = "DATE"  # first day of the week, ISO dates
    weeks_eur: list[NonNegative] = []  # EUR per week from `weeks_start`; a file is turned into this when it is read
    weeks_start: Day | None = None  # first day of the first week; default: the scenario's start_date


def _usual_form(data: dict[str, Any]) -> Form:
    kind: Kind = data["kind"]
    return FORMS[kind][0]


class Touchpoint(Part):
    """One spending line and one way to meet the brand.

    Forms: ``impressions`` (paid reach), ``visits`` (pull: website, app, branch, hub, programme), ``sends`` (push:
    newsletter), ``curation`` (reposts of what advocates made), ``influencers`` (hired posts), ``referral``
    (rewards for recommending).

    Defaults are assumptions: every story has its own, see the comments in scenarios/*.toml.
    """

    name: Name
    kind: Kind
    purpose: Purpose
    form: Form | None = Field(default_factory=_usual_form)  # default: the first of its kind
    description: str = ""
    scale: NonNegative = 1.0  # multiplies spend, fixed cost and pressure together; 0 switches the line off
    # whom it addresses
    phases: list[Literal["before", "during", "after", "lapsed"]] = ["before", "during", "after"]
    stages: list[StageName] = []  # finer than phases; replaces them if given
    affinity: dict[Name, NonNegative] = {}  # relative pressure by persona, 1 if not named
    platform: Name | None = None  # only its users are reached
    opt_in: Annotated[float, Field(gt=0, le=1)] = 1.0  # share who let themselves be addressed (sends, programme)
    opt_in_by_persona: dict[Name, Share] = {}
    # what it costs
    spend: Spend = Spend()
    fixed_eur_per_week: NonNegative = 0.0
    cpm_eur: NonNegative = 0.0  # impressions, curation: EUR per thousand contacts bought
    cost_per_contact_eur: NonNegative = 0.0  # visits and sends: EUR each
    cost_per_post_eur: NonNegative = 0.0  # curation, influencers: EUR per repost or hired post
    reach_per_post: NonNegative = 0.0  # curation, influencers: contacts a post makes
    reward_eur: NonNegative = 0.0  # referral: paid per customer won
    invite_share: Share = 0.1  # referral: share of positive close talk that carries an invitation
    invite_discount_percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    bounds: Bounds = Bounds()  # for an optimiser, as multiples of what the line costs
    # how much pressure
    visits_per_week: NonNegative = 0.0  # visits: of an eligible consumer with affinity 1
    sends_per_week: Annotated[float, Field(ge=0, le=7)] = 0.0
    frequency_cap_per_week: Annotated[int, Field(ge=1, le=200)] | None = None
    # what a contact does
    attention: Share = 0.3  # probability that a contact is noticed, before trust
    weight: NonNegative = 1.0  # salience gained
    message_belief: Signed = 0.5  # what it claims
    message_feeling: Signed = 0.3  # the mood it carries
    inform: Share = 0.03  # share of the gap to message_belief closed per noticed contact
    touch: Share = 0.03  # share of the gap to message_feeling closed
    bond: Share = 0.0  # share of the gap to full loyalty closed, customers only
    synergy: NonNegative = 0.1  # gain per other touchpoint met recently
    personalisation: NonNegative = 0.0  # gain at full insight
    irritation: NonNegative = 0.05  # annoyance added per contact
    prompt: Share = 0.0  # probability that a noticed contact makes somebody buy now: a need today
    click: Share = 0.0  # probability that a noticed contact leads to `lands_on`
    lands_on: Name | None = None  # another touchpoint of form visits
    # dialogue
    two_way: bool = False  # consumers answer: a hub, poll, quiz, community
    reaction_share: Share = 0.0  # probability that a noticed contact draws a like, comment, share or save
    answers_per_day: NonNegative = 0.0  # negative comments the staff can answer, people's comments per day
    answer_cost_eur: NonNegative = 0.0  # per answered comment

    @property
    def mechanism(self) -> Form:
        """The form, with the default of its kind filled in."""
        return self.form or FORMS[self.kind][0]


class Dialogue(Part):
    """Reactions to two-way touchpoints, and what the brand learns from them. Defaults are assumptions."""

    like_share: Share = 0.75  # of reactions; comments, shares and saves follow; the four sum to 1
    comment_share: Share = 0.15
    share_share: Share = 0.07
    save_share: Share = 0.03
    unanswered_harm: Share = 0.10  # feeling lost by a negative comment left unanswered
    answer_repair: Share = 0.05  # feeling regained by an answered one
    insight_reactions: Positive = 0.2  # reactions per person at which insight reaches 63 %
