"""Step *move*, stages: who wakes, forgets, grows interested, loyal or an advocate, cools off, leaves or is won back."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.agents.consumers import FIRST, LEFT, NO_CASE, USED, interest, involvement_of, is_customer
from sim.agents.stages import MOVE_INDEX, Stage
from sim.counters import PersonCount
from sim.day.few import gather
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key


@njit
def _find_movers(
    rule, day, lapsing, involved, stage, salience, recall, belief, feeling, openness, satisfaction, loyalty, since,
    last_purchase, today, marks,
):  # fmt: skip
    """Mark who may change his stage tonight, columns [K]; change_stages() looks closer.

    Branch-free, for the compiler to vectorise: most consumers go nowhere. `involved` is the highest involvement anybody
    can have: enthusiasm is mood times involvement.
    """
    base, per_salience = rule.interest_base, rule.interest_salience
    per_belief, per_feeling = rule.interest_belief, rule.interest_feeling
    penalty, good, loyal = rule.win_back_penalty, rule.good_satisfaction, rule.loyal_from
    low, shaken, advocate = rule.disappointed_below, rule.loyal_from - rule.loyal_margin, rule.advocate_from
    idle_since = np.int32(day - rule.lapse_after_days)
    back_since = np.int32(day - rule.win_back_days)
    for k in range(stage.size):
        where = stage[k]
        s, f = np.float64(salience[k]), np.float64(feeling[k])
        content, bond = np.float64(satisfaction[k]), np.float64(loyalty[k])
        known = (salience[k] >= recall[k]) & (salience[k] > 0.0)
        pull = base + (per_salience * s + per_belief * np.float64(belief[k]) + per_feeling * f)
        enthusiasm = max(0.0, involved * (content + f) / 2.0)
        customer = (where >= Stage.SERVICE.value) & (where <= Stage.ADVOCACY.value)
        marks[k] = (
            ((where == Stage.UNAWARE.value) & known)
            | ((where == Stage.AWARENESS.value) & ((pull > openness[k]) | (not known)))
            | (customer & (((today[k] & LEFT) != 0) | (lapsing & (last_purchase[k] < idle_since))))
            | ((where == Stage.SERVICE.value) & ((today[k] & USED) != 0))
            | ((where == Stage.RETENTION.value) & (bond >= loyal) & (content >= good))
            | ((where == Stage.LOYALTY.value) & ((content < low) | (bond < shaken) | (enthusiasm >= advocate)))
            | (where == Stage.ADVOCACY.value)
            | ((where == Stage.LAPSED.value) & (since[k] <= back_since) & (pull - penalty > openness[k]))
        )


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
    _find_movers(
        rule, day, repeat and rule.lapse_after_days > 0, 2.0 * involvement.max(), stage[first:last],
        salience[first:last], recall[first:last], belief[first:last], feeling[first:last], openness[first:last],
        satisfaction[first:last], loyalty[first:last], since[first:last], last_purchase[first:last], today[first:last],
        marks,
    )  # fmt: skip
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
            forgets = s <= 0.0 or salience[i] < recall[i]
            target = Stage.UNAWARE.value if forgets else Stage.CONSIDERATION.value
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
