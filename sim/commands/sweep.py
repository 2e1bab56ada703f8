"""`journey sweep`: a study of many runs, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.ending import FAILED, INTERRUPTED, fail
from sim.commands.options import Story, story_options, workers_option
from sim.commands.progress import run_bar
from sim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from sim.studies.study import Study


@click.command()
@story_options
@click.option("--study", "study_file", required=True, help="Study file in TOML, or the name of a shipped one.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the runs [default: runs/STUDY]")
@workers_option
@click.option("--cluster", metavar="ADDRESS", help="Dask scheduler to run on, e.g. tcp://scheduler:8786.")
@click.option("--retry-failed", is_flag=True, help="Run those that failed again, in place of their rows.")
@click.option("--check", "only_check", is_flag=True, help="Only tell points, runs, estimated time and memory.")
@click.option("--status", "only_status", is_flag=True, help="Only tell how many runs are there, missing and failed.")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing lines.")
def sweep(
    story: Story,
    study_file: str,
    out: Path | None,
    workers: int | None,
    cluster: str | None,
    retry_failed: bool,
    only_check: bool,
    only_status: bool,
    quiet: bool,
) -> None:
    """Run FILE many times as a study says: what is missing in the folder, and nothing twice.

    Stopped by whatever, the same command goes on where it was. Runs that failed are not missing; --retry-failed runs
    them again. Ends with exit code 1 if there are failed runs.
    """
    from sim.report import terminal
    from sim.studies.store import open_runs
    from sim.studies.study import Study
    from sim.studies.sweep import look_ahead
    from sim.studies.sweep import sweep as run_study

    if only_check and only_status:
        raise click.UsageError("ask for either --check or --status: what will be, or what is")
    study = Study.load(study_file)
    _refuse_both(story, study)
    for warning in study.warnings:
        click.echo(f"warning: {warning}", err=True)
    folder = out or Path("runs") / Path(study_file).stem
    if only_check:
        outlook = look_ahead(story.scenario, study, workers=workers)
        terminal.show_study(study.title, study.design.kind, outlook)
        return
    if only_status:
        status = open_runs(folder).status()
        terminal.show_status(str(folder), status)
        if status.failed:
            click.echo(terminal.failure_words(status))
        return
    look_ahead(story.scenario, study, workers=workers)  # refuses what cannot be run before a bar appears
    try:
        with run_bar(quiet) as progress:
            runs = run_study(
                story.scenario, study, folder,
                workers=workers, cluster=cluster, retry_failed=retry_failed, progress=progress,
            )  # fmt: skip
    except KeyboardInterrupt:
        if not folder.exists():  # nothing was finished
            raise
        fail(f"interrupted; what was finished is in {folder}, and the same command goes on from there", INTERRUPTED)
    status = runs.status()
    if not quiet:
        terminal.show_status(str(folder), status)
    if status.failed:
        fail(terminal.failure_words(status), FAILED)


def _refuse_both(story: Story, study: Study) -> None:
    """Refuse settings that the command line and the study set: one of them would be overruled in silence."""
    settled = [*study.settings, *(parameter.path for parameter in study.parameters)]
    both = [path for path in story.changed if any(path == one or path.startswith(f"{one}.") for one in settled)]
    if both:
        raise ScenarioError(
            [Problem(path, "it on the command line", "only the study to set it, as it does") for path in both]
        )
