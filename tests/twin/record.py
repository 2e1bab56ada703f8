"""docs/model.md sections 7.1 (costs), 7.10 and 7.11: money in cents of the market, counts of the evening."""

from __future__ import annotations

from typing import Any

from .words import CHANNELS, rounded
from .world import Line, World

#: What the evening sums up by persona and stage.
SUMMED = ("feeling", "belief", "salience")
SUMMED_OF_CUSTOMERS = ("satisfaction", "loyalty")


def record(world: World) -> dict[str, Any]:
    """The day's counters by name: per persona, per persona and stage (flows: from, to), per touchpoint, and money."""
    day = world.today
    for c in world.consumers:
        day["consumers"][c.p][c.stage] += 1
        for name in SUMMED:
            day[name][c.p][c.stage] += getattr(c, name)
        if c.is_customer:
            for name in SUMMED_OF_CUSTOMERS:
                day[name][c.p][c.stage] += getattr(c, name)
            world.count("promoters", c, int(c.satisfaction >= 0.5))
            world.count("detractors", c, int(c.satisfaction < 0))
    revenue = [rounded(world.weight * cents) for cents in day["revenue_cents"]]
    unit_costs = [rounded(world.weight * cents) for cents in day["unit_cost_cents"]]
    for line in world.lines:
        world.touch["cost_cents"][line.index] = cost(world, line)
    desks = [getattr(world.s.service.desks, channel) for channel in CHANNELS]
    wages = sum(rounded(100 * desk.staff * desk.wage_eur_per_day) for desk in desks)
    goodwill = rounded(world.weight * (world.goodwill_cases * rounded(100 * world.s.service.goodwill_eur)))
    before = world.listening_so_far
    world.listening_so_far += world.s.storm.listening.eur_per_week / 7
    storm = rounded(100 * world.listening_so_far) - rounded(100 * before) + world.storm.cents
    costs = sum(unit_costs) + sum(world.touch["cost_cents"]) + wages + goodwill + storm
    good, bad = world.reviews_today
    bad += world.storm_reviews
    world.good_reviews += world.weight * good
    world.bad_reviews += world.weight * bad
    return {
        "day": world.day,
        **day,
        **{"touchpoint_" + name: counts for name, counts in world.touch.items()},
        "market_revenue_cents": revenue,
        "market_unit_cost_cents": unit_costs,
        "wages_cents": wages,
        "goodwill_cents": goodwill,
        "storm_cents": storm,
        "storm_hours": [dict(hour) for hour in world.storm.hours],
        "profit_cents": sum(revenue) - costs,
        "brand_purchases": world.brand_purchases,
        "queue": [len(queue) for queue in world.queues],
        "arrived": [arrived[-1] for arrived in world.arrived],
        "served": list(world.served),
        "reviews": [world.good_reviews, world.bad_reviews],
        "ugc_pool": world.ugc_pool,
        "advertising_eur": world.smoothed_advertising,
        "pool_cents": [line.pool_cents for line in world.lines],
    }


def cost(world: World, line: Line) -> int:
    """What a line really cost today; a referral line's rewards leave its pool."""
    t, w, touch = line.t, world.weight, world.touch
    variable = 0
    if t.mechanism in ("impressions", "influencers") and line.bought > 0:
        unit_price = line.spend_cents / 100 / line.bought
        variable = max(0, line.spend_cents - rounded(100 * w * touch["refused"][line.index] * unit_price))
    elif t.mechanism == "curation":
        variable = rounded(100 * (line.posts * t.cost_per_post_eur))
    elif t.mechanism in ("visits", "sends"):
        variable = rounded(100 * w * touch["impressions"][line.index] * t.cost_per_contact_eur)
    elif t.mechanism == "referral":
        variable = rounded(100 * w * touch["invited_wins"][line.index] * t.reward_eur)
        line.pool_cents -= variable
    answers = rounded(100 * w * touch["comments_answered"][line.index] * t.answer_cost_eur)
    return line.fixed_cents + variable + answers
