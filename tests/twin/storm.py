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
    way: str  # it came first, a layer's name or neither
    source: int  # of several on this way the smallest number, -1 = nobody's


@dataclass
class Intent:
    """What one of the outraged will do in an hour."""

    who: int
    post: str | None = None  # platform, "" for the hub, None = he does not post
    tells: bool = False
    reaches: list[tuple[str, int]] = field(default_factory=list)  # layer, whom


@dataclass
class Storm:
    """The storm of a run."""

    state: list[set[str]]
    immune: list[int]
    fresh: list[int]
    active: dict[int, tuple[int, int]] = field(default_factory=dict)  # first hour, hour after the last
    intents: dict[int, list[Intent]] = field(default_factory=dict)  # of this day, by hour
    defenders: dict[int, int] = field(default_factory=dict)
    cause: Trigger | None = None
    started: int = 0
    spill: float = 0.0
    out_day: int = -1_000_000
    begun: list[int] = field(default_factory=lambda: [0, 0])  # first posters of this hour, and who had not seen it yet
    infections: list[tuple[int, int, int, int]] = field(default_factory=list)  # moment, who, source, channel
    hours: list[dict[str, Any]] = field(default_factory=list)
    cents: int = 0
    raged: bool = False

    def begin(self, cause: Trigger, moment: int, spill: float) -> None:
        self.cause, self.started, self.spill = cause, moment, spill
        self.media_until, self.reported, self.detected = -1, False, -1
        self.calm = self.relief = 1.0
        self.hidden = self.boost = self.given = self.moved = 0.0
        self.answered: set[str] = set()


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
    s.intents = {}
    settle(world, s, list(s.active), 24 * world.day)
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
        s.begun[0] += 1
        s.begun[1] += see_first(world, s, i)
        join(world, s, i, moment, moment)
    s.infections += [(moment, i, -1, 0) for i in posters]
    settle(world, s, posters, moment)


def skipped(draw: float, chance: float) -> float:
    """Failures before the next success."""
    if chance <= 0:
        return math.inf
    return 0 if chance >= 1 else math.floor(math.log(draw) / math.log1p(-chance))


def open_cells(world: World, purpose: Purpose, moment: int, i: int, what: int, chance: float, cells: int) -> list[int]:
    """Which of so many cells are open, each with the same chance."""
    own = world.luck.private(purpose, moment, i, what)
    found: list[int] = []
    at = skipped(own.uniform(0), chance)
    while at < cells:
        found.append(int(at))
        at += 1 + skipped(own.uniform(len(found)), chance)
    return found


def settle(world: World, s: Storm, who: list[int], moment: int) -> None:
    """What some of the outraged will do from an hour on until midnight."""
    rules, midnight = world.s.storm, 24 * (moment // 24) + 24
    for i in who if moment // 24 == world.day else []:
        c, (first, until) = world.consumers[i], s.active[i]
        end = min(until, midnight)
        intents = {hour: Intent(i) for hour in range(moment, end)}
        begin = moment + (first == moment)
        posts = [moment] * (first == moment) + [
            begin + k
            for k in open_cells(world, Purpose.STORM_POST, moment, i, 0, rules.spread.posts_per_hour, end - begin)
        ]
        on_page = hub_line(world) is not None and on_hub(world, c)
        pick = world.luck.private(Purpose.STORM_HUB, moment, i)
        for k, hour in enumerate(posts):
            at_hub = on_page and pick.uniform(k) < rules.hub.share
            intents[hour].post = "" if at_hub else posting_platform(world, c)
        for k in open_cells(world, Purpose.STORM_TELL, moment, i, 0, rules.spread.tells_per_hour, end - moment):
            intents[moment + k].tells = True
        for layer in world.layers:
            if layer.kind == "mixing":
                continue
            if layer.platform is None:
                hours, loud = [hour for hour, intent in intents.items() if intent.tells], 1.0
            else:
                hours, loud = [hour for hour, intent in intents.items() if intent.post == layer.platform], 1.0
                loud = rules.spread.amplified
            ptr, idx = world.ties[layer.name]
            ties = idx[int(ptr[i]) : int(ptr[i + 1])]
            chance, what = min(1.0, loud * layer.transmission), name_hash("ties:" + layer.name)
            for cell in open_cells(world, Purpose.STORM_SEE, moment, i, what, chance, len(hours) * len(ties)):
                row, tie = divmod(cell, len(ties))
                intents[hours[row]].reaches.append((layer.name, int(ties[tie])))
        for hour, intent in intents.items():
            s.intents.setdefault(hour, []).append(intent)


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
    row["joined"], row["reached_first"] = s.begun
    s.begun = [0, 0]
    answer(world, s, moment, row)

    intents = s.intents.get(moment, [])
    posts: dict[int, str] = {}  # poster: platform or "" for the hub
    for intent in intents:
        if intent.post is not None:
            posts[intent.who] = intent.post
            world.count("storm_posts", world.consumers[intent.who])
            troll = is_troll(world, intent.who)
            row["posts_trolls" if troll else "posts_consumers" if intent.post else "posts_hub"] += 1
        row["told"] += intent.tells

    views: dict[int, View] = {}
    way = ""

    def show(i: int, weight: int, channel: str, source: int = -1) -> None:
        if weight > 0 and "outraged" not in s.state[i]:
            view = views.setdefault(i, View(0, channel, way, source))
            view.weight += weight
            if view.way == way:
                view.source = min(view.source, source)

    for layer in world.layers:
        way = layer.name
        what = name_hash("ties:" + layer.name)
        if layer.platform is None:
            loud, weight, channel = 1.0, rounded(100 * rules.spread.close_strength), "close"
        else:
            loud, weight, channel = rules.spread.amplified, 100, "platform"
        if layer.kind == "mixing":
            crowd = [c.i for c in world.consumers if layer.platform is None or layer.platform in c.platforms]
            for intent in intents:
                if intent.tells if layer.platform is None else intent.post == layer.platform:
                    own = world.luck.private(Purpose.STORM_MEET, moment, intent.who, what)
                    for k in range(poisson_count(own.uniform(0), loud * layer.transmission * layer.mean_degree)):
                        show(crowd[math.floor(own.uniform(1 + k) * len(crowd))], weight, channel, intent.who)
        else:
            for intent in intents:
                for name, j in intent.reaches:
                    if name == layer.name:
                        show(j, weight, channel, intent.who)
    way = "anybody's"

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
    lit = [i for i in sorted(views) if take_in(world, s, moment, world.consumers[i], views[i], appeal, row)]
    settle(world, s, lit, moment + 1)
    s.infections += [(moment, i, views[i].source, CHANNELS.index(views[i].channel)) for i in lit]
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
) -> bool:  # fmt: skip
    """What seeing it does to one consumer. Whether he joins."""
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
    return joins


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
        if response.kind not in s.answered and moment >= s.detected + response.delay_hours:
            s.answered.add(response.kind)
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
