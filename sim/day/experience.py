"""Step *experience*: use, satisfaction, reviews, problems, complaints."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange, uint64

from sim.agents.consumers import ANGRY, BOUGHT, CHUNK, DATE, LEFT, LEFT_PROBLEM, NO_CASE, USED, date_of
from sim.agents.experience import satisfaction_target
from sim.agents.mind import clip, talkativeness, toward
from sim.agents.stages import Stage
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.decide import DURABLE
from sim.day.few import gather
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, normal, own_key, screen_words, screened_uniform, uniform

#: Outcomes of a problem, in the order of the recovery ladder.
SILENT, UNRESOLVED, RESOLVED, QUICK, GOODWILL = range(5)

#: Complainers of a day listed for each chunk of consumers.
ROOM = 256


@helper
def _find_users(first, day, kind, limit, lanes, stage, due, today, marks):
    """Mark customers from `first` on who use the product or may meet a problem today, uint8 [K]: branch-free.

    Bytes with bytes and dates with dates: the narrower, the more at a time. `limit` -1: nobody meets a problem.
    """
    fails, most = limit >= 0, np.uint8(min(255, max(0, limit)))
    for k in range(uint64(marks.size)):
        i = uint64(first) + k
        customer = (stage[i] >= Stage.SERVICE.value) & (stage[i] <= Stage.ADVOCACY.value)
        marks[k] = customer & (((today[i] & BOUGHT) != 0) | (fails & (lanes[k] <= most)))
    if kind == DURABLE:
        today_is = DATE(day)
        for k in range(uint64(marks.size)):
            i = uint64(first) + k
            customer = (stage[i] >= Stage.SERVICE.value) & (stage[i] <= Stage.ADVOCACY.value)
            marks[k] |= customer & (due[i] == today_is)


@njit(cache=True, parallel=True)
def experience(
    day, seed, rules, kind, complaint_share, contact, ladder, aftertaste,
    persona, stage, belief, feeling, satisfaction, loyalty, due, case_channel, case_day, today,
    complainers, complained, person_counts, stride, entries, used,
):  # fmt: skip
    """Let buyers and users experience the product, and some meet a problem (docs/model.md, 7.5 and 7.6).

    Parameters
    ----------
    complaint_share : float64 [P]
    contact : float64 [P, 5]            cumulative shares of contact channels
    ladder, aftertaste : float64 [5]    by outcome: share who stay, satisfaction towards which they move
    case_channel, case_day              a complaint is opened by setting these
    complainers : int32 [chunks, ROOM]  written: who complained today, the first of each chunk
    complained : int64 [chunks]         written: how many did in each
    """
    n = stage.size
    quality_key = draw_key(seed, Purpose.QUALITY, day, 0)
    review_key = draw_key(seed, Purpose.REVIEW, day, 0)
    failure_key = draw_key(seed, Purpose.FAILURE, day, 0)
    complain_key = draw_key(seed, Purpose.COMPLAIN, day, 0)
    channel_key = draw_key(seed, Purpose.CHANNEL, day, 0)
    public_key = draw_key(seed, Purpose.PUBLIC, day, 0)
    recover_key = draw_key(seed, Purpose.RECOVER, day, 0)
    hazard = rules[0].failure_hazard
    limit = int(math.floor(256.0 * hazard)) if hazard > 0.0 else -1
    for chunk in prange(person_counts.shape[0]):
        rule = rules[0]
        first = chunk * CHUNK
        last = min(n, first + CHUNK)
        size = last - first
        words = screen_words(failure_key, first, size)
        marks = np.empty(size, np.uint8)
        _find_users(first, day, kind, limit, words.view(np.uint8), stage, due, today, marks)
        complaints = 0
        who = np.empty(size, np.int64)
        for entry in range(gather(marks, who)):
            k = who[entry]
            i = first + k
            word = words[k >> 3]
            where = stage[i]
            buyer = (today[i] & BOUGHT) != 0
            user = kind == DURABLE and due[i] == day
            byte = np.int64((word >> uint64(8 * (i & 7))) & uint64(255))
            p = persona[i]
            slot = panel_slot(i, stride, used.size)
            felt = float(feeling[i])
            content = float(satisfaction[i])
            if buyer or user:
                if user:
                    due[i] = date_of(day + rule.use_every_days)
                today[i] |= USED
                believed = float(belief[i])
                quality = clip(rule.quality + rule.quality_sd * normal(own_key(quality_key, i), 0))
                target = satisfaction_target(quality, believed, rule.disconfirmation, rule.loss_aversion)
                content = toward(content, target, rule.satisfaction_gain)
                felt = toward(felt, target, rule.feeling_gain)
                belief[i] = toward(believed, quality, rule.learning)
                if content > 0.0:
                    loyalty[i] = toward(float(loyalty[i]), 1.0, rule.loyalty_gain * content)
                if slot >= 0:
                    note(entries, used, slot, Event.EXPERIENCE, -1, where, where, content)
                if buyer and rule.review_probability > 0.0:
                    lively = talkativeness(content, rule.talk_satisfied, rule.talk_dissatisfied)
                    if uniform(review_key, i) < min(1.0, rule.review_probability * lively):
                        good = content >= 0.0
                        person_counts[chunk, p, PersonCount.REVIEWS_GOOD if good else PersonCount.REVIEWS_BAD] += 1
                        if slot >= 0:
                            note(entries, used, slot, Event.REVIEWED, -1, where, where, 1 if good else -1)
            if byte <= limit and case_channel[i] == NO_CASE and not today[i] & LEFT:
                if screened_uniform(failure_key, i, word) < hazard:
                    person_counts[chunk, p, PersonCount.PROBLEMS] += 1
                    if slot >= 0:
                        note(entries, used, slot, Event.PROBLEM, -1, where, where, 1)
                    content = clip(content - rule.failure_pain)
                    felt = clip(felt - rule.failure_pain)
                    if uniform(complain_key, i) < complaint_share[p]:
                        person_counts[chunk, p, PersonCount.COMPLAINTS] += 1
                        u = uniform(channel_key, i)
                        channel = 4
                        for k in range(5):
                            if u < contact[p, k]:
                                channel = k
                                break
                        case_channel[i] = channel
                        case_day[i] = day
                        if complaints < ROOM:
                            complainers[chunk, complaints] = i
                        complaints += 1
                        if uniform(public_key, i) < rule.public_share:
                            today[i] |= ANGRY
                        if slot >= 0:
                            note(entries, used, slot, Event.COMPLAINED, -1, where, where, channel)
                    else:
                        person_counts[chunk, p, PersonCount.OUTCOME_SILENT] += 1
                        content = toward(content, aftertaste[SILENT], rule.aftertaste_gain)
                        if uniform(recover_key, i) >= ladder[SILENT]:
                            today[i] |= LEFT | LEFT_PROBLEM
                            person_counts[chunk, p, PersonCount.LOST_AFTER_PROBLEM] += 1
                        if slot >= 0:
                            note(entries, used, slot, Event.OUTCOME, -1, where, where, SILENT)
                            if today[i] & LEFT:
                                note(entries, used, slot, Event.LEFT, -1, where, where, 1)
            feeling[i] = felt
            satisfaction[i] = content
        complained[chunk] = complaints
