"""The command line: parse, call, show. What is computed stands in `sim`; heavy imports stand inside the commands."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sim.version import VERSION

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


class Journey(click.Group):
    """A group of commands that ends in one clear message, whatever goes wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors a user can cause become a message and an exit code, without a traceback."""
        try:
            with _terminate_like_ctrl_c():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            _fail("interrupted, nothing written", INTERRUPTED)
        except MemoryError:
            _fail("not enough memory; simulate fewer consumers with --agents", FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe has seen enough; click ends quietly
                raise
            place = f"{error.filename}: " if error.filename else ""
            _fail(f"{place}{error.strerror or error}", FAILED)
        except Exception as error:
            from sim.errors import JourneyError, ScenarioError

            if not isinstance(error, JourneyError):
                raise
            _fail(str(error), BAD_INPUT if isinstance(error, ScenarioError) else FAILED)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"journey: {message}", err=True)
    raise SystemExit(code)


@contextmanager
def _terminate_like_ctrl_c() -> Iterator[None]:
    """Let a request to terminate clean up as Ctrl-C does."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.group(cls=Journey, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="journey")
def main() -> None:
    """Simulate customer journeys: how people get to know a brand, buy, stay, recommend and leave.

    A FILE is a scenario in TOML, or the name of a shipped one (see `journey scenarios`).
    """


# ---------------------------------------------------------------------------------------------- scenarios


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def new(file: Path, force: bool) -> None:
    """Write a commented starter scenario to FILE."""
    from sim.scenario.starter import STARTER

    try:
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.write(STARTER)
    except FileExistsError:
        _fail(f"{file}: exists already; replace it with --force", FAILED)
    click.echo(f"{file} written. Next: journey check {shlex.quote(str(file))}")


@main.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    from sim.scenario.shipped import shipped

    rows = shipped()
    width = max((len(entry.name) for entry in rows), default=0)
    for entry in rows:
        click.echo(f"{entry.name:<{width}}  {entry.line}")


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors.

    Save it next to a scenario whose first line is `#:schema scenario.schema.json`.
    """
    import json

    from sim.scenario.editor import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


# ---------------------------------------------------------------------------------------------- options of a run


def _setting(_ctx: click.Context, _param: click.Parameter, given: Sequence[str]) -> dict[str, Any]:
    """`--set market.price=9.9` as {"market.price": 9.9}; the value is read as in TOML, anything else is text."""
    import tomllib

    settings: dict[str, Any] = {}
    for text in given:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (path and equals):
            raise click.BadParameter(f"{text!r} should look like market.price=9.9")
        try:
            settings[path] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            settings[path] = value
    return settings


def _threads(_ctx: click.Context, _param: click.Parameter, threads: int | None) -> int | None:
    """A number of threads that numba will grant: the cores this process may use, or what NUMBA_NUM_THREADS says."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    told = os.environ.get("NUMBA_NUM_THREADS", "")
    available = int(told) if told.isdigit() else cores
    if threads is not None and not 1 <= threads <= available:
        raise click.BadParameter(f"{threads} is not between 1 and {available}, the cores to be used on this machine")
    return threads


