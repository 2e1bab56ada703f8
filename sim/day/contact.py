"""Second half of step *expose*: who of the near is reached and how often, who notices, and what that does to a mind.

Touchpoint by touchpoint over a chunk of consumers, in the order of the scenario: what is the same for all of them is
settled once, and the same few lines run over a whole list.
"""

from __future__ import annotations

import numpy as np
from numba import int64, uint32, uint64

from sim.agents.consumers import PROMPTED, SHARED, is_customer
from sim.agents.mind import bits_set, clip, irritated, noticing, toward
from sim.compiled import helper
from sim.counters import PersonCount, TouchCount
from sim.day.instructions import ahead, fetch
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, completed, draw_key, logistic, poisson_count, uniform


@helper
def settle_contacts(
    key, first, found, count, c, cells, lanes, at_most_one, chance, expected, times, luck, several
):  # fmt: skip
    """Keep of those near one touchpoint whom it reaches today, and count the contacts.

    Parameters
    ----------
    key : uint64                        key of its draws
    first : uint64                      number of the chunk's first consumer
    found : uint32 [>= count]           positions in the chunk; those reached are moved to the front, in order
    c : int                             which touchpoint it is
    cells : uint16 [K]                  of the chunk: row of each in the tables by persona and stage
    lanes : uint8 [K]                   leading bytes of the draws
    at_most_one : float64 [C, P * STAGES]       as `one_contact_at_most` returns it
    chance, expected : float64 [C, P * STAGES]
    times : int64 [>= count]            written: contacts of each
    luck, several                       float64 and uint32 [>= count]: room to work in

    Returns
    -------
    int                                 how many are reached

    Everybody's draw first, which is vector code; then who is reached, and reached more than once, without branches:
    those are few.
    """
    for entry in range(uint64(count)):
        luck[entry] = uniform(key, first + uint64(found[entry]))
    for entry in range(uint64(count)):
        times[entry] = 1
    kept, more = uint64(0), uint64(0)
    for entry in range(uint64(count)):
        k = uint64(found[entry])
        cell, u = uint64(cells[k]), completed(luck[entry], lanes[k])
        found[kept], luck[kept], several[more] = found[entry], u, kept
        reached = u < chance[c, cell]
        more += uint64(reached & (1.0 - u > at_most_one[c, cell]))
        kept += uint64(reached)
    for m in range(more):
        entry = uint64(several[m])
        times[entry] = poisson_count(luck[entry], expected[c, uint64(cells[uint64(found[entry])])])
    return int64(kept)


@helper
def hold_to_cap(cap, row, weekly, first, found, count, times, counts, reached):
    """Refuse contacts beyond a weekly frequency cap; returns for how many consumers any are left.

    Parameters
    ----------
    cap : int                   contacts a week
    row : int                   of the touchpoint in `weekly`
    weekly : uint8 [K, N]       contacts so far this week; added to
    first, found, times         as `settle_contacts` leaves them, `count` of them; changed in place
    counts : int64 [TOUCH_COUNTS]   REFUSED is added to; contacts of those who had reached the cap before are none
    reached : bool [K]              set if anybody reaches the cap
    """
    kept = uint64(0)
    for entry in range(uint64(count)):
        i = first + uint64(found[entry])
        room = cap - weekly[row, i]
        if room <= 0:
            continue
        contacts = times[entry]
        if contacts > room:
            counts[TouchCount.REFUSED] += contacts - room
            contacts = room
        weekly[row, i] += contacts
        reached[row] |= contacts == room
        found[kept] = found[entry]
        times[kept] = contacts
        kept += uint64(1)
    return int64(kept)


@helper
def attention_paid(touchpoints, attention, trust):
    """Chance that a single contact is noticed, float64 [C, P]: attention times trust in the source (7.2)."""
    share = np.empty((touchpoints.size, attention.size))
    for c in range(touchpoints.size):
        for p in range(attention.size):
            share[c, p] = min(1.0, touchpoints[c].attention * attention[p] * trust[p, touchpoints[c].kind])
    return share


@helper
def _meet(bit, first, found, count, times, met, counts):
    """Count contacts and remember that they met: met uint32 [N]; counts int64 [TOUCH_COUNTS] is added to."""
    impressions, fresh = 0, 0
    for entry in range(uint64(count)):
        i = first + uint64(found[entry])
        before = met[i]
        fresh += (before & bit) == uint32(0)
        met[i] = before | bit
        impressions += times[entry]
    counts[TouchCount.IMPRESSIONS] += impressions
    counts[TouchCount.CONTACTS] += count
    counts[TouchCount.NEW_REACH] += fresh


@helper
def _irritate(rule, irritation, first, found, count, times, annoyance, feeling):
    """Each contact annoys; beyond what is tolerated it costs feeling: columns [N]."""
    for entry in range(uint64(count)):
        i = first + uint64(found[entry])
        annoyed = np.float64(annoyance[i]) + irritation * times[entry]
        annoyance[i] = annoyed
        if annoyed > rule.annoyance_tolerance:
            feeling[i] = irritated(np.float64(feeling[i]), annoyed, rule.annoyance_tolerance, rule.annoyance_effect)


@helper
def _notice(key, first, c, share, found, count, times, persona, luck, noticed):
    """Write the entries of those who notice anything; returns how many.

    All draws first, since they are vector code: luck float64, noticed uint32 [>= count].
    """
    for entry in range(uint64(count)):
        luck[entry] = uniform(key, first + uint64(found[entry]))
    aware = uint64(0)
    for entry in range(uint64(count)):
        once = share[c, uint64(persona[first + uint64(found[entry])])]
        contacts = times[entry]
        noticed[aware] = entry
        aware += uint64(luck[entry] < (once if contacts == 1 else noticing(once, contacts)))
    return int64(aware)


