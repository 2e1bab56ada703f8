"""Step *talk*, telling: what yesterday's speakers say travels along their ties (docs/model.md, 7.3)."""

from __future__ import annotations

import math

import numpy as np
from numba import int64, njit, prange

from sim.agents.consumers import BAD, CHUNK, POST, TALK
from sim.agents.mind import voiced
from sim.agents.stages import Stage
from sim.compiled import helper
from sim.counters import PersonCount
from sim.day.bits import differs, listed
from sim.day.instructions import WIDTH, ahead, fetch
from sim.luck import Purpose, draw_key, uniform

#: Kinds of messages, as bits: bad, not good; said on a platform, not in person; with an invitation.
IS_BAD, ON_PLATFORM, INVITES = 1, 2, 4
#: Those of them that its weight depends on: an index into TalkArrays.weights.
WEIGHED = IS_BAD | ON_PLATFORM

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


@helper
def _find_speakers(first, last, layers, ptr, persona, speaking, who, counts):
    """List who of the consumers first .. last - 1 speaks, and count who says what.

    Parameters
    ----------
    who : uint16 [K]                        written: their positions, in order
    counts : int64 [P, PERSON_COUNTS]       added to

    Returns
    -------
    int, int            how many speak, and how many ties they have on layers on which they may say something
    """
    bits = np.empty((last - first + WIDTH - 1) // WIDTH, np.uint64)
    differs(speaking, first, last, 0, bits, 0)
    many, tied = listed(bits, who), int64(0)
    for entry in range(many):
        i = first + int64(who[entry])
        said = speaking[i]
        row = counts[persona[i]]
        bad = (said & BAD) != 0
        if said & TALK:
            row[PersonCount.TALK_BAD if bad else PersonCount.TALK_GOOD] += 1
        if said & POST:
            row[PersonCount.POSTS_BAD if bad else PersonCount.POSTS_GOOD] += 1
        for layer in range(layers.size):
            if said & (TALK if layers[layer].platform < 0 else POST):
                tied += int64(ptr[layer, i + 1]) - int64(ptr[layer, i])
    return many, tied


@helper
def _pass_on(key, transmission, begin, end, start, idx, said, messages, count):
    """Send what somebody says to all ties that let it through; returns how many messages there are then.

    One draw per tie: u(PASS_ON, day, position of the tie) < transmission. The ties are begin .. end - 1 of their layer,
    which starts at `start` in idx; `said` is a MESSAGE without its hearer. messages MESSAGE [room] are written from
    `count` on, each tie's whether it lets it through or not: the next goes over it.
    """
    for e in range(begin, end):
        message = messages[count]
        message.hearer = idx[start + e]
        message.feeling = said.feeling
        message.belief = said.belief
        message.kind = said.kind
        count += uniform(key, e) < transmission
    return count


@helper
def _invite(key, transmission, invite_key, share, begin, end, messages, count):
    """Add an invitation to some of the messages that `_pass_on` has just sent, those from `count` on."""
    for e in range(begin, end):
        if uniform(key, e) < transmission:
            if uniform(invite_key, e) < share:
                messages[count].kind |= INVITES
            count += 1


@helper
def _speak_to_ties(
    day, seed, first, who, many, keys, layers, ptr, idx, posting_bits, member, stage, speaking, belief, feeling,
    satisfaction, invite_key, invite_share, invites_from, messages, begin,
):  # fmt: skip
    """Send what the speakers of one chunk say; returns how many messages there are.

    Parameters
    ----------
    who : uint16 [>= many]              their positions, from consumer `first` on
    keys : uint64 [T]                   of PASS_ON, by layer
    messages : MESSAGE [room]           written from `begin` on
    others                              as in `tell`
    """
    said, count = np.empty(1, MESSAGE), begin
    for entry in range(many):
        later = first + int64(who[ahead(entry, many)])
        fetch(belief, later)
        fetch(feeling, later)
        fetch(satisfaction, later)
        for layer in range(layers.size):
            fetch(idx, layers[layer].start + int64(ptr[layer, later]))
        i = first + int64(who[entry])
        bad = (speaking[i] & BAD) != 0
        valence = -1.0 if bad else 1.0
        mood = satisfaction[i] if stage[i] >= Stage.SERVICE else feeling[i]
        said[0].feeling = voiced(float(mood), valence)
        said[0].belief = voiced(float(belief[i]), valence)
        posts_on = -1
        if speaking[i] & POST:
            posts_on = posting_platform(seed, day, i, member[i], posting_bits)
        for layer in range(layers.size):
            platform = layers[layer].platform
            if (platform >= 0 and platform != posts_on) or (platform < 0 and not speaking[i] & TALK):
                continue
            said[0].kind = (ON_PLATFORM if platform >= 0 else 0) | (IS_BAD if bad else 0)
            first_tie, end = int64(ptr[layer, i]), int64(ptr[layer, i + 1])
            key, transmission, sent = keys[layer], layers[layer].transmission, count
            count = _pass_on(key, transmission, first_tie, end, layers[layer].start, idx, said[0], messages, count)
            if invite_share > 0.0 and platform < 0 and not bad and invites_from[stage[i]]:
                _invite(key, transmission, invite_key, invite_share, first_tie, end, messages, sent)
    return count - begin


@njit
def _by_hearer(messages, begins, counts, chunks):
    """Sort messages by the chunk of their hearers, keeping their order within it (counting sort).

    Parameters
    ----------
    messages : MESSAGE [room]           parts of it: counts int64 [K] from begins int64 [K] on

    Returns
    -------
    sorted : MESSAGE [counts.sum()]
    starts : int64 [chunks + 1]         where those of each chunk begin
    """
    starts = np.zeros(chunks + 1, np.int64)
    for part in range(counts.size):
        for m in range(begins[part], begins[part] + counts[part]):
            starts[1 + messages[m].hearer // CHUNK] += 1
    for chunk in range(chunks):
        starts[chunk + 1] += starts[chunk]
    place = starts.copy()
    ordered = np.empty(starts[chunks], messages.dtype)
    for part in range(counts.size):
        for m in range(begins[part], begins[part] + counts[part]):
            chunk = messages[m].hearer // CHUNK
            ordered[place[chunk]] = messages[m]
            place[chunk] += 1
    return ordered, starts


@njit(cache=True, parallel=True)
def tell(
    day, seed, layers, ptr, idx, posting_bits, persona, member, stage, speaking, belief, feeling, satisfaction, line,
    invite_share, invites_from, person_counts,
):  # fmt: skip
    """Carry what was decided to be said along all ties.

    Parameters
    ----------
    layers : LAYER [T]                  with ptr PTR [T, N + 1] and idx as in `TieTable`
    posting_bits : uint32 [platforms]   membership bits of those that have a layer
    line : uint64                       hash of the referral programme that is open, for luck
    invite_share : float                chance that a good message in person invites; 0 if no programme is open
    invites_from : bool [STAGES]        stages it addresses
    person_counts : int64 [chunks, P, PERSON_COUNTS]    added to

    Returns
    -------
    messages : MESSAGE [M]              sorted by the chunk of their hearers
    starts : int64 [chunks + 1]         where those of each chunk begin
    """
    n, chunks = stage.size, person_counts.shape[0]
    invite_key = draw_key(seed, Purpose.INVITE, day, line)
    keys = np.empty(layers.size, np.uint64)
    for layer in range(layers.size):
        keys[layer] = draw_key(seed, Purpose.PASS_ON, day, layers[layer].what)
    who = np.empty((chunks, CHUNK), np.uint16)  # the system gives what is written to, and that is little
    many, begins, counts = np.zeros(chunks, np.int64), np.zeros(chunks + 1, np.int64), np.zeros(chunks, np.int64)
    for chunk in prange(chunks):
        first, last = chunk * CHUNK, min(n, (chunk + 1) * CHUNK)
        many[chunk], tied = _find_speakers(
            first, last, layers, ptr, persona, speaking, who[chunk], person_counts[chunk]
        )  # fmt: skip
        begins[chunk + 1] = tied + 1  # one to spare: see _pass_on
    for chunk in range(chunks):
        begins[chunk + 1] += begins[chunk]
    messages = np.empty(begins[chunks], MESSAGE)
    for chunk in prange(chunks):
        counts[chunk] = _speak_to_ties(
            day, seed, chunk * CHUNK, who[chunk], many[chunk], keys, layers, ptr, idx, posting_bits, member, stage,
            speaking, belief, feeling, satisfaction, invite_key, invite_share, invites_from, messages, begins[chunk],
        )  # fmt: skip
    return _by_hearer(messages, begins, counts, chunks)
