"""Step *expose*: paid impressions reach consumers, owned touchpoints are visited or send, and minds are moved."""

from __future__ import annotations

import numpy as np
from numba import int64, njit, prange, uint64

from sim.agents.consumers import CHUNK
from sim.agents.stages import STAGES
from sim.compiled import helper
from sim.counters import TouchCount
from sim.day.bits import above, anywhere_in, by_stage, listed
from sim.day.contact import attention_paid, hold_to_cap, settle_contacts, work
from sim.day.instructions import WIDTH
from sim.day.screen import cells_of, kinds_of, near, one_contact_at_most, screen
from sim.luck import Purpose, draw_key


@njit(cache=True)
def count_capped_out(persona, stage, member, touchpoints, stages, capped, weekly, cap_reached, out):
    """Eligible consumers who have reached a frequency cap.

    Parameters
    ----------
    weekly : uint8 [K, N]           contacts this week of the touchpoints capped int64 [K]
    cap_reached : bool [chunks, K]  whether anybody of a chunk has reached it
    out : int64 [K, P]              added to
    """
    n = persona.size
    contacts, bits, who = weekly.reshape(-1), np.empty(CHUNK // WIDTH, np.uint64), np.empty(CHUNK, np.uint32)
    for chunk in range(cap_reached.shape[0]):
        first, last = chunk * CHUNK, min(n, (chunk + 1) * CHUNK)
        for k in range(capped.size):
            if not cap_reached[chunk, k]:
                continue
            line = touchpoints[capped[k]]
            above(contacts, k * n + first, k * n + last, line.cap - 1, bits, 0)
            for entry in range(listed(bits[: (last - first + WIDTH - 1) // WIDTH], who)):
                i = uint64(first) + uint64(who[entry])
                if stages[capped[k], stage[i]] and (member[i] & line.required) == line.required:
                    out[k, persona[i]] += 1


@helper
def _keys_of(seed, purpose, day, touchpoints):
    """Keys of one purpose's draws today, uint64 [C]."""
    keys = np.empty(touchpoints.size, np.uint64)
    for c in range(touchpoints.size):
        keys[c] = draw_key(seed, purpose, day, touchpoints[c].what)
    return keys


@helper
def _landed_on(touchpoints):
    """The touchpoints that clicks lead to, int64 [T]; and by touchpoint its row among them, int64 [C], or -1."""
    row = np.full(touchpoints.size, -1, np.int64)
    for c in range(touchpoints.size):
        if touchpoints[c].lands_on >= 0:
            row[touchpoints[c].lands_on] = 0
    landed = np.flatnonzero(row == 0)
    for t in range(landed.size):
        row[landed[t]] = t
    return landed, row


@helper
def _put(who, count, bits, at):
    """Set the bits of some positions: who uint32 [>= count], bits uint64 from [at] on."""
    for entry in range(uint64(count)):
        k = uint64(who[entry])
        bits[uint64(at) + (k >> uint64(6))] |= uint64(1) << (k & uint64(63))


@njit(cache=True, parallel=True)
def expose(
    day, seed, rules, touchpoints, active, limit, addressed, expected, chance, is_send, tone, answered, insight,
    attention, trust, persona, belongs, stage, salience, annoyance, belief, feeling, loyalty,
    recent, recent_before, met, weekly, cap_reached, today, touch_counts, person_counts, stride, entries, used,
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
    belongs : uint64 [R, ceil(N / 64)]      bits of those who meet each membership requirement
    cap_reached : bool [chunks, K]          set where somebody reaches a frequency cap
    touch_counts : int64 [chunks, C, TOUCH_COUNTS]
    person_counts : int64 [chunks, P, PERSON_COUNTS]
    """
    n = stage.size
    contact_keys = _keys_of(seed, Purpose.CONTACT, day, touchpoints)
    means, chances = expected.reshape(touchpoints.size, -1), chance.reshape(touchpoints.size, -1)
    at_most_one = one_contact_at_most(means, is_send)
    share = attention_paid(touchpoints, attention, trust)
    landed, row = _landed_on(touchpoints)
    kinds, kind = kinds_of(active, addressed)
    for chunk in prange(touch_counts.shape[0]):
        start = chunk * CHUNK
        first, last = uint64(start), min(n, start + CHUNK)
        size = last - start
        words = np.empty((size + 7) // 8, np.uint64)
        lanes = words.view(np.uint8)[:size]
        many = (size + WIDTH - 1) // WIDTH
        bits, at_stage, open_to = (
            np.empty(many, np.uint64), np.empty(STAGES * many, np.uint64), np.empty(kinds.size * many, np.uint64),
        )  # fmt: skip
        cells = np.empty(size, np.uint16)
        cells_of(start, persona, stage, cells)
        by_stage(stage, start, last, at_stage)
        for m in range(kinds.size):
            anywhere_in(int64(kinds[m]), at_stage, open_to, m * many)
        who, times = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.int64)
        luck, noticed = np.empty(CHUNK), np.empty(CHUNK, np.uint32)
        meeting, landing = np.zeros(landed.size * many, np.uint64), np.zeros(landed.size * many, np.uint64)
        for turn in range(active.size + landed.size):  # all contacts, then what clicks led to
            if turn < active.size:
                c = active[turn]
                line = touchpoints[c]
                screen(contact_keys[c], start, words)
                found = near(
                    lanes, limit[c], open_to, kind[turn] * many, belongs, line.group, start // WIDTH, bits, who
                )  # fmt: skip
                found = settle_contacts(
                    contact_keys[c], first, who, found, c, cells, lanes, at_most_one, chances, means, times, luck,
                    noticed,
                )  # fmt: skip
                if line.cap_column >= 0:
                    found = hold_to_cap(
                        line.cap, line.cap_column, weekly, first, who, found, times, touch_counts[chunk, c],
                        cap_reached[chunk],
                    )  # fmt: skip
                if row[c] >= 0:
                    _put(who, found, meeting, row[c] * many)
                at = row[line.lands_on] * many if line.lands_on >= 0 else -1
            else:
                c, at = landed[turn - active.size], -1
                for g in range(many):
                    bits[g] = landing[row[c] * many + g] & ~meeting[row[c] * many + g]
                found = listed(bits, who)
                times[:found] = 1
                touch_counts[chunk, c, TouchCount.LANDINGS] += found
            work(
                day, seed, rules, touchpoints, c, tone, answered, insight, share, first, who, found, times, luck,
                noticed, landing, at, persona, stage, salience, annoyance, belief, feeling, loyalty, recent,
                recent_before, met, today, touch_counts[chunk, c], person_counts[chunk], stride, entries, used,
            )  # fmt: skip
