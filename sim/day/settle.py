"""Second half of step *experience*: cases come to the desks and are settled, and customers take it well or not."""

from __future__ import annotations

import numpy as np
from numba import int64, njit

from sim.agents.consumers import CHUNK, LEFT, LEFT_PROBLEM, NO_CASE, is_customer
from sim.agents.mind import toward
from sim.channels.service import CASE, DROPPED, UNRESOLVED, WAITS, others_inflow, outcome_of, turn_of, turns_come
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.experience import ROOM
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, uniform


@njit
def _gather_complainers(day, listed, complained, case_channel, case_day):
    """Who complained today, int32, in order; the arguments are those of `experience`.

    A chunk with more than the list had room for, which takes a product that breaks all the time, is looked through.
    """
    who = np.empty(complained.sum(), np.int32)
    count = 0
    for chunk in range(complained.size):
        if complained[chunk] <= ROOM:
            for k in range(complained[chunk]):
                who[count] = listed[chunk, k]
                count += 1
            continue
        for i in range(chunk * CHUNK, min(case_day.size, (chunk + 1) * CHUNK)):
            if case_channel[i] != NO_CASE and case_day[i] == day:
                who[count] = i
                count += 1
    return who


@helper
def _let_come(day, seed, weight, who, case_channel, customers, inflow, capacity, patience_days, arrived, served, cases):
    """Let today's complaints of the market come to the desks and the staff work; who complained gets a turn.

    Parameters
    ----------
    who : int32 [K]                     simulated consumers who complained today
    customers : int64 [P]               simulated ones, this morning
    inflow : float64 [P, desks]         complaints expected of a customer a day
    capacity : float64 [desks]          cases of the market that staff can handle a day
    arrived : float64 [D + 1, desks]    cases of the market that have come until each morning; tomorrow's is written
    served : float64 [desks]            turns that have come; moved on to this evening
    cases : CASE [K]                    written: those of `who`, in order
    """
    desks = capacity.size
    many, seen = np.zeros(desks, np.int64), np.zeros(desks, np.int64)
    for k in range(who.size):
        many[case_channel[who[k]]] += 1
    own = min(1.0, weight)  # cases of the market a simulated complaint is by itself
    came = np.empty(desks)
    for desk in range(desks):
        others = 0.0
        for p in range(customers.size):
            others += customers[p] * inflow[p, desk]
        came[desk] = own * many[desk] + others_inflow(day, seed, desk, max(0.0, weight - 1.0) * others)
        arrived[day + 1, desk] = arrived[day, desk] + came[desk]
        gave_up = arrived[max(0, day - patience_days), desk]
        served[desk] = turns_come(served[desk], gave_up, arrived[day + 1, desk], capacity[desk])
    for k in range(who.size):
        desk = case_channel[who[k]]
        cases[k].who, cases[k].opened, cases[k].desk = who[k], day, desk
        cases[k].place = turn_of(seen[desk], many[desk], arrived[day, desk], came[desk], own)
        seen[desk] += 1


@helper
def _take(
    day, seed, rules, ladder, aftertaste, case, outcome, handled, persona, stage, satisfaction, today, counts, stride,
    entries, used,
):  # fmt: skip
    """A customer takes the outcome of his case well or not, and stays or leaves (TARP's recovery ladder).

    `outcome` is one of UNRESOLVED .. GOODWILL; counts int64 [P, PERSON_COUNTS] are added to.
    """
    i = int64(case.who)
    row = counts[persona[i]]
    row[PersonCount.OUTCOME_UNRESOLVED + outcome - UNRESOLVED] += 1
    if handled:
        row[PersonCount.CASES_HANDLED] += 1
        row[PersonCount.RESPONSE_DAYS] += day - case.opened
    satisfaction[i] = toward(np.float64(satisfaction[i]), aftertaste[outcome], rules[0].aftertaste_gain)
    slot = panel_slot(i, stride, used.size)
    if slot >= 0:
        note(entries, used, slot, Event.OUTCOME, -1, stage[i], stage[i], outcome)
    if uniform(draw_key(seed, Purpose.RECOVER, case.opened, 0), i) >= ladder[outcome]:
        today[i] |= LEFT | LEFT_PROBLEM
        row[PersonCount.LOST_AFTER_PROBLEM] += 1
        if slot >= 0:
            note(entries, used, slot, Event.LEFT, -1, stage[i], stage[i], 1)


@njit(cache=True)
def settle(
    day, seed, rules, weight, waiting, listed, complained, customers, inflow, capacity, resolved_share, ladder,
    aftertaste, arrived, served, persona, stage, satisfaction, case_channel, case_day, today, person_counts, stride,
    entries, used,
):  # fmt: skip
    """The desks' day: who complained joins those who wait, and staff settles the cases whose turn has come.

    Parameters
    ----------
    weight : float                      people per agent
    waiting : CASE [Q]                  since before today
    listed, complained                  who complained today, as `experience` leaves it
    customers, inflow, capacity, arrived, served        as in `_let_come`; the last two are written to
    resolved_share : float64 [desks]    of handled cases
    ladder, aftertaste : float64 [5]    by outcome: share who stay, satisfaction towards which they move
    person_counts : int64 [P, PERSON_COUNTS]            added to

    Returns
    -------
    CASE [Q']                           cases that wait on
    """
    rule = rules[0]
    new = _gather_complainers(day, listed, complained, case_channel, case_day)
    cases = np.empty(waiting.size + new.size, CASE)
    for k in range(waiting.size):
        cases[k] = waiting[k]
    _let_come(
        day, seed, weight, new, case_channel, customers, inflow, capacity, int64(rule.patience_days), arrived, served,
        cases[waiting.size :],
    )  # fmt: skip
    left = 0
    for k in range(cases.size):
        case = cases[k]
        i = int64(case.who)
        gone = not is_customer(stage[i]) or (today[i] & LEFT) != 0
        outcome, handled = outcome_of(
            day, seed, case, gone, served[case.desk], resolved_share[case.desk], rule.goodwill_share, rule.quick_days,
            rule.patience_days,
        )  # fmt: skip
        if outcome == WAITS:
            cases[left] = case
            left += 1
            continue
        case_channel[i] = NO_CASE
        if outcome != DROPPED:
            _take(
                day, seed, rules, ladder, aftertaste, case, outcome, handled, persona, stage, satisfaction, today,
                person_counts, stride, entries, used,
            )  # fmt: skip
    return cases[:left].copy()
