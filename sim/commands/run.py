"""`journey run`: one scenario, one seed or several."""

from __future__ import annotations

import os

import click

from sim.commands.options import Place, Story, command_line, place_options, story_options, tell_where
from sim.commands.progress import progress_bar


def _threads(_ctx: click.Context, _param: click.Parameter, threads: int | None) -> int | None:
    """A number of threads that numba will grant: the cores this process may use, or what NUMBA_NUM_THREADS says."""
    from sim.studies.pool import cores

    told = os.environ.get("NUMBA_NUM_THREADS", "")
    available = int(told) if told.isdigit() else cores()
    if threads is not None and not 1 <= threads <= available:
        raise click.BadParameter(f"{threads} is not between 1 and {available}, the cores to be used on this machine")
    return threads


@click.command()
@story_options
@click.option("--seeds", type=click.IntRange(min=1), default=1, help="Runs with different seeds, for 95 % intervals.")
@click.option(
    "--threads", type=int, callback=_threads, help="Cores to use; as many as pay by default. Changes no number."
)
@place_options
def run(story: Story, seeds: int, threads: int | None, place: Place) -> None:
    """Simulate FILE and write tables, a summary and a report."""
    from sim.outlook import require_memory
    from sim.output.run import fill
    from sim.report.terminal import show_summary
    from sim.studies.replicates import replicate

    story.tell_warnings()
    require_memory(story.scenario)
    with place.reserved(story.name) as (part, folder):
        with progress_bar(place.quiet) as progress:
            replicates = replicate(story.scenario, seeds=seeds, threads=threads, progress=progress)
        fill(part, replicates.first, replicates=replicates, command=command_line(), named=folder)
    if not place.quiet:
        show_summary(story.scenario.title, replicates.seeds, replicates.intervals)
        tell_where(folder)
