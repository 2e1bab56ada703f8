"""docs/model.md section 7.12: outrage, hour by hour."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sim.luck import Purpose
from sim.scenario.storm import RESPONSES, Response, Trigger

from .luck import name_hash, poisson_count
from .talk import posting_platform
from .words import Stage, rounded, toward
from .world import Consumer, World

FRESH = 250
NEVER = 2**31 - 1
CHANNELS = ("first", "close", "platform", "hub", "media")


@dataclass
class View:
    """What somebody sees in an hour."""

    weight: int
    channel: str


@dataclass
class Storm:
    """The storm of a run."""

    state: list[set[str]]
    immune: list[int]
    fresh: list[int]
    active: dict[int, tuple[int, int]] = field(default_factory=dict)  # first hour, hour after the last
    defenders: dict[int, int] = field(default_factory=dict)
    cause: Trigger | None = None
    started: int = 0
    spill: float = 0.0
    out_day: int = -1_000_000
    hours: list[dict[str, Any]] = field(default_factory=list)
    cents: int = 0
    raged: bool = False

    def begin(self, cause: Trigger, moment: int, spill: float) -> None:
        self.cause, self.started, self.spill = cause, moment, spill
        self.media_until, self.reported, self.detected = -1, False, -1
        self.calm = self.relief = 1.0
        self.hidden = self.boost = self.given = self.moved = 0.0
        self.begun: set[str] = set()


def storm(world: World) -> None:
    """All of a day."""
    rules = world.s.storm
    if world.storm is None:
        everybody = world.consumers
        world.storm = Storm([set() for _ in everybody], [0 for _ in everybody], [0 for _ in everybody])
    s: Storm = world.storm
    s.hours, s.cents, s.raged = [], 0, False
    kept = 2.0 ** (-1.0 / rules.harm.fresh_half_life_days)
    s.fresh = [math.floor(fresh * kept) for fresh in s.fresh]
    today = [t for t in rules.triggers if t.date == world.s.start_date + timedelta(days=world.day)]
    lit = ignition(world, s)
    for hour in range(24):
        moment = 24 * world.day + hour
        if hour == 0 and lit:
            i = rules.ignition
            made = Trigger(
                date=world.date, hour=0, kind=i.kind, severity=i.severity, vividness=i.vividness, justified=True,
                posters=1.0,
            )  # fmt: skip
            break_out(world, s, made, moment, lit)
        for trigger in today:
            if trigger.hour == hour:
                break_out(world, s, trigger, moment, first_posters(world, s, trigger, moment))
        if s.cause is not None:
            one_hour(world, s, moment)
            s.raged = True
    if s.raged:
        s.cents += rounded(100 * (rules.moderators.staff * rules.moderators.wage_eur_per_day))


def u(world: World, purpose: Purpose, moment: int, who: int, what: int = 0) -> float:
    """A draw of an hour."""
    return world.luck.u(purpose, moment, who, what)


def ignition(world: World, s: Storm) -> list[int]:
    """First posters of a storm that arises by itself this morning; nobody if it does not."""
    rules = world.s.storm.ignition
    if rules.threshold is None or s.cause is not None or world.day - s.out_day <= rules.wait_days:
        return []
    posts = [c.i for c in world.consumers if c.posts and c.bad]
    quick = world.s.service.quick_days
    late = [i for queue in world.queues for i in queue if world.day - world.consumers[i].case_day > quick]
    unanswered = sum(line.unanswered for line in world.lines)
    if world.weight * (len(posts) + len(late) + unanswered) < rules.threshold:
        return []
    if u(world, Purpose.STORM_IGNITE, world.day, 0) >= rules.chance:
        return []
    return posts or sorted(set(late))


def is_troll(world: World, i: int) -> bool:
    return world.luck.u(Purpose.STORM_TROLL, 0, i) < world.s.storm.trolls.share


def first_posters(world: World, s: Storm, trigger: Trigger, moment: int) -> list[int]:
    """The people named, as agents."""
    ranked = []
    for c in world.consumers:
        can = not world.platforms_with_layer or any(p in c.platforms for p in world.platforms_with_layer)
        wanted = {
            "random": True,
            "influencers": c.influencer,
            "trolls": is_troll(world, c.i),
            "angry_customers": c.is_customer,
        }[trigger.first_posters]
        if can and wanted and "outraged" not in s.state[c.i]:
            late = trigger.first_posters == "angry_customers" and c.satisfaction >= 0
            ranked.append((late + u(world, Purpose.STORM_FIRST, moment, c.i), c.i))
    number = max(1, rounded(trigger.posters / world.weight))
    return sorted(i for _, i in sorted(ranked)[:number])


def break_out(world: World, s: Storm, cause: Trigger, moment: int, posters: list[int]) -> None:
    if not posters:
        return
    s.begin(cause, moment, getattr(world.s.storm.contagion, cause.kind))
    for i in posters:
        see_first(world, s, i)
        join(world, s, i, moment, moment)


def see_first(world: World, s: Storm, i: int) -> bool:
    """Whether it is the first time."""
    if "seen" in s.state[i]:
        return False
    s.state[i].add("seen")
    world.count("storm_reached", world.consumers[i])
    return True


def join(world: World, s: Storm, i: int, moment: int, first_hour: int) -> None:
    spread, c = world.s.storm.spread, world.consumers[i]
    draw = u(world, Purpose.STORM_LAST, moment, i)
    grown = spread.fatigue_hours * (draw ** (-1.0 / spread.fatigue_shape) - 1.0)
    hours = spread.longest_hours if grown >= spread.longest_hours else min(spread.longest_hours, 1 + math.floor(grown))
    s.state[i].add("outraged")
    s.active[i] = (first_hour, first_hour + hours)
    world.count("storm_outraged", c)
    if u(world, Purpose.STORM_REVIEW, moment, i) < world.s.storm.harm.review:
        write_bad_review(world, c)


def write_bad_review(world: World, c: Consumer) -> None:
    world.count("reviews_bad", c)
    world.storm_reviews += 1


def one_hour(world: World, s: Storm, moment: int) -> None:
    """Answers, posts, views, effects, fatigue, notice."""
    rules, cause = world.s.storm, s.cause
    assert cause is not None
    new = dict.fromkeys(("posts_consumers", "posts_trolls", "posts_hub", "told", "joined", "compensated"), 0)
    row: dict[str, Any] = new | {f"reached_{channel}": 0 for channel in CHANNELS}
    row |= {"moment": moment, "outraged": len(s.active), "media": int(moment < s.media_until)}
    if moment == s.started:
        row["joined"] = row["reached_first"] = sum(first == moment for first, _ in s.active.values())
    answer(world, s, moment, row)

    posts: dict[int, str] = {}  # poster: platform or "" for the hub
    tellers = []
    hub = hub_line(world)
    for i, (first, _) in s.active.items():
        c = world.consumers[i]
        if first == moment or u(world, Purpose.STORM_POST, moment, i) < rules.spread.posts_per_hour:
            there = hub is not None and on_hub(world, c)
            place: str | None
            if there and u(world, Purpose.STORM_HUB, moment, i) < rules.hub.share:
                place = ""
            else:
                place = posting_platform(world, c)
            if place is not None:
                posts[i] = place
                world.count("storm_posts", c)
                kind = "posts_trolls" if is_troll(world, i) else "posts_consumers" if place else "posts_hub"
                row[kind] += 1
        if u(world, Purpose.STORM_TELL, moment, i) < rules.spread.tells_per_hour:
            tellers.append(i)
    row["told"] = len(tellers)

    views: dict[int, View] = {}

    def show(i: int, weight: int, channel: str) -> None:
        if weight > 0 and "outraged" not in s.state[i]:
            views.setdefault(i, View(0, channel)).weight += weight

    for layer in world.layers:
        what = name_hash("ties:" + layer.name)
        if layer.platform is None:
            speakers, loud, weight, channel = tellers, 1.0, rounded(100 * rules.spread.close_strength), "close"
        else:
            speakers = [i for i in s.active if posts.get(i) == layer.platform]
            loud, weight, channel = rules.spread.amplified, 100, "platform"
        if layer.kind == "mixing":
            crowd = [c.i for c in world.consumers if layer.platform is None or layer.platform in c.platforms]
            for i in speakers:
                own = world.luck.private(Purpose.STORM_MEET, moment, i, what)
                for k in range(poisson_count(own.uniform(0), loud * layer.transmission * layer.mean_degree)):
                    show(crowd[math.floor(own.uniform(1 + k) * len(crowd))], weight, channel)
        else:
            ptr, idx = world.ties[layer.name]
            for i in speakers:
                for e in range(int(ptr[i]), int(ptr[i + 1])):
                    if u(world, Purpose.STORM_SEE, moment, e, what) < min(1.0, loud * layer.transmission):
                        show(int(idx[e]), weight, channel)

    at_hub = sum(place == "" for place in posts.values())
    answered = 0.0
    if at_hub and 0 <= s.detected <= moment:
        able = rules.moderators.staff * rules.moderators.answers_per_hour
        answered = min(1.0, able / (world.weight * at_hub))
    row["answered_hub"] = answered
    if at_hub:
        crowd = [c.i for c in world.consumers if on_hub(world, c)]
        mean = min(
            at_hub * (1.0 - s.hidden) * rules.hub.views_per_post, rules.hub.most_share_per_hour * len(crowd)
        )  # fmt: skip
        weight = rounded(100 * rules.hub.strength * (1.0 - rules.moderators.effect * answered))
        for k in range(poisson_count(u(world, Purpose.STORM_VISITS, moment, 0), mean)):
            show(crowd[math.floor(u(world, Purpose.STORM_VIEW, moment, k) * len(crowd))], weight, "hub")
    if moment < s.media_until:
        many = rounded(len(world.consumers) * rules.media.reach / rules.media.hours)
        for k in range(many):
            i = math.floor(u(world, Purpose.STORM_MEDIA, moment, k) * len(world.consumers))
            show(i, rounded(100 * rules.media.strength), "media")

    number = len(posts)
    answers = len(s.defenders) * rules.supporters.answers_per_hour * (1.0 + s.boost)
    fans = rules.supporters.effect * answers / (answers + number) if answers > 0 else 0.0
    row["supporters"] = len(s.defenders)
    row["appeal"] = appeal = how_appealing(world, s, moment) * s.calm * (1.0 - fans)
    for i in sorted(views):
        take_in(world, s, moment, world.consumers[i], views[i], appeal, row)
    for response in rules.responses:
        if response.kind == "compensate":
            cents = rounded(100 * response.cost_per_case_eur)
            s.cents += rounded(world.weight * (row["compensated"] * cents))
        elif response.kind == "private_channel":
            s.cents += rounded(100 * world.weight * (s.moved * at_hub) * response.cost_per_case_eur)

    for i, (_, until) in list(s.active.items()):
        if until <= moment + 1:
            del s.active[i]
            s.state[i].discard("outraged")
            s.immune[i] = immune(world, moment + 1, i, u(world, Purpose.STORM_WANE, moment, i))
    s.defenders = {i: until for i, until in s.defenders.items() if until > moment + 1}
    people = world.weight * number
    limit = rules.media.threshold_posts_per_hour
    if limit is not None and not s.reported and people >= limit:
        s.reported, s.media_until = True, moment + 1 + rules.media.hours
    if s.detected < 0 and people >= rules.listening.threshold_posts_per_hour:
        s.detected = moment + 1 + rules.listening.lag_hours
    if not s.active and moment + 1 >= s.media_until:
        s.cause, s.out_day, s.defenders = None, world.day, {}
        for state in s.state:
            state.difference_update(("seen", "defends"))
    s.hours.append(row)


def hub_line(world: World) -> Any:
    """The brand's page."""
    named = world.s.storm.hub.touchpoint
    for line in world.lines:
        if line.t.name == named or (named is None and line.t.kind == "owned" and line.t.two_way):
            return line
    return None


