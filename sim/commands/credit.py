"""`journey credit`: which touchpoint really caused what."""

from __future__ import annotations

import math

import click

from sim.commands.options import Place, Story, command_line, place_options, story_options, tell_where, workers_option
from sim.commands.progress import progress_bar


@click.command()
@story_options
@click.option("--seeds", type=click.IntRange(min=1), default=8, show_default=True, help="Runs of every plan.")
@click.option(
    "--lookback",
    type=click.FloatRange(min=0, min_open=True),
    default=90.0,
    show_default=True,
    metavar="DAYS",
    help="Touches longer before a purchase are forgotten by the rules.",
)
@workers_option
@place_options
def credit(story: Story, seeds: int, lookback: float, workers: int | None, place: Place) -> None:
    """Tell which touchpoint of FILE really caused what, and what believing the usual attribution rules costs."""
    from sim.outlook import require_memory
    from sim.output.study import fill_study
    from sim.report.credit_page import answer, credit_html, lede
    from sim.report.terminal import show_credit
    from sim.studies.credit import credit as give_credit

    if not math.isfinite(lookback):
        raise click.BadParameter(f"{lookback} is no number of days", param_hint="--lookback")
    story.tell_warnings()
    require_memory(story.scenario)
    with place.reserved(f"{story.name}-credit") as (part, folder):
        with progress_bar(place.quiet) as progress:
            found = give_credit(story.scenario, seeds=seeds, lookback_days=lookback, workers=workers, progress=progress)
        tables = {"truth": found.truth, "rules": found.rules, "shapley": found.shapley, "following": found.following}
        fill_study(
            part, story.scenario, page=credit_html(found), tables=tables | {"runs": found.runs}, seeds=found.seeds,
            command=command_line(), named=folder,
        )  # fmt: skip
    if not place.quiet:
        show_credit(found, [answer(found), lede(found)])
        tell_where(folder)
