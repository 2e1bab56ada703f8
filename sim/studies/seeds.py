"""Seeds of a study: whole numbers that follow one another."""

from __future__ import annotations

from sim.errors import Problem, ScenarioError

#: There are seeds below this.
END = 2**63


def following(first: int, count: int) -> tuple[int, ...]:
    """`first` and the whole numbers after it, `count` in all.

    Raises
    ------
    ScenarioError           if the last of them would be beyond the largest seed there is
    """
    if first + count > END:
        raise ScenarioError([Problem("seed", str(first), f"at most 2^63 - {count}, as {count} seeds follow on it")])
    return tuple(range(first, first + count))
