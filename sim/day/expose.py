"""Step *expose*: paid impressions reach consumers, owned touchpoints are visited or send, and minds are moved."""

from __future__ import annotations

import numpy as np
from numba import int64, njit, prange, uint32

from sim.agents.consumers import CHUNK, PROMPTED, SHARED, is_customer
from sim.agents.mind import bits_set, clip, irritated, noticing, toward
from sim.counters import PersonCount, TouchCount
from sim.day.few import gather, lowest
from sim.day.screen import BLOCK, addressed_bits, collect, narrow, screen, thresholds
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, completed_uniform, draw_key, logistic, poisson_count, uniform


@njit
def _find_capped(weekly, cap, marks):
    """Mark who has reached a cap: columns [K]."""
    for k in range(marks.size):
        marks[k] = weekly[k] >= cap


@njit(cache=True, parallel=True)
def count_capped_out(persona, stage, member, touchpoints, stages, capped, weekly, out):
    """Eligible consumers who have reached a frequency cap: adds to `out`, int64 [chunks, K, P]."""
    n = persona.size
    for chunk in prange(out.shape[0]):
        first, last = chunk * CHUNK, min(n, (chunk + 1) * CHUNK)
        marks = np.empty(last - first, np.uint8)
        who = np.empty(last - first, np.int64)
        for k in range(capped.size):
            required = touchpoints[capped[k]].required
            _find_capped(weekly[k, first:last], touchpoints[capped[k]].cap, marks)
            for entry in range(gather(marks, who)):
                i = first + who[entry]
                if stages[capped[k], stage[i]] and (member[i] & required) == required:
                    out[chunk, k, persona[i]] += 1


@njit
def _keys_of(seed, purpose, day, touchpoints):
    """Keys of one purpose's draws today, uint64 [C]."""
    keys = np.empty(touchpoints.size, np.uint64)
    for c in range(touchpoints.size):
        keys[c] = draw_key(seed, purpose, day, touchpoints[c].what)
    return keys


