"""Step *decide*: needs arise, offers are compared, somebody buys, renews or leaves."""

from __future__ import annotations

import math

import numpy as np
from numba import int64, njit, prange, uint16, uint64

from sim.agents.choice import attraction, pick, price_utility
from sim.agents.consumers import BOUGHT, CHUNK, DATE, FIRST, LEFT, NO_OPINION, PROMPTED, date_of, is_customer
from sim.agents.experience import leaving
from sim.agents.mind import toward
from sim.agents.stages import MOVE_INDEX, Stage
from sim.compiled import helper
from sim.counters import PersonCount, TouchCount
from sim.day.few import gather
from sim.day.storm_state import FRESH
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, own_key, poisson_count, screen_words, screened_uniform, uniform

DURABLE, REPEAT, SUBSCRIPTION = 0, 1, 2
#: How _find_deciders() finds somebody.
_SURE, _BY_NEED, _BY_DATE = np.uint8(1), np.uint8(2), np.uint8(4)
_ROOM = 1.0 + 1e-6  # several roundings of single precision
_ENTERS = MOVE_INDEX[Stage.CONSIDERATION, Stage.DECISION]
_BUYS = MOVE_INDEX[Stage.DECISION, Stage.SERVICE]
_RETURNS = MOVE_INDEX[Stage.DECISION, Stage.CONSIDERATION]


@helper
def _count_move(flows, chunk, groups, member, p, move):
    """Count a move once for every membership requirement the consumer meets: flows int64 [chunks, R, P, MOVES]."""
    for r in range(groups.size):
        if (member & groups[r]) == groups[r]:
            flows[chunk, r, p, move] += 1


@helper
def _buy(person_counts, brand_counts, chunk, p, kind, cents, purchases, last_purchase, bought, today, i, day):
    """Book a purchase of the focal brand by consumer i of persona p; `kind` is the PersonCount it counts under."""
    person_counts[chunk, p, kind] += 1
    person_counts[chunk, p, PersonCount.REVENUE_CENTS] += cents
    brand_counts[chunk, 0] += 1
    if purchases[i] < 65535:
        purchases[i] += 1
    last_purchase[i] = day
    bought[i] |= 1
    today[i] |= BOUGHT


@helper
def _buy_elsewhere(person_counts, brand_counts, chunk, p, chosen, nothing, bought, i):
    """Book a purchase of a rival, or of nothing."""
    if chosen < 0:
        return
    brand_counts[chunk, chosen] += 1
    if chosen == nothing:
        person_counts[chunk, p, PersonCount.NOTHING_PURCHASES] += 1
    else:
        person_counts[chunk, p, PersonCount.RIVAL_PURCHASES] += 1
        bought[i] |= uint16(1) << uint16(chosen)


@helper
def _note_choice(entries, used, slot, chosen, nothing, cents, where):
    """Journal what a tracked consumer chose."""
    if chosen == 0:
        note(entries, used, slot, Event.BOUGHT, -1, where, where, cents)
    elif chosen == nothing:
        note(entries, used, slot, Event.BOUGHT_NOTHING, -1, where, where, 0)
    elif chosen > 0:
        note(entries, used, slot, Event.BOUGHT_ELSEWHERE, -1, where, where, chosen)


@helper
def _ask_friends(i, close, ptr, idx, opinion):
    """How many of consumer i's close ties have an opinion, and the sum of those opinions, in hundredths."""
    asked, heard = 0, 0
    for layer in range(close.size):
        start = close[layer].start
        for e in range(start + int64(ptr[layer, i]), start + int64(ptr[layer, i + 1])):
            said = opinion[idx[e]]
            if said != NO_OPINION:
                asked += 1
                heard += said
    return asked, heard


