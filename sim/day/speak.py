"""Step *move*, talk: what friends who ask will hear tomorrow, and who will speak of himself."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.agents.consumers import ANGRY, BAD, NO_OPINION, POST, SHARED, TALK, involvement_of, opinion_of
from sim.agents.mind import talkativeness
from sim.agents.stages import STAGES, Stage
from sim.counters import PersonCount
from sim.day.few import gather
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, logistic, screen_words, screened_uniform, uniform


@njit
def form_opinions(stage, satisfaction, opinion):
    """What friends who ask will hear tomorrow: satisfaction in hundredths of all who have been customers, int8 [K]."""
    for k in range(opinion.size):
        said = opinion_of(np.float64(satisfaction[k]))
        opinion[k] = said if stage[k] >= Stage.SERVICE.value else NO_OPINION


@njit
def _highest(limit):
    """Highest screening byte by stage, whatever the persona, of a limit int64 [P, STAGES]; and who speaks at all.

    Returns
    -------
    highest : uint8 [STAGES]
    speaks : uint8 [STAGES]     0 where nobody does, else 255
    """
    highest = np.zeros(STAGES, np.uint8)
    speaks = np.zeros(STAGES, np.uint8)
    for where in range(STAGES):
        most = limit[:, where].max()
        if most >= 0:
            highest[where] = min(255, most)
            speaks[where] = 255
    return highest, speaks


@njit
def _below(lanes, highest, speaks, stage, marks):
    """Mark whose byte is low enough for his stage, columns [K].

    A loop per stage instead of a look-up per consumer: comparing and selecting bytes is vector code, 32 at a time;
    fetching from a table is not (2.2 against 0.4 ns per consumer).
    """
    marks[:] = 0
    for where in range(STAGES):
        if speaks[where]:
            most = highest[where]
            here = np.uint8(where)
            for k in range(marks.size):
                marks[k] |= (stage[k] == here) & (lanes[k] <= most)


@njit
def _find_speakers(once, may_talk, may_post, today, marks):
    """Mark who may have something to say tomorrow, columns [K]; settle_speakers() looks closer."""
    for k in range(marks.size):
        marks[k] = (may_talk[k] != 0) | (may_post[k] != 0) | ((today[k] & (ANGRY | SHARED)) != 0) | once


@njit
def settle_speakers(
    first, last, day, seed, rule, talk_rate, post_rate, talk_limit, post_limit, posting_mask, involvement,
    persona, member, stage, stage_before, feeling, satisfaction, speaking, today, person_counts, stride, entries, used,
):  # fmt: skip
    """Settle who of the consumers first .. last - 1 speaks tomorrow (docs/model.md, 7.8).

    Parameters
    ----------
    talk_rate, post_rate : float64 [STAGES]     per day
    talk_limit, post_limit : int64 [P, STAGES]  screening byte above which nobody speaks
    posting_mask : int                          membership bits of platforms that have a layer
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
    talk_lanes = words.view(np.uint8)
    post_lanes = post_words.view(np.uint8)
    may_talk, may_post, marks = np.empty(size, np.uint8), np.empty(size, np.uint8), np.empty(size, np.uint8)
    highest, speaks = _highest(talk_limit)
    _below(talk_lanes[:size], highest, speaks, stage[first:last], may_talk)
    highest, speaks = _highest(post_limit)
    _below(post_lanes[:size], highest, speaks, stage[first:last], may_post)
    _find_speakers(rule.talk_once != 0, may_talk, may_post, today[first:last], marks)
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
            person_counts[p, PersonCount.UGC] += 1
        slot = panel_slot(i, stride, used.size)
        if slot >= 0:
            value = -1 if said & BAD else 1
            if said & TALK:
                note(entries, used, slot, Event.SPOKE, -1, where, where, value)
            if said & POST:
                note(entries, used, slot, Event.POSTED, -1, where, where, value)
