"""docs/model.md section 7.4: needs, offers compared, purchases, leaving."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.luck import Purpose

from .luck import poisson_count
from .words import Stage, logistic, rounded, toward
from .world import Consumer, World


def decide(world: World) -> None:
    """Every consumer by the stage of last evening."""
    for c in world.consumers:
        repeat = world.s.market.kind == "repeat"
        if c.stage == Stage.CONSIDERATION and needs(world, c) >= 1:
            world.count("needs", c)
            start_decision(world, c)
        if c.stage == Stage.DECISION:
            if world.day >= c.due:
                first_choice(world, c)
        elif c.is_customer and repeat:
            shop_again(world, c)
        elif c.is_customer and world.s.market.kind == "subscription":
            if world.day == c.due:
                renew(world, c)
        elif repeat and c.stage in (Stage.UNAWARE, Stage.AWARENESS, Stage.LAPSED):
            shop_elsewhere(world, c)


def needs(world: World, c: Consumer) -> int:
    """k, the needs of today."""
    market = world.s.market
    prompted = int(c.prompted)
    if market.instant_decision and c.stage == Stage.CONSIDERATION:
        return 1
    season = market.season[world.date.month - 1] / (sum(market.season) / 12)
    mean = c.need_rate * season
    u = world.luck.screened(Purpose.NEED, world.day, c.i)
    k = poisson_count(u, mean) if market.kind == "repeat" else int(u < 1 - math.exp(-mean))
    if c.stage == Stage.CONSIDERATION:
        return max(k, prompted)
    return k + prompted if c.is_customer else k


def start_decision(world: World, c: Consumer) -> None:
    """A need arises: how long it will take, reviews read and friends asked."""
    world.move(c, Stage.DECISION)
    c.due = world.day
    if world.s.market.instant_decision:
        return
    u = world.luck.u(Purpose.DURATION, world.day, c.i)
    c.due = min(32_767, world.day + math.floor(-math.log(u) * world.s.market.decision_days))
    choice, trust = world.s.choice, world.persona(c).trust_earned
    n = world.good_reviews + world.bad_reviews
    if n > 0:
        r = (world.good_reviews - world.bad_reviews) / n
        c.belief = toward(c.belief, r, choice.reviews * trust * n / (n + world.s.reviews.half_trust))
    opinions = [opinion for opinion in friends_opinions(world, c) if opinion is not None]
    if opinions:
        c.feeling = toward(c.feeling, sum(opinions) / len(opinions) / 100, choice.friends * trust)


def friends_opinions(world: World, c: Consumer) -> list[int | None]:
    """What close ties thought last evening."""
    found = []
    for layer in world.layers:
        if layer.platform is None and layer.kind != "mixing":
            ptr, idx = world.ties[layer.name]
            found += [world.consumers[int(j)].opinion for j in idx[int(ptr[c.i]) : int(ptr[c.i + 1])]]
    return found


def utilities(world: World, c: Consumer) -> list[float]:
    """U of focal, rivals by name, nothing."""
    market, w, persona = world.s.market, world.s.choice, world.persona(c)
    prices = [rival.price for rival in world.rivals]
    h, s = world.s.storm.harm, shaken(world, c)
    spilt = world.storm.spill * h.purchase * s
    reference = market.reference_price or (sum(prices) / len(prices) if prices else market.price)

    def dear(price: float) -> float:
        return persona.price_sensitivity * (price / reference - 1) if reference > 0 else 0.0

    u = [
        c.taste[0] / 512
        + w.belief * c.belief
        + w.feeling * c.feeling
        + w.loyalty * c.loyalty
        + w.salience * c.salience / (1 + c.salience)
        - dear(price_today(world, c))
        + math.log(market.availability)
        - h.purchase * s
    ]
    for j, rival in enumerate(world.rivals):
        u.append(
            c.taste[1 + j] / 512 - spilt - dear(rival.price) + market.share_of_voice_weight * world.share_of_voice[j]
        )
    return u + [taste / 512 for taste in c.taste[1 + len(world.rivals) :]]


def shaken(world: World, c: Consumer) -> float:
    """How fresh a storm is that he saw, 0..1."""
    return float(world.storm.fresh[c.i] / 250)


def price_today(world: World, c: Consumer) -> float:
    """p, EUR."""
    discount = world.discount
    if c.invited:
        discount = max(discount, world.lines[c.invited - 1].t.invite_discount_percent)
    return world.s.market.price * (1 - discount / 100)


def pick(u: Sequence[float], draw: float) -> int:
    """Logit choice: the first alternative whose cumulated probability exceeds the draw."""
    top = max(u)
    grown = [math.exp(value - top) for value in u]
    total = sum(grown)
    cumulated = 0.0
    for j, value in enumerate(grown):
        cumulated += value / total
        if draw < cumulated:
            return j
    return len(u) - 1


def choose(world: World, c: Consumer, counter: int, first: int = 0) -> int:
    """The alternative taken, among those from `first` on; purchases of others are counted here."""
    draw = world.luck.private(Purpose.CHOOSE, world.day, c.i).uniform(counter)
    j = first + pick(utilities(world, c)[first:], draw)
    if j > 0:
        world.brand_purchases[j] += 1
    if j > len(world.rivals):
        world.count("nothing_purchases", c)
    elif j > 0:
        world.count("rival_purchases", c)
        c.bought.add(j)
    return j


def first_choice(world: World, c: Consumer) -> None:
    """The end of DECISION."""
    if choose(world, c, 0) != 0:
        world.move(c, Stage.CONSIDERATION)
        return
    purchase(world, c)
    world.count("first_purchases", c)
    world.move(c, Stage.SERVICE)
    c.since = world.day
    if world.s.market.kind == "subscription":
        c.due = world.day + world.s.market.period_days
    elif world.s.market.kind == "durable":
        c.due = world.day + world.s.experience.use_every_days
    elif world.s.experience.leave_every_days > 0:
        c.due = world.day + world.s.experience.leave_every_days
    if c.invited:
        world.touch["invited_wins"][c.invited - 1] += 1
        c.invited = 0


def shop_again(world: World, c: Consumer) -> None:
    """Customers of a repeat-purchase market; they may leave after each repurchase, or else on certain days only."""
    k = needs(world, c)
    world.count("needs", c, k)
    every = world.s.experience.leave_every_days
    if every > 0 and world.day == c.due:
        if leaves(world, c, 0):
            return
        c.due += every
    for counter in range(k):
        if choose(world, c, counter) == 0:
            purchase(world, c)
            world.count("repeat_purchases", c)
            if every == 0 and leaves(world, c, counter):
                return


def shop_elsewhere(world: World, c: Consumer) -> None:
    """Those who do not think of the focal brand buy the others."""
    k = needs(world, c)
    world.count("needs", c, k)
    if len(c.taste) > 1:
        for counter in range(k):
            choose(world, c, counter, first=1)


def renew(world: World, c: Consumer) -> None:
    """A subscription ends or goes on."""
    if not leaves(world, c, 0):
        purchase(world, c)
        world.count("repeat_purchases", c)
        c.due = world.day + world.s.market.period_days


def leaves(world: World, c: Consumer, counter: int) -> bool:
    """The individual leaving propensity, shifted by what the customer experienced."""
    e = world.s.experience
    p = logistic(
        c.leave_logit
        + world.s.storm.harm.leaving * shaken(world, c)
        + e.leave_reference
        - e.leave_satisfaction * c.satisfaction
        - e.leave_loyalty * c.loyalty
        - e.leave_feeling * c.feeling
    )
    if world.luck.private(Purpose.LEAVE, world.day, c.i).uniform(counter) < p:
        c.left = "lost_by_choice"
        return True
    return False


def purchase(world: World, c: Consumer) -> None:
    """One purchase of the focal brand; money in cents of agents."""
    world.count("revenue_cents", c, rounded(100 * price_today(world, c)))
    world.count("unit_cost_cents", c, rounded(100 * world.s.market.unit_cost))
    world.brand_purchases[0] += 1
    c.purchases = min(65_535, c.purchases + 1)
    c.last_purchase = world.day
    c.bought.add(0)
    c.bought_today = True
