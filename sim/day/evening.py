"""Step *move*: memories fade, stages change, it is settled who will speak tomorrow, and the evening is summed up.

All four in one pass, chunk by chunk: what one has read is still in the cache for the next.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, prange

from sim.agents.consumers import CHUNK
from sim.agents.stages import STAGES, Stage
from sim.counters import FEELING_SUMS, FeelingSum, PersonCount
from sim.day.move import change_stages
from sim.day.speak import form_opinions, settle_speakers

_TINY = 1e-6


@njit
def _fade(column, kept):
    """Geometric decay by one day, in place: s(t + 1) = s(t) 2 ** (-1 / half-life) (Broadbent 1979); float32 [K].

    `kept` is the factor; what becomes negligible is 0.
    """
    for k in range(column.size):
        x = np.float64(column[k]) * kept
        column[k] = x if abs(x) >= _TINY else 0.0


@njit
def _sum_up(persona, stage, feeling, belief, satisfaction, loyalty, salience, sums, counts):
    """Sums of the evening: columns [K] into sums, float64 [P, STAGES, FEELING_SUMS], and counts [P, PERSON_COUNTS]."""
    cells = sums.reshape(-1, FEELING_SUMS)
    for k in range(stage.size):
        where = stage[k]
        p = persona[k]
        cell = cells[np.uint64(p) * np.uint64(STAGES) + np.uint64(where)]
        s = np.float64(satisfaction[k])
        cell[FeelingSum.COUNT] += 1.0
        cell[FeelingSum.FEELING] += feeling[k]
        cell[FeelingSum.BELIEF] += belief[k]
        cell[FeelingSum.SALIENCE] += salience[k]
        cell[FeelingSum.SATISFACTION] += s
        cell[FeelingSum.LOYALTY] += loyalty[k]
        customer = (where >= Stage.SERVICE.value) & (where <= Stage.ADVOCACY.value)
        counts[p, PersonCount.PROMOTERS] += int64(customer & (s >= 0.5))
        counts[p, PersonCount.DETRACTORS] += int64(customer & (s < 0.0))


@njit(cache=True, parallel=True)
def evening(
    day, seed, rules, repeat, involvement, groups, talk_rate, post_rate, talk_limit, post_limit, posting_mask,
    persona, member, recall, openness, stage, stage_before, salience, annoyance, belief, feeling, satisfaction, loyalty,
    due, since, last_purchase, case_channel, invited, speaking, opinion, today,
    flows, person_counts, sums, stride, entries, used,
):  # fmt: skip
    """The end of the day for everybody (docs/model.md, 7.7 and 7.8).

    Parameters
    ----------
    talk_rate, post_rate, talk_limit, post_limit, posting_mask, stage_before    as in `settle_speakers`
    flows : int64 [chunks, R, P, MOVES]
    person_counts : int64 [chunks, P, PERSON_COUNTS]
    sums : float64 [chunks, P, STAGES, FEELING_SUMS]
    """
    n = stage.size
    for chunk in prange(person_counts.shape[0]):
        rule = rules[0]
        first = chunk * CHUNK
        last = min(n, first + CHUNK)
        _fade(salience[first:last], rule.salience_kept)
        _fade(annoyance[first:last], rule.annoyance_kept)
        _fade(belief[first:last], rule.belief_kept)
        _fade(feeling[first:last], rule.feeling_kept)
        _fade(loyalty[first:last], rule.loyalty_kept)
        change_stages(
            first, last, day, seed, rule, repeat, involvement, groups, persona, member, recall, openness, stage,
            salience, belief, feeling, satisfaction, loyalty, due, since, last_purchase, case_channel, invited, today,
            flows[chunk], person_counts[chunk], stride, entries, used,
        )  # fmt: skip
        _sum_up(
            persona[first:last], stage[first:last], feeling[first:last], belief[first:last], satisfaction[first:last],
            loyalty[first:last], salience[first:last], sums[chunk], person_counts[chunk],
        )  # fmt: skip
        form_opinions(stage[first:last], satisfaction[first:last], opinion[first:last])
        speaking[first:last] = 0
        if rule.talk_enabled:
            settle_speakers(
                first, last, day, seed, rule, talk_rate, post_rate, talk_limit, post_limit, posting_mask, involvement,
                persona, member, stage, stage_before, feeling, satisfaction, speaking, today, person_counts[chunk],
                stride, entries, used,
            )  # fmt: skip
        today[first:last] = 0
