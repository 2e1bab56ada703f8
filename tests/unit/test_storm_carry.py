"""What travels along ties in batches is what travels tie by tie."""

from __future__ import annotations

import numpy as np
import pytest

from sim.day.outrage import OUTRAGED, PLATFORM, VIEW
from sim.day.storm import POSTS, TELLS, carry
from sim.luck import Purpose, draw_key, uniform

AGENTS = 9000


def one_by_one(seed, moment, what, wanted, who, voice, platform, ptr, idx, transmission, weight, channel, state):
    """The same in plain Python: views and who has one, in the order of the first."""
    views, touched = np.zeros(AGENTS, VIEW), []
    key = np.uint64(draw_key(seed, Purpose.STORM_SEE, moment, what))
    for k, i in enumerate(who):
        if not (voice[k] & TELLS if wanted < 0 else platform[k] == wanted):
            continue
        for e in range(ptr[i], ptr[i + 1]):
            j = idx[e]
            if uniform(key, e) < transmission and not state[j] & OUTRAGED and weight > 0:
                if not views[j]["weight"]:
                    touched.append(j)
                    views[j]["source"], views[j]["channel"] = i, channel
                views[j]["weight"] += weight
    return views, touched


@pytest.mark.parametrize("transmission", [0.0, 0.03, 1.0])
@pytest.mark.parametrize("wanted", [-1, 1])
def test_batches_change_nothing(transmission: float, wanted: int) -> None:
    """Nobody's ties, as many as are written at once and one more, and hubs with more than several batches hold."""
    rng = np.random.default_rng(4)
    degrees = rng.poisson(10.0, AGENTS)
    degrees[rng.choice(AGENTS, 60, replace=False)] = np.repeat([0, 16, 17, 300, 2048, 7000], 10)
    ptr = np.concatenate([[0], np.cumsum(degrees)])
    idx = rng.integers(0, AGENTS, ptr[-1]).astype(np.int32)
    hubs = np.argsort(degrees)[-20:]
    who = rng.permutation(np.union1d(rng.choice(AGENTS, 3000, replace=False), hubs)).astype(np.int32)
    voice = rng.choice([0, TELLS, POSTS, TELLS | POSTS], who.size).astype(np.uint8)
    platform = rng.integers(-1, 3, who.size).astype(np.int8)
    state = (rng.random(AGENTS) < 0.3).astype(np.uint8) * np.uint8(OUTRAGED)
    views, touched = np.zeros(AGENTS, VIEW), np.zeros(AGENTS, np.int32)
    for weight in (0, 150):
        count = carry(
            3, 50, 77, wanted, who, who.size, voice, platform, ptr, idx, transmission, weight, PLATFORM, state, views,
            touched, 0,
        )  # fmt: skip
        expected, order = one_by_one(
            3, 50, 77, wanted, who, voice, platform, ptr, idx, transmission, weight, PLATFORM, state
        )
        np.testing.assert_array_equal(views, expected)
        np.testing.assert_array_equal(touched[:count], order)
