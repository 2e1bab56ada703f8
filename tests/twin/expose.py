"""docs/model.md section 7.2: contacts and what they do."""

from __future__ import annotations

from sim.luck import Purpose

from .luck import poisson_count
from .plan import eligible
from .words import REACTIONS, along, clip, logistic, toward
from .world import Consumer, Line, World


def expose(world: World) -> None:
    """Draw all contacts against the state of last evening, then let each one work, by name."""
    if world.day > 0 and world.day % world.s.memory.synergy_window_days == 0:
        for c in world.consumers:
            c.recent_before = c.recent
            c.recent = set()
    for line in world.lines:
        line.unanswered = line.negative_yesterday - line.answered_yesterday
    before = [(line.reactions_yesterday, line.negative_yesterday, line.answered_yesterday) for line in world.lines]
    drawn = [draw_contacts(world, c) for c in world.consumers]
    for c, contacts in zip(world.consumers, drawn, strict=True):
        landings = set()
        for line in world.lines:
            if line.index in contacts and contact(world, c, line, contacts[line.index], before[line.index]):
                there = world.line[line.t.lands_on]
                if there.index not in contacts:
                    landings.add(there.index)
        for j in sorted(landings):
            contact(world, c, world.lines[j], 1, before[j], landing=True)
    for line in world.lines:
        line.reactions_yesterday = world.touch["reactions"][line.index]
        line.negative_yesterday = world.touch["comments_negative"][line.index]
        line.answered_yesterday = world.touch["comments_answered"][line.index]
    for p in range(len(world.personas)):
        world.reactions_so_far[p] += world.today["reactions"][p]


def draw_contacts(world: World, c: Consumer) -> dict[int, int]:
    """Delivered contacts by line."""
    contacts = {}
    for line in world.lines:
        if not eligible(line, c):
            continue
        mean = line.rho * line.affinity(world.persona(c))
        u = world.luck.screened(Purpose.CONTACT, world.day, c.i, line.what)
        n = int(u < min(1.0, mean)) if line.t.mechanism == "sends" else poisson_count(u, mean)
        cap = line.t.frequency_cap_per_week
        if cap is not None and n > 0:
            delivered = min(n, cap - c.counts.get(line.index, 0))
            world.touch["refused"][line.index] += n - delivered
            c.counts[line.index] = c.counts.get(line.index, 0) + delivered
            n = delivered
        if n > 0:
            contacts[line.index] = n
    return contacts


def contact(
    world: World, c: Consumer, line: Line, n: int, before: tuple[int, int, int], *, landing: bool = False
) -> bool:
    """The list of 7.2 for one consumer, one touchpoint and n contacts; true if a click leads on.

    `before` holds yesterday's reactions, negative comments and answers at this touchpoint.
    """
    t, memory, persona, luck, day = line.t, world.s.memory, world.persona(c), world.luck, world.day
    trust = {"paid": persona.trust_paid, "owned": persona.trust_owned, "earned": persona.trust_earned}[t.kind]
    a = min(1.0, t.attention * persona.attention * trust)
    touch = world.touch
    # 1
    touch["impressions"][line.index] += n
    touch["contacts"][line.index] += 1
    touch["landings"][line.index] += landing
    touch["new_reach"][line.index] += line.index not in c.met
    c.met.add(line.index)
    c.annoyance += t.irritation * n
    if t.irritation > 0 and c.annoyance > memory.annoyance_tolerance:
        c.feeling = clip(c.feeling - memory.annoyance_effect * (c.annoyance - memory.annoyance_tolerance))
    # 2
    if not luck.u(Purpose.NOTICE, day, c.i, line.what) < 1 - (1 - a) ** n:
        return False
    touch["noticed"][line.index] += 1
    # 3
    others = len((c.recent | c.recent_before) - {line.index})
    m = (1 + t.synergy * min(memory.synergy_most, others)) * (1 + t.personalisation * world.insight[c.p])
    # 4
    message_feeling = t.message_feeling
    reactions, negative, answered = before
    if t.two_way and reactions > 0:
        message_feeling = clip(t.message_feeling - (negative - answered) / reactions)
    c.salience += t.weight * m
    c.belief = toward(c.belief, t.message_belief, t.inform * m)
    c.feeling = toward(c.feeling, message_feeling, t.touch * m)
    if c.is_customer:
        c.loyalty = toward(c.loyalty, 1.0, t.bond * m)
    c.recent.add(line.index)
    # 5
    if t.two_way and luck.u(Purpose.REACT, day, c.i, line.what) < t.reaction_share:
        react(world, c, line, negative)
    # 6
    if luck.u(Purpose.PROMPT, day, c.i, line.what) < t.prompt * m:
        c.prompted = True
        touch["prompts"][line.index] += 1
    if not landing and t.lands_on is not None and world.line[t.lands_on].t.scale > 0:
        if luck.u(Purpose.CLICK, day, c.i, line.what) < t.click:
            touch["clicks"][line.index] += 1
            return True
    return False


def react(world: World, c: Consumer, line: Line, negative_yesterday: int) -> None:
    """A like, comment, share or save."""
    luck, day, dialogue, talk, touch = world.luck, world.day, world.s.dialogue, world.s.talk, world.touch
    world.count("reactions", c)
    touch["reactions"][line.index] += 1
    shares = (dialogue.like_share, dialogue.comment_share, dialogue.share_share)
    kind = REACTIONS[along(luck.u(Purpose.REACTION_KIND, day, c.i, line.what), shares)]
    touch[kind + "s"][line.index] += 1
    if kind == "share":
        c.shared = True
    if kind != "comment":
        return
    positive = logistic(talk.valence_base + talk.valence_slope * c.feeling)
    if luck.u(Purpose.REACTION_VALENCE, day, c.i, line.what) < positive:
        return
    touch["comments_negative"][line.index] += 1
    answers = line.t.scale * line.t.answers_per_day
    answered_share = 1.0 if answers > 0 else 0.0
    if negative_yesterday > 0:
        answered_share = min(1.0, answers / (world.weight * negative_yesterday))
    if luck.u(Purpose.ANSWERED, day, c.i, line.what) < answered_share:
        touch["comments_answered"][line.index] += 1
        c.feeling = clip(c.feeling + dialogue.answer_repair)
    else:
        c.feeling = clip(c.feeling - dialogue.unanswered_harm)
