"""Fit settings of a scenario to what was observed, by simulation alone, and tell how sure they are.

Simulated moments (McFadden 1989; Gouriéroux, Monfort & Renault 1993, "Indirect Inference", Journal of Applied
Econometrics 8): the parameters are those at which the mean of R runs under shared luck is nearest to the data,

    Q(u) = sum_t (y_t - m_t(u))^2 / v_t,

with u the quantiles of the parameters within their priors, so that the prior is flat in u. Optuna searches the whole
range (quasi-random points, then CMA-ES; Hansen 2016), Gauss-Newton steps with slopes J from paired runs go on, and a
last one from the mean of B runs finishes.

How sure: the B runs there, each with a seed of its own, are B data sets that might have been seen. To first order each
would move the optimum by (J'WJ)^-1 J'W e_b, W = 1 / v, whatever the weeks have in common. Their covariance, times
(1 + 1/B) for the luck in m, and times the misfit Q / mean Q_b where the data lie further off than runs do, is that of
the estimate; B is finite, hence Student's t. Parameters drawn from it within their range are the near-equally
good ones. Intervals hold for all parameters together: 95 % of the draws are inside all of them at once.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.errors import JourneyError, OutputError, Problem, ScenarioError
from sim.intervals import CONFIDENCE
from sim.scenario.changes import nowhere
from sim.scenario.scenario import Scenario
from sim.studies.design import values_at
from sim.studies.pool import Round, Tick, crew
from sim.studies.store import code_version
from sim.studies.study import Parameter

Floats = NDArray[np.float64]

BATCH = 8  # trials asked for at a time, whatever the number of workers, so that it changes no result
#: Of quantiles, in which slopes are taken. Shorter steps drown in what is left of luck between paired runs, and noise
#: in slopes passes for information: at 0.03 intervals were a third too narrow, from 0.10 on they were right.
STEP = 0.12
SLOPE_SEEDS = 4  # over which the last slopes are averaged, for the same reason
TRUSTED = 0.25  # quantiles, further than which no step goes: slopes are those of the neighbourhood
POLISHINGS, LAST_STEPS, CHORDS = 3, 4, 5  # at most
NEAR = 0.01  # quantiles; a last step shorter than that ends it
FRACTIONS = (1.0, 0.5, 0.2)  # of a Gauss-Newton step that are tried at once
EDGE = 0.002  # quantiles are kept this far from the ends of the range
FINEST = 0.002  # standard deviation in quantiles below which no parameter is claimed to be known
DRAWS = 2000
CHAINS, WARM_UP = 200, 300  # of the draws, side by side
PRIOR_VARIANCE = 1.0 / 12.0  # of a quantile nothing is known of
UNKNOWN = 25.0  # variance that is as good as infinite: five times the whole range


class Target(Protocol):
    """What is to be met: numbers observed, how far they may lie from a mean, and how to simulate them."""

    @property
    def observed(self) -> Floats:
        """Float64 [T]; NaN where nothing was observed."""

    @property
    def variance(self) -> Floats:
        """Rough variance of each observed number around the model's mean, float64 [T]; only its pattern matters."""

    def simulate(self, scenario: Scenario, seed: int, tick: Tick) -> Floats:
        """The same numbers from a run on one core, float64 [T]."""