@helper
def _find_deciders(first, day, kind, dated, instant, season, lanes, need_rate, stage, due, today, marks):
    """Mark who of the consumers from `first` on may have something to decide, uint8 [K]; decide() looks closer.

    Branch-free, for the compiler: first what bytes tell, 32 consumers at a time, then what numbers of 32 bits tell, 16
    at a time. Rates are compared in single precision, with room for its rounding. `dated`: customers renew or may leave
    on the day that is due.
    """
    repeat = kind == REPEAT
    for k in range(uint64(marks.size)):
        i = uint64(first) + k
        where = stage[i]
        prompted = (today[i] & PROMPTED) != 0
        considers = where == Stage.CONSIDERATION.value
        decides = where == Stage.DECISION.value
        customer = (where >= Stage.SERVICE.value) & (where <= Stage.ADVOCACY.value)
        sure = (considers & (prompted | (instant != 0))) | (repeat & customer & prompted)
        by_need = considers | (repeat & (not decides))
        by_date = decides | (dated & customer)
        marks[k] = _SURE * sure | _BY_NEED * by_need | _BY_DATE * by_date
    most = np.float32(256.0 * season * _ROOM)
    today_is = DATE(day)
    for k in range(uint64(marks.size)):
        i = uint64(first) + k
        by = marks[k]
        needs = np.float32(lanes[k]) <= need_rate[i] * most
        marks[k] = (
            ((by & _SURE) != 0)
            | (((by & _BY_NEED) != 0) & needs)
            | (((by & _BY_DATE) != 0) & (due[i] <= today_is))
        )  # fmt: skip


