"""The usual rules of attribution: to which touchpoints a first purchase is credited, given the paths that led to it.

Each is a function of paths alone, returning how many wins each touchpoint is credited with, float64 [touchpoints]; they
add up to the wins that had any touch. What touchpoints *caused* they do not know: they have never seen a day without.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.studies.paths import Paths

#: Days in which a touch loses half of its credit in `time_decay`; the default of Google Analytics' model of that name.
HALF_LIFE_DAYS = 7.0
ENDS = 0.4  # credit of the first and of the last touch in `position_based`; the middle shares the rest


def last_touch(paths: Paths) -> np.ndarray:
    """All credit to the last touch before the purchase."""
    weight = np.zeros(paths.touch.size)
    weight[paths.start[1:][_credited(paths)] - 1] = 1.0
    return _summed(paths, weight)


def first_touch(paths: Paths) -> np.ndarray:
    """All credit to the first touch."""
    weight = np.zeros(paths.touch.size)
    weight[paths.start[:-1][_credited(paths)]] = 1.0
    return _summed(paths, weight)


def linear(paths: Paths) -> np.ndarray:
    """The same credit to every touch."""
    return _shared(paths, np.ones(paths.touch.size))


def position_based(paths: Paths) -> np.ndarray:
    """40 % to the first, 40 % to the last, 20 % to all between; halves with two touches, all with one ("U-shaped")."""
    length = paths.length
    own = np.repeat(length, length)
    position = np.arange(paths.touch.size) - np.repeat(paths.start[:-1], length)
    middle = (1.0 - 2.0 * ENDS) / np.maximum(own - 2, 1)
    return _shared(paths, np.where((position == 0) | (position == own - 1), ENDS, middle))


def time_decay(paths: Paths, half_life_days: float = HALF_LIFE_DAYS) -> np.ndarray:
    """Credit halves with every half-life between touch and purchase: 2^(-age / half-life)."""
    return _shared(paths, np.exp2(-paths.age / half_life_days))


def markov_removal(paths: Paths) -> np.ndarray:
    """Removal effects of a Markov chain of order 1 over start, touchpoints, won and lost.

    With P(won) the probability of ending in *won*, and P_i(won) that with every step to touchpoint i leading to *lost*
    instead, i is credited in proportion to 1 - P_i(won) / P(won) (Archak, Mirrokni & Muthukrishnan 2010, WWW '10;
    Anderl, Becker, von Wangenheim & Schumann 2016, International Journal of Research in Marketing 33, 457-474).
    """
    many = len(paths.names)
    chances = transitions(paths)
    whole = _chance_to_win(chances)
    if whole <= 0.0:
        return np.zeros(many)
    effects = np.zeros(many)
    for i in range(many):
        without = chances.copy()
        without[:, many + 2] += without[:, i]
        without[:, i] = 0.0
        effects[i] = max(0.0, 1.0 - _chance_to_win(without) / whole)
    total = effects.sum()
    wins = float(np.count_nonzero(_credited(paths)))
    return wins * effects / total if total > 0 else np.zeros(many)


def transitions(paths: Paths) -> np.ndarray:
    """Probabilities of the chain, float64 [n + 3, n + 3]: touchpoints 0 .. n-1, start n, won n+1, lost n+2."""
    many = len(paths.names)
    touched = paths.length > 0
    first, last = paths.start[:-1][touched], paths.start[1:][touched] - 1
    counts = np.zeros((many + 3, many + 3))
    np.add.at(counts, (np.full(first.size, many), paths.touch[first]), 1.0)
    np.add.at(counts, (paths.touch[last], np.where(paths.won[touched], many + 1, many + 2)), 1.0)
    inside = np.ones(paths.touch.size, np.bool_)
    inside[last] = False  # a path's last touch leads to its end, not to the next path
    step = np.flatnonzero(inside)
    np.add.at(counts, (paths.touch[step], paths.touch[step + 1]), 1.0)
    total = counts.sum(axis=1, keepdims=True)
    chances: np.ndarray = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    return chances


def _chance_to_win(chances: np.ndarray) -> float:
    """Probability of getting from start to won: x = Q x + r over the states that are no ends."""
    inner = chances.shape[0] - 2
    solved = np.linalg.solve(np.eye(inner) - chances[:inner, :inner], chances[:inner, inner])
    return float(solved[inner - 1])


#: Every rule by the name it is shown under.
RULES: dict[str, Callable[[Paths], np.ndarray]] = {
    "last touch": last_touch,
    "first touch": first_touch,
    "linear": linear,
    "position-based": position_based,
    "time decay": time_decay,
    "Markov removal": markov_removal,
}


def _credited(paths: Paths) -> np.ndarray:
    """Paths that were won and have a touch, bool [P]."""
    credited: np.ndarray = paths.won & (paths.length > 0)
    return credited


def _shared(paths: Paths, weight: np.ndarray) -> np.ndarray:
    """One win per credited path, divided over its touches in proportion to their weights (all > 0)."""
    path = np.repeat(np.arange(paths.won.size), paths.length)
    total = np.bincount(path, weight, minlength=paths.won.size)
    share = np.divide(weight, total[path], out=np.zeros_like(weight), where=paths.won[path])
    return _summed(paths, share)


def _summed(paths: Paths, weight: np.ndarray) -> np.ndarray:
    return np.bincount(paths.touch, weight, minlength=len(paths.names)).astype(np.float64)