@dataclass(frozen=True)
class Fit:
    """What a calibration found.

    Attributes
    ----------
    parameters : tuple of Parameter
    values : tuple                      the best values, in the order of the parameters
    low, high : tuple                   95 % intervals of all parameters together
    draws : list of tuple               values of near-equally good parameters, equally likely
    scenario : Scenario                 with the best values
    simulated : float64 [T]             mean of the runs at the best values
    misfit : float                      Q over its mean among runs at the optimum: 1 = as near as a run of this model is
    correlation : float64 [d, d]        between parameters (their quantiles) among the near-equally good
    told : float64 [d]                  share of the prior's spread that the data took away, 0..1
    losses : tuple of float             Q of every trial of the search
    runs : int                          simulated in all
    """

    parameters: tuple[Parameter, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    draws: list[tuple[float, ...]]
    scenario: Scenario
    simulated: Floats
    misfit: float
    correlation: Floats
    told: Floats
    losses: tuple[float, ...]
    runs: int

    def changes(self, values: Sequence[float]) -> dict[str, float]:
        """Settings by path, for `Scenario.with_changes`."""
        return dict(zip((parameter.path for parameter in self.parameters), values, strict=True))


@dataclass(frozen=True)
class OneTrial:
    """The work of a worker: the numbers of one run, or what is wrong with its parameters."""

    scenario: Scenario
    target: Target

    def __call__(self, job: tuple[Mapping[str, Any], int], tick: Tick) -> Floats | str:
        changes, seed = job
        try:
            return np.asarray(self.target.simulate(self.scenario.with_changes(changes), seed, tick), np.float64)
        except JourneyError as error:
            return str(error)


@dataclass
class Bench:
    """Simulates rows of quantiles under seeds, each pair once."""

    do: Round
    scenario: Scenario
    parameters: Sequence[Parameter]
    target: Target
    known: dict[tuple[bytes, int], Floats] = field(default_factory=dict)
    expected: int = 0  # runs in all, as far as can be said
    wrong: str = ""  # of a row that could not be simulated

    @property
    def observed(self) -> Floats:
        return self.target.observed

    @property
    def weights(self) -> Floats:
        """1 / variance, 0 where nothing was observed."""
        return np.where(np.isfinite(self.observed), 1.0 / self.target.variance, 0.0)

    def runs(self, rows: Floats, seeds: Sequence[int]) -> Floats:
        """Numbers of every row and seed, float64 [n, R, T]; NaN where the parameters make no valid scenario."""
        pairs = [(row.tobytes(), seed) for row in rows for seed in seeds]
        todo = list(dict.fromkeys(pair for pair in pairs if pair not in self.known))
        paths = [parameter.path for parameter in self.parameters]
        points = values_at(
            list(self.parameters), np.array([np.frombuffer(row) for row, _ in todo]).reshape(-1, len(paths))
        )
        jobs = [(dict(zip(paths, point, strict=True)), seed) for point, (_, seed) in zip(points, todo, strict=True)]
        for position, found in self.do(OneTrial(self.scenario, self.target), jobs):
            if isinstance(found, str):
                self.wrong, found = found, np.full(len(self.observed), np.nan)
            self.known[todo[position]] = found
        return np.array([self.known[pair] for pair in pairs]).reshape(len(rows), len(seeds), -1)

    def means(self, rows: Floats, seeds: Sequence[int]) -> Floats:
        """Mean over the seeds, float64 [n, T]."""
        return np.asarray(self.runs(rows, seeds).mean(axis=1))

    def loss(self, simulated: Floats) -> Floats:
        """Q of simulated numbers [..., T]; infinite where there are none."""
        gap = np.where(self.weights > 0, simulated - np.nan_to_num(self.observed), 0.0)
        q = (gap**2 * self.weights).sum(axis=-1)
        return np.where(np.isfinite(q), q, np.inf)


def checked(scenario: Scenario, parameters: Sequence[Parameter]) -> None:
    """Refuse parameters that lead nowhere or have no range.

    Raises
    ------
    ScenarioError
    """
    found = [problem for parameter in parameters if (problem := nowhere(scenario, parameter.path)) is not None]
    found += [
        Problem(parameter.path, "values", "a range or a distribution to search in")
        for parameter in parameters
        if parameter.values
    ]
    if not parameters:
        found.append(Problem("", "no parameter", "at least one to fit"))
    if found:
        raise ScenarioError(found)


def fit_target(
    scenario: Scenario,
    target: Target,
    parameters: Sequence[Parameter],
    *,
    trials: int | None = None,
    replicates: int = 2,
    bootstrap: int = 40,
    workers: int | None = None,
    storage: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fit:
    """Fit parameters of a scenario to a target.

    Parameters
    ----------
    scenario : Scenario             its seed is the first of the replicates'
    target : Target
    parameters : sequence           with range or distribution: their bounds and prior
    trials : int, optional          of the search; by default 20 per parameter. Half of them cover the whole range
    replicates : int                R, runs per trial, under the same seeds for all trials
    bootstrap : int                 B, runs at the optimum with seeds of their own
    workers : int, optional
    storage : path, optional        journal file: a search that was stopped goes on from it
    progress : callable, optional   called with (runs simulated, runs expected)

    Raises
    ------
    ScenarioError                   if a parameter cannot be fitted, or no point of the range can be simulated
    OutputError                     if the journal belongs to another calibration, or is none
    """
    checked(scenario, parameters)
    scenario = scenario.with_changes({"panel": 0})
    many = len(parameters)
    trials = 20 * many if trials is None else trials
    seeds = range(scenario.seed, scenario.seed + replicates)
    polishing = replicates * POLISHINGS * (2 * many + len(FRACTIONS))
    concluding = SLOPE_SEEDS * 2 * many + bootstrap
    with crew(workers=workers) as do:

        def counted(task: Any, items: Any) -> Any:
            for found in do(task, items):
                yield found
                if progress is not None:
                    progress(len(bench.known), max(len(bench.known), bench.expected))

        bench = Bench(counted, scenario, parameters, target)
        study = _opened(bench, seeds, storage)
        bench.expected = replicates * max(0, trials - len(study.trials)) + polishing + concluding
        try:
            losses, best = _search(study, bench, trials, seeds)
        except BaseException:
            if storage and not any(trial.state.is_finished() for trial in study.trials):
                Path(storage).unlink(missing_ok=True)  # nothing to go on from
            raise
        bench.expected = len(bench.known) + polishing + concluding
        best = _polish(bench, best, seeds)
        bench.expected = len(bench.known) + concluding
        fit = _conclude(bench, best, scenario.seed, bootstrap, losses)
        if progress is not None:
            progress(fit.runs, fit.runs)
        return fit


def _opened(bench: Bench, seeds: Sequence[int], storage: Path | str | None) -> Any:
    """The search as it was left, or a new one.

    Raises
    ------
    OutputError                     if the journal belongs to another calibration, or is none
    """
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        kept = JournalStorage(JournalFileBackend(str(storage))) if storage else None
        study = optuna.create_study(storage=kept, study_name="calibration", load_if_exists=True)
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{storage}: is no journal of a calibration, or a damaged one; remove it, or choose another folder with"
            " --out"
        ) from error
    _same(study, bench, seeds, storage)
    return study


def _search(study: Any, bench: Bench, trials: int, seeds: Sequence[int]) -> tuple[list[float], Floats]:
    """Search the whole range; returns losses of all trials and the best quantiles."""
    import optuna

    paths = [parameter.path for parameter in bench.parameters]
    spread: dict[str, Any] = {path: optuna.distributions.FloatDistribution(EDGE, 1.0 - EDGE) for path in paths}
    complete = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL)
    half = (trials + 1) // 2
    wide = qmc.Sobol(len(paths), rng=np.random.default_rng(1)).random_base2(max(0, half - 1).bit_length())[:half]
    while (there := len(study.get_trials(deepcopy=False, states=complete))) < trials:
        some = min(BATCH, (half if there < half else trials) - there)
        if there < half:
            for row in EDGE + (1.0 - 2.0 * EDGE) * wide[there : there + some]:
                study.enqueue_trial(dict(zip(paths, row.tolist(), strict=True)))
        elif not isinstance(study.sampler, optuna.samplers.CmaEsSampler):
            done = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
            if not done:
                break
            start = min(done, key=lambda trial: trial.value or 0.0).params
            with warnings.catch_warnings():  # where to begin is called deprecated since 4.9, for version 6
                warnings.simplefilter("ignore", FutureWarning)
                study.sampler = optuna.samplers.CmaEsSampler(
                    x0=start, sigma0=0.15, seed=there + 1, popsize=BATCH, warn_independent_sampling=False
                )
        asked = [study.ask(spread) for _ in range(some)]
        rows = np.array([[trial.params[path] for path in paths] for trial in asked])
        for trial, q in zip(asked, bench.loss(bench.means(rows, seeds)), strict=True):
            if np.isfinite(q):
                study.tell(trial, float(q))
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
    done = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if not done:
        raise ScenarioError([Problem("", f"no valid scenario in the whole range ({bench.wrong})", "narrower ranges")])
    best = min(done, key=lambda trial: trial.value or 0.0)
    return [float(trial.value or 0.0) for trial in done], np.array([best.params[path] for path in paths])


