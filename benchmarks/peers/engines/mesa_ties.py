"""Ties of Mesa's agents: each holds those he knows as objects, as Mesa's users would."""

from __future__ import annotations


def befriended(people, rows):
    """The same list of agents, each with his `friends`; rows are int64 [N + 1] and int32 [E] of `Network.rows`."""
    ptr, idx = rows
    for i, person in enumerate(people):
        person.friends = [people[j] for j in idx[ptr[i] : ptr[i + 1]].tolist()]
    return people
