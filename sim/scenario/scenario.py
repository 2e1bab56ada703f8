"""The scenario: one checked, unchanging value, and the ways to get and to change it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError, model_validator

from sim.errors import Problem, ScenarioError
from sim.scenario.changes import changed
from sim.scenario.consistency import clashes
from sim.scenario.edges import missing_files
from sim.scenario.explain import located, problems
from sim.scenario.hints import hints
from sim.scenario.merging import merge
from sim.scenario.places import Places
from sim.scenario.plain import plain
from sim.scenario.reading import anchored, read_chain
from sim.scenario.shipped import find
from sim.scenario.spending import with_weeks
from sim.scenario.story import Story
from sim.scenario.words import shown
from sim.scenario.writing import digest, tables, toml

_Kind = TypeVar("_Kind", bound="Scenario")


class Scenario(Story):
    """Everything a run needs, with every default filled in and everything checked."""

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a scenario file, the files it extends, and its weekly spending.

        Parameters
        ----------
        path : a TOML file, or the name of a shipped scenario

        Raises
        ------
        ScenarioError
            Listing everything that is wrong, each with file, line and dotted path.
        """
        sources = read_chain(find(path))
        data, found = merge(sources)
        return _checked(cls, data, Places(sources), found)

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any], *, folder: str | os.PathLike[str] = ".") -> Self:
        """Build a scenario from tables as they would stand in a file.

        Parameters
        ----------
        mapping : plain Python values; dates as `date` or ISO text; NumPy numbers and arrays will do
        folder : where relative paths of spending and tie files start

        Raises
        ------
        ScenarioError
            Listing everything that is wrong by its dotted path.
        """
        data = plain(mapping)
        if not isinstance(data, dict):
            raise ScenarioError([Problem("", shown(data), "a table of settings")])
        return _checked(cls, anchored(data, Path(folder)), Places(), [])

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """The same scenario with some settings replaced, as if they had been written so in the file.

        Parameters
        ----------
        changes : new values by dotted path, e.g. ``{"market.price": 9.9, "touchpoints.newsletter.scale": 0}``.
            Personas, touchpoints, ties and rivals go by name or by position from 0. ``"none"`` or None switches an
            optional setting off, ``"touchpoints.tv.remove": True`` takes an entry out. Files start from the current
            folder.

        Raises
        ------
        ScenarioError
            If a path leads nowhere or the result is no valid scenario.
        """
        data, found = changed(self.model_dump(exclude_unset=True), changes)
        return _checked(type(self), anchored(data, Path()), Places(), found)

    def to_toml(self) -> str:
        """The scenario as a file with every default written out; loading it gives an equal scenario."""
        return toml(self)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content, 64 hexadecimal digits. The order of entries with names means nothing.

        The contents of tie files count, not their paths.

        Raises
        ------
        ScenarioError
            If a tie file is gone.
        """
        return digest(self)

    @property
    def warnings(self) -> list[str]:
        """What is allowed but probably not meant, one sentence each."""
        return hints(self)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        found = clashes(self)
        if found:
            raise ScenarioError([located(clash, tables(self), Places()) for clash in found])
        return self


def _checked(kind: type[_Kind], data: dict[str, Any], places: Places, found: list[Problem]) -> _Kind:
    """A scenario from complete tables; with everything wrong with them and with what was `found` before, otherwise."""
    data, more, broken = with_weeks(data, places)
    found = [*found, *more, *missing_files(data, places)]
    try:
        scenario = kind.model_validate(data)
    except (ValidationError, ScenarioError):
        raise ScenarioError([*found, *problems(data, places, broken)]) from None
    if found:
        raise ScenarioError(found)
    return scenario
