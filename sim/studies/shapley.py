"""The Shapley value: what each player adds on average over all orders of joining (Shapley 1953)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial


def coalitions(players: Sequence[str]) -> list[frozenset[str]]:
    """All 2^n sets of players, the empty one first."""
    return [frozenset(some) for size in range(len(players) + 1) for some in combinations(players, size)]


def shapley(players: Sequence[str], worth: Mapping[frozenset[str], float]) -> dict[str, float]:
    """Exact values: phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)).

    They add up to v(all) - v(none) (efficiency), are 0 for who never adds anything, and alike for who adds alike
    (Shapley 1953, in Kuhn & Tucker, Contributions to the Theory of Games II).

    Parameters
    ----------
    players : sequence of str
    worth : mapping             v(S) of every coalition
    """
    many = len(players)
    found = {}
    for player in players:
        others = [other for other in players if other != player]
        total = 0.0
        for some in coalitions(others):
            share = factorial(len(some)) * factorial(many - len(some) - 1) / factorial(many)
            total += share * (worth[some | {player}] - worth[some])
        found[player] = total
    return found
