"""Step *expose*: paid impressions reach consumers, owned touchpoints are visited or send, and minds are moved."""

from __future__ import annotations

import numpy as np
from numba import njit, prange, uint32

from sim.agents.consumers import CHUNK
from sim.counters import TouchCount
from sim.day.contact import hold_to_cap, settle_contacts, work
from sim.day.few import gather, lowest
from sim.day.screen import BLOCK, addressed_bits, collect, narrow, screen, thresholds, turn_round
from sim.luck import Purpose, draw_key


@njit
def _find_capped(weekly, cap, marks):
    """Mark who has reached a cap: columns [K]. Bytes with a byte: 32 at a time, not 8."""
    most = np.uint8(min(255, cap))
    for k in range(marks.size):
        marks[k] = weekly[k] >= most


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
    by_stage = addressed_bits(active, addressed, chance.shape[2])
    required = np.array([touchpoints[c].required for c in active], np.uint32)
    reached, several, at_most_one = thresholds(active, expected, chance, is_send)
    for chunk in prange(touch_counts.shape[0]):
        start = chunk * CHUNK
        last = min(n, start + CHUNK)
        words = np.empty((active.size, CHUNK // 8), np.uint64)
        lanes = words.view(np.uint8)
        near = np.empty(((active.size + 7) // 8, BLOCK), np.uint8)
        who, marks = np.empty(CHUNK, np.int64), np.empty(CHUNK, np.uint32)
        personas, stages = persona[start:last], stage[start:last]
        count = 0
        for first in range(start, last, BLOCK):
            size = min(BLOCK, last - first)
            at = first - start
            screen(contact_keys, active, limit, first, words[:, at // 8 : (at + size + 7) // 8], near[:, :size])
            found = collect(near, by_stage, stage[first : first + size], who[count:], marks[count:])
            who[count : count + found] += at
            count += found
        count = narrow(count, who, marks, required, reached, lanes, personas, stages, member[start:last])
        lists, sizes = np.empty((active.size, CHUNK), np.uint32), np.empty(active.size, np.int64)
        turn_round(count, who, marks, lists, sizes)

        times = np.empty(CHUNK, np.int64)
        meeting, landing = np.zeros(CHUNK, np.uint32), np.zeros(CHUNK, np.uint32)
        targets = uint32(0)
        for a in range(active.size):
            c = active[a]
            counts = touch_counts[chunk, c]
            met_here = lists[a, : sizes[a]]
            size = settle_contacts(
                contact_keys[c], start, personas, stages, lanes[a], reached[a], several[a],
                at_most_one[a], chance[c].reshape(-1), expected[c].reshape(-1), met_here, times,
            )  # fmt: skip
            if touchpoints[c].cap_column >= 0:
                size = hold_to_cap(
                    touchpoints[c].cap, weekly[touchpoints[c].cap_column, start:last], met_here[:size], times, counts
                )
            for entry in range(size):
                meeting[met_here[entry]] |= uint32(1) << uint32(c)
            work(
                day, seed, rules, touchpoints, c, tone[c], answered[c], insight, attention, trust, start,
                met_here[:size], times, landing, persona, stage, salience, annoyance, belief, feeling, loyalty, recent,
                recent_before, met, today, counts, person_counts[chunk], stride, entries, used,
            )  # fmt: skip
            if touchpoints[c].lands_on >= 0 and counts[TouchCount.CLICKS] > 0:
                targets |= uint32(1) << uint32(touchpoints[c].lands_on)

        times[:] = 1
        landed = np.empty(CHUNK, np.uint32)
        while targets != uint32(0):  # what clicks led to, after all contacts
            c = lowest(targets)
            targets &= targets - uint32(1)
            size = 0
            for k in range(last - start):
                landed[size] = k
                size += ((landing[k] & ~meeting[k]) >> uint32(c)) & uint32(1)
            touch_counts[chunk, c, TouchCount.LANDINGS] += size
            work(
                day, seed, rules, touchpoints, c, tone[c], answered[c], insight, attention, trust, start,
                landed[:size], times, landing[:0], persona, stage, salience, annoyance, belief, feeling, loyalty,
                recent, recent_before, met, today, touch_counts[chunk, c], person_counts[chunk], stride, entries, used,
            )  # fmt: skip