def on_hub(world: World, c: Consumer) -> bool:
    """Whether he can be on the brand's page: uses its platform, has opted in."""
    line = hub_line(world)
    uses = line.t.platform is None or line.t.platform in c.platforms
    return uses and (not line.restricted or line.t.name in c.opted)


def immune(world: World, moment: int, i: int, draw: float) -> int:
    days = world.s.storm.spread.immune_days
    if days is None:
        return NEVER
    wait = -math.log(draw) * 24.0 * days
    return NEVER if wait >= NEVER - moment else moment + math.floor(wait)


def how_appealing(world: World, s: Storm, moment: int) -> float:
    spread, cause = world.s.storm.spread, s.cause
    assert cause is not None
    chance = spread.join * cause.severity * (1.0 + spread.arousal * cause.vividness)
    if not cause.justified:
        chance *= spread.unjustified
    if spread.novelty_half_life_hours is not None:
        chance *= 2.0 ** (-(moment - s.started) / spread.novelty_half_life_hours)
    return chance


def take_in(
    world: World, s: Storm, moment: int, c: Consumer, view: View, appeal: float, row: dict[str, Any]
) -> None:  # fmt: skip
    """What seeing it does to one consumer."""
    rules, cause, trust = world.s.storm, s.cause, world.persona(c).trust_earned
    assert cause is not None
    harm, x = rules.harm, view.weight / 100
    betrayal = rules.spread.betrayal if cause.justified else 0.0
    chance = min(1.0, appeal * math.exp(betrayal * c.loyalty - rules.spread.relation * c.feeling))
    if is_troll(world, c.i):
        chance = max(chance, rules.trolls.join)
    joins = s.immune[c.i] <= moment and u(world, Purpose.STORM_JOIN, moment, c.i) < 1 - (1 - chance) ** x
    dose = x * (cause.severity * getattr(rules.kinds, cause.kind) * s.relief)
    c.salience += harm.salience * x
    c.belief = toward(c.belief, -1.0, 1 - (1 - harm.belief * trust) ** dose)
    c.feeling = toward(c.feeling, -1.0, 1 - (1 - harm.feeling * trust) ** dose)
    fresh = s.fresh[c.i]
    s.fresh[c.i] = math.floor(fresh + (FRESH - fresh) * (1 - (1 - harm.fresh) ** dose) + 0.5)
    c.store()
    first = see_first(world, s, c.i)
    if first:
        row[f"reached_{view.channel}"] += 1
    if joins:
        join(world, s, c.i, moment, moment + 1)
        row["joined"] += 1
    elif first and c.stage == Stage.ADVOCACY:
        if u(world, Purpose.STORM_DEFEND, moment, c.i) < rules.supporters.share:
            s.state[c.i].add("defends")
            s.defenders[c.i] = moment + 1 + rules.supporters.hours
    if first and s.given > 0 and c.is_customer and u(world, Purpose.STORM_TAKE, moment, c.i) < rules.effects.take_up:
        compensate(world, s, c, row)