@njit(cache=True, parallel=True)
def expose(
    day, seed, rules, touchpoints, active, limit, addressed, expected, chance, is_send, tone, answered, insight,
    attention, trust, persona, member, stage, salience, annoyance, belief, feeling, loyalty,
    recent, recent_before, met, weekly, today, touch_counts, person_counts, stride, entries, used,
):  # fmt: skip
    """Draw today's contacts of everybody and let them work (docs/model.md, 7.2).

    Parameters
    ----------
    touchpoints : TOUCHPOINT [C]
    active : int64 [A]                      touchpoints with pressure today, in order; at most 32
    limit, addressed, expected, chance, is_send   as in `Pressure`
    tone : float64 [C]                      share of unanswered negative comments in yesterday's reactions
    answered : float64 [C]                  chance that a negative comment is answered
    insight, attention : float64 [P]
    trust : float64 [P, 3]
    touch_counts : int64 [chunks, C, TOUCH_COUNTS]
    person_counts : int64 [chunks, P, PERSON_COUNTS]
    """
    n = stage.size
    contact_keys = _keys_of(seed, Purpose.CONTACT, day, touchpoints)
    notice_keys = _keys_of(seed, Purpose.NOTICE, day, touchpoints)
    react_keys = _keys_of(seed, Purpose.REACT, day, touchpoints)
    prompt_keys = _keys_of(seed, Purpose.PROMPT, day, touchpoints)
    click_keys = _keys_of(seed, Purpose.CLICK, day, touchpoints)
    by_stage = addressed_bits(active, addressed, chance.shape[2])
    required = np.array([touchpoints[c].required for c in range(touchpoints.size)], np.uint32)
    byte_reached, byte_several, at_most_one = thresholds(active, expected, chance, is_send)
    for chunk in prange(touch_counts.shape[0]):
        rule = rules[0]
        words = np.empty((active.size, CHUNK // 8), np.uint64)
        lanes = words.view(np.uint8)
        near = np.empty(((active.size + 7) // 8, BLOCK), np.uint8)
        who = np.empty(CHUNK, np.int64)
        marks = np.empty(CHUNK, np.uint32)
        times = np.empty(touchpoints.size, np.int64)
        start = chunk * CHUNK
        last = min(n, start + CHUNK)
        count = 0
        for first in range(start, last, BLOCK):
            size = min(BLOCK, last - first)
            at = first - start
            screen(contact_keys, active, limit, first, words[:, at // 8 : (at + size + 7) // 8], near[:, :size])
            found = collect(near, by_stage, stage[first : first + size], who[count:], marks[count:])
            who[count : count + found] += at
            count += found
        count = narrow(
            count, who, marks, active, required, byte_reached, lanes, persona[start:last], stage[start:last],
            member[start:last],
        )  # fmt: skip
        for entry in range(count):
            i = start + who[entry]
            p = persona[i]
            where = stage[i]
            left = marks[entry]
            reached = uint32(0)
            while left != uint32(0):
                a = lowest(left)
                c = active[a]
                left &= left - uint32(1)
                byte = int64(lanes[a, who[entry]])
                column = touchpoints[c].cap_column
                if column >= 0 and weekly[column, i] >= touchpoints[c].cap:
                    continue
                times[c] = 1
                if byte == byte_reached[c, p, where] or byte <= byte_several[c, p, where]:
                    u = completed_uniform(contact_keys[c], i, byte)
                    if u >= chance[c, p, where]:
                        continue
                    if 1.0 - u > at_most_one[c, p, where]:
                        times[c] = poisson_count(u, expected[c, p, where])
                reached |= uint32(1) << uint32(c)
            if reached == uint32(0):
                continue

            slot = panel_slot(i, stride, used.size)
            customer = is_customer(where)
            s = float(salience[i])
            irritation = float(annoyance[i])
            b = float(belief[i])
            f = float(feeling[i])
            bond = float(loyalty[i])
            landing = uint32(0)
            for turn in range(2):  # contacts first, then what clicks led to
                mask = reached if turn == 0 else landing
                while mask != uint32(0):
                    c = lowest(mask)
                    bit = uint32(1) << uint32(c)
                    mask &= mask - uint32(1)
                    contacts = 1
                    if turn == 1:
                        touch_counts[chunk, c, TouchCount.LANDINGS] += 1
                    else:
                        contacts = times[c]
                        column = touchpoints[c].cap_column
                        if column >= 0:
                            room = touchpoints[c].cap - weekly[column, i]
                            if contacts > room:
                                touch_counts[chunk, c, TouchCount.REFUSED] += contacts - room
                                contacts = room
                            weekly[column, i] += contacts
                    touch_counts[chunk, c, TouchCount.IMPRESSIONS] += contacts
                    touch_counts[chunk, c, TouchCount.CONTACTS] += 1
                    if not met[i] & bit:
                        touch_counts[chunk, c, TouchCount.NEW_REACH] += 1
                        met[i] |= bit
                    if touchpoints[c].irritation > 0.0:
                        irritation += touchpoints[c].irritation * contacts
                        f = irritated(f, irritation, rule.annoyance_tolerance, rule.annoyance_effect)
                    source = touchpoints[c].kind
                    a_i = min(1.0, touchpoints[c].attention * attention[p] * trust[p, source])
                    if uniform(notice_keys[c], i) >= noticing(a_i, contacts):
                        if slot >= 0:
                            note(entries, used, slot, Event.CONTACT, c, where, where, contacts)
                        continue
                    touch_counts[chunk, c, TouchCount.NOTICED] += 1
                    if slot >= 0:
                        note(entries, used, slot, Event.NOTICED, c, where, where, contacts)
                    others = min(rule.synergy_most, bits_set((recent[i] | recent_before[i]) & ~bit))
                    gain = (1.0 + touchpoints[c].synergy * others) * (1.0 + touchpoints[c].personalisation * insight[p])
                    s += touchpoints[c].weight * gain
                    b = toward(b, touchpoints[c].message_belief, touchpoints[c].inform * gain)
                    mood = touchpoints[c].message_feeling
                    if touchpoints[c].two_way:
                        mood = clip(mood - tone[c])
                    f = toward(f, mood, touchpoints[c].touch * gain)
                    if customer:
                        bond = toward(bond, 1.0, touchpoints[c].bond * gain)
                    recent[i] |= bit
                    if touchpoints[c].two_way and (uniform(react_keys[c], i) < touchpoints[c].reaction_share):
                        what = touchpoints[c].what
                        touch_counts[chunk, c, TouchCount.REACTIONS] += 1
                        person_counts[chunk, p, PersonCount.REACTIONS] += 1
                        u = uniform(draw_key(seed, Purpose.REACTION_KIND, day, what), i)
                        kind = 3
                        if u < rule.like_until:
                            kind = 0
                        elif u < rule.comment_until:
                            kind = 1
                        elif u < rule.share_until:
                            kind = 2
                        if slot >= 0:
                            note(entries, used, slot, Event.REACTION, c, where, where, kind)
                        if kind == 2:
                            today[i] |= SHARED
                        elif kind == 1:
                            u = uniform(draw_key(seed, Purpose.REACTION_VALENCE, day, what), i)
                            if u >= logistic(rule.valence_base + rule.valence_slope * f):
                                touch_counts[chunk, c, TouchCount.COMMENTS_NEGATIVE] += 1
                                if slot >= 0:
                                    note(entries, used, slot, Event.COMMENT_NEGATIVE, c, where, where, 1)
                                if uniform(draw_key(seed, Purpose.ANSWERED, day, what), i) < answered[c]:
                                    touch_counts[chunk, c, TouchCount.COMMENTS_ANSWERED] += 1
                                    f = clip(f + rule.answer_repair)
                                else:
                                    f = clip(f - rule.unanswered_harm)
                    if touchpoints[c].prompt > 0.0 and (uniform(prompt_keys[c], i) < touchpoints[c].prompt * gain):
                        touch_counts[chunk, c, TouchCount.PROMPTS] += 1
                        today[i] |= PROMPTED
                        if slot >= 0:
                            note(entries, used, slot, Event.PROMPTED, c, where, where, 1)
                    target = touchpoints[c].lands_on
                    if turn == 0 and target >= 0:
                        if uniform(click_keys[c], i) < touchpoints[c].click:
                            touch_counts[chunk, c, TouchCount.CLICKS] += 1
                            landing |= (uint32(1) << uint32(target)) & ~reached
                            if slot >= 0:
                                note(entries, used, slot, Event.CLICK, c, where, where, target)
            salience[i] = s
            annoyance[i] = irritation
            belief[i] = b
            feeling[i] = f
            loyalty[i] = bond
