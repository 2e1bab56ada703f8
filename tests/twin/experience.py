"""docs/model.md section 7.5: use, disconfirmation, satisfaction, reviews."""

from __future__ import annotations

from sim.luck import Purpose

from .words import asymmetric_u, clip, toward
from .world import Consumer, World


def experience(world: World) -> None:
    """Customers who bought today, and durables when they are used."""
    good = bad = 0
    for c in world.consumers:
        used = world.s.market.kind == "durable" and c.is_customer and c.due == world.day
        if used:
            c.due += world.s.experience.use_every_days
        if not (c.bought_today or used):
            continue
        use(world, c)
        if c.bought_today and reviews(world, c):
            if c.satisfaction >= 0:
                good += 1
                world.count("reviews_good", c)
            else:
                bad += 1
                world.count("reviews_bad", c)
    world.reviews_today = (good, bad)


def use(world: World, c: Consumer) -> None:
    """What quality does to a customer who expected something."""
    e = world.s.experience
    q = clip(e.quality + e.quality_sd * world.luck.private(Purpose.QUALITY, world.day, c.i).normal(0))
    d = q - c.belief
    felt = d if d >= 0 else e.loss_aversion * d
    target = clip(q + e.disconfirmation * felt)
    c.satisfaction = toward(c.satisfaction, target, e.satisfaction_gain)
    c.feeling = toward(c.feeling, target, e.feeling_gain)
    c.belief = toward(c.belief, q, e.learning)
    if c.satisfaction > 0:
        c.loyalty = toward(c.loyalty, 1.0, e.loyalty_gain * c.satisfaction)
    c.experienced = True


def reviews(world: World, c: Consumer) -> bool:
    """Does a buyer write a review?"""
    talk = world.s.talk
    rate = world.s.reviews.probability * asymmetric_u(c.satisfaction, talk.satisfied, talk.dissatisfied)
    return world.luck.u(Purpose.REVIEW, world.day, c.i) < min(1.0, rate)