def _same(study: Any, bench: Bench, seeds: Sequence[int], storage: Path | str | None) -> None:
    """Refuse a journal of another calibration."""
    parts = [
        bench.scenario.fingerprint, [parameter.model_dump(mode="json") for parameter in bench.parameters],
        list(seeds), bench.observed.tolist(), bench.target.variance.tolist(), code_version(),
    ]  # fmt: skip
    key = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
    before = study.user_attrs.get("calibration")
    if before is None:
        study.set_user_attr("calibration", key)
    elif before != key:
        raise OutputError(
            f"{storage}: holds another calibration (scenario, data, parameters or code differ); remove this journal, or"
            " choose another folder with --out"
        )


def _slopes(bench: Bench, best: Floats, seeds: Sequence[int], step: float) -> Floats:
    """dm / du at the best quantiles from paired runs on both sides, float64 [T, d]; 0 where neither runs."""
    many = len(best)
    low, high = (np.clip(best + sign * step * np.eye(many), EDGE, 1.0 - EDGE) for sign in (-1.0, 1.0))
    found = bench.means(np.vstack([best[None], low, high]), seeds)
    middle, below, above = found[0], found[1 : 1 + many], found[1 + many :]
    width = np.diagonal(high - low).copy()
    for k in range(many):  # one side is enough
        if not np.isfinite(below[k]).all():
            below[k], width[k] = middle, high[k, k] - best[k]
        if not np.isfinite(above[k]).all():
            above[k], width[k] = middle, width[k] - (high[k, k] - best[k])
    slopes = np.where(width[:, None] > 0, (above - below) / np.maximum(width, 1e-12)[:, None], 0.0)
    return np.asarray(slopes.T)


