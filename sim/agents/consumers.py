"""The consumer: what is kept of each, and how a population is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import int64, njit, prange
from numpy.typing import DTypeLike

from sim.agents.stages import Stage
from sim.luck import Purpose, draw_key, log_gamma_draw, own_key, uniform
from sim.plan import Plan

#: Consumers worked on by one thread at a time. Sums are kept per chunk and added in order, so that results do not
#: depend on the number of threads. A multiple of 64, whose bytes are compared at once, and of the evening's blocks.
CHUNK = 16384
NO_CASE = 255
NO_OPINION = -128
#: Days as consumers keep them. What will come due after the last day a date can tell never does: runs are shorter.
DATE = np.int16
NEVER = np.iinfo(DATE).max
LONG_AGO = -30_000
#: Tastes in units of utility, as they are kept: relative to the best liked of the others, at most 64 from it.
TASTE = np.int16
TASTE_UNIT = 1.0 / 512.0
_MOST_TASTE = np.iinfo(TASTE).max

#: What happened to a consumer today; bits of `Consumers.today`, empty again every evening.
PROMPTED, SHARED, BOUGHT, FIRST, ANGRY, USED, LEFT, LEFT_PROBLEM = 1, 2, 4, 8, 16, 32, 64, 128
#: What a consumer will say tomorrow; bits of `Consumers.speaking`.
TALK, POST, BAD = 1, 2, 4


@dataclass
class Consumers:
    """State of all consumers as flat columns of length N; meanings and ranges in docs/model.md, section 2."""

    persona: np.ndarray  # uint8
    member: np.ndarray  # uint32, bits of Plan.bits
    need_rate: np.ndarray  # float32, needs per day
    taste: np.ndarray  # TASTE [N, J], units of TASTE_UNIT
    leave_logit: np.ndarray  # float32
    recall: np.ndarray  # float32, salience from which the brand is known
    openness: np.ndarray  # float32, logit of the interest from which it is considered
    stage: np.ndarray  # uint8
    salience: np.ndarray  # float32
    annoyance: np.ndarray  # float32
    belief: np.ndarray  # float32
    feeling: np.ndarray  # float32
    satisfaction: np.ndarray  # float32
    loyalty: np.ndarray  # float32
    due: np.ndarray  # DATE
    since: np.ndarray  # DATE
    last_purchase: np.ndarray  # DATE
    purchases: np.ndarray  # uint16
    case_channel: np.ndarray  # uint8
    case_day: np.ndarray  # DATE
    recent: np.ndarray  # uint32 bits of touchpoints
    recent_before: np.ndarray  # uint32
    met: np.ndarray  # uint32
    bought: np.ndarray  # uint16 bits of alternatives
    speaking: np.ndarray  # uint8 bits TALK, POST, BAD
    opinion: np.ndarray  # int8, hundredths
    invited: np.ndarray  # uint8, 1 + touchpoint
    today: np.ndarray  # uint8 bits of what happened
    weekly: np.ndarray  # uint8 [K, N], contacts this week of the touchpoints with a cap

    @property
    def bytes_each(self) -> float:
        """Memory per consumer, bytes."""
        return float(sum(column.nbytes for column in vars(self).values())) / max(1, self.persona.size)


def chunks_of(n: int) -> int:
    """Number of chunks for n consumers."""
    return -(-n // CHUNK)


def empty_consumers(n: int, alternatives: int, capped: int) -> Consumers:
    """Columns for n consumers, all zero but for the sentinels."""

    def column(dtype: DTypeLike) -> np.ndarray:
        return np.zeros(n, dtype)

    return Consumers(
        persona=column(np.uint8), member=column(np.uint32), need_rate=column(np.float32),
        taste=np.zeros((n, alternatives), TASTE), leave_logit=column(np.float32), recall=column(np.float32),
        openness=column(np.float32), stage=column(np.uint8),
        salience=column(np.float32), annoyance=column(np.float32), belief=column(np.float32),
        feeling=column(np.float32), satisfaction=column(np.float32), loyalty=column(np.float32),
        due=column(DATE), since=column(DATE), last_purchase=column(DATE), purchases=column(np.uint16),
        case_channel=np.full(n, NO_CASE, np.uint8), case_day=column(DATE), recent=column(np.uint32),
        recent_before=column(np.uint32), met=column(np.uint32), bought=column(np.uint16), speaking=column(np.uint8),
        opinion=np.full(n, NO_OPINION, np.int8), invited=column(np.uint8), today=column(np.uint8),
        weekly=np.zeros((capped, n), np.uint8),
    )  # fmt: skip


@njit
def date_of(day):
    """A day as it is kept."""
    return min(day, NEVER)


@njit
def is_customer(stage):
    """Whether a stage is SERVICE, RETENTION, LOYALTY or ADVOCACY."""
    return Stage.SERVICE <= stage <= Stage.ADVOCACY


@njit
def involvement_of(key, who, mean):
    """A consumer's involvement: uniform on 0 .. 2 mean; `key` is that of Purpose.INVOLVEMENT."""
    return 2.0 * uniform(key, who) * mean


