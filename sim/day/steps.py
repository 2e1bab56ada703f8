"""The steps of a day: each binds the kernels of its file to the state of a run."""

from __future__ import annotations

import numpy as np

from sim.agents.stages import STAGES, Stage
from sim.company import answered_share, hear_voice, insight, share_of_voice
from sim.day import decide as deciding
from sim.day import experience as experiencing
from sim.day import expose as exposing
from sim.day import listen as listening
from sim.day import mingle as mingling
from sim.day import tell as telling
from sim.day.evening import evening
from sim.day.pressure import Pressure, press
from sim.day.settle import settle
from sim.day.state import World

_NOTHING_FRESH, _NOWHERE, _NO_CROWD = np.empty(0, np.uint8), np.zeros(STAGES, np.bool_), np.empty(0, mingling.MIXED)


def plan_step(world: World) -> None:
    """Settle what every touchpoint spends and sends today."""
    plan, people, company, day = world.plan, world.people, world.company, world.day
    lines = plan.touchpoints
    world.tally.clear()
    world.panel.used.fill(0)
    if day % 7 == 0:
        people.weekly.fill(0)
        world.cap_reached.fill(False)
    if day > 0 and day % plan.scenario.memory.synergy_window_days == 0:
        people.recent, people.recent_before = people.recent_before, people.recent
        people.recent.fill(0)
    capped_out = np.zeros((lines.capped.size, len(plan.personas.names)), np.int64)
    if world.cap_reached.any():
        exposing.count_capped_out(
            people.persona, people.stage, people.member, lines.record, lines.stages, lines.capped, people.weekly,
            world.cap_reached, capped_out,
        )  # fmt: skip
    company.pool_cents += lines.gathered_cents[day]
    world.pressure = Pressure(
        *press(
            day, plan.weight, lines.record, lines.stages, lines.affinity, world.counts, capped_out,
            lines.spend_cents[day], company.pool_cents, company.posts_made,
        )
    )  # fmt: skip
    company.pool_cents[world.pressure.is_send & (world.pressure.addressed > 0)] = 0
    world.answered = answered_share(plan, company)
    hear_voice(plan, company, world.pressure.media_cents)
    if plan.rule.talk_once:
        world.stage_before = people.stage.copy()


def expose_step(world: World) -> None:
    """Contacts of the day, and what they do to minds."""
    plan, people, tally, panel = world.plan, world.people, world.tally, world.panel
    pressure = world.pressure
    assert pressure is not None  # set by plan_step
    active = np.flatnonzero(pressure.addressed)
    if not active.size:
        return
    exposing.expose(
        world.day, plan.seed, plan.rules, plan.touchpoints.record, active, pressure.limit, pressure.addressed,
        pressure.expected, pressure.chance, pressure.is_send, world.company.tone, world.answered,
        insight(plan, world.company),
        plan.personas.attention, plan.personas.trust, people.persona, world.belongs, people.stage, people.salience,
        people.annoyance, people.belief, people.feeling, people.loyalty, people.recent, people.recent_before,
        people.met, people.weekly, world.cap_reached, people.today, tally.touch, tally.person, panel.stride,
        panel.entries, panel.used,
    )  # fmt: skip


def talk_step(world: World) -> None:
    """Yesterday's talkers reach their ties; hearers move towards what they hear."""
    plan, people, tally, panel = world.plan, world.people, world.tally, world.panel
    if not plan.rule.talk_enabled:
        return
    lines, weights = plan.touchpoints, plan.talk.weights
    pool = world.company.pool_cents
    line = next((c for c, reward in lines.referrals if pool[c] >= reward), -1)
    programme = lines.settings[line] if line >= 0 else None
    messages, starts = telling.tell(
        world.day, plan.seed, world.ties.layers, world.ties.ptr, world.ties.idx, plan.posting_bits, people.persona,
        people.member, people.stage, people.speaking, people.belief, people.feeling, people.satisfaction,
        lines.record["what"][line] if programme else np.uint64(0),
        min(1.0, programme.invite_share * programme.scale) if programme else 0.0,
        lines.stages[line] if programme else _NOWHERE, tally.person,
    )  # fmt: skip
    heard = (plan.rules, messages, starts, weights, line)
    minds = (plan.personas.trust_earned, people.salience, people.belief, people.feeling)
    noted = (tally.person, panel.stride, panel.entries, panel.used)
    crowds = _crowds(world, weights)
    if crowds.size:
        mingling.mingle(
            world.day, plan.seed, *heard, crowds, people.persona, people.member, people.stage, people.invited, *minds,
            *noted,
        )  # fmt: skip
    elif messages.size:
        listening.listen(*heard, people.persona, people.stage, people.invited, *minds, *noted)


def _crowds(world: World, weights: np.ndarray) -> np.ndarray:
    """What is said on layers on which all meet all: MIXED [any], good and bad apart, as far as anything is."""
    mixing = [k for k, layer in enumerate(world.layers) if layer is None]
    if not mixing:
        return _NO_CROWD
    speakers = mingling.gather_speakers(world.people.speaking)
    return np.array([said for k in mixing for said in _mixed(world, k, speakers, weights)], mingling.MIXED)


