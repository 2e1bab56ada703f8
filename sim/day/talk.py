"""Step *talk*: yesterday's talkers reach their ties, posts are seen, hearers move towards what they hear."""

from __future__ import annotations

import math

import numpy as np
from numba import int64, njit, prange

from sim.agents.consumers import BAD, CHUNK, POST, TALK
from sim.agents.mind import repeated, toward, voiced
from sim.agents.stages import Stage
from sim.counters import PersonCount
from sim.day.few import gather
from sim.day.instructions import fetch
from sim.journal import Event, note, panel_slot
from sim.luck import Purpose, draw_key, poisson_count, screen_words, screened_uniform, uniform

#: Kinds of messages, as bits: said on a platform, not in person; bad, not good.
ON_PLATFORM, IS_BAD = 2, 1

#: A message on its way, 8 bytes. Its weight follows from its kind.
MESSAGE = np.dtype(
    [
        ("hearer", np.int32),
        ("feeling", np.int8),  # what is said, in hundredths
        ("belief", np.int8),
        ("kind", np.uint8),
    ],
    align=True,
)

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

#: What is said on a layer on which everybody meets everybody, good and bad apart.
MIXED = np.dtype(
    [
        ("what", np.uint64),  # the layer's luck
        ("required", np.uint32),  # membership of those who may hear it
        ("bad", np.bool_),
        ("mean", np.float64),  # messages a consumer hears, > 0
        ("q", np.int64),  # weight of one
        ("feeling", np.float64),  # mean content, in hundredths
        ("belief", np.float64),
    ],
    align=True,
)


@njit
def posting_platform(seed, day, who, member, posting_bits):
    """Which of the platforms with a layer a consumer posts on today, by index; -1 if he uses none."""
    used = 0
    for k in range(posting_bits.size):
        if member & posting_bits[k]:
            used += 1
    if used == 0:
        return -1
    pick = int(math.floor(uniform(draw_key(seed, Purpose.PLATFORM, day, 0), who) * used))
    for k in range(posting_bits.size):
        if member & posting_bits[k]:
            if pick == 0:
                return k
            pick -= 1
    return -1