@helper
def _journal_contacts(c, first, found, count, times, noticed, aware, stage, stride, entries, used):
    """Journal the contacts of tracked consumers; the first `aware` of `noticed` are the entries of those who notice.

    Both the contacts and the tracked, every `stride`-th consumer, are in order: one goes along with the other.
    """
    seen, tracked = 0, (int64(first) + stride - 1) // stride * stride
    for entry in range(count):
        i = int64(first) + int64(found[entry])
        while tracked < i:
            tracked += stride
        slot = panel_slot(i, stride, used.size) if i == tracked else -1
        if slot < 0:
            continue
        while seen < aware and noticed[seen] < entry:
            seen += 1
        event = Event.NOTICED if seen < aware and noticed[seen] == entry else Event.CONTACT
        note(entries, used, slot, event, c, stage[i], stage[i], times[entry])


@helper
def work(
    day, seed, rules, touchpoints, c, tone, answered, insight, share, first, found, count, times, luck, noticed,
    landing, at, persona, stage, salience, annoyance, belief, feeling, loyalty, recent, recent_before, met, today,
    counts, person_counts, stride, entries, used,
):  # fmt: skip
    """Let the contacts of one touchpoint with consumers of one chunk work (docs/model.md, 7.2).

    Parameters
    ----------
    tone, answered : float64 [C]        as in `expose`
    share : float64 [C, P]              as `attention_paid` returns it
    first : uint64                      number of the chunk's first consumer
    found : uint32 [>= count]           positions in the chunk, in order
    times : int64 [>= count]            contacts of each
    luck, noticed                       float64 and uint32 [>= count]: room to work in
    landing : uint64 [>= at + G]        from [at] on: bits of those whom a click led where this touchpoint leads; added
                                        to. at -1: nobody clicks
    persona ... today                   columns of everybody, [N]
    counts : int64 [TOUCH_COUNTS]       added to
    person_counts : int64 [P, PERSON_COUNTS]    added to
    """
    rule = rules[0]
    line = touchpoints[c]
    bit = uint32(1) << uint32(c)
    for entry in range(count):
        fetch(met, int64(first) + int64(found[entry]))
        fetch(annoyance, int64(first) + int64(found[entry]))
    _meet(bit, first, found, count, times, met, counts)
    if line.irritation > 0.0:
        _irritate(rule, line.irritation, first, found, count, times, annoyance, feeling)
    notice_key = draw_key(seed, Purpose.NOTICE, day, line.what)
    aware = _notice(notice_key, first, c, share, found, count, times, persona, luck, noticed)
    counts[TouchCount.NOTICED] += aware
    if used.size > 0:
        _journal_contacts(c, first, found, count, times, noticed, aware, stage, stride, entries, used)

    react_key = draw_key(seed, Purpose.REACT, day, line.what)
    prompt_key = draw_key(seed, Purpose.PROMPT, day, line.what)
    click_key = draw_key(seed, Purpose.CLICK, day, line.what)
    for entry in range(aware):
        later = int64(first) + int64(found[noticed[ahead(entry, aware)]])
        fetch(salience, later)
        fetch(belief, later)
        fetch(feeling, later)
        fetch(recent, later)
        fetch(recent_before, later)
        k = uint64(found[noticed[entry]])
        i = first + k
        p = persona[i]
        where = stage[i]
        slot = panel_slot(int64(i), stride, used.size)
        f = float(feeling[i])
        others = min(rule.synergy_most, bits_set((recent[i] | recent_before[i]) & ~bit))
        gain = (1.0 + line.synergy * others) * (1.0 + line.personalisation * insight[p])
        recent[i] |= bit
        salience[i] = float(salience[i]) + line.weight * gain
        belief[i] = toward(float(belief[i]), line.message_belief, line.inform * gain)
        if is_customer(where):
            loyalty[i] = toward(float(loyalty[i]), 1.0, line.bond * gain)
        mood = clip(line.message_feeling - tone[c]) if line.two_way else line.message_feeling
        f = toward(f, mood, line.touch * gain)
        if line.two_way and uniform(react_key, i) < line.reaction_share:
            counts[TouchCount.REACTIONS] += 1
            person_counts[p, PersonCount.REACTIONS] += 1
            u = uniform(draw_key(seed, Purpose.REACTION_KIND, day, line.what), i)
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
                u = uniform(draw_key(seed, Purpose.REACTION_VALENCE, day, line.what), i)
                if u >= logistic(rule.valence_base + rule.valence_slope * f):
                    counts[TouchCount.COMMENTS_NEGATIVE] += 1
                    if slot >= 0:
                        note(entries, used, slot, Event.COMMENT_NEGATIVE, c, where, where, 1)
                    if uniform(draw_key(seed, Purpose.ANSWERED, day, line.what), i) < answered[c]:
                        counts[TouchCount.COMMENTS_ANSWERED] += 1
                        f = clip(f + rule.answer_repair)
                    else:
                        f = clip(f - rule.unanswered_harm)
        feeling[i] = f
        if line.prompt > 0.0 and uniform(prompt_key, i) < line.prompt * gain:
            counts[TouchCount.PROMPTS] += 1
            today[i] |= PROMPTED
            if slot >= 0:
                note(entries, used, slot, Event.PROMPTED, c, where, where, 1)
        if at >= 0 and uniform(click_key, i) < line.click:
            counts[TouchCount.CLICKS] += 1
            landing[uint64(at) + (k >> uint64(6))] |= uint64(1) << (k & uint64(63))
            if slot >= 0:
                note(entries, used, slot, Event.CLICK, c, where, where, line.lands_on)
