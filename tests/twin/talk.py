"""docs/model.md sections 7.3, 7.8 and 7.9: who talks, who hears it and what it does."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.luck import Purpose
from sim.scenario.talk import Ties as Layer

from .luck import name_hash, poisson_count
from .words import Stage, asymmetric_u, logistic, rounded, toward
from .world import Consumer, Line, World


@dataclass
class Heard:
    """What one consumer hears on one day, in hundredths."""

    w: int = 0
    f: int = 0
    b: int = 0


def talk(world: World) -> None:
    """Yesterday evening's speakers reach their ties; hearers move."""
    for c in world.consumers:
        if c.talks:
            world.count("talk_bad" if c.bad else "talk_good", c)
        if c.posts:
            world.count("posts_bad" if c.bad else "posts_good", c)
    contents = [content(c) for c in world.consumers]
    heard = [Heard() for _ in world.consumers]
    for layer in world.layers:
        speakers = [c for c in world.consumers if speaks_on(world, layer, c)]
        if layer.kind == "mixing":
            mix(world, layer, speakers, contents, heard)
        else:
            pass_on(world, layer, speakers, contents, heard)
    for c, h in zip(world.consumers, heard, strict=True):
        if h.w > 0:
            hear(world, c, h)


def valence(c: Consumer) -> int:
    """v."""
    return -1 if c.bad else 1


def content(c: Consumer) -> tuple[int, int]:
    """Feeling and belief that a speaker's words carry, in hundredths."""
    return rounded(100 * (c.mood + valence(c)) / 2), rounded(100 * (c.belief + valence(c)) / 2)


def speaks_on(world: World, layer: Layer, c: Consumer) -> bool:
    """Talk goes along close layers, posts along those of today's posting platform."""
    if layer.platform is None:
        return c.talks
    return c.posts and posting_platform(world, c) == layer.platform


def posting_platform(world: World, c: Consumer) -> str | None:
    """One of the platforms that have a layer and that he uses."""
    own = [platform for platform in world.platforms_with_layer if platform in c.platforms]
    if not own:
        return None
    return own[math.floor(world.luck.u(Purpose.PLATFORM, world.day, c.i) * len(own))]


def message_weight(world: World, layer: Layer, v: int) -> int:
    """q."""
    rules = world.s.talk
    influence = rules.influence_in_person if layer.platform is None else rules.influence_post
    return rounded(100 * influence * (rules.negativity if v < 0 else 1.0))


def pass_on(
    world: World, layer: Layer, speakers: list[Consumer], contents: list[tuple[int, int]], heard: list[Heard]
) -> None:
    """Graph layers: every tie is tried once."""
    ptr, idx = world.ties[layer.name]
    what = name_hash("ties:" + layer.name)
    for speaker in speakers:
        v = valence(speaker)
        q = message_weight(world, layer, v)
        feeling, belief = contents[speaker.i]
        for e in range(int(ptr[speaker.i]), int(ptr[speaker.i + 1])):
            if not world.luck.u(Purpose.PASS_ON, world.day, e, what) < layer.transmission:
                continue
            hearer = world.consumers[int(idx[e])]
            h = heard[hearer.i]
            world.count("heard_bad" if v < 0 else "heard_good", hearer)
            h.w += q
            h.f += q * feeling
            h.b += q * belief
            if v > 0 and layer.platform is None:
                invite(world, speaker, hearer, e)


def mix(
    world: World, layer: Layer, speakers: list[Consumer], contents: list[tuple[int, int]], heard: list[Heard]
) -> None:
    """Mixing layers: everybody meets everybody."""
    what = name_hash("ties:" + layer.name)
    hearers = [c for c in world.consumers if layer.platform is None or layer.platform in c.platforms]
    for v, purpose, counter in ((1, Purpose.HEAR_GOOD, "heard_good"), (-1, Purpose.HEAR_BAD, "heard_bad")):
        said = [contents[c.i] for c in speakers if valence(c) == v]
        if not said:
            continue
        q = message_weight(world, layer, v)
        mean_feeling, mean_belief = sum(f for f, _ in said) / len(said), sum(b for _, b in said) / len(said)
        mean = layer.transmission * layer.mean_degree * len(said) / len(hearers)
        for c in hearers:
            n = poisson_count(world.luck.screened(purpose, world.day, c.i, what), mean)
            world.count(counter, c, n)
            heard[c.i].w += q * n
            heard[c.i].f += rounded(q * n * mean_feeling)
            heard[c.i].b += rounded(q * n * mean_belief)


def inviting_line(world: World) -> Line | None:
    """The first referral line whose pool holds a reward."""
    for line in world.lines:
        if line.t.mechanism == "referral" and line.t.scale > 0 and line.pool_cents >= rounded(100 * line.t.reward_eur):
            return line
    return None


def invite(world: World, speaker: Consumer, hearer: Consumer, e: int) -> None:
    """A good word among friends may carry an invitation of the referral programme."""
    line = inviting_line(world)
    if line is None or speaker.stage not in line.stages or hearer.invited or hearer.is_customer:
        return
    if world.luck.u(Purpose.INVITE, world.day, e, line.what) < min(1.0, line.t.invite_share * line.t.scale):
        hearer.invited = 1 + line.index


def hear(world: World, c: Consumer, h: Heard) -> None:
    """Receivers move towards the speakers."""
    rules, trust = world.s.talk, world.persona(c).trust_earned
    x = h.w / 100
    c.salience += rules.weight * x
    c.belief = toward(c.belief, h.b / (100 * h.w), 1 - (1 - rules.inform * trust) ** x)
    c.feeling = toward(c.feeling, h.f / (100 * h.w), 1 - (1 - rules.touch * trust) ** x)


def decide_to_speak(world: World) -> None:
    """What is said tomorrow, and what of it the brand can repost."""
    for c in world.consumers:
        c.talks = c.posts = c.bad = False
        if world.s.talk.enabled:
            words_of_tomorrow(world, c)
    creators = [c for c in world.consumers if c.stage == Stage.ADVOCACY and c.posts and not c.bad]
    for c in creators:
        world.count("ugc", c)
    world.ugc_pool = world.weight * len(creators)


def words_of_tomorrow(world: World, c: Consumer) -> None:
    """TALK, POST and BAD of one consumer."""
    rules, luck, day = world.s.talk, world.luck, world.day
    heard_there = any(platform in c.platforms for platform in world.platforms_with_layer)
    if rules.once:
        c.talks = c.became_aware
        heard_there = False
    elif c.stage != Stage.UNAWARE:
        stage = c.stage.name.lower()
        lively = c.involvement * asymmetric_u(c.mood, rules.satisfied, rules.dissatisfied)
        in_person = lively * getattr(rules.in_person_per_week, stage) / 7
        c.talks = luck.screened(Purpose.SPEAK, day, c.i) < 1 - math.exp(-in_person)
        if heard_there:
            posts = lively * getattr(rules.posts_per_week, stage) / 7
            if c.influencer:
                posts *= rules.influencer_posts
            c.posts = luck.screened(Purpose.POST, day, c.i) < 1 - math.exp(-posts)
    spoken = c.talks or c.posts
    if spoken:
        positive = logistic(rules.valence_base + rules.valence_slope * c.mood)
        c.bad = luck.u(Purpose.VALENCE, day, c.i) >= positive
    if c.angry:
        c.posts = c.posts or heard_there
        c.bad = c.talks or c.posts
    elif c.shared and heard_there and c.stage != Stage.UNAWARE:
        c.posts = True
