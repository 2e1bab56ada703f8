"""`journey frontier`: the same money divided differently."""

from __future__ import annotations

import click

from sim.commands.options import Place, Story, command_line, place_options, story_options, tell_where, workers_option
from sim.commands.progress import progress_bar


@click.command()
@story_options
@click.option("--seeds", type=click.IntRange(min=1), default=8, show_default=True, help="Runs of every plan.")
@click.option(
    "--from",
    "take_from",
    default="acquisition",
    show_default=True,
    metavar="POT",
    help="Purposes or lines, separated by commas; `desks` are the service staff.",
)
@click.option("--to", "give_to", default="retention", show_default=True, metavar="POT", help="Likewise.")
@click.option(
    "--steps",
    type=click.IntRange(min=2, max=101),
    default=11,
    show_default=True,
    help="Shares from 0 to 100 %; the current one is added.",
)
@click.option("--budget", type=float, metavar="EUR", help="Of both pots over the run [default: what they cost now].")
@click.option("--goal", default="equity", show_default=True, help="The indicator that is to be best.")
@click.option("--optimise", is_flag=True, help="Also search the best division over all lines, within their bounds.")
@click.option("--rounds", type=click.IntRange(min=1), default=20, show_default=True, help="Of that search.")
@workers_option
@place_options
def frontier(
    story: Story,
    seeds: int,
    take_from: str,
    give_to: str,
    steps: int,
    budget: float | None,
    goal: str,
    optimise: bool,
    rounds: int,
    workers: int | None,
    place: Place,
) -> None:
    """Find the best division of a budget between two purposes, or between any lines of FILE."""
    from sim.outlook import require_memory
    from sim.output.study import fill_study
    from sim.report.frontier_page import answer, frontier_html, lede
    from sim.report.optimum_section import optimum_sentence
    from sim.report.terminal import show_frontier
    from sim.studies.frontier import frontier as divide
    from sim.studies.optimise import optimise as search

    story.tell_warnings()
    require_memory(story.scenario)
    optimum = None
    with place.reserved(f"{story.name}-frontier") as (part, folder):
        with progress_bar(place.quiet) as progress:
            found = divide(
                story.scenario, take_from=take_from, give_to=give_to, steps=steps, budget_eur=budget, seeds=seeds,
                goal=goal, workers=workers, progress=progress,
            )  # fmt: skip
        if optimise:
            with progress_bar(place.quiet) as progress:
                optimum = search(
                    story.scenario, goal=goal, seeds=max(1, seeds // 2), held_out=seeds, rounds=rounds,
                    workers=workers, progress=progress,
                )  # fmt: skip
        tables, plans = {"points": found.points, "runs": found.runs}, {"best": found.best_plan}
        if optimum:
            tables |= {"lines": optimum.table, "rounds": optimum.rounds, "held_out": optimum.runs}
            plans |= {"optimum": optimum.plan}
        fill_study(
            part, story.scenario, page=frontier_html(found, optimum), tables=tables, seeds=found.seeds, plans=plans,
            command=command_line(), named=folder,
        )  # fmt: skip
    if not place.quiet:
        show_frontier(found, [answer(found), lede(found), *([optimum_sentence(optimum)] if optimum else [])])
        tell_where(folder)
