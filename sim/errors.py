"""Everything a user can cause, as exceptions with one clear message each."""

from __future__ import annotations

from dataclasses import dataclass


class JourneyError(Exception):
    """Base of all errors this package raises on purpose; the command line shows them without a traceback."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a scenario.

    Attributes
    ----------
    where : str
        Dotted path inside the scenario, e.g. ``touchpoints.newsletter.spend.weekly_eur``; empty for the file itself.
    found : str
        The offending value as the user wrote it; empty if something is missing.
    expected : str
        What would have been accepted.
    file : str
        File in which it stands; empty for a scenario built in Python.
    line : int or None
        1-based line in `file` where known.
    """

    where: str
    found: str
    expected: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line else "")
        parts = [part for part in (place, self.where) if part]
        found = f"found {self.found}, " if self.found else ""
        return ": ".join([*parts, f"{found}expected {self.expected}"])


class ScenarioError(JourneyError):
    """A scenario, or a file it names, cannot be used. Lists every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutputError(JourneyError):
    """Results cannot be written: the folder is taken, read-only or full."""


class MachineError(JourneyError):
    """This machine cannot do what was asked of it: not enough memory."""
