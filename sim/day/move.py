"""Step *move*: memories fade, stages change, and it is settled who will speak tomorrow."""

from __future__ import annotations

import math

import numpy as np
from numba import int64, njit, prange

from sim.agents.consumers import (
    ANGRY,
    BAD,
    CHUNK,
    FIRST,
    LEFT,
    NO_CASE,
    NO_OPINION,
    POST,
    SHARED,
    TALK,
    USED,
    interest,
    involvement_of,
    is_customer,
    opinion_of,
)
from sim.agents.mind import talkativeness
from sim.agents.stages import MOVE_INDEX, STAGES, Stage
from sim.counters import FEELING_SUMS, FeelingSum, PersonCount
from sim.day.few import gather
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, logistic, screen_words, screened_uniform, uniform

_TINY = 1e-6


@njit
def _fade(column, kept):
    """Geometric decay by one day, in place, to 0 once it is negligible: float32 [K] times `kept`."""
    for k in range(column.size):
        x = np.float64(column[k]) * kept
        column[k] = x if abs(x) >= _TINY else 0.0


@njit(cache=True, parallel=True)
def fade(rules, salience, annoyance, belief, feeling, loyalty, chunks):
    """Geometric decay of all that fades, for everybody: s(t + 1) = s(t) 2 ** (-1 / half-life) (Broadbent 1979)."""
    n = salience.size
    for chunk in prange(chunks):
        first, last = chunk * CHUNK, min(n, (chunk + 1) * CHUNK)
        _fade(salience[first:last], rules[0].salience_kept)
        _fade(annoyance[first:last], rules[0].annoyance_kept)
        _fade(belief[first:last], rules[0].belief_kept)
        _fade(feeling[first:last], rules[0].feeling_kept)
        _fade(loyalty[first:last], rules[0].loyalty_kept)


@njit
def _find_movers(rule, stage, salience, recall, belief, feeling, openness, marks):
    """Mark who moves between UNAWARE, AWARENESS and CONSIDERATION, and all who have been customers: columns [K].

    Branch-free, for the compiler to vectorise: most consumers go nowhere tonight.
    """
    base, per_salience = rule.interest_base, rule.interest_salience
    per_belief, per_feeling = rule.interest_belief, rule.interest_feeling
    for k in range(stage.size):
        where = stage[k]
        known = (salience[k] >= recall[k]) & (salience[k] > 0.0)
        pull = (
            per_salience * np.float64(salience[k])
            + per_belief * np.float64(belief[k])
            + (per_feeling * np.float64(feeling[k]))
        )
        interested = base + pull > openness[k]
        wakes = (where == Stage.UNAWARE.value) & known
        changes = (where == Stage.AWARENESS.value) & (interested | (not known))
        marks[k] = wakes | changes | (where >= Stage.SERVICE.value)


