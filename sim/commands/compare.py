"""`journey compare`: plans on the same consumers with the same luck."""

from __future__ import annotations

import click

from sim.commands.options import Changes, Place, change_options, command_line, place_options, tell_where, workers_option
from sim.commands.progress import progress_bar


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="REFERENCE FILE [FILE...]")
@change_options
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True, help="Pairs of runs.")
@click.option("--main", default="profit", show_default=True, help="Indicator the answer is about.")
@click.option(
    "--until-sure",
    is_flag=True,
    help="Add seeds until the sign of the main difference is certain, or --max-seeds.",
)
@click.option(
    "--max-seeds", type=click.IntRange(min=1), default=200, show_default=True, help="Where --until-sure stops."
)
@workers_option
@place_options
def compare(
    files: tuple[str, ...],
    changes: Changes,
    seeds: int,
    main: str,
    until_sure: bool,
    max_seeds: int,
    workers: int | None,
    place: Place,
) -> None:
    """Compare plans on the same consumers with the same luck.

    The first FILE is the reference. Options that change a scenario change all of them alike.
    """
    from sim.output.comparison import fill_comparison
    from sim.report.terminal import show_comparison
    from sim.studies.compare import compare as compare_plans
    from sim.studies.compare import indicator_named
    from sim.studies.pairing import numbered

    if len(files) < 2:
        raise click.UsageError("name at least two scenarios: the reference, and what to compare with it")
    if until_sure and max_seeds < seeds:
        raise click.UsageError(f"--max-seeds must be at least {seeds}, the --seeds of the first look")
    try:
        indicator_named(main)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--main") from None
    stories = [changes.open(file) for file in files]
    names = numbered([story.name for story in stories])
    plans = {name: story.scenario for name, story in zip(names, stories, strict=True)}
    for warning in dict.fromkeys(f"{name}: {w}" for name, scenario in plans.items() for w in scenario.warnings):
        click.echo(f"warning: {warning}", err=True)
    with place.reserved(f"compare-{names[0]}") as (part, folder):
        with progress_bar(place.quiet) as progress:
            found = compare_plans(
                plans, seeds=seeds, main=main, until_sure=until_sure, most_seeds=max_seeds, workers=workers,
                progress=progress,
            )  # fmt: skip
        fill_comparison(part, found, command=command_line(), named=folder)
    if not place.quiet:
        show_comparison(found)
        tell_where(folder)