def _polish(bench: Bench, best: Floats, seeds: Sequence[int]) -> Floats:
    """Gauss-Newton steps from the best trial, as long as the loss falls."""
    for _ in range(POLISHINGS):
        move = _step(bench, best, seeds, seeds)[0]
        tried = np.vstack([best, *(np.clip(best + f * move, EDGE, 1.0 - EDGE) for f in FRACTIONS)])
        least = int(np.argmin(bench.loss(bench.means(tried, seeds))))
        best = tried[least]
        if least == 0:
            break
    return best


def _step(bench: Bench, best: Floats, slope_seeds: Sequence[int], seeds: Sequence[int]) -> tuple[Floats, Floats]:
    """A Gauss-Newton step and the slopes it rests on."""
    slopes = _slopes(bench, best, slope_seeds, STEP)
    gap = np.nan_to_num(bench.observed - bench.means(best[None], seeds)[0])
    move = gauss_newton(slopes, bench.weights, gap)
    return move / max(1.0, np.abs(move).max() / TRUSTED), slopes


def gauss_newton(slopes: Floats, weights: Floats, gap: Floats) -> Floats:
    """Step (J'WJ + P)^-1 J'W gap, float64 [d]; P, the precision of a flat prior, holds what is not told in place."""
    left = slopes.T * weights
    return np.asarray(np.linalg.solve(left @ slopes + np.eye(slopes.shape[1]) / PRIOR_VARIANCE, left @ gap))


def covariance(slopes: Floats, weights: Floats, errors: Floats, factor: float) -> Floats:
    """Covariance of the estimate in quantiles, float64 [d, d].

    `factor` times that of the steps (J'WJ)^-1 J'W e_b that errors [B, T] call for. Directions of which the data say
    less than the prior are left open.
    """
    information = (slopes.T * weights) @ slopes
    size, axes = np.linalg.eigh(information)
    size = np.maximum(size, 1e-9)
    scores = errors * weights @ slopes @ axes / size  # [B, d] along the axes
    along = factor * np.cov(scores, rowvar=False).reshape(len(size), len(size)) + FINEST**2 * np.eye(len(size))
    scale = (errors**2 * weights).sum() / (len(errors) - 1) / np.count_nonzero(weights)  # of runs' variance beside v
    along += np.diag(np.where(factor * scale / size > PRIOR_VARIANCE, UNKNOWN, 0.0))
    return np.asarray(axes @ along @ axes.T)