@njit(cache=True, parallel=True)
def move(
    day, seed, rules, repeat, involvement, groups, persona, member, recall, openness, stage, salience, belief, feeling,
    satisfaction, loyalty, due, since, last_purchase, case_channel, invited, today, flows, person_counts, stride,
    entries, used,
):  # fmt: skip
    """Change stages (docs/model.md, 7.7); flows int64 [chunks, R, P, MOVES]."""
    n = stage.size
    involvement_key = draw_key(seed, Purpose.INVOLVEMENT, 0, 0)
    for chunk in prange(person_counts.shape[0]):
        rule = rules[0]
        first = chunk * CHUNK
        last = min(n, first + CHUNK)
        marks = np.empty(last - first, np.uint8)
        _find_movers(
            rule, stage[first:last], salience[first:last], recall[first:last], belief[first:last],
            feeling[first:last], openness[first:last], marks,
        )  # fmt: skip
        who = np.empty(last - first, np.int64)
        for entry in range(gather(marks, who)):
            i = first + who[entry]
            where = int(stage[i])
            s = float(salience[i])
            target = where
            leaves = False
            if is_customer(where):
                leaves = (today[i] & LEFT) != 0
                if not leaves and repeat and rule.lapse_after_days > 0:
                    if day - last_purchase[i] > rule.lapse_after_days:
                        leaves = True
                        person_counts[chunk, persona[i], PersonCount.LOST_INACTIVE] += 1
                        slot = panel_slot(i, stride, used.size)
                        if slot >= 0:
                            note(entries, used, slot, Event.LEFT, -1, where, where, 2)
            if leaves:
                target = Stage.LAPSED.value
            elif where == Stage.UNAWARE:
                target = Stage.AWARENESS.value
            elif where == Stage.AWARENESS:
                forgets = s <= 0.0 or salience[i] < recall[i]
                target = Stage.UNAWARE.value if forgets else Stage.CONSIDERATION.value
            elif where == Stage.SERVICE:
                used_again = (today[i] & USED) != 0 and not today[i] & FIRST
                if used_again and day - since[i] >= rule.first_period_days:
                    if satisfaction[i] >= rule.good_satisfaction:
                        target = Stage.RETENTION.value
            elif where == Stage.RETENTION:
                if loyalty[i] >= rule.loyal_from and satisfaction[i] >= rule.good_satisfaction:
                    target = Stage.LOYALTY.value
            elif where == Stage.LOYALTY or where == Stage.ADVOCACY:
                mood = (float(satisfaction[i]) + float(feeling[i])) / 2.0
                enthusiasm = involvement_of(involvement_key, i, involvement[persona[i]]) * mood
                if where == Stage.ADVOCACY:
                    if enthusiasm < rule.advocate_from - rule.loyal_margin:
                        target = Stage.LOYALTY.value
                elif satisfaction[i] < rule.disappointed_below or loyalty[i] < rule.loyal_from - rule.loyal_margin:
                    target = Stage.RETENTION.value
                elif enthusiasm >= rule.advocate_from:
                    target = Stage.ADVOCACY.value
            elif day - since[i] >= rule.win_back_days and s > 0.0:
                pull = interest(rule, s, float(belief[i]), float(feeling[i])) - rule.win_back_penalty
                if pull > openness[i]:
                    target = Stage.CONSIDERATION.value
                    person_counts[chunk, persona[i], PersonCount.WON_BACK] += 1
            if target == where:
                continue
            slot = panel_slot(i, stride, used.size)
            while where != target:
                step = target
                if target == Stage.LAPSED and where > Stage.RETENTION:
                    step = where - 1  # down the stairs: ADVOCACY, LOYALTY, RETENTION, LAPSED
                index = MOVE_INDEX[where, step]
                for r in range(groups.size):
                    if (member[i] & groups[r]) == groups[r]:
                        flows[chunk, r, persona[i], index] += 1
                if slot >= 0:
                    note(entries, used, slot, Event.MOVED, -1, where, step, 0)
                where = step
            stage[i] = target
            if target == Stage.LAPSED:
                if since[i] < 0:
                    person_counts[chunk, persona[i], PersonCount.LOST_OF_START] += 1
                since[i] = day
                loyalty[i] = 0.0
                due[i] = 0
                invited[i] = 0
                case_channel[i] = NO_CASE


@njit
def _form_opinions(stage, satisfaction, opinion):
    """What friends who ask will hear tomorrow: satisfaction in hundredths of all who have been customers, int8 [K]."""
    for k in range(opinion.size):
        said = opinion_of(np.float64(satisfaction[k]))
        opinion[k] = said if stage[k] >= Stage.SERVICE.value else NO_OPINION


@njit
def _sum_up(persona, stage, feeling, belief, satisfaction, loyalty, salience, sums, counts):
    """Sums of the evening: columns [K] into sums, float64 [P, STAGES, FEELING_SUMS], and counts [P, PERSON_COUNTS]."""
    cells = sums.reshape(-1, FEELING_SUMS)
    for k in range(stage.size):
        where = stage[k]
        p = persona[k]
        cell = cells[np.uint64(p) * np.uint64(STAGES) + np.uint64(where)]
        s = np.float64(satisfaction[k])
        cell[FeelingSum.COUNT] += 1.0
        cell[FeelingSum.FEELING] += feeling[k]
        cell[FeelingSum.BELIEF] += belief[k]
        cell[FeelingSum.SALIENCE] += salience[k]
        cell[FeelingSum.SATISFACTION] += s
        cell[FeelingSum.LOYALTY] += loyalty[k]
        customer = (where >= Stage.SERVICE.value) & (where <= Stage.ADVOCACY.value)
        counts[p, PersonCount.PROMOTERS] += int64(customer & (s >= 0.5))
        counts[p, PersonCount.DETRACTORS] += int64(customer & (s < 0.0))


@njit
def _find_speakers(
    once, talk_limit, post_limit, posting_mask, talk_lanes, post_lanes, persona, member, stage, today, marks
):
    """Mark who may have something to say tomorrow, columns [K]; close_day() looks closer."""
    limits = talk_limit.reshape(-1)
    post_limits = post_limit.reshape(-1)
    for k in range(stage.size):
        cell = np.uint64(persona[k]) * np.uint64(STAGES) + np.uint64(stage[k])
        posts = (member[k] & posting_mask) != 0
        talks = talk_lanes[k] <= limits[cell]
        may_post = (post_lanes[k] <= post_limits[cell]) | ((today[k] & (ANGRY | SHARED)) != 0)
        marks[k] = talks | (posts & may_post) | ((today[k] & ANGRY) != 0) | once