@njit
def interest(rule, salience, belief, feeling):
    """Logit of the interest in the brand: linear in salience, belief and feeling."""
    pull = rule.interest_salience * salience + rule.interest_belief * belief + rule.interest_feeling * feeling
    return rule.interest_base + pull


@njit
def _first_above(cumulative, u):
    """Smallest index with u < cumulative[index]; the last one if rounding left a gap."""
    for index in range(cumulative.size):
        if u < cumulative[index]:
            return index
    return cumulative.size - 1


@njit
def _in_taste_units(utility):
    """A utility as a whole number of units, rounded half up; held within what whole numbers tell apart."""
    return int64(math.floor(min(1e15, max(-1e15, utility / TASTE_UNIT + 0.5))))


@njit(cache=True)
def _draw_members(seed, cumulative_share, membership, bit_what, persona, member):
    """Draw personas and memberships: membership float64 [P, bits], bit_what uint64 [bits]."""
    persona_key = draw_key(seed, Purpose.PERSONA, 0, 0)
    for i in range(persona.size):
        p = _first_above(cumulative_share, uniform(persona_key, i))
        persona[i] = p
        bits = np.uint32(0)
        for b in range(bit_what.size):
            if uniform(draw_key(seed, Purpose.MEMBER, 0, bit_what[b]), i) < membership[p, b]:
                bits |= np.uint32(1) << np.uint32(b)
        member[i] = bits


@njit(cache=True, parallel=True)
def _draw_constants(
    seed, rate, needs, needs_shape, leave_a, leave_b,
    brand_what, brand_shape, owners_from, owners_until, awareness_scale,
    persona, need_rate, taste, leave_logit, recall, openness,
):  # fmt: skip
    """Draw what else never changes. needs_shape, leave_a, leave_b <= 0 mean: everybody alike, nobody leaves.

    Who has bought the brand already (start draw within owners_from .. owners_until) likes it more than the average:
    after one focal choice a Dirichlet's focal shape is larger by 1 (Bayes).
    """
    n = persona.size
    rate_key = draw_key(seed, Purpose.NEED_RATE, 0, 0)
    a_key = draw_key(seed, Purpose.LEAVE_A, 0, 0)
    b_key = draw_key(seed, Purpose.LEAVE_B, 0, 0)
    start_key = draw_key(seed, Purpose.START, 0, 0)
    recall_key = draw_key(seed, Purpose.RECALL, 0, 0)
    openness_key = draw_key(seed, Purpose.OPENNESS, 0, 0)
    for chunk in prange((n + CHUNK - 1) // CHUNK):
        drawn = np.empty(brand_what.size, np.int64)
        for i in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK)):
            mean = rate * needs[persona[i]]
            if needs_shape > 0.0:
                mean *= math.exp(log_gamma_draw(own_key(rate_key, i), needs_shape)) / needs_shape
            need_rate[i] = mean
            u = uniform(start_key, i)
            for j in range(brand_what.size):
                own = own_key(draw_key(seed, Purpose.TASTE, 0, brand_what[j]), i)
                shape = brand_shape[j]
                if j == 0 and owners_from <= u < owners_until:
                    shape += 1.0
                drawn[j] = _in_taste_units(log_gamma_draw(own, shape))
            best = drawn[0] if drawn.size == 1 else drawn[1:].max()
            for j in range(drawn.size):
                taste[i, j] = min(_MOST_TASTE, max(-_MOST_TASTE, drawn[j] - best))
            if leave_a > 0.0:
                leave_logit[i] = log_gamma_draw(own_key(a_key, i), leave_a) - log_gamma_draw(own_key(b_key, i), leave_b)
            else:
                leave_logit[i] = -np.inf
            recall[i] = -awareness_scale * math.log(uniform(recall_key, i))
            u = uniform(openness_key, i)
            openness[i] = math.log(u / (1.0 - u))


