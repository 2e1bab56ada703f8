"""Step *move*, stages: who wakes, forgets, grows interested, loyal or an advocate, cools off, leaves or is won back."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.agents.consumers import DATE, FIRST, LEFT, NO_CASE, USED, interest, involvement_of, is_customer
from sim.agents.stages import MOVE_INDEX, Stage
from sim.counters import PersonCount
from sim.day.few import gather
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key

#: What may move somebody tonight, as bits: sure is sure, the others are looked at by kind.
_SURE, _WAKES, _CONSIDERS, _RETURNS, _GROWS, _COOLS, _IDLES = (np.uint8(1 << bit) for bit in range(7))
_LATER = np.uint8(_SURE | _GROWS | _COOLS | _IDLES)
_ROOM = 1e-6  # relative; several roundings of single precision


@njit
def _sort_out(lapsing, stage, today, marks):
    """What may move each consumer tonight as far as bytes tell, columns [K]: 32 at a time."""
    for k in range(marks.size):
        where = stage[k]
        customer = (where >= Stage.SERVICE.value) & (where <= Stage.ADVOCACY.value)
        left = customer & ((today[k] & LEFT) != 0)
        used_again = (where == Stage.SERVICE.value) & ((today[k] & USED) != 0)
        marks[k] = (
            _SURE * (left | used_again | (where == Stage.ADVOCACY.value))
            | _WAKES * (where == Stage.UNAWARE.value)
            | _CONSIDERS * (where == Stage.AWARENESS.value)
            | _RETURNS * (where == Stage.LAPSED.value)
            | _GROWS * (where == Stage.RETENTION.value)
            | _COOLS * (where == Stage.LOYALTY.value)
            | _IDLES * (customer & lapsing)
        )


@njit
def _find_movers(rule, salience, recall, belief, feeling, openness, marks):
    """Narrow marks of `_sort_out` down by interest, columns [K]: UNAWARE, AWARENESS and LAPSED.

    In single precision with room for its rounding, 16 at a time: change_stages() looks closer.
    """
    base, penalty = np.float32(rule.interest_base), np.float32(rule.win_back_penalty)
    per_salience, per_belief = np.float32(rule.interest_salience), np.float32(rule.interest_belief)
    per_feeling = np.float32(rule.interest_feeling)
    room, nothing = np.float32(_ROOM), np.float32(0.0)
    for k in range(marks.size):
        by = marks[k]
        known = (salience[k] >= recall[k]) & (salience[k] > nothing)
        from_salience, from_belief = per_salience * salience[k], per_belief * belief[k]
        from_feeling = per_feeling * feeling[k]
        size = abs(base) + abs(penalty) + abs(from_salience) + abs(from_belief) + abs(from_feeling)
        pull = base + from_salience + from_belief + from_feeling + room * size
        marks[k] = (
            (by & _LATER)
            | (_SURE * (((by & _WAKES) != 0) & known))
            | (_SURE * (((by & _CONSIDERS) != 0) & ((pull >= openness[k]) | (not known))))
            | (_SURE * (((by & _RETURNS) != 0) & (pull - penalty >= openness[k])))
        )


@njit
def _find_customers_who_move(rule, involved, feeling, satisfaction, loyalty, marks):
    """Narrow them down by habit and mood, columns [K]: RETENTION and LOYALTY.

    `involved` is the highest involvement anybody can have: enthusiasm is mood times involvement.
    """
    room, half, nothing = np.float32(10.0 * _ROOM * (1.0 + involved)), np.float32(0.5 * involved), np.float32(0.0)
    good, loyal = np.float32(rule.good_satisfaction) - room, np.float32(rule.loyal_from) - room
    low = np.float32(rule.disappointed_below) + room
    shaken, advocate = loyal - np.float32(rule.loyal_margin) + room + room, np.float32(rule.advocate_from) - room
    for k in range(marks.size):
        by = marks[k]
        enthusiasm = max(nothing, half * (satisfaction[k] + feeling[k]))
        grows = (loyalty[k] >= loyal) & (satisfaction[k] >= good)
        cools = (satisfaction[k] < low) | (loyalty[k] < shaken) | (enthusiasm >= advocate)
        marks[k] = (
            (by & (_SURE | _IDLES))
            | (_SURE * (((by & _GROWS) != 0) & grows))
            | (_SURE * (((by & _COOLS) != 0) & cools))
        )


@njit
def _find_idle(rule, day, last_purchase, marks):
    """Narrow them down by the last purchase, columns [K]."""
    idle_since = DATE(max(0, day - rule.lapse_after_days))
    for k in range(marks.size):
        marks[k] = (marks[k] & _SURE) | (_SURE * (((marks[k] & _IDLES) != 0) & (last_purchase[k] < idle_since)))


@njit
def change_stages(
    first, last, day, seed, rule, repeat, involvement, groups, persona, member, recall, openness, stage, salience,
    belief, feeling, satisfaction, loyalty, due, since, last_purchase, case_channel, invited, today, flows,
    person_counts, stride, entries, used,
):  # fmt: skip
    """Change the stages of consumers first .. last - 1 (docs/model.md, 7.7).

    Columns are those of everybody, [N]; flows int64 [R, P, MOVES] and person_counts int64 [P, PERSON_COUNTS] are added
    to.
    """
    involvement_key = draw_key(seed, Purpose.INVOLVEMENT, 0, 0)
    marks = np.empty(last - first, np.uint8)
    lapsing = repeat and rule.lapse_after_days > 0
    _sort_out(lapsing, stage[first:last], today[first:last], marks)
    _find_movers(
        rule, salience[first:last], recall[first:last], belief[first:last], feeling[first:last], openness[first:last],
        marks,
    )  # fmt: skip
    _find_customers_who_move(
        rule, 2.0 * involvement.max(), feeling[first:last], satisfaction[first:last], loyalty[first:last], marks
    )
    if lapsing:
        _find_idle(rule, day, last_purchase[first:last], marks)
    who = np.empty(last - first, np.int64)
    for entry in range(gather(marks, who)):
        i = first + who[entry]
        where = int(stage[i])
        s = float(salience[i])
        target = where
        leaves = False
        if is_customer(where):
            leaves = (today[i] & LEFT) != 0
            if not leaves and repeat and rule.lapse_after_days > 0:
                if day - last_purchase[i] > rule.lapse_after_days:
                    leaves = True
                    person_counts[persona[i], PersonCount.LOST_INACTIVE] += 1
                    slot = panel_slot(i, stride, used.size)
                    if slot >= 0:
                        note(entries, used, slot, Event.LEFT, -1, where, where, 2)
        if leaves:
            target = Stage.LAPSED.value
        elif where == Stage.UNAWARE:
            target = Stage.AWARENESS.value
        elif where == Stage.AWARENESS:
            if s <= 0.0 or salience[i] < recall[i]:
                target = Stage.UNAWARE.value
            elif interest(rule, s, float(belief[i]), float(feeling[i])) > openness[i]:
                target = Stage.CONSIDERATION.value
        elif where == Stage.SERVICE:
            used_again = (today[i] & USED) != 0 and not today[i] & FIRST
            if used_again and day - since[i] >= rule.first_period_days:
                if satisfaction[i] >= rule.good_satisfaction:
                    target = Stage.RETENTION.value
        elif where == Stage.RETENTION:
            if loyalty[i] >= rule.loyal_from and satisfaction[i] >= rule.good_satisfaction:
                target = Stage.LOYALTY.value
        elif where == Stage.LOYALTY or where == Stage.ADVOCACY:
            mood = (float(satisfaction[i]) + float(feeling[i])) / 2.0
            enthusiasm = involvement_of(involvement_key, i, involvement[persona[i]]) * mood
            if where == Stage.ADVOCACY:
                if enthusiasm < rule.advocate_from - rule.loyal_margin:
                    target = Stage.LOYALTY.value
            elif satisfaction[i] < rule.disappointed_below or loyalty[i] < rule.loyal_from - rule.loyal_margin:
                target = Stage.RETENTION.value
            elif enthusiasm >= rule.advocate_from:
                target = Stage.ADVOCACY.value
        elif day - since[i] >= rule.win_back_days and s > 0.0:
            pull = interest(rule, s, float(belief[i]), float(feeling[i])) - rule.win_back_penalty
            if pull > openness[i]:
                target = Stage.CONSIDERATION.value
                person_counts[persona[i], PersonCount.WON_BACK] += 1
        if target == where:
            continue
        slot = panel_slot(i, stride, used.size)
        while where != target:
            step = target
            if target == Stage.LAPSED and where > Stage.RETENTION:
                step = where - 1  # down the stairs: ADVOCACY, LOYALTY, RETENTION, LAPSED
            index = MOVE_INDEX[where, step]
            for r in range(groups.size):
                if (member[i] & groups[r]) == groups[r]:
                    flows[r, persona[i], index] += 1
            if slot >= 0:
                note(entries, used, slot, Event.MOVED, -1, where, step, 0)
            where = step
        stage[i] = target
        if target == Stage.LAPSED:
            if since[i] < 0:
                person_counts[persona[i], PersonCount.LOST_OF_START] += 1
            since[i] = day
            loyalty[i] = 0.0
            due[i] = 0
            invited[i] = 0
            case_channel[i] = NO_CASE