@njit(cache=True, parallel=True)
def close_day(
    day, seed, rules, talk_rate, post_rate, talk_limit, post_limit, posting_mask, involvement,
    persona, member, stage, stage_before, salience, belief, feeling, satisfaction, loyalty, speaking, opinion, today,
    person_counts, sums, stride, entries, used,
):  # fmt: skip
    """Settle who speaks tomorrow (docs/model.md, 7.8), take the opinions friends will hear, and sum up the evening.

    Parameters
    ----------
    talk_rate, post_rate : float64 [STAGES]     per day
    talk_limit, post_limit : int64 [P, STAGES]  screening byte above which nobody speaks
    posting_mask : int                          membership bits of platforms that have a layer
    stage_before : uint8 [N]                    stage this morning (talk.once)
    sums : float64 [chunks, P, STAGES, FEELING_SUMS]
    """
    n = stage.size
    speak_key = draw_key(seed, Purpose.SPEAK, day, 0)
    post_key = draw_key(seed, Purpose.POST, day, 0)
    valence_key = draw_key(seed, Purpose.VALENCE, day, 0)
    role_key = draw_key(seed, Purpose.ROLE, 0, 0)
    involvement_key = draw_key(seed, Purpose.INVOLVEMENT, 0, 0)
    for chunk in prange(sums.shape[0]):
        rule = rules[0]
        counts = person_counts[chunk]
        first = chunk * CHUNK
        last = min(n, first + CHUNK)
        size = last - first
        _sum_up(
            persona[first:last], stage[first:last], feeling[first:last], belief[first:last], satisfaction[first:last],
            loyalty[first:last], salience[first:last], sums[chunk], counts,
        )  # fmt: skip
        _form_opinions(stage[first:last], satisfaction[first:last], opinion[first:last])
        speaking[first:last] = 0
        if not rule.talk_enabled:
            today[first:last] = 0
            continue
        words = screen_words(speak_key, first, size)
        post_words = screen_words(post_key, first, size)
        talk_lanes = words.view(np.uint8)
        post_lanes = post_words.view(np.uint8)
        marks = np.empty(size, np.uint8)
        _find_speakers(
            rule.talk_once != 0, talk_limit, post_limit, posting_mask, talk_lanes, post_lanes, persona[first:last],
            member[first:last], stage[first:last], today[first:last], marks,
        )  # fmt: skip
        who = np.empty(size, np.int64)
        for entry in range(gather(marks, who)):
            k = who[entry]
            i = first + k
            where = stage[i]
            if where == Stage.UNAWARE:
                continue
            p = persona[i]
            happened = today[i]
            mood = np.float64(satisfaction[i]) if where >= Stage.SERVICE else np.float64(feeling[i])
            posts = (member[i] & posting_mask) != 0
            said = 0
            if rule.talk_once:
                if where == Stage.AWARENESS and stage_before[i] == Stage.UNAWARE:
                    said |= TALK
            else:
                lively = talkativeness(mood, rule.talk_satisfied, rule.talk_dissatisfied)
                most = 512.0 * involvement[p] * lively  # 256 times the highest rate: u < 1 - exp(-r) needs u < r
                if talk_lanes[k] <= most * talk_rate[where]:
                    rate = involvement_of(involvement_key, i, involvement[p]) * lively * talk_rate[where]
                    if screened_uniform(speak_key, i, words[k >> 3]) < -math.expm1(-rate):
                        said |= TALK
                if posts and post_lanes[k] <= post_limit[p, where]:
                    rate = involvement_of(involvement_key, i, involvement[p]) * lively * post_rate[where]
                    if uniform(role_key, i) < rule.influencer_share:
                        rate *= rule.influencer_posts
                    if screened_uniform(post_key, i, post_words[k >> 3]) < -math.expm1(-rate):
                        said |= POST
            if said:
                if uniform(valence_key, i) >= logistic(rule.valence_base + rule.valence_slope * mood):
                    said |= BAD
            if not rule.talk_once:
                if happened & ANGRY:
                    if posts:
                        said |= POST
                    if said:
                        said |= BAD
                elif happened & SHARED and posts:
                    said |= POST
            if said == 0:
                continue
            speaking[i] = said
            if where == Stage.ADVOCACY and said & POST and not said & BAD:
                counts[p, PersonCount.UGC] += 1
            slot = panel_slot(i, stride, used.size)
            if slot >= 0:
                value = -1 if said & BAD else 1
                if said & TALK:
                    note(entries, used, slot, Event.SPOKE, -1, where, where, value)
                if said & POST:
                    note(entries, used, slot, Event.POSTED, -1, where, where, value)
        today[first:last] = 0
