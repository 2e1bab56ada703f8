"""`journey calibrate`: fit settings to weekly figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sim.commands.ending import INTERRUPTED, fail
from sim.commands.options import Story, command_line, story_options, workers_option
from sim.commands.progress import progress_bar


def _columns(_ctx: click.Context, _param: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """`--column sales=Orders` as {"sales": "Orders"}."""
    columns: dict[str, str] = {}
    for text in given:
        name, equals, header = (part.strip() for part in text.partition("="))
        if not (name and equals and header):
            raise click.BadParameter(f"{text!r} should look like sales=Orders")
        columns[name] = header
    return columns


@click.command()
@story_options
@click.option("--data", required=True, type=click.Path(path_type=Path), help="CSV file with one row per week.")
@click.option("--fit", "patterns", help="Settings to fit: paths or patterns, e.g. market.attraction,talk.*")
@click.option("--study", "study_file", help="Study file whose parameters are fitted, with their ranges.")
@click.option(
    "--column", "columns", multiple=True, callback=_columns, metavar="SERIES=HEADER",
    help="Header of a series: week, sales, revenue, won, lost, mentions or spend. Repeatable.",
)  # fmt: skip
@click.option("--train", type=click.IntRange(min=1), help="Weeks to fit; by default three quarters.")
@click.option("--trials", type=click.IntRange(min=1), help="Trials of the search; 20 per setting by default.")
@click.option("--replicates", type=click.IntRange(min=1), default=2, show_default=True, help="Runs per trial.")
@workers_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results [default: results/NAME-fit]")
@click.option("--force", is_flag=True, help="Replace an earlier result in that folder.")
@click.option("--quiet", is_flag=True, help="No progress bar and no table.")
def calibrate(
    story: Story,
    data: Path,
    patterns: str | None,
    study_file: str | None,
    columns: dict[str, str],
    train: int | None,
    trials: int | None,
    replicates: int,
    workers: int | None,
    out: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Fit settings of FILE to weekly figures, with how sure they are and whether the fit foretells anything.

    A search that was stopped goes on from the journal beside the folder.
    """
    from sim.output.calibration import fill_calibration
    from sim.output.folder import reserved
    from sim.studies.study import Study
    from sim.studies.weekly import read_weekly
    from sim.studies.weekly_fit import calibrate as fit_weekly
    from sim.studies.weekly_fit import parameters_matching

    if bool(patterns) == bool(study_file):
        raise click.UsageError("say what to fit: either --fit PATTERNS or --study FILE")
    scenario = story.scenario
    if study_file:
        study = Study.load(study_file)
        scenario, parameters = study.base(scenario), list(study.parameters)
    else:
        parameters = parameters_matching(scenario, [part.strip() for part in (patterns or "").split(",")])
    weekly = read_weekly(data, scenario, columns=columns, train=train)
    for warning in weekly.warnings:
        click.echo(f"warning: {data}: {warning}", err=True)
    folder = out or Path("results") / f"{story.name}-fit"
    journal = folder.with_name(f"{folder.name}.journal")
    try:
        with reserved(folder, force=force) as part:
            with progress_bar(quiet, "fitting", "run") as progress:
                found = fit_weekly(
                    scenario, weekly, parameters, trials=trials, replicates=replicates, workers=workers,
                    storage=journal, progress=progress,
                )  # fmt: skip
            fill_calibration(part, found, command=command_line(), named=folder)
    except KeyboardInterrupt:
        if not journal.exists():  # no trial was finished
            raise
        fail(f"interrupted; trials so far are in {journal}, and the same command goes on from there", INTERRUPTED)
    journal.unlink(missing_ok=True)
    if not quiet:
        from sim.report.terminal import show_calibration

        show_calibration(found)
        click.echo(f"Report: {folder / 'report.html'}\nBest fit: {folder / 'scenario.toml'}")