@njit(cache=True)
def gather_speakers(speaking):
    """The numbers of all who speak, int32, in order."""
    eights = speaking[: speaking.size // 8 * 8].view(np.uint64)
    some = 1  # groups of eight in which somebody speaks, and the rest
    for group in range(eights.size):
        some += eights[group] != 0
    speakers = np.empty(8 * some, np.int32)
    return speakers[: gather(speaking, speakers)]


@njit(cache=True)
def count_said(speakers, persona, speaking, person_counts):
    """Count who says what today: adds to `person_counts`, int64 [P, PERSON_COUNTS]."""
    for k in range(speakers.size):
        i = speakers[k]
        row = person_counts[persona[i]]
        bad = (speaking[i] & BAD) != 0
        if speaking[i] & TALK:
            row[PersonCount.TALK_BAD if bad else PersonCount.TALK_GOOD] += 1
        if speaking[i] & POST:
            row[PersonCount.POSTS_BAD if bad else PersonCount.POSTS_GOOD] += 1


@njit
def _with_room(messages, count, more):
    """The list with room for `more` messages after the first `count`; a longer copy if it has none."""
    if count + more <= messages.size:
        return messages
    longer = np.empty(max(count + more, 2 * messages.size), messages.dtype)
    for m in range(count):  # a slice would take numba two seconds to compile
        longer[m] = messages[m]
    return longer


@njit(cache=True)
def push(
    day, seed, speakers, layer_what, transmission, platform, posting_bits, ptr, idx, member, stage, speaking, belief,
    feeling, satisfaction, line, line_what, invite_share, line_stages, invited, messages, count, stride, entries, used,
):  # fmt: skip
    """Carry messages along one layer of ties (docs/model.md, 7.3).

    One draw per tie of a speaker: u(PASS_ON, day, position of the tie) < transmission. `platform` is -1 on close
    layers; `line` is the open referral line or -1. Messages are added after the first `count` of `messages`.

    Returns
    -------
    messages : MESSAGE [room]       the same list, or a longer copy
    count : int                     how many of them are written
    """
    key = draw_key(seed, Purpose.PASS_ON, day, layer_what)
    invite_key = draw_key(seed, Purpose.INVITE, day, line_what)
    wanted = TALK if platform < 0 else POST
    most = 0
    for k in range(speakers.size):
        i = speakers[k]
        fetch(belief, i)
        fetch(feeling, i)
        fetch(satisfaction, i)
        fetch(idx, int64(ptr[i]))
        most = max(most, int64(ptr[i + 1]) - int64(ptr[i]))
    passed_on = np.empty(most, np.int64)
    for k in range(speakers.size):
        i = speakers[k]
        if not speaking[i] & wanted:
            continue
        if platform >= 0 and posting_platform(seed, day, i, member[i], posting_bits) != platform:
            continue
        bad = (speaking[i] & BAD) != 0
        valence = -1.0 if bad else 1.0
        kind = (ON_PLATFORM if platform >= 0 else 0) | (IS_BAD if bad else 0)
        mood = satisfaction[i] if stage[i] >= Stage.SERVICE else feeling[i]
        felt = voiced(float(mood), valence)
        believed = voiced(float(belief[i]), valence)
        size = 0  # first who is reached, then what is heard: reading far-off memory does not wait for the draws
        for e in range(int64(ptr[i]), int64(ptr[i + 1])):
            passed_on[size] = e
            size += uniform(key, e) < transmission
        messages = _with_room(messages, count, size)
        for entry in range(size):
            message = messages[count + entry]
            message.hearer = idx[passed_on[entry]]
            message.feeling = felt
            message.belief = believed
            message.kind = kind
        count += size
        if line < 0 or platform >= 0 or bad or not line_stages[stage[i]]:
            continue
        for entry in range(size):
            e = passed_on[entry]
            if not uniform(invite_key, e) < invite_share:
                continue
            j = idx[e]
            if invited[j] == 0 and (stage[j] < Stage.SERVICE or stage[j] == Stage.LAPSED):
                invited[j] = 1 + line
                slot = panel_slot(j, stride, used.size)
                if slot >= 0:
                    note(entries, used, slot, Event.INVITED, line, stage[j], stage[j], 1)
    return messages, count


@njit(cache=True)
def by_chunk(messages, chunks):
    """Sort messages by the chunk of their hearers, keeping their order within it (counting sort).

    Returns
    -------
    sorted : MESSAGE [messages]
    starts : int64 [chunks + 1]     where those of each chunk begin
    """
    starts = np.zeros(chunks + 1, np.int64)
    for m in range(messages.size):
        starts[1 + messages[m].hearer // CHUNK] += 1
    for chunk in range(chunks):
        starts[chunk + 1] += starts[chunk]
    place = starts.copy()
    ordered = np.empty(messages.size, messages.dtype)
    for m in range(messages.size):
        chunk = messages[m].hearer // CHUNK
        ordered[place[chunk]] = messages[m]
        place[chunk] += 1
    return ordered, starts


@njit(cache=True)
def sum_said(day, seed, speakers, platform, posting_bits, member, stage, speaking, belief, feeling, satisfaction):
    """What is said on a mixing layer: int64 [2, 3], for good and bad the talkers, their feelings and their beliefs."""
    said = np.zeros((2, 3), np.int64)
    wanted = TALK if platform < 0 else POST
    for k in range(speakers.size):
        i = speakers[k]
        if not speaking[i] & wanted:
            continue
        if platform >= 0 and posting_platform(seed, day, i, member[i], posting_bits) != platform:
            continue
        row = 1 if speaking[i] & BAD else 0
        valence = -1.0 if row else 1.0
        mood = satisfaction[i] if stage[i] >= Stage.SERVICE else feeling[i]
        said[row, 0] += 1
        said[row, 1] += voiced(float(mood), valence)
        said[row, 2] += voiced(float(belief[i]), valence)
    return said


@njit
def _place_of(who, k, slots, heard, count):
    """Where the k-th consumer of a chunk collects what is heard, and how many do then: a new, empty place at first."""
    if slots[k] == 0:
        row = heard[count]
        row.who = who
        row.weight, row.feeling, row.belief, row.good, row.bad = 0, 0, 0, 0, 0
        count += 1
        slots[k] = count
    return slots[k] - 1, count


@njit
def _collect(told, first, weights, slots, heard, count):
    """Add up messages to consumers from `first` on, in integers: their order does not matter."""
    for m in range(told.size):
        message = told[m]
        place, count = _place_of(message.hearer, message.hearer - first, slots, heard, count)
        q = weights[message.kind]
        row = heard[place]
        row.weight += q
        row.feeling += q * message.feeling
        row.belief += q * message.belief
        if message.kind & IS_BAD:
            row.bad += 1
        else:
            row.good += 1
    return count


@njit
def _find_mingling(lanes, limit, required, member, marks):
    """Mark who may hear something on a mixing layer, columns [K]: his byte is low enough, and he is a member."""
    most, bits = np.uint8(limit), np.uint32(required)
    for k in range(marks.size):
        marks[k] = lanes[k] <= most
    if bits:
        for k in range(marks.size):
            marks[k] &= (member[k] & bits) == bits


@njit
def _hear_the_crowd(day, seed, said, first, member, slots, heard, count):
    """Everybody meets everybody: hear a Poisson number of messages of the mean content (docs/model.md, 7.3).

    At least one is heard if the draw is below 1 - exp(-mean), which is less than the mean: his byte tells nearly all.
    """
    key = draw_key(seed, Purpose.HEAR_BAD if said.bad else Purpose.HEAR_GOOD, day, said.what)
    words = screen_words(key, first, slots.size)
    marks = np.empty(slots.size, np.uint8)
    _find_mingling(
        words.view(np.uint8), min(255.0, 256.0 * said.mean), said.required, member[first : first + slots.size], marks
    )
    who = np.empty(slots.size, np.int64)
    for entry in range(gather(marks, who)):
        k = who[entry]
        i = first + k
        many = poisson_count(screened_uniform(key, i, words[k >> 3]), said.mean)
        if many == 0:
            continue
        place, count = _place_of(i, k, slots, heard, count)
        row = heard[place]
        row.weight += said.q * many
        row.feeling += int(math.floor(said.q * many * said.feeling + 0.5))
        row.belief += int(math.floor(said.q * many * said.belief + 0.5))
        if said.bad:
            row.bad += many
        else:
            row.good += many
    return count


@njit
def _move_minds(
    rule, heard, count, persona, stage, trust_earned, salience, belief, feeling, person_counts, stride, entries, used
):  # fmt: skip
    """Move the hearers in the first `count` rows of `heard` towards it: person_counts int64 [P, PERSON_COUNTS]."""
    for k in range(count):
        fetch(salience, int64(heard[k].who))
        fetch(belief, int64(heard[k].who))
        fetch(feeling, int64(heard[k].who))
    for k in range(count):
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
    rules, messages, starts, weights, persona, stage, trust_earned, salience, belief, feeling, person_counts, stride,
    entries, used,
):  # fmt: skip
    """Move hearers towards what they heard.

    Parameters
    ----------
    messages, starts                what came along ties, as from `by_chunk`
    weights : int64 [4]             q by kind of message
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
        count = _collect(told, first, weights, slots, heard, 0)
        _move_minds(
            rules[0], heard, count, persona, stage, trust_earned, salience, belief, feeling, person_counts[chunk],
            stride, entries, used,
        )  # fmt: skip


@njit(cache=True, parallel=True)
def mingle(
    day, seed, rules, messages, starts, weights, mixed, persona, member, stage, trust_earned, salience, belief, feeling,
    person_counts, stride, entries, used,
):  # fmt: skip
    """`listen` where there are mixing layers too: mixed MIXED [any]. Apart, since few scenarios need it compiled."""
    for chunk in prange(person_counts.shape[0]):
        first = chunk * CHUNK
        size = min(stage.size, first + CHUNK) - first
        slots = np.zeros(size, np.uint16)
        heard = np.empty(size, HEARD)
        count = _collect(messages[starts[chunk] : starts[chunk + 1]], first, weights, slots, heard, 0)
        for layer in range(mixed.size):
            count = _hear_the_crowd(day, seed, mixed[layer], first, member, slots, heard, count)
        _move_minds(
            rules[0], heard, count, persona, stage, trust_earned, salience, belief, feeling, person_counts[chunk],
            stride, entries, used,
        )  # fmt: skip
