"""Step *talk*: yesterday's talkers reach their ties, posts are seen, hearers move towards what they hear."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from sim.agents.consumers import BAD, CHUNK, POST, TALK
from sim.agents.mind import repeated, toward, voiced
from sim.agents.stages import Stage
from sim.counters import PersonCount
from sim.day.few import gather
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, poisson_count, screen_word, screened_uniform, uniform


@njit
def posting_platform(seed, day, who, member, posting_bits):
    """Which of the platforms with a layer a consumer posts on today, by index; -1 if he uses none."""
    used = 0
    for k in range(posting_bits.size):
        if member & posting_bits[k]:
            used += 1
    if used == 0:
        return -1
    pick = int(math.floor(uniform(draw_key(seed, Purpose.PLATFORM, day, 0), who) * used))
    for k in range(posting_bits.size):
        if member & posting_bits[k]:
            if pick == 0:
                return k
            pick -= 1
    return -1


@njit(cache=True)
def gather_speakers(speaking, speakers):
    """Write the numbers of all who speak into `speakers`, int32 [N], in order; returns how many."""
    return gather(speaking, speakers)


@njit(cache=True)
def count_said(speakers, persona, speaking, person_counts):
    """Count who says what today: adds to `person_counts`, int64 [P, PERSON_COUNTS]."""
    for k in range(speakers.size):
        i = speakers[k]
        row = person_counts[persona[i]]
        bad = (speaking[i] & BAD) != 0
        if speaking[i] & TALK:
            row[PersonCount.TALK_BAD if bad else PersonCount.TALK_GOOD] += 1
        if speaking[i] & POST:
            row[PersonCount.POSTS_BAD if bad else PersonCount.POSTS_GOOD] += 1


@njit(cache=True)
def push(
    day, seed, speakers, layer_what, transmission, platform, posting_bits, q_good, q_bad, ptr, idx,
    member, stage, speaking, belief, feeling, satisfaction, heard,
    line, line_what, invite_share, line_stages, invited, hearers, count, stride, entries, used,
):  # fmt: skip
    """Carry messages along one layer of ties (docs/model.md, 7.3).

    One draw per tie of a speaker: u(PASS_ON, day, position of the tie) < transmission. Sums are integers, so that the
    order of arrival does not matter. `platform` is -1 on close layers; `line` is the open referral line or -1.
    Who hears something for the first time today is appended to the first `count` of `hearers`, int32 [N]; returns how
    many there are then.
    """
    key = draw_key(seed, Purpose.PASS_ON, day, layer_what)
    invite_key = draw_key(seed, Purpose.INVITE, day, line_what)
    wanted = TALK if platform < 0 else POST
    most = 0
    for k in range(speakers.size):
        most = max(most, ptr[speakers[k] + 1] - ptr[speakers[k]])
    passed_on = np.empty(most, np.int64)
    for k in range(speakers.size):
        i = speakers[k]
        if not speaking[i] & wanted:
            continue
        if platform >= 0 and posting_platform(seed, day, i, member[i], posting_bits) != platform:
            continue
        bad = (speaking[i] & BAD) != 0
        valence = -1.0 if bad else 1.0
        q = q_bad if bad else q_good
        mood = satisfaction[i] if stage[i] >= Stage.SERVICE else feeling[i]
        felt = q * voiced(float(mood), valence)
        believed = q * voiced(float(belief[i]), valence)
        inviting = line >= 0 and platform < 0 and not bad and line_stages[stage[i]]
        size = 0  # first who is reached, then what is heard: reading far-off memory does not wait for the draws
        for e in range(ptr[i], ptr[i + 1]):
            passed_on[size] = e
            size += uniform(key, e) < transmission
        for entry in range(size):
            e = passed_on[entry]
            j = idx[e]
            if heard[j].good == 0 and heard[j].bad == 0:
                hearers[count] = j
                count += 1
            heard[j].weight += q
            heard[j].feeling += felt
            heard[j].belief += believed
            if bad:
                heard[j].bad += 1
            else:
                heard[j].good += 1
            if inviting and invited[j] == 0 and (stage[j] < Stage.SERVICE or stage[j] == Stage.LAPSED):
                if uniform(invite_key, e) < invite_share:
                    invited[j] = 1 + line
                    slot = panel_slot(j, stride, used.size)
                    if slot >= 0:
                        note(entries, used, slot, Event.INVITED, line, stage[j], stage[j], 1)
    return count


@njit(cache=True)
def sum_said(day, seed, speakers, platform, posting_bits, member, stage, speaking, belief, feeling, satisfaction):
    """What is said on a mixing layer: int64 [2, 3], for good and bad the talkers, their feelings and their beliefs."""
    said = np.zeros((2, 3), np.int64)
    wanted = TALK if platform < 0 else POST
    for k in range(speakers.size):
        i = speakers[k]
        if not speaking[i] & wanted:
            continue
        if platform >= 0 and posting_platform(seed, day, i, member[i], posting_bits) != platform:
            continue
        row = 1 if speaking[i] & BAD else 0
        valence = -1.0 if row else 1.0
        mood = satisfaction[i] if stage[i] >= Stage.SERVICE else feeling[i]
        said[row, 0] += 1
        said[row, 1] += voiced(float(mood), valence)
        said[row, 2] += voiced(float(belief[i]), valence)
    return said


@njit(cache=True, parallel=True)
def mingle(day, seed, layer_what, required, good_mean, bad_mean, said, q_good, q_bad, member, heard, chunks):
    """Everybody meets everybody: hear a Poisson number of messages of the mean content (docs/model.md, 7.3)."""
    n = heard.size
    good_key = draw_key(seed, Purpose.HEAR_GOOD, day, layer_what)
    bad_key = draw_key(seed, Purpose.HEAR_BAD, day, layer_what)
    for chunk in prange(chunks):
        for i in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK)):
            if (member[i] & required) != required:
                continue
            for row in range(2):
                mean = bad_mean if row else good_mean
                if mean <= 0.0:
                    continue
                key = bad_key if row else good_key
                count = poisson_count(screened_uniform(key, i, screen_word(key, i >> 3)), mean)
                if count == 0:
                    continue
                q = q_bad if row else q_good
                heard[i].weight += q * count
                heard[i].feeling += int(math.floor(q * count * (said[row, 1] / said[row, 0]) + 0.5))
                heard[i].belief += int(math.floor(q * count * (said[row, 2] / said[row, 0]) + 0.5))
                if row:
                    heard[i].bad += count
                else:
                    heard[i].good += count


@njit(cache=True)
def gather_hearers(heard, hearers):
    """Write the numbers of all who heard something into `hearers`, int32 [N], in order; returns how many."""
    count = 0
    for i in range(heard.size):
        if heard[i].good > 0 or heard[i].bad > 0:
            hearers[count] = i
            count += 1
    return count


@njit(cache=True, parallel=True)
def listen(
    rules, hearers, persona, stage, trust_earned, heard, salience, belief, feeling, person_counts, stride, entries, used
):  # fmt: skip
    """Move hearers towards what they heard, and forget the messages: person_counts int64 [chunks, P, PERSON_COUNTS]."""
    for chunk in prange((hearers.size + CHUNK - 1) // CHUNK):
        rule = rules[0]
        for k in range(chunk * CHUNK, min(hearers.size, (chunk + 1) * CHUNK)):
            i = hearers[k]
            weight = heard[i].weight
            p = persona[i]
            person_counts[chunk, p, PersonCount.HEARD_GOOD] += heard[i].good
            person_counts[chunk, p, PersonCount.HEARD_BAD] += heard[i].bad
            slot = panel_slot(i, stride, used.size)
            if slot >= 0:
                where = stage[i]
                if heard[i].good:
                    note(entries, used, slot, Event.HEARD_GOOD, -1, where, where, heard[i].good)
                if heard[i].bad:
                    note(entries, used, slot, Event.HEARD_BAD, -1, where, where, heard[i].bad)
            if weight > 0:
                units = weight / 100.0
                salience[i] = salience[i] + rule.talk_weight * units
                target = heard[i].belief / (100.0 * weight)
                belief[i] = toward(float(belief[i]), target, repeated(rule.talk_inform * trust_earned[p], units))
                target = heard[i].feeling / (100.0 * weight)
                feeling[i] = toward(float(feeling[i]), target, repeated(rule.talk_touch * trust_earned[p], units))
            heard[i].weight = 0
            heard[i].feeling = 0
            heard[i].belief = 0
            heard[i].good = 0
            heard[i].bad = 0
