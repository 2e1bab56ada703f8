"""Step *expose*: paid impressions reach consumers, owned touchpoints are visited or send, and minds are moved."""

from __future__ import annotations

import numpy as np
from numba import int64, njit, prange, uint64

from sim.agents.consumers import CHUNK
from sim.agents.stages import STAGES
from sim.counters import TouchCount
from sim.day.bits import anywhere_in, by_stage, listed
from sim.day.contact import attention_paid, hold_to_cap, settle_contacts, work
from sim.day.few import gather
from sim.day.instructions import WIDTH
from sim.day.screen import cells_of, kinds_of, narrow, near, screen, thresholds
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


@njit
def _landed_on(touchpoints):
    """Rows for the touchpoints that clicks lead to, int64 [C], -1 for the others; and how many there are."""
    rows = np.full(touchpoints.size, -1, np.int64)
    many = 0
    for c in range(touchpoints.size):
        target = touchpoints[c].lands_on
        if target >= 0 and rows[target] < 0:
            rows[target] = many
            many += 1
    return rows, many


@njit
def _put(who, bits):
    """Set the bits of some positions: who uint32 [F], bits uint64 [G]."""
    for k in who:
        bits[uint64(k) >> uint64(6)] |= uint64(1) << (uint64(k) & uint64(63))


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
    reached, several, at_most_one = thresholds(active, expected, chance, is_send)
    share = attention_paid(touchpoints, attention, trust)
    row, targets = _landed_on(touchpoints)
    kinds, kind = kinds_of(active, addressed)
    for chunk in prange(touch_counts.shape[0]):
        start = chunk * CHUNK
        last = min(n, start + CHUNK)
        size = last - start
        words = np.empty(CHUNK // 8, np.uint64)
        lanes = words.view(np.uint8)[:size]
        bits = np.empty((size + WIDTH - 1) // WIDTH, np.uint64)
        at_stage, open_to = np.empty((STAGES, bits.size), np.uint64), np.empty((kinds.size, bits.size), np.uint64)
        cells = np.empty(size, np.uint16)
        by_stage(stage[start:last], at_stage)
        for m in range(kinds.size):
            anywhere_in(int64(kinds[m]), at_stage, open_to[m])
        cells_of(persona[start:last], stage[start:last], cells)
        who, times = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.int64)
        luck, noticed = np.empty(CHUNK), np.empty(CHUNK, np.int64)
        meeting, landing = np.zeros((targets, bits.size), np.uint64), np.zeros((targets, bits.size), np.uint64)
        for a in range(active.size):
            c = active[a]
            line = touchpoints[c]
            counts = touch_counts[chunk, c]
            screen(contact_keys[c], start, words[: (size + 7) // 8])
            found = near(lanes, limit[c], open_to[kind[a]], bits, who)
            found = narrow(who[:found], line.required, reached[a], lanes, cells, member[start:last])
            found = settle_contacts(
                contact_keys[c], start, cells, lanes, reached[a], several[a], at_most_one[a],
                chance[c].reshape(-1), expected[c].reshape(-1), who[:found], times,
            )  # fmt: skip
            if line.cap_column >= 0:
                found = hold_to_cap(line.cap, weekly[line.cap_column, start:last], who[:found], times, counts)
            if row[c] >= 0:
                _put(who[:found], meeting[row[c]])
            lands = landing[row[line.lands_on]] if line.lands_on >= 0 else bits[:0]
            work(
                day, seed, rules, touchpoints, c, tone[c], answered[c], insight, share[c], uint64(start), who[:found],
                times, luck, noticed, lands, persona, stage, salience, annoyance, belief, feeling, loyalty, recent,
                recent_before, met, today, counts, person_counts[chunk], stride, entries, used,
            )  # fmt: skip

        times[:] = 1
        for c in range(touchpoints.size):  # what clicks led to, after all contacts
            if row[c] < 0:
                continue
            for g in range(bits.size):
                bits[g] = landing[row[c], g] & ~meeting[row[c], g]
            found = listed(bits, who)
            if found == 0:
                continue
            touch_counts[chunk, c, TouchCount.LANDINGS] += found
            work(
                day, seed, rules, touchpoints, c, tone[c], answered[c], insight, share[c], uint64(start), who[:found],
                times, luck, noticed, bits[:0], persona, stage, salience, annoyance, belief, feeling, loyalty,
                recent, recent_before, met, today, touch_counts[chunk, c], person_counts[chunk], stride, entries, used,
            )  # fmt: skip
