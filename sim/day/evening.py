"""Step *move*: memories fade, stages change, it is settled who will speak tomorrow, and the evening is summed up.

All four in one pass, block by block: what one has read is still in the cache for the next.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange, uint64

from sim.agents.consumers import CHUNK, opinion_of
from sim.agents.stages import STAGES, Stage
from sim.compiled import helper
from sim.counters import FEELING_SUMS, FeelingSum, PersonCount
from sim.day.bits import anywhere_in, by_stage, listed
from sim.day.instructions import WIDTH
from sim.day.move import change_stages, customers_who_move, prospects_who_move
from sim.day.speak import settle_speakers

#: Consumers worked on together: their columns stay in the second-level cache. A multiple of 64 that divides CHUNK.
BLOCK = 8192
assert CHUNK % BLOCK == 0 and BLOCK % WIDTH == 0
_TINY = 1e-6
_AWARE = sum(1 << where for where in range(STAGES) if where != Stage.UNAWARE)
_CUSTOMERS = sum(1 << where for where in range(Stage.SERVICE, Stage.ADVOCACY + 1))


@helper
def _fade(first, last, column, kept):
    """Geometric decay by one day, in place: s(t + 1) = s(t) 2 ** (-1 / half-life) (Broadbent 1979); float32 [N].

    `kept` is the factor, itself a number of single precision, so that a product of single precision is the exact one
    rounded; what becomes negligible is 0.
    """
    factor, tiny, nothing = np.float32(kept), np.float32(_TINY), np.float32(0.0)
    for i in range(uint64(first), uint64(last)):
        x = column[i] * factor
        column[i] = x if abs(x) >= tiny else nothing


@helper
def _fade_loyalty(first, customers, many, kept, loyalty):
    """The same for customers, who alone have any: uint32 [>= many] positions from `first` on, columns of everybody."""
    factor, tiny, nothing = np.float32(kept), np.float32(_TINY), np.float32(0.0)
    for entry in range(uint64(many)):
        i = uint64(first) + uint64(customers[entry])
        x = loyalty[i] * factor
        loyalty[i] = x if abs(x) >= tiny else nothing


@helper
def _sum_minds(first, aware, many, persona, stage, feeling, belief, salience, sums):
    """Add those who know the brand to the sums of their persona and stage, float64 [P, STAGES, FEELING_SUMS].

    aware uint32 [>= many] are positions from consumer `first` on. What the UNAWARE feel no table shows.
    """
    cells = sums.reshape(-1, FEELING_SUMS)
    for entry in range(uint64(many)):  # unsigned: no test for an index below 0, four times as long
        i = uint64(first) + uint64(aware[entry])
        cell = cells[uint64(persona[i]) * uint64(STAGES) + uint64(stage[i])]
        cell[FeelingSum.FEELING] += feeling[i]
        cell[FeelingSum.BELIEF] += belief[i]
        cell[FeelingSum.SALIENCE] += salience[i]


@helper
def _sum_customers(first, customers, many, persona, stage, satisfaction, loyalty, opinion, sums, counts):
    """The same of what only customers have, and what friends who ask will hear of them tomorrow.

    Parameters
    ----------
    customers : uint32 [>= many]    positions from consumer `first` on; those who have left meanwhile are passed over
    opinion : int8 [N]          written: satisfaction in hundredths
    counts : int64 [P, PERSON_COUNTS]   promoters and detractors are added to
    """
    for entry in range(uint64(many)):
        i = uint64(first) + uint64(customers[entry])
        if stage[i] == Stage.LAPSED:
            continue
        p = persona[i]
        satisfied = float(satisfaction[i])
        cell = sums[p, stage[i]]
        cell[FeelingSum.SATISFACTION] += satisfied
        cell[FeelingSum.LOYALTY] += loyalty[i]
        counts[p, PersonCount.PROMOTERS] += satisfied >= 0.5
        counts[p, PersonCount.DETRACTORS] += satisfied < 0.0
        opinion[i] = opinion_of(satisfied)


@helper
def _clear(first, last, column):
    """Set consumers first .. last - 1 to 0: uint8 [N]."""
    for i in range(uint64(first), uint64(last)):
        column[i] = 0


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
    sums : float64 [chunks, P, STAGES, FEELING_SUMS]    of those who know the brand
    """
    n = stage.size
    for chunk in prange(person_counts.shape[0]):
        rule = rules[0]
        customers, aware, movers = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
        targets = np.empty(BLOCK, np.uint8)
        for first in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK), BLOCK):
            last = min(n, first + BLOCK)
            bits = np.empty((last - first + WIDTH - 1) // WIDTH, np.uint64)
            at_stage = np.empty(STAGES * bits.size, np.uint64)
            _fade(first, last, salience, rule.salience_kept)
            _fade(first, last, annoyance, rule.annoyance_kept)
            _fade(first, last, belief, rule.belief_kept)
            _fade(first, last, feeling, rule.feeling_kept)
            by_stage(stage, first, last, at_stage)
            anywhere_in(_CUSTOMERS, at_stage, bits, 0)
            many = listed(bits, customers)
            _fade_loyalty(first, customers, many, rule.loyalty_kept, loyalty)

            count = prospects_who_move(
                first, last, day, rule, recall, openness, persona, stage, salience, belief, feeling, since,
                person_counts[chunk], movers, targets,
            )  # fmt: skip
            count = customers_who_move(
                first, customers, many, day, seed, rule, repeat, involvement, persona, stage, feeling, satisfaction,
                loyalty, since, last_purchase, today, person_counts[chunk], movers, targets, count, stride, entries,
                used,
            )  # fmt: skip
            change_stages(
                first, movers, targets, count, day, groups, persona, member, stage, satisfaction, loyalty, due, since,
                case_channel, opinion, invited, flows[chunk], person_counts[chunk], stride, entries, used,
            )  # fmt: skip

            by_stage(stage, first, last, at_stage)
            anywhere_in(_AWARE, at_stage, bits, 0)
            _sum_minds(
                first, aware, listed(bits, aware), persona, stage, feeling, belief, salience, sums[chunk]
            )  # fmt: skip
            _sum_customers(
                first, customers, many, persona, stage, satisfaction, loyalty, opinion, sums[chunk],
                person_counts[chunk],
            )  # fmt: skip
            _clear(first, last, speaking)
            if rule.talk_enabled:
                settle_speakers(
                    first, last, day, seed, rule, talk_rate, post_rate, talk_limit, post_limit, posting_mask,
                    involvement, at_stage, persona, member, stage, stage_before, feeling, satisfaction, speaking, today,
                    person_counts[chunk], stride, entries, used,
                )  # fmt: skip
            _clear(first, last, today)
