"""Step *move*, talk: who will speak of himself tomorrow."""

from __future__ import annotations

import math

import numpy as np
from numba import int64, uint64

from sim.agents.consumers import ANGRY, BAD, POST, SHARED, TALK, involvement_of
from sim.agents.mind import talkativeness
from sim.agents.stages import STAGES, Stage
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.bits import at_most, differs, listed
from sim.day.few import gather
from sim.day.instructions import ahead, fetch
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, logistic, screen_words, screened_uniform, uniform


@helper
def _below(lanes, limit, at_stage, some, bits):
    """Add those whose byte is low enough for some persona in their stage: limit int64 [P, STAGES], -1 = nobody speaks.

    lanes uint8 [K]; at_stage uint64 [STAGES * G] as `by_stage` writes it; some uint64 [G] is room to work in; bits
    uint64 [G].
    """
    for where in range(STAGES):
        most = -1
        for p in range(limit.shape[0]):
            most = max(most, limit[p, where])
        if most >= 0:
            at_most(lanes, 0, lanes.size, min(255, most), some, 0)
            for g in range(bits.size):
                bits[g] |= some[g] & at_stage[uint64(where * bits.size + g)]


@helper
def _narrow(
    first, who, count, talk_lanes, talk_limit, post_lanes, post_limit, posting_mask, persona, member, stage, today
):
    """Keep of those marked whom their own persona's limits do not rule out, branch-free; returns how many are left.

    who int64 [>= count] is changed in place; limits are int64 [P, STAGES]; `first` is the number of the first consumer.
    """
    kept = uint64(0)
    for entry in range(uint64(count)):
        fetch(member, int64(first) + int64(who[ahead(entry, count)]))
        k = uint64(who[entry])
        i = uint64(first) + k
        p, where = uint64(persona[i]), uint64(stage[i])
        talks = talk_lanes[k] <= talk_limit[p, where]
        posts = (post_lanes[k] <= post_limit[p, where]) & ((member[i] & posting_mask) != 0)
        who[kept] = who[entry]
        kept += uint64(talks | posts | ((today[i] & (ANGRY | SHARED)) != 0))
    return int64(kept)


@helper
def _find_moved(first, today, marks):
    """Mark whom something that happened today may make speak: marks uint8 [K], of consumers from `first` on."""
    for k in range(uint64(marks.size)):
        marks[k] = today[uint64(first) + k] & (ANGRY | SHARED)


@helper
def _find_newly_aware(first, stage, stage_before, marks):
    """Mark who became AWARE today, as `_find_moved`: those who talk in the independent cascade."""
    for k in range(uint64(marks.size)):
        i = uint64(first) + k
        marks[k] = (stage[i] == Stage.AWARENESS.value) & (stage_before[i] == Stage.UNAWARE.value)


@helper
def settle_speakers(
    first, last, day, seed, rule, talk_rate, post_rate, talk_limit, post_limit, posting_mask, involvement, at_stage,
    persona, member, stage, stage_before, feeling, satisfaction, speaking, today, person_counts, stride, entries, used,
):  # fmt: skip
    """Settle who of the consumers first .. last - 1 speaks tomorrow (docs/model.md, 7.8).

    Parameters
    ----------
    talk_rate, post_rate : float64 [STAGES]     per day
    talk_limit, post_limit : int64 [P, STAGES]  screening byte above which nobody speaks
    posting_mask : int                          membership bits of platforms that have a layer
    at_stage : uint64 [STAGES * G]              who stands where, as `by_stage` writes it
    stage_before : uint8 [N]                    stage this morning (talk.once)
    speaking : uint8 [N]                        written where somebody speaks; 0 before
    person_counts : int64 [P, PERSON_COUNTS]    added to
    """
    size = last - first
    speak_key = draw_key(seed, Purpose.SPEAK, day, 0)
    post_key = draw_key(seed, Purpose.POST, day, 0)
    valence_key = draw_key(seed, Purpose.VALENCE, day, 0)
    role_key = draw_key(seed, Purpose.ROLE, 0, 0)
    involvement_key = draw_key(seed, Purpose.INVOLVEMENT, 0, 0)
    words = screen_words(speak_key, first, size)
    post_words = screen_words(post_key, first, size)
    talk_lanes, post_lanes = words.view(np.uint8)[:size], post_words.view(np.uint8)[:size]
    who, marks = np.empty(size, np.int64), np.empty(size, np.uint8)
    if rule.talk_once:
        _find_newly_aware(first, stage, stage_before, marks)
        count = gather(marks, who)
    else:
        bits = np.empty(at_stage.size // STAGES, np.uint64)
        some = np.empty(bits.size, np.uint64)
        _find_moved(first, today, marks)
        differs(marks, 0, size, 0, bits, 0)
        _below(talk_lanes, talk_limit, at_stage, some, bits)
        _below(post_lanes, post_limit, at_stage, some, bits)
        count = listed(bits, who)
        count = _narrow(
            first, who, count, talk_lanes, talk_limit, post_lanes, post_limit, posting_mask, persona, member, stage,
            today,
        )  # fmt: skip
    for entry in range(count):
        later = first + who[ahead(entry, count)]
        fetch(satisfaction, later)
        fetch(feeling, later)
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
            said |= TALK
        else:
            lively = talkativeness(mood, rule.talk_satisfied, rule.talk_dissatisfied)
            most = 512.0 * involvement[p] * lively  # 256 times the highest rate: u < 1 - exp(-r) needs u < r
            if talk_lanes[k] <= most * talk_rate[where]:
                rate = involvement_of(involvement_key, i, involvement[p]) * lively * talk_rate[where]
                if talk_lanes[k] <= 256.0 * rate:
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
            person_counts[p, PersonCount.UGC] += 1
        slot = panel_slot(i, stride, used.size)
        if slot >= 0:
            value = -1 if said & BAD else 1
            if said & TALK:
                note(entries, used, slot, Event.SPOKE, -1, where, where, value)
            if said & POST:
                note(entries, used, slot, Event.POSTED, -1, where, where, value)
