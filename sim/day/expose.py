"""Step *expose*: paid impressions reach consumers, owned touchpoints are visited or send, and minds are moved."""

from __future__ import annotations

import numpy as np
from numba import njit, prange, uint32

from sim.agents.consumers import CHUNK, PROMPTED, SHARED, is_customer
from sim.agents.mind import bits_set, clip, irritated, noticing, toward
from sim.counters import PersonCount, TouchCount
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, logistic, poisson_count, screen_word, screen_words, screened_uniform, uniform


@njit(cache=True, parallel=True)
def count_capped_out(persona, stage, member, touchpoints, stages, capped, weekly, out):
    """Eligible consumers who have reached a frequency cap: adds to `out`, int64 [chunks, K, P]."""
    n = persona.size
    for chunk in prange(out.shape[0]):
        for k in range(capped.size):
            required = touchpoints[capped[k]].required
            cap = touchpoints[capped[k]].cap
            for i in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK)):
                if weekly[k, i] >= cap and stages[capped[k], stage[i]] and (member[i] & required) == required:
                    out[chunk, k, persona[i]] += 1


@njit
def _screen(lanes, stage, first, limit, addressed, c, candidates):
    """Mark who might meet touchpoint c: branch-free, so that the compiler turns it into vector instructions."""
    for k in range(candidates.size):
        stands = (addressed >> uint32(stage[first + k])) & uint32(1)
        near = uint32(lanes[k] <= limit)
        candidates[k] |= (stands & near) << c


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
    active : int64 [A]                      touchpoints with pressure today, in order
    limit, addressed, expected, chance, is_send   as in `Pressure`
    tone : float64 [C]                      share of unanswered negative comments in yesterday's reactions
    answered : float64 [C]                  chance that a negative comment is answered
    insight, attention : float64 [P]
    trust : float64 [P, 3]
    touch_counts : int64 [chunks, C, TOUCH_COUNTS]
    person_counts : int64 [chunks, P, PERSON_COUNTS]
    """
    n = stage.size
    keys = np.empty(touchpoints.size, np.uint64)
    for c in range(touchpoints.size):
        keys[c] = draw_key(seed, Purpose.CONTACT, day, touchpoints[c].what)
    for chunk in prange(touch_counts.shape[0]):
        rule = rules[0]
        first = chunk * CHUNK
        size = min(CHUNK, n - first)
        candidates = np.zeros(size, np.uint32)
        for a in range(active.size):
            c = active[a]
            lanes = screen_words(keys[c], first, size).view(np.uint8)
            _screen(lanes, stage, first, limit[c], addressed[c], uint32(c), candidates)
        for k in range(size):
            if candidates[k] == uint32(0):
                continue
            i = first + k
            block = i >> 3
            p = persona[i]
            where = stage[i]
            reached = uint32(0)
            for a in range(active.size):
                c = active[a]
                bit = uint32(1) << uint32(c)
                if not candidates[k] & bit or chance[c, p, where] <= 0.0:
                    continue
                if (member[i] & touchpoints[c].required) != touchpoints[c].required:
                    continue
                column = touchpoints[c].cap_column
                if column >= 0 and weekly[column, i] >= touchpoints[c].cap:
                    continue
                if screened_uniform(keys[c], i, screen_word(keys[c], block)) < chance[c, p, where]:
                    reached |= bit
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
                for c in range(touchpoints.size):
                    bit = uint32(1) << uint32(c)
                    if not mask & bit:
                        continue
                    contacts = 1
                    if turn == 1:
                        touch_counts[chunk, c, TouchCount.LANDINGS] += 1
                    elif not is_send[c]:
                        u = screened_uniform(keys[c], i, screen_word(keys[c], block))
                        contacts = max(1, poisson_count(u, expected[c, p, where]))
                        column = touchpoints[c].cap_column
                        if column >= 0:
                            room = touchpoints[c].cap - weekly[column, i]
                            if contacts > room:
                                touch_counts[chunk, c, TouchCount.REFUSED] += contacts - room
                                contacts = room
                            weekly[column, i] += contacts
                    elif touchpoints[c].cap_column >= 0:
                        weekly[touchpoints[c].cap_column, i] += 1
                    what = touchpoints[c].what
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
                    key = draw_key(seed, Purpose.NOTICE, day, what)
                    if uniform(key, i) >= noticing(a_i, contacts):
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
                    if touchpoints[c].two_way and (
                        uniform(draw_key(seed, Purpose.REACT, day, what), i) < touchpoints[c].reaction_share
                    ):
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
                    if touchpoints[c].prompt > 0.0 and (
                        uniform(draw_key(seed, Purpose.PROMPT, day, what), i) < touchpoints[c].prompt * gain
                    ):
                        touch_counts[chunk, c, TouchCount.PROMPTS] += 1
                        today[i] |= PROMPTED
                        if slot >= 0:
                            note(entries, used, slot, Event.PROMPTED, c, where, where, 1)
                    target = touchpoints[c].lands_on
                    if turn == 0 and target >= 0:
                        if uniform(draw_key(seed, Purpose.CLICK, day, what), i) < touchpoints[c].click:
                            touch_counts[chunk, c, TouchCount.CLICKS] += 1
                            landing |= (uint32(1) << uint32(target)) & ~reached
                            if slot >= 0:
                                note(entries, used, slot, Event.CLICK, c, where, where, target)
            salience[i] = s
            annoyance[i] = irritation
            belief[i] = b
            feeling[i] = f
            loyalty[i] = bond