def story_options(command: Callable[..., None]) -> Callable[..., None]:
    """FILE and the options that change it, shared by the commands that read a scenario."""
    options = (
        click.argument("file"),
        click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Random seed."),
        click.option("--agents", type=click.IntRange(min=1), help="Simulated consumers, standing for the same market."),
        click.option("--days", type=click.IntRange(min=1), help="Length of the run."),
        click.option(
            "--set", "changes", multiple=True, callback=_setting, metavar="KEY=VALUE",
            help="Change a setting by its dotted path, e.g. market.price=9.9 or"
            " touchpoints.newsletter.sends_per_week=2. Repeatable.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _opened(
    file: str, changes: Mapping[str, Any], seed: int | None, agents: int | None, days: int | None
) -> tuple[Path, Scenario]:
    """The scenario a user means, with the changes asked for on the command line."""
    from sim.scenario.scenario import Scenario
    from sim.scenario.shipped import find

    path = find(file)
    named = {"seed": seed, "agents": agents, "days": days}
    wanted = {**changes, **{key: value for key, value in named.items() if value is not None}}
    scenario = Scenario.load(path)
    return path, scenario.with_changes(wanted) if wanted else scenario


# ---------------------------------------------------------------------------------------------- check and run


@main.command()
@story_options
def check(
    file: str, changes: dict[str, Any], seed: int | None, agents: int | None, days: int | None
) -> None:  # fmt: skip
    """Validate FILE and tell what a run of it will do."""
    from sim.outlook import look_ahead
    from sim.report.terminal import show_outlook

    _, scenario = _opened(file, changes, seed, agents, days)
    show_outlook(look_ahead(scenario))


@main.command()
@story_options
@click.option("--seeds", type=click.IntRange(min=1), default=1, help="Runs with different seeds, for 95 % intervals.")
@click.option(
    "--threads", type=int, callback=_threads, help="Cores to use; as many as pay by default. Changes no number."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results [default: results/NAME-001, …]")
@click.option("--force", is_flag=True, help="Replace an earlier result in that folder.")
@click.option("--quiet", is_flag=True, help="No progress bar and no table.")
def run(
    file: str,
    changes: dict[str, Any],
    seed: int | None,
    agents: int | None,
    days: int | None,
    seeds: int,
    threads: int | None,
    out: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Simulate FILE and write tables, a summary and a report."""
    from sim.outlook import require_memory
    from sim.output.folder import next_free, reserved
    from sim.output.run import fill
    from sim.studies.replicates import replicate

    path, scenario = _opened(file, changes, seed, agents, days)
    for warning in scenario.warnings:
        click.echo(f"warning: {warning}", err=True)
    require_memory(scenario)
    folder = out or next_free(Path("results"), path.stem)
    with reserved(folder, force=force) as part:
        with _progress(quiet) as progress:
            replicates = replicate(scenario, seeds=seeds, threads=threads, progress=progress)
        command = shlex.join(["journey", *sys.argv[1:]])
        fill(part, replicates.first, replicates=replicates, command=command, named=folder)
    if not quiet:
        from sim.report.terminal import show_summary

        show_summary(scenario.title, replicates.seeds, replicates.intervals)
        click.echo(f"Report: {folder / 'report.html'}\nTables: {folder}{os.sep}")


# ---------------------------------------------------------------------------------------------- studies of many runs


@main.command()
@story_options
@click.option("--study", "study_file", required=True, help="Study file in TOML, or the name of a shipped one.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the runs [default: runs/STUDY]")
@click.option("--workers", type=click.IntRange(min=1), help="Processes on this machine; one per core by default.")
@click.option("--cluster", metavar="ADDRESS", help="Dask scheduler to run on, e.g. tcp://scheduler:8786.")
@click.option("--check", "only_check", is_flag=True, help="Only tell points, runs, estimated time and memory.")
@click.option("--status", "only_status", is_flag=True, help="Only tell how many runs are there, missing and failed.")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing lines.")
def sweep(
    file: str,
    changes: dict[str, Any],
    seed: int | None,
    agents: int | None,
    days: int | None,
    study_file: str,
    out: Path | None,
    workers: int | None,
    cluster: str | None,
    only_check: bool,
    only_status: bool,
    quiet: bool,
) -> None:
    """Run FILE many times as a study says: what is missing in the folder, and nothing twice.

    Stopped by whatever, the same command goes on where it was.
    """
    from sim.report import terminal
    from sim.studies.store import open_runs
    from sim.studies.study import Study
    from sim.studies.sweep import look_ahead
    from sim.studies.sweep import sweep as run_study

    _, scenario = _opened(file, changes, seed, agents, days)
    study = Study.load(study_file)
    folder = out or Path("runs") / Path(study_file).stem
    if only_check:
        terminal.show_study(study.title, study.design.kind, look_ahead(scenario, study, workers=workers))
        return
    if only_status:
        terminal.show_status(str(folder), open_runs(folder).status())
        return
    look_ahead(scenario, study, workers=workers)  # refuses what cannot be run before a bar appears
    try:
        with _run_progress(quiet) as progress:
            runs = run_study(scenario, study, folder, workers=workers, cluster=cluster, progress=progress)
    except KeyboardInterrupt:
        _fail(f"interrupted; what was finished is in {folder}, and the same command goes on from there", INTERRUPTED)
    if not quiet:
        terminal.show_status(str(folder), runs.status())


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--of", "indicators", multiple=True, metavar="INDICATOR", help="Only this indicator. Repeatable.")
@click.option("--quiet", is_flag=True, help="No table.")
def sensitivity(folder: Path, indicators: tuple[str, ...], quiet: bool) -> None:
    """Tell which settings matter in a finished study: FOLDER of a sweep with design morris or sobol.

    Writes sensitivity.html and sensitivity.parquet into the folder.
    """
    from sim.output.folder import explained, write_table
    from sim.report import sensitivity_page, terminal
    from sim.studies import sensitivity as study
    from sim.studies.store import open_runs

    runs = open_runs(folder)
    found = study.sensitivity(runs, indicators or None)
    with explained(folder):
        write_table(study.table(found), folder / "sensitivity.parquet")
        (folder / "sensitivity.html").write_text(sensitivity_page.render(runs, found), encoding="utf-8")
    if not quiet:
        terminal.show_sensitivity(found)
        click.echo(f"Report: {folder / 'sensitivity.html'}")


def _columns(_ctx: click.Context, _param: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """`--column sales=Orders` as {"sales": "Orders"}."""
    columns: dict[str, str] = {}
    for text in given:
        name, equals, header = (part.strip() for part in text.partition("="))
        if not (name and equals and header):
            raise click.BadParameter(f"{text!r} should look like sales=Orders")
        columns[name] = header
    return columns


@main.command()
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
@click.option("--workers", type=click.IntRange(min=1), help="Processes on this machine; one per core by default.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results [default: results/NAME-fit]")
@click.option("--force", is_flag=True, help="Replace an earlier result in that folder.")
@click.option("--quiet", is_flag=True, help="No progress bar and no table.")
def calibrate(
    file: str,
    changes: dict[str, Any],
    seed: int | None,
    agents: int | None,
    days: int | None,
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
    path, scenario = _opened(file, changes, seed, agents, days)
    if study_file:
        study = Study.load(study_file)
        scenario, parameters = study.base(scenario), list(study.parameters)
    else:
        parameters = parameters_matching(scenario, [part.strip() for part in (patterns or "").split(",")])
    weekly = read_weekly(data, scenario, columns=columns, train=train)
    folder = out or Path("results") / f"{path.stem}-fit"
    journal = folder.with_name(f"{folder.name}.journal")
    try:
        with reserved(folder, force=force) as part:
            with _progress(quiet, "fitting", "run") as progress:
                found = fit_weekly(
                    scenario, weekly, parameters, trials=trials, replicates=replicates, workers=workers,
                    storage=journal, progress=progress,
                )  # fmt: skip
            fill_calibration(part, found, command=shlex.join(["journey", *sys.argv[1:]]), named=folder)
    except KeyboardInterrupt:
        _fail(f"interrupted; trials so far are in {journal}, and the same command goes on from there", INTERRUPTED)
    journal.unlink(missing_ok=True)
    if not quiet:
        from sim.report.terminal import show_calibration

        show_calibration(found)
        click.echo(f"Report: {folder / 'report.html'}\nBest fit: {folder / 'scenario.toml'}")


# ---------------------------------------------------------------------------------------------- showing


@contextmanager
def _progress(quiet: bool, doing: str = "simulating", unit: str = "day") -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr; silent if that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(f"{unit} {{task.completed}} of {{task.total}}"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda day, days: bar.update(task, completed=day, total=days)


@contextmanager
def _run_progress(quiet: bool) -> Iterator[Callable[[int, int, int, int], None] | None]:
    """A progress bar of many runs on stderr, with rate and time left; silent if that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} of {task.total:,} runs"))
    began, first = monotonic(), -1
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(done: int, failed: int, runs: int, _days: int) -> None:
            nonlocal first
            first = done if first < 0 else first
            rate = (done - first) / max(1e-9, monotonic() - began)
            words = f"{rate:.1f} a second" if done > first else "starting"
            words += f", {failed:,} failed" if failed else ""
            bar.update(task, completed=done, total=runs, description=words)

        yield tell


if __name__ == "__main__":
    main()
