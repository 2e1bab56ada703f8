"""Options that several commands share, handed to them as one value each: changes of a story, a story, a place."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

Command = Callable[..., None]


@dataclass(frozen=True)
class Story:
    """The scenario a user means, with the changes asked for.

    Attributes
    ----------
    name : str              of its file, without ending
    scenario : Scenario
    changed : dict          what the command line changed, by dotted path
    """

    name: str
    scenario: Scenario
    changed: Mapping[str, Any] = field(default_factory=dict)

    def tell_warnings(self) -> None:
        """Say on stderr what the scenario can be warned of."""
        for warning in self.scenario.warnings:
            click.echo(f"warning: {warning}", err=True)


@dataclass(frozen=True)
class Changes:
    """What is to be different in every scenario a command reads: settings by dotted path."""

    settings: dict[str, Any]

    def open(self, file: str) -> Story:
        """A scenario by its file, or by the name of a shipped one, with the changes.

        Raises
        ------
        ScenarioError           if it cannot be used
        """
        from sim.scenario.scenario import Scenario
        from sim.scenario.shipped import find

        path = find(file)
        scenario = Scenario.load(path)
        return Story(path.stem, scenario.with_changes(self.settings) if self.settings else scenario, self.settings)


@dataclass(frozen=True)
class Place:
    """Where results go, and how much is said meanwhile.

    Attributes
    ----------
    out : Path or None      folder, as given
    force : bool            replace an earlier result
    quiet : bool            no progress bar and no table
    """

    out: Path | None
    force: bool
    quiet: bool

    @contextmanager
    def reserved(self, name: str) -> Iterator[tuple[Path, Path]]:
        """Hold a folder for results: yields an empty one to fill, and the one it becomes when all went well.

        `name` is that of a new folder in results/ if the user names none.
        """
        from sim.output.folder import next_free, reserved

        folder = self.out or next_free(Path("results"), name)
        with reserved(folder, force=self.force) as part:
            yield part, folder


def tell_where(folder: Path) -> None:
    """Say where the results are."""
    click.echo(f"Report: {folder / 'report.html'}\nTables: {folder}{os.sep}")


def command_line() -> str:
    """What the user typed, for the provenance."""
    return shlex.join(["journey", *sys.argv[1:]])


def change_options(command: Command) -> Command:
    """Options that change scenarios; the command gets them as `changes`, a `Changes`."""

    @wraps(command)
    def with_changes(
        *, settings: dict[str, Any], seed: int | None, agents: int | None, days: int | None, **others: Any
    ) -> None:
        named = {"seed": seed, "agents": agents, "days": days}
        command(changes=Changes(settings | {k: v for k, v in named.items() if v is not None}), **others)

    options = (
        click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Random seed."),
        click.option("--agents", type=click.IntRange(min=1), help="Simulated consumers, standing for the same market."),
        click.option("--days", type=click.IntRange(min=1), help="Length of the run."),
        click.option(
            "--set", "settings", multiple=True, callback=_settings, metavar="KEY=VALUE",
            help="Change a setting by its dotted path, e.g. market.price=9.9 or"
            " touchpoints.newsletter.sends_per_week=2. Repeatable.",
        ),
    )  # fmt: skip
    return with_options(with_changes, options)


def story_options(command: Command) -> Command:
    """FILE and the options that change it; the command gets them as `story`, a `Story`."""

    @wraps(command)
    def with_story(*, file: str, changes: Changes, **others: Any) -> None:
        command(story=changes.open(file), **others)

    return click.argument("file")(change_options(with_story))


def place_options(command: Command) -> Command:
    """Where results go; the command gets it as `place`, a `Place`."""

    @wraps(command)
    def with_place(*, out: Path | None, force: bool, quiet: bool, **others: Any) -> None:
        command(place=Place(out, force, quiet), **others)

    options = (
        click.option(
            "--out", type=click.Path(path_type=Path), help="Folder for the results [default: results/NAME-001, …]"
        ),
        click.option("--force", is_flag=True, help="Replace an earlier result in that folder."),
        click.option("--quiet", is_flag=True, help="No progress bar and no table."),
    )
    return with_options(with_place, options)


def workers_option(command: Command) -> Command:
    """How many processes share the runs of a study, `workers`."""
    option = click.option("--workers", type=click.IntRange(min=1), help="Processes; one per core by default.")
    return option(command)


def threads_option(command: Command) -> Command:
    """How many cores a run may use, `threads`."""
    option = click.option(
        "--threads", type=int, callback=_threads, help="Cores to use; as many as pay by default. Changes no number."
    )
    return option(command)


def with_options(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    """A command with options, which help lists in the order given."""
    for option in reversed(options):
        command = option(command)
    return command


def _settings(_ctx: click.Context, _param: click.Parameter, given: Sequence[str]) -> dict[str, Any]:
    """`--set market.price=9.9` as {"market.price": 9.9}."""
    from sim.scenario.changes import parse_changes

    return parse_changes(given) if given else {}


def _threads(_ctx: click.Context, _param: click.Parameter, threads: int | None) -> int | None:
    """A number of threads that numba will grant: the cores this process may use, or what NUMBA_NUM_THREADS says."""
    from sim.studies.pool import cores

    told = os.environ.get("NUMBA_NUM_THREADS", "")
    available = int(told) if told.isdigit() else cores()
    if threads is not None and not 1 <= threads <= available:
        raise click.BadParameter(f"{threads} is not between 1 and {available}, the cores to be used on this machine")
    return threads