def draws_within(centre: Floats, spread: Floats, freedom: float, many: int) -> Floats:
    """Draws of a multivariate t within 0..1, float64 [many, d], by Metropolis steps from the centre (Hastings 1970)."""
    luck = np.random.default_rng(1)
    d = len(centre)
    size, axes = np.linalg.eigh(spread)
    size = np.minimum(np.maximum(size, FINEST**2), UNKNOWN)
    root = axes * np.sqrt(size)
    pace = (axes * np.minimum(np.sqrt(size), 0.5)) * 2.4 / np.sqrt(d)
    inverse = np.linalg.inv(root @ root.T)

    def log_density(u: Floats) -> Floats:
        gap = u - centre
        height = -0.5 * (freedom + d) * np.log1p(((gap @ inverse) * gap).sum(axis=1) / freedom)
        return np.where(((u < 0) | (u > 1)).any(axis=1), -np.inf, height)

    here = np.repeat(centre[None], CHAINS, axis=0)
    height = log_density(here)
    thin, rounds = 10 + 5 * d, -(-many // CHAINS)
    kept = []
    for number in range(WARM_UP + thin * rounds):
        there = here + luck.standard_normal((CHAINS, d)) @ pace.T
        top = log_density(there)
        moved = np.log(luck.random(CHAINS)) < top - height
        here, height = np.where(moved[:, None], there, here), np.where(moved, top, height)
        if number >= WARM_UP and (number - WARM_UP) % thin == thin - 1:
            kept.append(here)
    return np.concatenate(kept)[:many]


def simultaneous(centre: Floats, draws: Floats) -> tuple[Floats, Floats]:
    """Intervals centre - k below, centre + k above, with k such that 95 % of the draws are inside all of them.

    Sides are scaled by the root mean square distance of the draws on that side, so that a bound of the range or a
    skewed distribution gives an interval that is not symmetric.
    """
    gap = draws - centre
    below = np.sqrt(np.mean(np.where(gap < 0, gap, 0.0) ** 2, axis=0) / np.maximum(np.mean(gap < 0, axis=0), 1e-9))
    above = np.sqrt(np.mean(np.where(gap > 0, gap, 0.0) ** 2, axis=0) / np.maximum(np.mean(gap > 0, axis=0), 1e-9))
    below, above = np.maximum(below, 1e-9), np.maximum(above, 1e-9)
    worst = np.where(gap < 0, -gap / below, gap / above).max(axis=1)
    k = np.quantile(worst, CONFIDENCE)
    return np.clip(centre - k * below, 0.0, 1.0), np.clip(centre + k * above, 0.0, 1.0)


def _conclude(bench: Bench, best: Floats, first: int, bootstrap: int, losses: list[float]) -> Fit:
    """The last step, how sure it is, and everything in the parameters' own terms.

    The least of many noisy losses is lucky rather than right. So the last step is not chosen by its loss: it is where
    the mean of B runs, moved along slopes from several seeds, meets the data; with the same slopes (the chord method)
    it is repeated, as a step that a prior and noise in slopes hold back goes only part of the way.
    """
    many, slope_seeds = range(first, first + bootstrap), range(first, first + min(SLOPE_SEEDS, bootstrap))
    for _ in range(LAST_STEPS):
        centre = best
        move, slopes = _step(bench, centre, slope_seeds, many)
        best = np.clip(centre + move, EDGE, 1.0 - EDGE)
        if np.abs(move).max() <= STEP:
            break
    for _ in range(CHORDS):  # one step goes only part of the way along what is weakly told
        if np.abs(best - centre).max() <= NEAR:
            break
        centre = best
        gap = np.nan_to_num(bench.observed - bench.means(centre[None], many)[0])
        best = np.clip(centre + gauss_newton(slopes, bench.weights, gap), EDGE, 1.0 - EDGE)
    errors = bench.runs(centre[None], many)[0]
    simulated = errors.mean(axis=0) + slopes @ (best - centre)
    errors = errors - errors.mean(axis=0)
    typical = (errors**2 * bench.weights).sum() / (bootstrap - 1)
    misfit = float(bench.loss(simulated) / ((1.0 + 1.0 / bootstrap) * typical)) if typical > 0 else np.inf
    factor = (1.0 + 1.0 / bootstrap) * max(1.0, min(misfit, 1e6))
    spread = covariance(slopes, bench.weights, errors, factor)
    draws = draws_within(best, spread, max(3.0, bootstrap - len(best)), DRAWS)
    low, high = simultaneous(best, draws)
    parameters = list(bench.parameters)
    values, lows, highs = values_at(parameters, np.vstack([best, low, high]))
    changes = dict(zip((parameter.path for parameter in parameters), values, strict=True))
    return Fit(
        parameters=tuple(parameters), values=values, low=lows, high=highs, draws=values_at(parameters, draws),
        scenario=bench.scenario.with_changes(changes), simulated=simulated, misfit=misfit,
        correlation=np.corrcoef(draws, rowvar=False).reshape(len(best), len(best)),
        told=np.clip(1.0 - draws.std(axis=0) / np.sqrt(PRIOR_VARIANCE), 0.0, 1.0), losses=tuple(losses),
        runs=len(bench.known),
    )  # fmt: skip
