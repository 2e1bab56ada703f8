"""docs/model.md section 2: what there is - consumers, spending lines, the brand - and the counters of one day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from sim.scenario.personas import Persona
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PHASES, Touchpoint

from .luck import Luck, name_hash
from .words import CHANNELS, CUSTOMER, OUTCOMES, Stage

Ties = Mapping[str, tuple[np.ndarray, np.ndarray]]


#: Kept in single precision.
CONSTANT = ("need_rate", "leave_logit", "recall", "openness")
CHANGING = ("salience", "annoyance", "belief", "feeling", "satisfaction", "loyalty")


class Consumer:
    """One agent."""

    def __init__(self, number: int) -> None:
        self.i = number
        self.p = 0  # persona, index by name
        self.platforms: set[str] = set()
        self.opted: set[str] = set()  # restricted touchpoints he opted in to
        self.taste: list[int] = []  # per alternative, in 512ths
        self.recall = self.openness = self.involvement = 0.0
        self.influencer = False
        self.stage = Stage.UNAWARE
        self.need_rate = self.leave_logit = 0.0
        self.salience = self.annoyance = self.belief = self.feeling = self.satisfaction = self.loyalty = 0.0
        self.due = self.since = self.last_purchase = self.purchases = 0
        self.case_channel: int | None = None
        self.case_day = 0
        self.turn = 0.0  # of the case, among all that came to its desk
        self.recent: set[int] = set()
        self.recent_before: set[int] = set()
        self.met: set[int] = set()
        self.counts: dict[int, int] = {}  # contacts this week with capped touchpoints
        self.bought: set[int] = set()
        self.talks = self.posts = self.bad = False  # tomorrow
        self.opinion: int | None = None
        self.invited = 0
        self.forget_today()

    def store(self, names: tuple[str, ...] = CHANGING) -> None:
        """Round to single precision: at the end of each step, and where the page says so."""
        for name in names:
            setattr(self, name, float(np.float32(getattr(self, name))))

    def forget_today(self) -> None:
        """What is only known during one day."""
        self.prompted = self.shared = self.angry = False
        self.bought_today = self.experienced = self.became_aware = False
        self.left: str | None = None  # "lost_by_choice", "lost_after_problem", "lost_inactive"

    @property
    def is_customer(self) -> bool:
        """In stages SERVICE..ADVOCACY."""
        return self.stage in CUSTOMER

    @property
    def mood(self) -> float:
        """s_i: satisfaction of who has been a customer, feeling of all others."""
        return self.satisfaction if self.stage >= Stage.SERVICE else self.feeling


class Line:
    """One touchpoint as a spending line: what stays from day to day, and what it does today."""

    def __init__(self, index: int, touchpoint: Touchpoint) -> None:
        self.index = index
        self.t = touchpoint
        self.what = name_hash("touchpoint:" + touchpoint.name)
        names = touchpoint.stages or [stage for phase in touchpoint.phases for stage in PHASES[phase]]
        self.stages = {Stage[name.upper()] for name in names}
        self.restricted = touchpoint.opt_in < 1.0 or bool(touchpoint.opt_in_by_persona)
        self.spend_so_far = self.fixed_so_far = 0.0  # EUR, not rounded
        self.pool_cents = 0  # gathered: for rewards of a referral line, for the next mailing of a sends line
        self.unanswered = 0  # negative comments of yesterday, seen from the steps after expose
        self.reactions_yesterday = self.negative_yesterday = self.answered_yesterday = 0
        # today
        self.spend_cents = self.fixed_cents = 0
        self.bought = self.posts = self.rho = 0.0

    def affinity(self, persona: Persona) -> float:
        """a(persona, c)."""
        return self.t.affinity.get(persona.name, 1.0)


PER_PERSONA = (
    *("needs", "first_purchases", "repeat_purchases", "rival_purchases", "nothing_purchases"),
    *("revenue_cents", "unit_cost_cents", "lost_by_choice", "lost_after_problem", "lost_inactive"),
    *("talk_good", "talk_bad", "posts_good", "posts_bad", "heard_good", "heard_bad", "reviews_good", "reviews_bad"),
    *("reactions", "problems", "complaints", *("outcome_" + outcome for outcome in OUTCOMES), "response_days"),
    *("cases_handled", "ugc", "won_back", "lost_of_start"),
    *("promoters", "detractors"),
    *("storm_reached", "storm_outraged", "storm_posts", "storm_compensated"),
)
PER_PERSONA_AND_STAGE = ("consumers", "feeling", "belief", "satisfaction", "loyalty", "salience")
PER_TOUCHPOINT = (
    *("spend_cents", "cost_cents", "impressions", "contacts", "new_reach", "noticed"),
    *("reactions", "likes", "comments", "shares", "saves", "comments_negative", "comments_answered"),
    *("clicks", "landings", "prompts", "refused", "invited_wins"),
)


class World:
    """Everything of one run."""

    def __init__(self, scenario: Scenario, seed: int, ties: Ties) -> None:
        self.s = scenario
        self.luck = Luck(seed)
        self.ties = ties
        self.weight = scenario.market.size / scenario.agents  # W
        self.day = -1
        self.personas = sorted(scenario.personas, key=lambda persona: persona.name)
        self.rivals = sorted(scenario.market.rivals, key=lambda rival: rival.name)
        self.layers = sorted(scenario.ties, key=lambda layer: layer.name)
        self.lines = [Line(j, t) for j, t in enumerate(sorted(scenario.touchpoints, key=lambda t: t.name))]
        self.line = {line.t.name: line for line in self.lines}
        named = {name for persona in self.personas for name in persona.platforms}
        named |= {t.platform for t in scenario.touchpoints if t.platform}
        named |= {layer.platform for layer in self.layers if layer.platform}
        self.platforms = sorted(named)
        self.platforms_with_layer = sorted({layer.platform for layer in self.layers if layer.platform})
        self.consumers = [Consumer(i) for i in range(scenario.agents)]
        # the brand
        self.good_reviews = scenario.reviews.initial_good
        self.bad_reviews = scenario.reviews.initial_bad
        self.queues: list[list[int]] = [[] for _ in CHANNELS]
        self.arrived: list[list[float]] = [[0.0] for _ in CHANNELS]  # cases of the market until each morning
        self.served = [0.0 for _ in CHANNELS]
        self.reactions_so_far = [0 for _ in self.personas]
        self.ugc_pool = 0.0
        self.smoothed_advertising: float | None = None
        # today
        self.eligible_mass: dict[int, float] = {}
        self.share_of_voice: list[float] = []
        self.insight: list[float] = []
        self.discount = 0.0  # percent
        self.reviews_today = (0, 0)
        self.storm_reviews = 0
        self.storm: Any = None  # see storm.py
        self.listening_so_far = 0.0  # EUR

    def new_day(self) -> None:
        """Go to the next day with empty counters."""
        self.day += 1
        self.customers_this_morning = [0 for _ in self.personas]
        for consumer in self.consumers:
            self.customers_this_morning[consumer.p] += consumer.is_customer
        for consumer in self.consumers:
            consumer.forget_today()
        people, stages, lines = range(len(self.personas)), range(len(Stage)), range(len(self.lines))
        self.today: dict[str, Any] = {name: [0 for _ in people] for name in PER_PERSONA}
        self.today |= {name: [[0 for _ in stages] for _ in people] for name in PER_PERSONA_AND_STAGE}
        self.today["flows"] = [[[0 for _ in stages] for _ in stages] for _ in people]
        self.touch: dict[str, list[Any]] = {name: [0 for _ in lines] for name in PER_TOUCHPOINT}
        self.brand_purchases = [0 for _ in range(1 + len(self.rivals) + (self.s.market.nothing_attraction > 0))]
        self.goodwill_cases = 0
        self.storm_reviews = 0

    @property
    def date(self) -> date:
        """Today."""
        return self.s.start_date + timedelta(days=self.day)

    def persona(self, consumer: Consumer) -> Persona:
        """The persona of a consumer."""
        return self.personas[consumer.p]

    def count(self, name: str, consumer: Consumer, amount: int = 1) -> None:
        """Add to a counter of the consumer's persona."""
        self.today[name][consumer.p] += amount

    def move(self, consumer: Consumer, stage: Stage) -> None:
        """A stage change, counted as a flow."""
        self.today["flows"][consumer.p][consumer.stage][stage] += 1
        consumer.stage = stage
