"""Run a study: what is missing, on the cores of this machine or of a cluster, one row per run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.stages import STAGES
from sim.engine import Engine
from sim.errors import Problem, ScenarioError
from sim.outlook import SECONDS_PER_CONSUMER_DAY, SECONDS_PER_CONSUMER_DAY_AND_TOUCHPOINT, estimated_bytes
from sim.plan import make_plan
from sim.record import Recorder
from sim.scenario.scenario import Scenario
from sim.scenario.words import counted, one_of, shown
from sim.studies.design import blocks, point_count
from sim.studies.pool import Tick, cores, each
from sim.studies.store import DAILY, LEAST_SECONDS, Runs, Writer, begun, run_key
from sim.studies.study import Study
from sim.summary import summarise_days

#: Python's share of a simulated day, whatever the number of consumers; measured with benchmarks/.
SECONDS_PER_DAY = 1e-3
START_SECONDS = 3.0  # to start the workers, once

#: Called with (runs done, failed, runs in all, days simulated by now).
Progress = Callable[[int, int, int, int], None]


@dataclass(frozen=True)
class Job:
    """One run of a study: its position, point and seed, and the values of the parameters by path."""

    run: int
    point: int
    seed: int
    values: dict[str, Any]


@dataclass(frozen=True)
class OneRun:
    """The work of a worker: simulates a job and returns its row; whatever goes wrong becomes the row's error.

    Attributes
    ----------
    scenario : Scenario         as all points have it
    keep : tuple of str         indicators
    daily : tuple of str        columns of the daily table
    """

    scenario: Scenario
    keep: tuple[str, ...]
    daily: tuple[str, ...]

    def __call__(self, job: Job, tick: Tick) -> dict[str, Any]:
        began = time.perf_counter()
        row: dict[str, Any] = {
            "run": job.run, "point": job.point, "seed": job.seed, "key": run_key(job.values, job.seed), "error": None,
            **job.values,
        }  # fmt: skip
        try:
            row |= self._simulated(job, tick)
        except Exception as error:  # a failed run is a row, not the end of the study
            row["error"] = str(error) if isinstance(error, ScenarioError) else f"{type(error).__name__}: {error}"
        row["seconds"] = time.perf_counter() - began
        return row

    def _simulated(self, job: Job, tick: Tick) -> dict[str, Any]:
        scenario = self.scenario.with_changes(job.values)
        days = lived(scenario, job.seed, tick)
        found = summarise_days(days, scenario)
        row: dict[str, Any] = {name: found[name] for name in self.keep}
        return row | {DAILY + name: days[name].to_numpy(np.float64) for name in self.daily}


def lived(scenario: Scenario, seed: int, tick: Tick) -> pd.DataFrame:
    """A run on one core as the rows of ``all`` of its daily table."""
    engine = Engine(scenario, seed=seed, threads=1)
    while not engine.finished:
        engine.step()
        tick()
    return engine.everybody()


@dataclass(frozen=True)
class Outlook:
    """What a study will take, before it is run."""

    points: int
    runs: int
    seconds: float
    memory_bytes: int
    workers: int


def look_ahead(scenario: Scenario, study: Study, *, workers: int | None = None) -> Outlook:
    """Points, runs, and rough time and memory of a study.

    Raises
    ------
    ScenarioError               if the study does not suit the scenario, or needs more runs than its budget
    """
    base = checked(scenario, study)
    workers = workers or cores()
    points = point_count(study)
    runs = points * study.seeds
    return Outlook(
        points=points,
        runs=runs,
        seconds=START_SECONDS + runs * run_seconds(base) / min(workers, runs),
        memory_bytes=workers * estimated_bytes(make_plan(base)),
        workers=workers,
    )


def run_seconds(scenario: Scenario) -> float:
    """Rough time of a run on one core, warm, without a report."""
    each_consumer = SECONDS_PER_CONSUMER_DAY + SECONDS_PER_CONSUMER_DAY_AND_TOUCHPOINT * len(scenario.touchpoints)
    return scenario.days * (SECONDS_PER_DAY + each_consumer * scenario.agents)


def checked(scenario: Scenario, study: Study) -> Scenario:
    """The scenario as all points have it, if the study suits it.

    Raises
    ------
    ScenarioError               listing what does not
    """
    found: list[Problem] = []
    base = scenario
    try:
        base = study.base(scenario)
    except ScenarioError as error:
        found += error.problems
    runs = point_count(study) * study.seeds
    if study.budget is not None and runs > study.budget:
        found.append(Problem("budget", counted(runs, "run"), f"at most {study.budget:,}, or a larger budget"))
    known = daily_columns(base) if study.daily else []
    found += [
        Problem(f"daily.{at}", shown(name), one_of(known, name))
        for at, name in enumerate(study.daily)
        if name not in known
    ]
    study.refuse(found)
    return base


def daily_columns(scenario: Scenario) -> list[str]:
    """Columns with numbers of the daily table of a scenario's runs."""
    plan = make_plan(scenario)
    recorder = Recorder(plan, np.zeros((len(plan.personas.names), STAGES), np.int64))
    return [name for name in recorder.everybody(0).columns if name != "day"]


