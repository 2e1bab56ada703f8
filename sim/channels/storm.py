"""How outrage spreads, tires and is answered, by the hour. Pure functions of numbers (docs/model.md, 7.12)."""

from __future__ import annotations

import math

from numba import njit

from sim.scenario.storm import Effect, Response, Spread
from sim.storm_plan import NEVER, Cause


@njit
def outraged_hours(u, scale, shape, longest):
    """Hours somebody stays outraged, from a uniform draw: 1 + floor(scale (u ** (-1 / shape) - 1)), at most `longest`.

    P(more than a hours) is about (1 + a / scale) ** -shape: bursts of attention relax by a power law (Crane & Sornette
    2008). The discrete form is exact: P(hours > a) = (1 + a / scale) ** -shape for whole a below `longest`.
    """
    grown = scale * (u ** (-1.0 / shape) - 1.0)
    return longest if grown >= longest else min(longest, 1 + int(math.floor(grown)))


@njit
def immune_until(moment, u, mean_hours):
    """Hour until which somebody who has tired cannot be lit again: exponential waiting time, `NEVER` at most."""
    wait = -math.log(u) * mean_hours
    return NEVER if wait >= NEVER - moment else moment + int(math.floor(wait))


@njit
def joining(appeal, feeling, relation, loyalty, betrayal):
    """Chance that one post makes somebody join: appeal * exp(-relation * feeling + betrayal * loyalty), at most 1.

    Who feels well towards the brand is harder to enrage; that love may become hate is `betrayal` (Gregoire, Tripp &
    Legoux 2009).
    """
    return min(1.0, appeal * math.exp(betrayal * loyalty - relation * feeling))


@njit
def persuaded(chance, units):
    """Chance that `units` of posts seen in an hour move somebody whom one moves with `chance`: independent tries."""
    return 1.0 - (1.0 - chance) ** units


def mean_hours(spread: Spread) -> float:
    """Mean hours of outrage: the sum of P(hours > a) over a = 0, 1, ... below the longest."""
    return math.fsum((1.0 + a / spread.fatigue_hours) ** -spread.fatigue_shape for a in range(spread.longest_hours))


def appeal(spread: Spread, cause: Cause, moment: int, calm: float, answered: float) -> float:
    """Chance that a post makes somebody of neutral feeling join in this hour.

    join * severity * (1 + arousal * vividness) * (unjustified, if the brand is not at fault) * novelty * calm *
    (1 - answered); novelty halves every so many hours since the trigger (Wu & Huberman 2007), vivid triggers arouse
    (Berger & Milkman 2012), `calm` is what the brand's answers left, `answered` what supporters took off.
    """
    chance = spread.join * cause.severity * (1.0 + spread.arousal * cause.vividness)
    if not cause.justified:
        chance *= spread.unjustified
    if spread.novelty_half_life_hours is not None:
        chance *= math.exp2(-(moment - cause.moment) / spread.novelty_half_life_hours)
    return chance * calm * (1.0 - answered)


def answered_share(answers: float, posts: float, effect: float) -> float:
    """Share of joining that supporters prevent: effect * answers / (answers + posts)."""
    return effect * answers / (answers + posts) if answers > 0 else 0.0


def strength(response: Response, effect: Effect, cause: Cause, moment: int, impatience: float | None) -> float:
    """How well an answer works: fit * credibility * (1 + tone) / 2, fading with the hours since the trigger.

    It fits who is at fault or who is not (Coombs 2007). That speed itself counts is contested: `impatience` None
    leaves it to what has spread meanwhile.
    """
    found = fit(effect, cause) * response.credibility * (1.0 + response.tone) / 2.0
    if impatience is not None:
        found *= math.exp2(-(moment - cause.moment) / impatience)
    return found


def fit(effect: Effect, cause: Cause) -> float:
    """How well a kind of answer suits the cause, 0..1."""
    return effect.justified if cause.justified else effect.unjustified


def calmed(effect: Effect, cause: Cause, works: float) -> float:
    """Factor on joining after an answer: 1 - calms * strength; what backfires does so with its fit alone."""
    return 1.0 - effect.calms * (works if effect.calms > 0 else fit(effect, cause))