def _mixed(world: World, position: int, speakers: np.ndarray, weights: np.ndarray) -> list[tuple[object, ...]]:
    """What is said on one of them: entries of MIXED for good and bad, as far as anything is."""
    plan, people, layer = world.plan, world.people, world.plan.layers[position]
    platform = int(plan.posting_what[position])
    required = plan.posting_bits[platform] if platform >= 0 else np.uint32(0)
    said = mingling.sum_said(
        world.day, plan.seed, speakers, platform, plan.posting_bits, people.member, people.stage, people.speaking,
        people.belief, people.feeling, people.satisfaction,
    )  # fmt: skip
    reached = layer.transmission * layer.mean_degree
    users = max(1, world.layer_users[position])
    kind = telling.ON_PLATFORM if platform >= 0 else 0
    return [
        (
            plan.layer_what[position], required, bad, reached * int(many) / users, weights[kind | bad],
            feeling / many, belief / many,
        )
        for bad, (many, feeling, belief) in enumerate(said)
        if reached * many > 0
    ]  # fmt: skip


def decide_step(world: World) -> None:
    """Needs, comparison, purchase, renewal, leaving."""
    plan, people, company, tally, panel = world.plan, world.people, world.company, world.tally, world.panel
    market, ties = plan.scenario.market, world.ties
    reviews = company.reviews_good + company.reviews_bad
    mean = (company.reviews_good - company.reviews_bad) / reviews if reviews > 0 else 0.0
    trust = reviews / (reviews + plan.rule.review_half_trust)
    other = np.zeros((plan.brands.what.size, 3))
    harm, spill = plan.storm.settings.harm, world.storm.spill if world.storm else 0.0
    fresh = world.storm.fresh if world.storm else _NOTHING_FRESH
    other[:, 0] = plan.rule.voice_weight * share_of_voice(plan, company)
    rivals = slice(1, plan.brands.what.size - int(plan.brands.has_nothing))
    if plan.rule.reference_price > 0:
        other[rivals, 1] = plan.brands.price[rivals] / plan.rule.reference_price - 1.0
    other[rivals, 2] = spill * harm.purchase
    deciding.decide(
        world.day, plan.seed, plan.rules, plan.need_code, plan.season[world.day], float(market.price),
        plan.discount[world.day], mean, trust, other, plan.personas.price_sensitivity, plan.personas.trust_earned,
        plan.touchpoints.invite_discount,
        plan.brands.what.size - 1 if plan.brands.has_nothing else -1, plan.groups, ties.layers[: ties.close], ties.ptr,
        ties.idx,
        people.persona, people.member, people.need_rate, people.taste, people.leave_logit, people.stage,
        people.salience, people.belief, people.feeling, people.satisfaction, people.loyalty, people.due, people.since,
        people.last_purchase, people.purchases, people.bought, people.opinion, people.invited, people.today,
        fresh, harm.purchase, harm.leaving,
        tally.flows, tally.touch, tally.person, tally.brands, panel.stride, panel.entries, panel.used,
    )  # fmt: skip


def experience_step(world: World) -> None:
    """Use and satisfaction; problems, complaints, service."""
    plan, people, company, tally, panel = world.plan, world.people, world.company, world.tally, world.panel
    day, service = world.day, plan.service
    listed = np.empty((tally.person.shape[0], experiencing.ROOM), np.int32)
    complained = np.empty(tally.person.shape[0], np.int64)
    experiencing.experience(
        day, plan.seed, plan.rules, plan.need_code, plan.personas.complaint_share, plan.personas.contact,
        service.ladder, service.aftertaste, people.persona, people.stage, people.belief, people.feeling,
        people.satisfaction, people.loyalty, people.due, people.case_channel, people.case_day, people.today, listed,
        complained, tally.person, panel.stride, panel.entries, panel.used,
    )  # fmt: skip
    company.cases = settle(
        day, plan.seed, plan.rules, plan.weight, company.cases, listed, complained,
        world.counts[0, :, Stage.SERVICE : Stage.ADVOCACY + 1].sum(axis=1), service.inflow, service.capacity,
        service.resolved_share, service.ladder, service.aftertaste, company.arrived, company.served, people.persona,
        people.stage, people.satisfaction, people.case_channel, people.case_day, people.today, tally.person[0],
        panel.stride, panel.entries, panel.used,
    )  # fmt: skip


def move_step(world: World) -> None:
    """Fading, stage changes, and who will speak tomorrow."""
    plan, people, tally, panel = world.plan, world.people, world.tally, world.panel
    talk = plan.talk
    evening(
        world.day, plan.seed, plan.rules, plan.need_code == deciding.REPEAT, plan.personas.involvement, plan.groups,
        talk.talk_rate, talk.post_rate, talk.talk_limit, talk.post_limit, talk.posting_mask,
        people.persona, people.member, people.recall, people.openness, people.stage,
        world.stage_before if plan.rule.talk_once else people.stage, people.salience, people.annoyance, people.belief,
        people.feeling, people.satisfaction, people.loyalty, people.due, people.since, people.last_purchase,
        people.case_channel, people.invited, people.speaking, people.opinion, people.today, tally.flows, tally.person,
        tally.sums, panel.stride, panel.entries, panel.used,
    )  # fmt: skip