def compensate(world: World, s: Storm, c: Consumer, row: dict[str, Any]) -> None:
    repair(s, c, s.given)
    world.count("storm_compensated", c)
    row["compensated"] += 1


def repair(s: Storm, c: Consumer, share: float) -> None:
    """Give back a share of what was lost."""
    s.fresh[c.i] = math.floor(s.fresh[c.i] * (1.0 - share) + 0.5)
    if c.feeling < 0:
        c.feeling *= 1.0 - share
    c.store()


def answer(world: World, s: Storm, moment: int, row: dict[str, Any]) -> None:
    """Responses whose hour has come, in the order of their kinds."""
    if s.detected < 0:
        return
    for response in sorted(world.s.storm.responses, key=lambda r: RESPONSES.index(r.kind)):
        if response.kind not in s.begun and moment >= s.detected + response.delay_hours:
            s.begun.add(response.kind)
            respond(world, s, response, moment, row)


def respond(world: World, s: Storm, response: Response, moment: int, row: dict[str, Any]) -> None:
    cause, effects = s.cause, world.s.storm.effects
    assert cause is not None
    effect = getattr(effects, response.kind)
    fit = effect.justified if cause.justified else effect.unjustified
    works = fit * response.credibility * (1.0 + response.tone) / 2.0
    if effects.impatience_half_life_hours is not None:
        works *= 2.0 ** (-(moment - s.started) / effects.impatience_half_life_hours)
    s.calm *= 1.0 - effect.calms * (works if effect.calms > 0 else fit)
    s.relief *= 1.0 - effect.relieves * works
    s.hidden = 1.0 - (1.0 - s.hidden) * (1.0 - effect.hides * fit)
    s.cents += rounded(100 * response.cost_eur)
    seen = [c for c in world.consumers if "seen" in s.state[c.i]]
    if response.kind == "supporters":
        s.boost = effects.supporters_boost * works
    if response.kind == "private_channel":
        s.moved = effect.hides * fit
    if response.kind == "compensate":
        s.given = effect.repairs * works
        for c in seen:
            if c.is_customer and u(world, Purpose.STORM_TAKE, moment, c.i) < effects.take_up:
                compensate(world, s, c, row)
    elif effect.repairs * works > 0:
        for c in seen:
            repair(s, c, effect.repairs * works)
