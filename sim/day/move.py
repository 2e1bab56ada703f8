"""Step *move*, stages: who wakes, forgets, grows interested, loyal or an advocate, cools off, leaves or is won back."""

from __future__ import annotations

import numpy as np
from numba import int64, uint64

from sim.agents.consumers import (
    FIRST,
    LEFT,
    NO_CASE,
    NO_OPINION,
    USED,
    interest,
    involvement_of,
    opinion_of,
)  # fmt: skip
from sim.agents.stages import MOVE_INDEX, Stage
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.few import gather
from sim.day.instructions import ahead, fetch
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key

_ROOM = 1e-6  # relative; several roundings of single precision
#: What interest says of somebody, as bits: knows the brand, would consider it, would come back to it.
_KNOWS, _CONSIDERS, _RETURNS = np.uint8(1), np.uint8(2), np.uint8(4)


@helper
def _weigh(first, rule, salience, recall, belief, feeling, openness, marks):
    """What salience and interest would do to consumers from `first` on, whatever their stage: marks uint8 [K].

    In single precision with room for its rounding, 16 at a time: prospects_who_move() looks closer.
    """
    base, penalty = np.float32(rule.interest_base), np.float32(rule.win_back_penalty)
    per_salience, per_belief = np.float32(rule.interest_salience), np.float32(rule.interest_belief)
    per_feeling = np.float32(rule.interest_feeling)
    room, nothing = np.float32(_ROOM), np.float32(0.0)
    for k in range(uint64(marks.size)):
        i = uint64(first) + k
        knows = (salience[i] >= recall[i]) & (salience[i] > nothing)
        from_salience, from_belief = per_salience * salience[i], per_belief * belief[i]
        from_feeling = per_feeling * feeling[i]
        size = abs(base) + abs(penalty) + abs(from_salience) + abs(from_belief) + abs(from_feeling)
        pull = base + from_salience + from_belief + from_feeling + room * size
        marks[k] = (
            _KNOWS * knows | _CONSIDERS * (pull >= openness[i]) | _RETURNS * (pull - penalty >= openness[i])
        )  # fmt: skip


@helper
def _find_prospects(first, stage, marks):
    """Narrow what `_weigh` found down to what moves somebody in his stage; marks likewise."""
    for k in range(uint64(marks.size)):
        where, by = stage[uint64(first) + k], marks[k]
        knows, considers = (by & _KNOWS) != 0, (by & _CONSIDERS) != 0
        marks[k] = (
            ((where == Stage.UNAWARE.value) & knows)
            | ((where == Stage.AWARENESS.value) & (considers | (not knows)))
            | ((where == Stage.LAPSED.value) & ((by & _RETURNS) != 0))
        )  # fmt: skip


@helper
def prospects_who_move(
    first, last, day, rule, recall, openness, persona, stage, salience, belief, feeling, since, person_counts, movers,
    targets,
):  # fmt: skip
    """Who of the consumers first .. last - 1 becomes aware, forgets, comes to consider the brand or is won back.

    Columns are those of everybody, [N]. Positions are written to movers uint32 [K], new stages to targets uint8 [K];
    returns how many. person_counts int64 [P, PERSON_COUNTS] is added to.
    """
    marks = np.empty(last - first, np.uint8)
    _weigh(first, rule, salience, recall, belief, feeling, openness, marks)
    _find_prospects(first, stage, marks)
    count = 0
    for entry in range(gather(marks, movers)):
        k = movers[entry]
        i = first + int64(k)
        where = stage[i]
        s = float(salience[i])
        pull = interest(rule, s, float(belief[i]), float(feeling[i]))
        if where == Stage.UNAWARE:
            target = Stage.AWARENESS.value
        elif where == Stage.AWARENESS and (s <= 0.0 or salience[i] < recall[i]):
            target = Stage.UNAWARE.value
        elif where == Stage.AWARENESS and pull > openness[i]:
            target = Stage.CONSIDERATION.value
        elif (
            where == Stage.LAPSED
            and day - since[i] >= rule.win_back_days
            and s > 0.0
            and pull - rule.win_back_penalty > openness[i]
        ):
            target = Stage.CONSIDERATION.value
            person_counts[persona[i], PersonCount.WON_BACK] += 1
        else:
            continue
        movers[count] = k
        targets[count] = target
        count += 1
    return count


@helper
def customers_who_move(
    first, customers, many, day, seed, rule, repeat, involvement, persona, stage, feeling, satisfaction, loyalty,
    since, last_purchase, today, person_counts, movers, targets, count, stride, entries, used,
):  # fmt: skip
    """Who of the customers grows loyal, becomes an advocate, cools off or leaves.

    customers uint32 [>= many] are positions from consumer `first` on; the others as in `prospects_who_move`; movers and
    targets are written from `count` on.
    """
    involvement_key = draw_key(seed, Purpose.INVOLVEMENT, 0, 0)
    for entry in range(uint64(many)):
        later = first + int64(customers[ahead(entry, many)])
        fetch(satisfaction, later)
        fetch(feeling, later)
        i = first + int64(customers[entry])
        where = int(stage[i])
        target = where
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
        elif where == Stage.SERVICE:
            used_again = (today[i] & USED) != 0 and not today[i] & FIRST
            if used_again and day - since[i] >= rule.first_period_days:
                if satisfaction[i] >= rule.good_satisfaction:
                    target = Stage.RETENTION.value
        elif where == Stage.RETENTION:
            if loyalty[i] >= rule.loyal_from and satisfaction[i] >= rule.good_satisfaction:
                target = Stage.LOYALTY.value
        else:
            mood = (float(satisfaction[i]) + float(feeling[i])) / 2.0
            enthusiasm = involvement_of(involvement_key, i, involvement[persona[i]]) * mood
            if where == Stage.ADVOCACY:
                if enthusiasm < rule.advocate_from - rule.loyal_margin:
                    target = Stage.LOYALTY.value
            elif satisfaction[i] < rule.disappointed_below or loyalty[i] < rule.loyal_from - rule.loyal_margin:
                target = Stage.RETENTION.value
            elif enthusiasm >= rule.advocate_from:
                target = Stage.ADVOCACY.value
        if target != where:
            movers[count] = customers[entry]
            targets[count] = target
            count += 1
    return count


@helper
def change_stages(
    first, movers, targets, count, day, groups, persona, member, stage, satisfaction, loyalty, due, since, case_channel,
    opinion, invited, flows, person_counts, stride, entries, used,
):  # fmt: skip
    """Move `count` consumers, uint32 positions from `first` on, to their target stages uint8 (docs/model.md, 7.7).

    Columns are those of everybody, [N]; flows int64 [R, P, MOVES] and person_counts int64 [P, PERSON_COUNTS] are added
    to.
    """
    for entry in range(count):
        fetch(member, first + int64(movers[ahead(entry, count)]))
        i = first + int64(movers[entry])
        where, target = int(stage[i]), int(targets[entry])
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
        if target == Stage.CONSIDERATION:
            opinion[i] = NO_OPINION
        elif target == Stage.LAPSED:
            if since[i] < 0:
                person_counts[persona[i], PersonCount.LOST_OF_START] += 1
            since[i] = day
            loyalty[i] = 0.0
            due[i] = 0
            invited[i] = 0
            case_channel[i] = NO_CASE
            opinion[i] = opinion_of(float(satisfaction[i]))
