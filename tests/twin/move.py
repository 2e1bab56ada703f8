"""docs/model.md section 7.7: fading and stage changes of the evening."""

from __future__ import annotations

import numpy as np

from .words import Stage
from .world import Consumer, World


def move(world: World) -> None:
    """Every consumer fades, then moves by one rule."""
    for c in world.consumers:
        fade(world, c)
        if c.is_customer and c.left is None and inactive(world, c):
            c.left = "lost_inactive"
        if c.left is not None:
            world.count(c.left, c)
            leave(world, c)
        else:
            RULES.get(c.stage, stay)(world, c)


def fade(world: World, c: Consumer) -> None:
    """Half-lives."""
    memory = world.s.memory
    c.salience = faded(c.salience, memory.salience_half_life_days)
    c.annoyance = faded(c.annoyance, memory.annoyance_half_life_days)
    c.belief = faded(c.belief, memory.belief_half_life_days)
    c.feeling = faded(c.feeling, memory.feeling_half_life_days)
    c.loyalty = faded(c.loyalty, world.s.experience.loyalty_half_life_days)
    c.store()


def faded(x: float, half_life: float) -> float:
    """One day later."""
    x = x * float(np.float32(2.0 ** (-1 / half_life)))
    return x if abs(x) >= 1e-6 else 0.0


def inactive(world: World, c: Consumer) -> bool:
    """Too long without a purchase."""
    limit = world.s.experience.lapse_after_days
    return world.s.market.kind == "repeat" and limit > 0 and world.day - c.last_purchase > limit


def leave(world: World, c: Consumer) -> None:
    """Down the stairs."""
    if c.stage == Stage.ADVOCACY:
        world.move(c, Stage.LOYALTY)
    if c.stage == Stage.LOYALTY:
        world.move(c, Stage.RETENTION)
    world.move(c, Stage.LAPSED)
    if c.since < 0:
        world.count("lost_of_start", c)
    c.since = world.day
    c.loyalty = 0.0
    c.due = 0
    c.invited = 0
    c.case_channel = None


def interested(world: World, c: Consumer, penalty: float = 0.0) -> bool:
    """Is interest above the personal threshold?"""
    w = world.s.interest
    interest = w.base + w.salience * c.salience + w.belief * c.belief + w.feeling * c.feeling
    return interest - penalty > c.openness


def enthusiasm(c: Consumer) -> float:
    """E."""
    return c.involvement * (c.satisfaction + c.feeling) / 2


def stay(world: World, c: Consumer) -> None:
    """CONSIDERATION and DECISION have no rule."""


def unaware(world: World, c: Consumer) -> None:
    """Noticing."""
    if c.salience > 0 and c.salience >= c.recall:
        world.move(c, Stage.AWARENESS)
        c.became_aware = True


def awareness(world: World, c: Consumer) -> None:
    """Forgetting or interest."""
    if c.salience < c.recall or c.salience == 0:
        world.move(c, Stage.UNAWARE)
    elif interested(world, c):
        world.move(c, Stage.CONSIDERATION)


def first_use(world: World, c: Consumer) -> None:
    """SERVICE: the first good period is over."""
    e = world.s.experience
    used_again = c.experienced and c.since != world.day
    if used_again and world.day - c.since >= e.first_period_days and c.satisfaction >= e.good_satisfaction:
        world.move(c, Stage.RETENTION)


def retention(world: World, c: Consumer) -> None:
    """Habit and satisfaction."""
    e = world.s.experience
    if c.loyalty >= e.loyal_from and c.satisfaction >= e.good_satisfaction:
        world.move(c, Stage.LOYALTY)


def loyalty(world: World, c: Consumer) -> None:
    """Disappointment or enthusiasm."""
    e = world.s.experience
    if c.satisfaction < e.disappointed_below or c.loyalty < e.loyal_from - e.loyal_margin:
        world.move(c, Stage.RETENTION)
    elif enthusiasm(c) >= e.advocate_from:
        world.move(c, Stage.ADVOCACY)


def advocacy(world: World, c: Consumer) -> None:
    """Cooling off."""
    if enthusiasm(c) < world.s.experience.advocate_from - world.s.experience.loyal_margin:
        world.move(c, Stage.LOYALTY)


def lapsed(world: World, c: Consumer) -> None:
    """Win-back."""
    w = world.s.interest
    if world.day - c.since >= w.win_back_days and c.salience > 0 and interested(world, c, w.win_back_penalty):
        world.count("won_back", c)
        world.move(c, Stage.CONSIDERATION)


RULES = {
    Stage.UNAWARE: unaware,
    Stage.AWARENESS: awareness,
    Stage.SERVICE: first_use,
    Stage.RETENTION: retention,
    Stage.LOYALTY: loyalty,
    Stage.ADVOCACY: advocacy,
    Stage.LAPSED: lapsed,
}
