"""Step *talk* on layers without ties: everybody meets everybody (docs/model.md, 7.3)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from sim.agents.consumers import BAD, CHUNK, POST, TALK
from sim.agents.mind import voiced
from sim.agents.stages import Stage
from sim.compiled import helper
from sim.day.few import gather
from sim.day.listen import HEARD, collect, move_minds, place_of
from sim.day.tell import posting_platform
from sim.luck import Purpose, draw_key, poisson_count, screen_words, screened_uniform

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


@helper
def _find_mingling(lanes, limit, required, member, marks):
    """Mark who may hear something on a mixing layer, columns [K]: his byte is low enough, and he is a member."""
    most, bits = np.uint8(limit), np.uint32(required)
    for k in range(marks.size):
        marks[k] = lanes[k] <= most
    if bits:
        for k in range(marks.size):
            marks[k] &= (member[k] & bits) == bits


@helper
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
        place, count = place_of(i, k, slots, heard, count)
        row = heard[place]
        row.weight += said.q * many
        row.feeling += int(math.floor(said.q * many * said.feeling + 0.5))
        row.belief += int(math.floor(said.q * many * said.belief + 0.5))
        if said.bad:
            row.bad += many
        else:
            row.good += many
    return count


@njit(cache=True, parallel=True)
def mingle(
    day, seed, rules, messages, starts, weights, line, mixed, persona, member, stage, invited, trust_earned, salience,
    belief, feeling, person_counts, stride, entries, used,
):  # fmt: skip
    """`listen` where there are mixing layers too: mixed MIXED [any]. Apart, since few scenarios need it compiled."""
    for chunk in prange(person_counts.shape[0]):
        first = chunk * CHUNK
        size = min(stage.size, first + CHUNK) - first
        slots = np.zeros(size, np.uint16)
        heard = np.empty(size, HEARD)
        told = messages[starts[chunk] : starts[chunk + 1]]
        count = collect(told, first, weights, line, stage, invited, slots, heard, 0, stride, entries, used)
        for layer in range(mixed.size):
            count = _hear_the_crowd(day, seed, mixed[layer], first, member, slots, heard, count)
        move_minds(
            rules[0], heard, count, persona, stage, trust_earned, salience, belief, feeling, person_counts[chunk],
            stride, entries, used,
        )  # fmt: skip
