"""`journey run`: one scenario, one seed or several."""

from __future__ import annotations

import click

from sim.commands.options import Place, Story, command_line, place_options, story_options, tell_where, threads_option
from sim.commands.progress import progress_bar


@click.command()
@story_options
@click.option("--seeds", type=click.IntRange(min=1), default=1, help="Runs with different seeds, for 95 % intervals.")
@threads_option
@place_options
def run(story: Story, seeds: int, threads: int | None, place: Place) -> None:
    """Simulate FILE and write tables, a summary and a report."""
    from sim.compiled import leave_out_linear_algebra
    from sim.outlook import require_memory
    from sim.output.run import fill
    from sim.report.terminal import show_summary
    from sim.studies.replicates import replicate

    leave_out_linear_algebra()
    story.tell_warnings()
    require_memory(story.scenario)
    with place.reserved(story.name) as (part, folder):
        with progress_bar(place.quiet) as progress:
            replicates = replicate(story.scenario, seeds=seeds, threads=threads, progress=progress)
        fill(part, replicates.first, replicates=replicates, command=command_line(), named=folder)
    if not place.quiet:
        show_summary(story.scenario.title, replicates.seeds, replicates.intervals)
        tell_where(folder)
