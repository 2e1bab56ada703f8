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
from sim.agents.stages import MOVE_INDEX, Stage
from sim.counters import FeelingSum, PersonCount
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, logistic, screen_words, screened_uniform, uniform

_TINY = 1e-6


@njit
def _faded(x, kept):
    """x after a day, to 0 once it is negligible (docs/model.md, 7.7)."""
    x = x * kept
    return x if abs(x) >= _TINY else 0.0


@njit(cache=True, parallel=True)
def fade(rules, salience, annoyance, belief, feeling, loyalty, chunks):
    """Geometric decay of all that fades, for everybody: s(t + 1) = s(t) 2 ** (-1 / half-life) (Broadbent 1979)."""
    n = salience.size
    s_kept, a_kept = rules[0].salience_kept, rules[0].annoyance_kept
    b_kept, f_kept, l_kept = rules[0].belief_kept, rules[0].feeling_kept, rules[0].loyalty_kept
    for chunk in prange(chunks):
        first, last = chunk * CHUNK, min(n, (chunk + 1) * CHUNK)
        for i in range(first, last):
            salience[i] = _faded(float(salience[i]), s_kept)
        for i in range(first, last):
            annoyance[i] = _faded(float(annoyance[i]), a_kept)
        for i in range(first, last):
            belief[i] = _faded(float(belief[i]), b_kept)
        for i in range(first, last):
            feeling[i] = _faded(float(feeling[i]), f_kept)
        for i in range(first, last):
            loyalty[i] = _faded(float(loyalty[i]), l_kept)


@njit
def _find_movers(
    first, base, per_salience, per_belief, per_feeling, stage, salience, recall, belief, feeling, openness, ready
):
    """Mark who moves between UNAWARE, AWARENESS and CONSIDERATION, and all who have been customers.

    Branch-free, for the compiler to vectorise: most consumers go nowhere tonight.
    """
    for k in range(ready.size):
        i = first + k
        where = stage[i]
        known = (salience[i] >= recall[i]) & (salience[i] > 0.0)
        pull = (
            per_salience * np.float64(salience[i])
            + per_belief * np.float64(belief[i])
            + (per_feeling * np.float64(feeling[i]))
        )
        interested = base + pull > openness[i]
        wakes = (where == Stage.UNAWARE.value) & known
        changes = (where == Stage.AWARENESS.value) & (interested | (not known))
        ready[k] = wakes | changes | (where >= Stage.SERVICE.value)


@njit(cache=True, parallel=True)
def move(
    day, seed, rules, repeat, involvement, groups, persona, member, recall, openness, stage, salience, belief, feeling,
    satisfaction, loyalty, due, since, last_purchase, case_channel, invited, today, flows, person_counts, stride,
    entries, used,
):  # fmt: skip
    """Change stages (docs/model.md, 7.7); flows int64 [chunks, R, P, MOVES]."""
    n = stage.size
    for chunk in prange(person_counts.shape[0]):
        rule = rules[0]
        first = chunk * CHUNK
        ready = np.empty(min(CHUNK, n - first), np.uint8)
        _find_movers(
            first, rule.interest_base, rule.interest_salience, rule.interest_belief, rule.interest_feeling,
            stage, salience, recall, belief, feeling, openness, ready,
        )  # fmt: skip
        for k in range(ready.size):
            if not ready[k]:
                continue
            i = first + k
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
                enthusiasm = involvement_of(seed, i, involvement[persona[i]]) * mood
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
def _form_opinions(first, size, stage, satisfaction, opinion):
    """What friends who ask will hear tomorrow: satisfaction in hundredths of all who have been customers."""
    for k in range(size):
        i = first + k
        said = opinion_of(np.float64(satisfaction[i]))
        opinion[i] = said if stage[i] >= Stage.SERVICE.value else NO_OPINION


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
    for chunk in prange(sums.shape[0]):
        rule = rules[0]
        local = sums[chunk]
        counts = person_counts[chunk]
        first = chunk * CHUNK
        size = min(CHUNK, n - first)
        words = screen_words(speak_key, first, size)
        post_words = screen_words(post_key, first, size)
        lanes = words.view(np.uint8)
        post_lanes = post_words.view(np.uint8)
        _form_opinions(first, size, stage, satisfaction, opinion)
        for k in range(size):
            i = first + k
            where = stage[i]
            p = persona[i]
            s = np.float64(satisfaction[i])
            f = np.float64(feeling[i])
            local[p, where, FeelingSum.COUNT] += 1.0
            local[p, where, FeelingSum.FEELING] += f
            local[p, where, FeelingSum.BELIEF] += belief[i]
            local[p, where, FeelingSum.SALIENCE] += salience[i]
            local[p, where, FeelingSum.SATISFACTION] += s
            local[p, where, FeelingSum.LOYALTY] += loyalty[i]
            customer = (where >= Stage.SERVICE.value) & (where <= Stage.ADVOCACY.value)
            counts[p, PersonCount.PROMOTERS] += int64(customer & (s >= 0.5))
            counts[p, PersonCount.DETRACTORS] += int64(customer & (s < 0.0))
            happened = today[i]
            today[i] = 0
            speaking[i] = 0
            posts = (member[i] & posting_mask) != 0
            talks = lanes[k] <= talk_limit[p, where]
            may_post = (post_lanes[k] <= post_limit[p, where]) | ((happened & (ANGRY | SHARED)) != 0)
            if not (talks | (posts & may_post) | (happened & ANGRY != 0) | (rule.talk_once != 0)):
                continue
            if where == Stage.UNAWARE or not rule.talk_enabled:
                continue
            mood = s if where >= Stage.SERVICE else f
            said = 0
            if rule.talk_once:
                if where == Stage.AWARENESS and stage_before[i] == Stage.UNAWARE:
                    said |= TALK
            else:
                if talks:
                    lively = talkativeness(mood, rule.talk_satisfied, rule.talk_dissatisfied)
                    rate = involvement_of(seed, i, involvement[p]) * lively * talk_rate[where]
                    if screened_uniform(speak_key, i, words[k >> 3]) < -math.expm1(-rate):
                        said |= TALK
                if posts:
                    if post_lanes[k] <= post_limit[p, where]:
                        lively = talkativeness(mood, rule.talk_satisfied, rule.talk_dissatisfied)
                        rate = involvement_of(seed, i, involvement[p]) * lively * post_rate[where]
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