def jobs(study: Study, first_seed: int, done: np.ndarray) -> Iterator[Job]:
    """The runs that are missing, point by point; the seeds are the same for every point."""
    paths = [parameter.path for parameter in study.parameters]
    for start, points in blocks(study):
        if done[start * study.seeds : (start + len(points)) * study.seeds].all():
            continue
        for at, values in enumerate(points, start):
            for k in range(study.seeds):
                run = at * study.seeds + k
                if not done[run]:
                    yield Job(run, at, first_seed + k, dict(zip(paths, values, strict=True)))


def sweep(
    scenario: Scenario,
    study: Study | Mapping[str, Any],
    out: Path | str,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
    write_seconds: float = LEAST_SECONDS,
) -> Runs:
    """Run what is missing of a study and write it into a folder; the same call again goes on where one was stopped.

    Parameters
    ----------
    scenario : Scenario
    study : Study or tables
    out : path                          folder of the study, new or begun
    workers : int, optional             processes on this machine. Default: one per core
    cluster : str, optional             address of a Dask scheduler, e.g. tcp://host:8786, instead of own processes
    retry_failed : bool                 run those that failed again, too, in place of their rows
    progress : callable, optional       called now and then with (runs done, failed, runs in all, days simulated)
    write_seconds : float               how old rows get at least before they are written

    Returns
    -------
    Runs                                `.frame()` is one pandas frame, a row per run

    Raises
    ------
    ScenarioError                       if the study does not suit the scenario
    OutputError                         if the folder holds something else, or cannot be written
    MachineError                        if a worker died, or the cluster is not there
    """
    study = study if isinstance(study, Study) else Study.from_dict(study)
    base = checked(scenario, study)
    task = OneRun(base, tuple(study.keep), tuple(study.daily))
    with begun(out, base, study) as runs:
        if retry_failed:
            runs.forget_failed()
        done = runs.done()
        so_far, failed, days = int(done.sum()), runs.status().failed, 0

        def tell(days_now: int | None = None) -> None:
            nonlocal days
            days = days if days_now is None else days_now
            if progress is not None:
                progress(so_far, failed, runs.count, days)

        tell()
        writer = Writer(runs, least_seconds=write_seconds)
        try:
            for _, row in _results(task, jobs(study, base.seed, done), workers, cluster, tell):
                writer.add(row)
                so_far += 1
                failed += row["error"] is not None
                tell()
        finally:
            writer.flush()
    return runs


def _results(
    task: OneRun, todo: Iterable[Job], workers: int | None, cluster: str | None, tell: Callable[[int], None]
) -> Iterator[tuple[int, dict[str, Any]]]:
    if cluster is None:
        return each(task, todo, workers=workers, progress=tell)
    from sim.studies.cluster import each_on_cluster

    return each_on_cluster(task, todo, cluster)
