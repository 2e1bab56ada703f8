"""Calibration on targets whose answer is known in closed form, and what its parts promise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim import Scenario
from sim.errors import OutputError, ScenarioError
from sim.studies.calibrate import Floats, covariance, draws_within, fit_target, simultaneous
from sim.studies.pool import Tick
from sim.studies.study import Parameter
from tests.unit.studies.worlds import club

RATES = [
    Parameter(path="market.price", range=[1.0, 100.0], scale="log"),
    Parameter(path="market.unit_cost", range=[0, 10]),
]


@dataclass(frozen=True)
class Line:
    """Numbers a + b t with normal noise, a and b taken from two settings; stands in for a simulation."""

    observed: Floats
    noise: float

    @property
    def variance(self) -> Floats:
        return np.full(len(self.observed), max(self.noise, 1e-3) ** 2)

    def simulate(self, scenario: Scenario, seed: int, tick: Tick) -> Floats:
        tick()
        t = np.arange(len(self.observed))
        clean = scenario.market.price + scenario.market.unit_cost * t
        return np.asarray(clean + self.noise * np.random.default_rng(seed).standard_normal(len(t)))


def line(a: float, b: float, noise: float, seed: int, weeks: int = 12) -> Line:
    luck = np.random.default_rng(seed).standard_normal(weeks)
    return Line(a + b * np.arange(weeks) + noise * luck, noise)


def fitted(target: Line, **options: Any) -> Any:
    settings: dict[str, Any] = {"trials": 24, "replicates": 1, "bootstrap": 60, "workers": 1} | options
    return fit_target(club(), target, RATES, **settings)


def test_without_noise_the_truth_is_found() -> None:
    fit = fitted(line(20.0, 3.0, 0.0, 1))
    assert fit.values == pytest.approx((20.0, 3.0), rel=0.02)
    assert fit.scenario.market.price == fit.values[0]
    assert fit.told.min() > 0.95


def test_intervals_are_those_of_least_squares() -> None:
    """Linear in b: the standard error is known; intervals of both together are 1.96 to 3 times as wide."""
    target = line(20.0, 3.0, 4.0, 2)
    fit = fitted(target, bootstrap=200)
    t = np.arange(12)
    known = stats.linregress(t, target.observed)
    error = 4.0 * np.sqrt(1.0 / ((t - t.mean()) ** 2).sum())
    assert fit.values[1] == pytest.approx(known.slope, abs=0.5 * error)
    width = (fit.high[1] - fit.low[1]) / 2.0
    assert 1.96 * error < width < 3.0 * error
    assert fit.correlation[0, 1] < -0.6  # a higher start means a flatter line


def test_intervals_hold_both_truths_together() -> None:
    inside = 0
    for repetition in range(30):
        fit = fitted(line(20.0, 3.0, 4.0, 100 + repetition), bootstrap=40)
        inside += all(low <= x <= high for low, x, high in zip(fit.low, (20.0, 3.0), fit.high, strict=True))
    assert inside >= 25  # 28 or 29 are expected; fewer has a chance of 1 %


def test_what_the_data_say_nothing_of_keeps_its_whole_range() -> None:
    idle = [*RATES, Parameter(path="choice.belief", range=[0.0, 2.0])]
    fit = fit_target(club(), line(20.0, 3.0, 4.0, 2), idle, trials=24, replicates=1, bootstrap=40, workers=1)
    assert fit.told[2] < 0.15
    assert fit.low[2] < 0.1 and fit.high[2] > 1.9


def test_a_model_that_does_not_fit_says_so_and_widens() -> None:
    honest = fitted(line(20.0, 3.0, 1.0, 3))
    bent = Line(20.0 + 3.0 * np.arange(12) + 8.0 * np.sin(np.arange(12.0)), 1.0)
    wrong = fitted(bent)
    assert honest.misfit < 3.0 < 15.0 < wrong.misfit
    assert wrong.high[1] - wrong.low[1] > 3.0 * (honest.high[1] - honest.low[1])


def test_a_stopped_search_goes_on_from_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    honest = Line.simulate

    def counting(self: Line, scenario: Scenario, seed: int, tick: Tick) -> Floats:
        if len(ran) == 17:
            raise KeyboardInterrupt
        ran.append(seed)
        return honest(self, scenario, seed, tick)

    target, journal = line(20.0, 3.0, 1.0, 4), tmp_path / "fit.journal"
    monkeypatch.setattr(Line, "simulate", counting)
    with pytest.raises(KeyboardInterrupt):
        fitted(target, storage=journal)
    monkeypatch.setattr(Line, "simulate", honest)
    again = fitted(target, storage=journal)
    whole = fitted(target)
    assert len(again.losses) == len(whole.losses) == 24
    assert again.losses[:12] == whole.losses[:12]
    assert whole.runs - again.runs >= 8  # the wide trials in the journal were not run again
    with pytest.raises(OutputError, match=r"fit\.journal: holds another calibration"):
        fitted(line(21.0, 3.0, 1.0, 4), storage=journal)


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "diary").write_text("Dear diary\n" * 2)
    with pytest.raises(OutputError, match="diary: is no journal of a calibration"):
        fitted(line(20.0, 3.0, 1.0, 4), storage=tmp_path / "diary")


def test_a_search_stopped_before_its_first_trial_leaves_no_journal(tmp_path: Path) -> None:
    class Stopped(Line):
        def simulate(self, scenario: Scenario, seed: int, tick: Tick) -> Floats:
            raise KeyboardInterrupt

    target = line(20.0, 3.0, 1.0, 4)
    with pytest.raises(KeyboardInterrupt):
        fitted(Stopped(target.observed, target.noise), storage=tmp_path / "fit.journal")
    assert not (tmp_path / "fit.journal").exists()


def test_progress_ends_where_it_said_it_would() -> None:
    told: list[tuple[int, int]] = []
    fit = fitted(line(20.0, 3.0, 1.0, 4), progress=lambda done, runs: told.append((done, runs)))
    assert told[-1] == (fit.runs, fit.runs)
    assert told[0][1] > fit.runs  # steps were skipped
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_results_do_not_depend_on_workers() -> None:
    one, two = (fitted(line(20.0, 3.0, 1.0, 4), workers=k, bootstrap=10) for k in (1, 2))
    assert (one.values, one.low, one.high) == (two.values, two.low, two.high)


def test_what_cannot_be_fitted_is_refused() -> None:
    target = line(1.0, 1.0, 1.0, 1)
    with pytest.raises(ScenarioError, match="expected a range or a distribution"):
        fit_target(club(), target, [Parameter(path="market.price", values=[1.0])], workers=1)
    with pytest.raises(ScenarioError, match='expected "price"'):
        fit_target(club(), target, [Parameter(path="market.prize", range=[1, 2])], workers=1)
    with pytest.raises(ScenarioError, match="no valid scenario in the whole range"):
        fit_target(club(), target, [Parameter(path="start.retention", range=[2, 3])], workers=1, trials=4)


def test_draws_are_those_of_a_t_where_the_range_is_far() -> None:
    spread = np.array([[0.0016, 0.0008], [0.0008, 0.0009]])
    draws = draws_within(np.array([0.5, 0.4]), spread, 30.0, 4000)
    np.testing.assert_allclose(draws.mean(axis=0), [0.5, 0.4], atol=0.004)
    np.testing.assert_allclose(np.cov(draws.T), spread * 30 / 28, rtol=0.12)
    flat = draws_within(np.array([0.5]), np.array([[25.0]]), 30.0, 4000)
    assert stats.kstest(flat[:, 0], "uniform").pvalue > 1e-4


def test_simultaneous_intervals_hold_95_of_100_draws() -> None:
    draws = np.random.default_rng(1).normal(0.5, [0.01, 0.05, 0.1], (5000, 3))
    low, high = simultaneous(np.full(3, 0.5), draws)
    inside = ((draws >= low) & (draws <= high)).all(axis=1).mean()
    assert inside == pytest.approx(0.95, abs=0.002)
    np.testing.assert_allclose((high - low) / 2 / [0.01, 0.05, 0.1], 2.39, atol=0.1)  # of three independent normals


def test_covariance_is_the_sandwich() -> None:
    luck = np.random.default_rng(2)
    slopes = luck.normal(size=(30, 2)) * 50.0
    errors = luck.normal(size=(500, 30)) * 2.0
    weights = np.full(30, 1.0)  # says the noise is 1; it is 2, and the errors know
    expected = 4.0 * np.linalg.inv(slopes.T @ slopes)
    np.testing.assert_allclose(
        covariance(slopes, weights, errors, 1.0), expected + 0.002**2 * np.eye(2), rtol=0.2, atol=2e-5
    )


def test_only_the_pattern_of_variances_matters() -> None:
    """What is told stays told if all variances are too large, as where many agents stand for one customer."""
    luck = np.random.default_rng(2)
    slopes, errors = luck.normal(size=(30, 2)) * 50.0, luck.normal(size=(500, 30))
    right, low = (covariance(slopes, np.full(30, weight), errors, 1.0) for weight in (1.0, 1e-4))
    np.testing.assert_allclose(low, right, rtol=1e-9)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws: enough for quantiles to a few per cent."""
    monkeypatch.setattr("sim.studies.calibrate.DRAWS", 1000)
