"""Step *move*: memories fade, stages change, it is settled who will speak tomorrow, and the evening is summed up.

All four in one pass, block by block: what one has read is still in the cache for the next.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from sim.agents.consumers import CHUNK
from sim.agents.stages import STAGES, Stage
from sim.counters import FEELING_SUMS, FeelingSum, PersonCount
from sim.day.few import gather
from sim.day.move import change_stages
from sim.day.speak import form_opinions, settle_speakers

#: Consumers worked on together: their columns stay in the second-level cache. A multiple of 64 that divides CHUNK.
BLOCK = 8192
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
def _sum_minds(persona, stage, feeling, belief, salience, sums):
    """Add columns [K] to the sums of their persona and stage, float64 [P, STAGES, FEELING_SUMS]."""
    cells = sums.reshape(-1, FEELING_SUMS)
    for k in range(stage.size):  # unsigned: no test for an index below 0, which takes four times as long
        cell = cells[np.uint64(persona[k]) * np.uint64(STAGES) + np.uint64(stage[k])]
        cell[FeelingSum.FEELING] += feeling[k]
        cell[FeelingSum.BELIEF] += belief[k]
        cell[FeelingSum.SALIENCE] += salience[k]


@njit
def _sum_customers(persona, stage, satisfaction, loyalty, marks, who, sums, counts):
    """The same of what only customers have; promoters and detractors are added to counts, int64 [P, PERSON_COUNTS]."""
    for k in range(stage.size):
        marks[k] = (stage[k] >= Stage.SERVICE.value) & (stage[k] <= Stage.ADVOCACY.value)
    for entry in range(gather(marks, who)):
        k = who[entry]
        p = persona[k]
        cell = sums[p, stage[k]]
        cell[FeelingSum.SATISFACTION] += satisfaction[k]
        cell[FeelingSum.LOYALTY] += loyalty[k]
        if satisfaction[k] >= 0.5:
            counts[p, PersonCount.PROMOTERS] += 1
        elif satisfaction[k] < 0.0:
            counts[p, PersonCount.DETRACTORS] += 1


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
        marks = np.empty(BLOCK, np.uint8)
        who = np.empty(BLOCK, np.int64)
        for first in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK), BLOCK):
            last = min(n, first + BLOCK)
            _fade(salience[first:last], rule.salience_kept)
            _fade(annoyance[first:last], rule.annoyance_kept)
            _fade(belief[first:last], rule.belief_kept)
            _fade(feeling[first:last], rule.feeling_kept)
            _fade(loyalty[first:last], rule.loyalty_kept)
            change_stages(
                first, last, day, seed, rule, repeat, involvement, groups, persona, member, recall, openness, stage,
                salience, belief, feeling, satisfaction, loyalty, due, since, last_purchase, case_channel, invited,
                today, flows[chunk], person_counts[chunk], stride, entries, used,
            )  # fmt: skip
            _sum_minds(
                persona[first:last], stage[first:last], feeling[first:last], belief[first:last], salience[first:last],
                sums[chunk],
            )  # fmt: skip
            _sum_customers(
                persona[first:last], stage[first:last], satisfaction[first:last], loyalty[first:last],
                marks[: last - first], who, sums[chunk], person_counts[chunk],
            )  # fmt: skip
            form_opinions(stage[first:last], satisfaction[first:last], opinion[first:last])
            speaking[first:last] = 0
            if rule.talk_enabled:
                settle_speakers(
                    first, last, day, seed, rule, talk_rate, post_rate, talk_limit, post_limit, posting_mask,
                    involvement, persona, member, stage, stage_before, feeling, satisfaction, speaking, today,
                    person_counts[chunk], stride, entries, used,
                )  # fmt: skip
            today[first:last] = 0
