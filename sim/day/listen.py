"""Step *talk*, listening: what reaches a consumer is added up, and he moves towards it (docs/model.md, 7.3)."""

from __future__ import annotations

import numpy as np
from numba import int64, njit, prange

from sim.agents.consumers import CHUNK
from sim.agents.mind import repeated, toward
from sim.agents.stages import Stage
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.instructions import ahead, fetch
from sim.day.tell import INVITES, IS_BAD, WEIGHED
from sim.journal import Event, note, panel_slot

#: What a consumer has heard today, in integers so that the order of hearing does not matter.
HEARD = np.dtype(
    [
        ("weight", np.int64),  # sum of q, hundredths of a unit of influence
        ("feeling", np.int64),  # sum of q * content, content in hundredths
        ("belief", np.int64),
        ("good", np.uint32),
        ("bad", np.uint32),
        ("who", np.int32),
    ],
    align=True,
)


@helper
def place_of(who, k, slots, heard, count):
    """Where the k-th consumer of a chunk collects what is heard, and how many do then: a new, empty place at first."""
    if slots[k] == 0:
        row = heard[count]
        row.who = who
        row.weight, row.feeling, row.belief, row.good, row.bad = 0, 0, 0, 0, 0
        count += 1
        slots[k] = count
    return slots[k] - 1, count


@helper
def _take_invitation(line, i, stage, invited, stride, entries, used):
    """Consumer i is invited by touchpoint `line`, unless he is a customer or invited already: columns [N]."""
    if invited[i] == 0 and (stage[i] < Stage.SERVICE or stage[i] == Stage.LAPSED):
        invited[i] = 1 + line
        slot = panel_slot(i, stride, used.size)
        if slot >= 0:
            note(entries, used, slot, Event.INVITED, line, stage[i], stage[i], 1)


@helper
def collect(told, first, weights, line, stage, invited, slots, heard, count, stride, entries, used):
    """Add up messages to consumers from `first` on, in integers: their order does not matter.

    Parameters
    ----------
    told : MESSAGE [any]
    weights : int64 [4]             q of messages by their bits WEIGHED
    line : int                      touchpoint whose invitations they may bring
    stage, invited : uint8 [N]      the second is written to
    slots : uint16 [K]              1 + row of each in `heard`, 0 = none yet; written to
    heard : HEARD [room]            its first `count` rows are in use

    Returns
    -------
    int                             how many rows are in use then
    """
    for m in range(told.size):
        message = told[m]
        if message.kind & INVITES:
            _take_invitation(line, int64(message.hearer), stage, invited, stride, entries, used)
        place, count = place_of(message.hearer, message.hearer - first, slots, heard, count)
        q = weights[message.kind & WEIGHED]
        row = heard[place]
        row.weight += q
        row.feeling += q * message.feeling
        row.belief += q * message.belief
        if message.kind & IS_BAD:
            row.bad += 1
        else:
            row.good += 1
    return count


@helper
def move_minds(
    rule, heard, count, persona, stage, trust_earned, salience, belief, feeling, person_counts, stride, entries, used
):  # fmt: skip
    """Move the hearers in the first `count` rows of `heard` towards it: person_counts int64 [P, PERSON_COUNTS]."""
    for k in range(count):
        later = int64(heard[ahead(k, count)].who)
        fetch(salience, later)
        fetch(belief, later)
        fetch(feeling, later)
        fetch(persona, later)
        row = heard[k]
        i = row.who
        p = persona[i]
        person_counts[p, PersonCount.HEARD_GOOD] += row.good
        person_counts[p, PersonCount.HEARD_BAD] += row.bad
        slot = panel_slot(i, stride, used.size)
        if slot >= 0:
            where = stage[i]
            if row.good:
                note(entries, used, slot, Event.HEARD_GOOD, -1, where, where, row.good)
            if row.bad:
                note(entries, used, slot, Event.HEARD_BAD, -1, where, where, row.bad)
        if row.weight > 0:
            units = row.weight / 100.0
            salience[i] = salience[i] + rule.talk_weight * units
            target = row.belief / (100.0 * row.weight)
            belief[i] = toward(float(belief[i]), target, repeated(rule.talk_inform * trust_earned[p], units))
            target = row.feeling / (100.0 * row.weight)
            feeling[i] = toward(float(feeling[i]), target, repeated(rule.talk_touch * trust_earned[p], units))


@njit(cache=True, parallel=True)
def listen(
    rules, messages, starts, weights, line, persona, stage, invited, trust_earned, salience, belief, feeling,
    person_counts, stride, entries, used,
):  # fmt: skip
    """Move hearers towards what they heard; some are invited.

    Parameters
    ----------
    messages, starts                what came along ties, as from `tell`
    weights, line, invited          as in `collect`
    trust_earned : float64 [P]
    person_counts : int64 [chunks, P, PERSON_COUNTS]
    """
    for chunk in prange(person_counts.shape[0]):
        first = chunk * CHUNK
        size = min(stage.size, first + CHUNK) - first
        told = messages[starts[chunk] : starts[chunk + 1]]
        if told.size == 0:
            continue
        slots = np.zeros(size, np.uint16)  # 1 + place in `heard`; the table is for those who hear something only
        heard = np.empty(min(size, told.size), HEARD)
        count = collect(told, first, weights, line, stage, invited, slots, heard, 0, stride, entries, used)
        move_minds(
            rules[0], heard, count, persona, stage, trust_earned, salience, belief, feeling, person_counts[chunk],
            stride, entries, used,
        )  # fmt: skip