@njit(cache=True, parallel=True)
def _place(
    seed, rules, cumulative_start, start_stage, due_days, spread_due,
    recall, stage, salience, belief, feeling, satisfaction, loyalty, due, since, purchases, bought, opinion,
):  # fmt: skip
    """Put everybody where the scenario says they stand on the first morning."""
    start_key = draw_key(seed, Purpose.START, 0, 0)
    due_key = draw_key(seed, Purpose.FIRST_DUE, 0, 0)
    for i in prange(stage.size):
        rule = rules[0]
        place = 0
        u = uniform(start_key, i)
        for k in range(cumulative_start.size):
            if u < cumulative_start[k]:
                place = start_stage[k]
                break
        stage[i] = place
        if place == Stage.UNAWARE:
            continue
        salience[i] = recall[i] + 1.0
        if place < Stage.SERVICE:
            continue
        since[i] = LONG_AGO
        purchases[i] = 1
        bought[i] = 1
        opinion[i] = 0
        if place == Stage.LAPSED:
            continue
        satisfaction[i] = rule.start_satisfaction
        feeling[i] = rule.start_satisfaction
        belief[i] = rule.quality
        loyalty[i] = rule.loyal_from / 2.0 if place == Stage.RETENTION else (1.0 + rule.loyal_from) / 2.0
        opinion[i] = opinion_of(np.float64(satisfaction[i]))
        if due_days > 0:
            due[i] = int(due_days * uniform(due_key, i)) if spread_due else due_days


@njit
def opinion_of(satisfaction):
    """Satisfaction in hundredths, rounded half up, as friends will hear it."""
    return int(math.floor(100.0 * satisfaction + 0.5))


def draw_population(plan: Plan) -> Consumers:
    """Draw all consumers of a run; a pure function of the plan and its seed.

    Returns
    -------
    Consumers of length plan.agents
    """
    consumers = draw_members(plan)
    draw_minds(plan, consumers)
    return consumers


def draw_members(plan: Plan) -> Consumers:
    """Consumers of whom only persona and memberships are drawn; their other columns take no memory before they do."""
    consumers = empty_consumers(plan.agents, plan.brands.what.size, plan.touchpoints.capped.size)
    _draw_members(
        plan.seed, plan.personas.cumulative_share, plan.personas.membership, plan.bit_what, consumers.persona,
        consumers.member,
    )  # fmt: skip
    return consumers


def draw_minds(plan: Plan, consumers: Consumers) -> None:
    """Draw everything else about consumers with their memberships, in place."""
    market, start = plan.scenario.market, plan.scenario.start
    use = plan.scenario.experience
    placed = (Stage.AWARENESS, Stage.CONSIDERATION, Stage.RETENTION, Stage.LOYALTY, Stage.ADVOCACY, Stage.LAPSED)
    shares = (start.awareness, start.consideration, start.retention, start.loyalty, start.advocacy, start.lapsed)
    reached = np.cumsum(np.array(shares, np.float64))
    _draw_constants(
        plan.seed, market.needs_per_year / 365.0, plan.personas.needs, float(market.needs_shape or 0.0),
        float(use.leave_a or 0.0), float(use.leave_b or 0.0), plan.brands.what, plan.brands.shape,
        reached[1], reached[-1],
        float(plan.scenario.memory.awareness_scale),
        consumers.persona, consumers.need_rate, consumers.taste, consumers.leave_logit,
        consumers.recall, consumers.openness,
    )  # fmt: skip
    due_days = {
        "subscription": market.period_days, "durable": use.use_every_days, "repeat": use.leave_every_days,
    }[market.kind]  # fmt: skip
    _place(
        plan.seed, plan.rules, reached, np.array(placed, np.int64), due_days,
        market.kind == "durable" or start.renewals_spread,
        consumers.recall, consumers.stage, consumers.salience, consumers.belief, consumers.feeling,
        consumers.satisfaction, consumers.loyalty, consumers.due, consumers.since, consumers.purchases,
        consumers.bought, consumers.opinion,
    )  # fmt: skip
