"""The steps of a day: each binds the kernels of its file to the state of a run."""

from __future__ import annotations

import numpy as np

from sim.agents.consumers import LEFT, chunks_of
from sim.agents.stages import STAGES, Stage
from sim.channels.service import others_inflow, serve
from sim.company import answered_share, insight, share_of_voice
from sim.day import decide as deciding
from sim.day import experience as experiencing
from sim.day import expose as exposing
from sim.day import settle as settling
from sim.day import talk as talking
from sim.day.evening import evening
from sim.day.pressure import eligible_mass, press
from sim.day.state import World
from sim.plan import FORM_CODES
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.talk import Talk

_NOTHING_FRESH = np.empty(0, np.uint8)
_REFERRAL, _SENDS = FORM_CODES.index("referral"), FORM_CODES.index("sends")


def plan_step(world: World) -> None:
    """Settle what every touchpoint spends and sends today."""
    plan, people, company, day = world.plan, world.people, world.company, world.day
    lines = plan.touchpoints
    world.tally.clear()
    world.panel.used.fill(0)
    if day % 7 == 0:
        people.weekly.fill(0)
    if day > 0 and day % plan.scenario.memory.synergy_window_days == 0:
        people.recent, people.recent_before = people.recent_before, people.recent
        people.recent.fill(0)
    capped_out = np.zeros((world.tally.person.shape[0], lines.capped.size, len(plan.personas.names)), np.int64)
    if lines.capped.size:
        exposing.count_capped_out(
            people.persona, people.stage, people.member, lines.record, lines.stages, lines.capped, people.weekly,
            capped_out,
        )  # fmt: skip
    mass = eligible_mass(plan, world.counts, capped_out.sum(axis=0))
    form = lines.record["form"]
    company.pool_cents += np.where((form == _REFERRAL) | (form == _SENDS), lines.spend_cents[day], 0)
    world.pressure = press(plan, day, mass, company.posts_made, company.pool_cents)
    sent = world.pressure.is_send & (world.pressure.addressed > 0)
    company.pool_cents[sent] = 0
    world.answered = answered_share(plan, company)
    advertised = sum(
        7.0 * world.pressure.media_cents[c] / 100.0
        for c, settings in enumerate(lines.settings)
        if settings.kind == "paid" or settings.mechanism == "influencers"
    )
    before = advertised if company.voice_eur is None else company.voice_eur
    company.voice_eur = before + (advertised - before) / 28.0
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
        people.met, people.weekly, people.today, tally.touch, tally.person, panel.stride, panel.entries, panel.used,
    )  # fmt: skip


def talk_step(world: World) -> None:
    """Yesterday's talkers reach their ties; hearers move towards what they hear."""
    plan, people, tally, panel = world.plan, world.people, world.tally, world.panel
    if not plan.rule.talk_enabled:
        return
    speakers = talking.gather_speakers(people.speaking)
    if not speakers.size:
        return
    talking.count_said(speakers, people.persona, people.speaking, tally.person[0])
    messages, count = np.empty(speakers.size, talking.MESSAGE), 0
    mixed: list[tuple[object, ...]] = []
    weights = _message_weights(plan.scenario.talk)
    line = next((c for c in range(len(plan.touchpoints.names)) if _pays_rewards(world, c)), -1)
    referral = plan.touchpoints.settings[line] if line >= 0 else None
    for position, layer in enumerate(plan.layers):
        platform = int(plan.posting_what[position])
        ties = world.layers[position]
        if ties is None:
            mixed += _mixed(world, position, speakers, weights)
            continue
        messages, count = talking.push(
            world.day, plan.seed, speakers, plan.layer_what[position], layer.transmission, platform,
            plan.posting_bits, ties.ptr, ties.idx, people.member, people.stage, people.speaking,
            people.belief, people.feeling, people.satisfaction,
            line, plan.touchpoints.record["what"][line] if referral else np.uint64(0),
            min(1.0, referral.invite_share * referral.scale) if referral else 0.0,
            plan.touchpoints.stages[line] if referral else np.zeros(STAGES, np.bool_),
            people.invited, messages, count, panel.stride, panel.entries, panel.used,
        )  # fmt: skip
    arrived, starts = talking.by_chunk(messages[:count], chunks_of(plan.agents))
    minds = (plan.personas.trust_earned, people.salience, people.belief, people.feeling)
    noted = (tally.person, panel.stride, panel.entries, panel.used)
    if mixed:
        crowds = np.array(mixed, talking.MIXED)
        talking.mingle(
            world.day, plan.seed, plan.rules, arrived, starts, weights, crowds, people.persona, people.member,
            people.stage, *minds, *noted,
        )  # fmt: skip
    else:
        talking.listen(plan.rules, arrived, starts, weights, people.persona, people.stage, *minds, *noted)


def _message_weights(talk: Talk) -> np.ndarray:
    """Weight q of a message by its kind, int64 [4]."""
    weights = np.zeros(4, np.int64)
    for platform, influence in ((0, talk.influence_in_person), (talking.ON_PLATFORM, talk.influence_post)):
        weights[platform] = np.floor(100.0 * influence + 0.5)
        weights[platform | talking.IS_BAD] = np.floor(100.0 * influence * talk.negativity + 0.5)
    return weights