@njit(cache=True, parallel=True)
def decide(
    day, seed, rules, kind, season, price, discount, review_mean, review_trust, other, price_sensitivity,
    trust_earned, line_discount, nothing, groups, close, ptr, idx,
    persona, member, need_rate, taste, leave_logit, stage, salience, belief, feeling, satisfaction, loyalty,
    due, since, last_purchase, purchases, bought, opinion, invited, today, fresh, shun, walk_out,
    flows, touch_counts, person_counts, brand_counts, stride, entries, used,
):  # fmt: skip
    """Let needs arise and choices be made (docs/model.md, 7.4).

    Parameters
    ----------
    season : float                      today's factor on need rates
    price, discount : float             list price in EUR; share taken off for everybody
    review_mean, review_trust : float   mean rating -1..1; share by which reviews are trusted 0..1
    other : float64 [J, 3]              what `pick` needs to know of each alternative
    line_discount : float64 [C]         share taken off for invited customers
    close : LAYER [L]                   close layers: the first of `TieTable`, whose ties are in ptr and idx
    nothing : int                       index of buying nothing among the alternatives, -1 if it is none
    fresh : uint8 [N] or [0]            how fresh a storm is that was seen, 0 .. FRESH; empty without storms
    shun, walk_out : float              while entirely fresh: utility the brand loses; logit of leaving gained
    flows : int64 [chunks, R, P, MOVES]
    brand_counts : int64 [chunks, J]    purchases by alternative
    """
    n = stage.size
    need_key = draw_key(seed, Purpose.NEED, day, 0)
    duration_key = draw_key(seed, Purpose.DURATION, day, 0)
    choose_key = draw_key(seed, Purpose.CHOOSE, day, 0)
    leave_key = draw_key(seed, Purpose.LEAVE, day, 0)
    for chunk in prange(person_counts.shape[0]):
        rule = rules[0]
        first = chunk * CHUNK
        last = min(n, first + CHUNK)
        size = last - first
        periodic = kind == REPEAT and rule.leave_every_days > 0
        interval = rule.leave_every_days if periodic else 0  # until something is due for a customer; 0 = nothing is
        if kind == SUBSCRIPTION:
            interval = rule.period_days
        elif kind == DURABLE:
            interval = rule.use_every_days
        words = screen_words(need_key, first, size)
        marks = np.empty(size, np.uint8)
        _find_deciders(
            first, day, kind, kind == SUBSCRIPTION or periodic, rule.instant, season, words.view(np.uint8), need_rate,
            stage, due, today, marks,
        )  # fmt: skip
        who, weights = np.empty(size, np.int64), np.empty(taste.shape[1])
        for entry in range(gather(marks, who)):
            k = who[entry]
            i = first + k
            word = words[k >> 3]
            where = int(stage[i])
            customer = is_customer(where)
            may_leave = periodic and customer and due[i] == day

            # needs of today
            needs = 0
            if where != Stage.DECISION and (kind == REPEAT or not customer):
                mean = need_rate[i] * season
                byte = int64((word >> uint64(8 * (i & 7))) & uint64(255))
                if byte <= 256.0 * mean:
                    needs = poisson_count(screened_uniform(need_key, i, word), mean)
                if where == Stage.CONSIDERATION:
                    needs = 1 if needs > 0 or rule.instant or today[i] & PROMPTED else 0
                elif customer and today[i] & PROMPTED:
                    needs += 1
                if needs == 0 and not may_leave:
                    continue
            elif where == Stage.DECISION and due[i] > day:
                continue

            p = persona[i]
            slot = panel_slot(i, stride, used.size)
            believed = float(belief[i])
            felt = float(feeling[i])
            if needs > 0:
                person_counts[chunk, p, PersonCount.NEEDS] += needs
                if slot >= 0:
                    note(entries, used, slot, Event.NEED, -1, where, where, needs)

            if where == Stage.CONSIDERATION:
                where = Stage.DECISION.value
                stage[i] = where
                _count_move(flows, chunk, groups, member[i], p, _ENTERS)
                if slot >= 0:
                    note(entries, used, slot, Event.MOVED, -1, Stage.CONSIDERATION, where, 0)
                if rule.instant:
                    due[i] = day
                else:
                    wait = -math.log(uniform(duration_key, i)) * rule.decision_days
                    due[i] = date_of(day + int(math.floor(wait)))
                    if review_trust > 0.0:
                        share = rule.choice_reviews * trust_earned[p] * review_trust
                        believed = toward(believed, review_mean, share)
                        belief[i] = believed
                        if slot >= 0:
                            note(entries, used, slot, Event.READ_REVIEWS, -1, where, where, review_mean)
                    share = rule.choice_friends * trust_earned[p]
                    asked, heard = _ask_friends(i, close, ptr, idx, opinion) if share > 0.0 else (0, 0)
                    if asked > 0:
                        mean_opinion = heard / asked / 100.0
                        felt = toward(felt, mean_opinion, share)
                        feeling[i] = felt
                        if slot >= 0:
                            note(entries, used, slot, Event.ASKED_FRIENDS, -1, where, where, mean_opinion)
                if due[i] > day:
                    continue

            off = discount
            if invited[i] > 0:
                off = max(off, line_discount[invited[i] - 1])
            paid = price * (1.0 - off)
            cents = int(math.floor(100.0 * paid + 0.5))
            sensitivity = price_sensitivity[p]
            gained = attraction(rule, believed, felt, float(loyalty[i]), float(salience[i]))
            gained += price_utility(paid, rule.reference_price, sensitivity)
            own = own_key(choose_key, i)
            shaken = 0.0
            if fresh.size > 0 and fresh[i] > 0:
                shaken = fresh[i] / FRESH
                gained -= shun * shaken

            enters, renews = where == Stage.DECISION, customer and kind == SUBSCRIPTION
            choices, chance, own_leave = 1 if enters or renews else needs, 0.0, uint64(0)
            if customer:
                leave = leave_logit[i] + walk_out * shaken
                chance = leaving(rule, leave, float(satisfaction[i]), float(loyalty[i]), float(feeling[i]))
                own_leave = own_key(leave_key, i)
                if renews or may_leave:
                    if uniform(own_leave, 0) < chance:
                        today[i] |= LEFT
                        choices = 0
                    else:
                        due[i] = date_of(day + interval)
            for k in range(choices):
                chosen = 0
                if not renews:
                    chosen = pick(
                        own, k, taste, i, gained, other, sensitivity, shaken, enters or customer, weights
                    )  # fmt: skip
                if slot >= 0 and (enters or customer):
                    _note_choice(entries, used, slot, chosen, nothing, cents, where)
                if enters:
                    stage[i] = Stage.SERVICE if chosen == 0 else Stage.CONSIDERATION
                    _count_move(flows, chunk, groups, member[i], p, _BUYS if chosen == 0 else _RETURNS)
                    if slot >= 0:
                        note(entries, used, slot, Event.MOVED, -1, Stage.DECISION, stage[i], 0)
                if chosen != 0:
                    _buy_elsewhere(person_counts, brand_counts, chunk, p, chosen, nothing, bought, i)
                    continue
                _buy(
                    person_counts, brand_counts, chunk, p,
                    PersonCount.FIRST_PURCHASES if enters else PersonCount.REPEAT_PURCHASES, cents, purchases,
                    last_purchase, bought, today, i, day,
                )  # fmt: skip
                if enters:
                    since[i] = day
                    today[i] |= FIRST
                    if interval > 0:
                        due[i] = date_of(day + interval)
                    if invited[i] > 0:
                        touch_counts[chunk, invited[i] - 1, TouchCount.INVITED_WINS] += 1
                        invited[i] = 0
                elif kind == REPEAT and not periodic and uniform(own_leave, k) < chance:
                    today[i] |= LEFT
                    break
            if customer and today[i] & LEFT:
                person_counts[chunk, p, PersonCount.LOST_BY_CHOICE] += 1
                if slot >= 0:
                    note(entries, used, slot, Event.LEFT, -1, where, where, 0)