def _mixed(world: World, position: int, speakers: np.ndarray, weights: np.ndarray) -> list[tuple[object, ...]]:
    """What is said on a layer on which all meet all: entries of MIXED for good and bad, as far as anything is."""
    plan, people, layer = world.plan, world.people, world.plan.layers[position]
    platform = int(plan.posting_what[position])
    required = plan.posting_bits[platform] if platform >= 0 else np.uint32(0)
    said = talking.sum_said(
        world.day, plan.seed, speakers, platform, plan.posting_bits, people.member, people.stage, people.speaking,
        people.belief, people.feeling, people.satisfaction,
    )  # fmt: skip
    reached = layer.transmission * layer.mean_degree
    users = max(1, world.layer_users[position])
    kind = talking.ON_PLATFORM if platform >= 0 else 0
    return [
        (
            plan.layer_what[position], required, bad, reached * int(many) / users, weights[kind | bad],
            feeling / many, belief / many,
        )
        for bad, (many, feeling, belief) in enumerate(said)
        if reached * many > 0
    ]  # fmt: skip


def _pays_rewards(world: World, c: int) -> bool:
    """Whether a line is a referral programme that can pay at least one reward today."""
    settings = world.plan.touchpoints.settings[c]
    reward = int(np.floor(100.0 * settings.reward_eur + 0.5))
    return settings.mechanism == "referral" and settings.scale > 0 and world.company.pool_cents[c] >= reward


def decide_step(world: World) -> None:
    """Needs, comparison, purchase, renewal, leaving."""
    plan, people, company, tally, panel = world.plan, world.people, world.company, world.tally, world.panel
    market = plan.scenario.market
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
        plan.brands.what.size - 1 if plan.brands.has_nothing else -1, plan.groups, world.close_ptr, world.close_idx,
        world.close_start,
        people.persona, people.member, people.need_rate, people.taste, people.leave_logit, people.stage,
        people.salience, people.belief, people.feeling, people.satisfaction, people.loyalty, people.due, people.since,
        people.last_purchase, people.purchases, people.bought, people.opinion, people.invited, people.today,
        fresh, harm.purchase, harm.leaving,
        tally.flows, tally.touch, tally.person, tally.brands, panel.stride, panel.entries, panel.used,
    )  # fmt: skip


def experience_step(world: World) -> None:
    """Use and satisfaction; problems, complaints, service."""
    plan, people, company, tally, panel = world.plan, world.people, world.company, world.tally, world.panel
    day, rule = world.day, plan.rule
    ladder, aftertaste = plan.service.ladder, plan.service.aftertaste
    chunks = tally.person.shape[0]
    listed, complained = np.empty((chunks, experiencing.ROOM), np.int32), np.empty(chunks, np.int64)
    experiencing.experience(
        day, plan.seed, plan.rules, plan.need_code, plan.personas.complaint_share, plan.personas.contact, ladder,
        aftertaste, people.persona, people.stage, people.belief, people.feeling, people.satisfaction, people.loyalty,
        people.due, people.case_channel, people.case_day, people.today, listed, complained, tally.person,
        panel.stride, panel.entries, panel.used,
    )  # fmt: skip
    complainers = experiencing.gather_complainers(day, listed, complained, people.case_channel, people.case_day)
    turned_to = people.case_channel[complainers]
    came = np.bincount(turned_to, minlength=len(CONTACT_CHANNELS))
    place = _turns(world, came)
    for k, name in enumerate(CONTACT_CHANNELS):
        if not came[k] and not company.queues[k].size:
            continue
        queue = np.concatenate([company.queues[k], complainers[turned_to == k]])
        since = np.concatenate([company.waiting_since[k], np.full(came[k], day, np.int32)])
        places = np.concatenate([company.places[k], place[k]])
        stage = people.stage[queue]
        gone = (
            (stage < Stage.SERVICE)
            | (stage > Stage.ADVOCACY)
            | ((people.today[queue] & LEFT) != 0)
            | (people.case_channel[queue] != k)
        )
        gone |= people.case_day[queue] != since
        outcome, handled = serve(
            day, plan.seed, queue, since, places, gone, company.served[k],
            getattr(plan.scenario.service.desks, name).resolved_share, rule.goodwill_share, rule.quick_days,
            rule.patience_days,
        )  # fmt: skip
        settling.take_outcomes(
            day, plan.seed, plan.rules, ladder, aftertaste, queue, outcome, handled, people.persona, people.stage,
            people.satisfaction, people.case_channel, people.case_day, people.today, tally.person[0], panel.stride,
            panel.entries, panel.used,
        )  # fmt: skip
        waiting = outcome == 0
        company.queues[k], company.waiting_since[k] = queue[waiting], since[waiting]
        company.places[k] = places[waiting]


def _turns(world: World, came: np.ndarray) -> list[np.ndarray]:
    """Let the market's complaints of today come to the desks and the staff work through them.

    Returns the turns of the simulated ones among them, by desk, spread evenly over the day's; `came` counts them,
    int64 [desks].
    """
    plan, company, day = world.plan, world.company, world.day
    customers = world.counts[0][:, Stage.SERVICE : Stage.ADVOCACY + 1].sum(axis=1)
    expected = max(0.0, plan.weight - 1.0) * (customers @ plan.service.inflow)
    own = min(1.0, plan.weight)  # cases of the market a simulated complaint is by itself
    more = own * came + others_inflow(day, plan.seed, expected)
    before = company.arrived[day]
    company.arrived[day + 1] = before + more
    gave_up = company.arrived[max(0, day - int(plan.rule.patience_days))]
    company.served = np.minimum(company.arrived[day + 1], np.maximum(company.served, gave_up) + plan.service.capacity)
    return [
        before[k] + (np.arange(1, count + 1) - 0.5) * (more[k] / max(1, count)) + 0.5 * own
        for k, count in enumerate(came)
    ]


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
