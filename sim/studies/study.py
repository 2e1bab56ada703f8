"""The study file: which settings of a scenario are varied, by which design, under which seeds, and what is kept."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, ValidationError
from scipy import stats

from sim.errors import Problem, ScenarioError
from sim.scenario.base import Part, Positive
from sim.scenario.changes import nowhere
from sim.scenario.explain import refusals
from sim.scenario.places import Places
from sim.scenario.plain import plain
from sim.scenario.reading import read_source
from sim.scenario.scenario import Scenario
from sim.scenario.shipped import find, folder_of
from sim.scenario.story import Story
from sim.scenario.words import number_kind, one_of, shown
from sim.summary import INDICATORS

#: Designs that draw from ranges and distributions; the others go through values.
DRAWN = ("latin_hypercube", "sobol", "morris")
#: Unbounded distributions are cut at these quantiles, 3.3 standard deviations of a normal one.
TAILS = (0.0005, 0.9995)
MOST_POINTS = 10_000_000
STUDIES = folder_of("studies")

Finite = Annotated[float, Field(ge=-1e15, le=1e15)]


class Distribution(Part):
    """How a setting is distributed. Which numbers a kind needs: `NEEDS`."""

    kind: Literal["uniform", "log_uniform", "triangular", "normal", "log_normal", "beta", "gamma"]
    low: Finite | None = None  # uniform, log_uniform, triangular; beta: 0 if not given
    high: Finite | None = None  # beta: 1 if not given
    mode: Finite | None = None  # triangular: most likely value
    mean: Finite | None = None  # normal; gamma
    sd: Positive | None = None  # normal
    median: Positive | None = None  # log_normal
    factor: Annotated[float, Field(gt=1, le=1e6)] | None = (
        None  # log_normal: 68 % lie within median / factor ... * factor
    )
    a: Positive | None = None  # beta
    b: Positive | None = None
    shape: Positive | None = None  # gamma

    def quantile(self, u: ArrayLike) -> NDArray[np.float64]:
        """Values below which the shares `u` lie."""
        share = np.asarray(u, np.float64)
        if self.kind in ("normal", "log_normal", "gamma"):
            share = np.clip(share, *TAILS)
        low, high = self.low or 0.0, 1.0 if self.high is None else self.high
        if self.kind == "uniform":
            return np.asarray(low + (high - low) * share)
        if self.kind == "log_uniform":
            return np.asarray(np.exp(math.log(low) + (math.log(high) - math.log(low)) * share))
        if self.kind == "triangular":
            span = high - low
            return np.asarray(stats.triang.ppf(share, ((self.mode or 0.0) - low) / span, low, span))
        if self.kind == "normal":
            return np.asarray(stats.norm.ppf(share, self.mean, self.sd))
        if self.kind == "log_normal":
            return np.asarray((self.median or 1.0) * (self.factor or 1.0) ** stats.norm.ppf(share))
        if self.kind == "beta":
            return np.asarray(stats.beta.ppf(share, self.a, self.b, low, high - low))
        return np.asarray(stats.gamma.ppf(share, self.shape, scale=(self.mean or 1.0) / (self.shape or 1.0)))


NEEDS: dict[str, tuple[str, ...]] = {
    "uniform": ("low", "high"), "log_uniform": ("low", "high"), "triangular": ("low", "mode", "high"),
    "normal": ("mean", "sd"), "log_normal": ("median", "factor"), "beta": ("a", "b"), "gamma": ("mean", "shape"),
}  # fmt: skip
MAY: dict[str, tuple[str, ...]] = {"beta": ("low", "high")}


class Parameter(Part):
    """A setting that is varied: by values, or within a range, or by a distribution."""

    path: Annotated[str, Field(min_length=1)]  # dotted, as in --set
    values: list[Any] = []
    range: Annotated[list[Finite], Field(min_length=2, max_length=2)] | None = None  # lowest and highest
    scale: Literal["linear", "log"] = "linear"  # of the range
    steps: Annotated[int, Field(ge=2, le=10_000)] = 5  # of a range in a grid, both ends included
    distribution: Distribution | None = None

    @property
    def whole(self) -> bool:
        """Whether the setting is a whole number, so that what is drawn is rounded."""
        return number_kind(Story, self.path.split(".")) is int

    def drawn(self, u: ArrayLike) -> NDArray[Any]:
        """Values at the quantiles `u`; of a list of values, each stands for an equal share."""
        share = np.asarray(u, np.float64)
        if self.values:
            return np.asarray(
                np.array(self.values, object)[np.minimum(share * len(self.values), len(self.values) - 1).astype(int)]
            )
        found = self.as_distribution().quantile(share)
        return np.asarray(np.floor(found + 0.5), np.int64) if self.whole else found

    def as_distribution(self) -> Distribution:
        """The distribution; a range is uniform, on its scale."""
        if self.distribution is not None:
            return self.distribution
        assert self.range is not None  # `_spread` has checked it
        kind: Literal["uniform", "log_uniform"] = "log_uniform" if self.scale == "log" else "uniform"
        return Distribution(kind=kind, low=self.range[0], high=self.range[1])

    def levels(self) -> list[Any]:
        """The values of a grid."""
        return self.values or self.drawn(np.linspace(0.0, 1.0, self.steps)).tolist()


class Design(Part):
    """Which points are run."""

    kind: Literal["grid", "list", "latin_hypercube", "sobol", "morris"]
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | None = None  # latin_hypercube; sobol: base points, 2^k
    trajectories: Annotated[int, Field(ge=2, le=100_000)] = 20  # morris
    levels: Annotated[int, Field(ge=2, le=100)] = 4  # morris, even
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1  # of drawing the points


class Study(Part):
    """A study as written."""

    title: str = "Untitled study"
    description: str = ""
    design: Design
    parameters: Annotated[list[Parameter], Field(min_length=1, max_length=200)]
    seeds: Annotated[int, Field(ge=1, le=10_000)] = 1  # per point: the scenario's seed and those after it
    set: dict[str, Any] = {}  # settings by dotted path that are the same for all points, e.g. agents
    keep: list[str] = [indicator.name for indicator in INDICATORS if indicator.headline]  # indicators
    daily: list[str] = []  # columns of the table `daily`, rows "all", kept day by day
    budget: Annotated[int, Field(ge=1)] | None = None  # most runs

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a study file, or one that is shipped by its name.

        Raises
        ------
        ScenarioError               listing everything that is wrong, with file, line and path
        """
        source = read_source(find(path, [STUDIES], what="study"), "a study file in TOML")
        return cls._checked(source.data, Places([source]))

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Self:
        """A study from tables as they would stand in a file.

        Raises
        ------
        ScenarioError               listing everything that is wrong
        """
        return cls._checked(plain(mapping), Places())

    @classmethod
    def _checked(cls, data: Any, places: Places) -> Self:
        if not isinstance(data, dict):
            raise ScenarioError([Problem("", shown(data), "a table of settings")])
        try:
            study = cls.model_validate(data)
        except ValidationError as error:
            raise ScenarioError(refusals(error, data, places, cls)) from None
        found = [
            Problem(problem.where, problem.found, problem.expected, *places.find(_path(problem.where)))
            for problem in _clashes(study)
        ]
        if found:
            raise ScenarioError(found)
        return study

    def base(self, scenario: Scenario) -> Scenario:
        """The scenario as all points have it; nobody is tracked unless the study says so.

        Raises
        ------
        ScenarioError               if a path of the study leads nowhere in this scenario, or `set` does not suit it
        """
        scenario = scenario.with_changes({"panel": 0, **self.set})
        found = [
            Problem(f"parameters.{at}.path", f"{parameter.path}: {problem.found}", problem.expected)
            for at, parameter in enumerate(self.parameters)
            if (problem := nowhere(scenario, parameter.path)) is not None
        ]
        if found:
            raise ScenarioError(found)
        return scenario


def _path(where: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdecimal() else step for step in where.split("."))


def _clashes(study: Study) -> Iterator[Problem]:
    """What is wrong with values that are fine alone."""
    for at, parameter in enumerate(study.parameters):
        yield from _spread(parameter, f"parameters.{at}", study.design.kind)
    for path, times in Counter(parameter.path for parameter in study.parameters).items():
        if times > 1:
            yield Problem("parameters", f"{path} {times} times", "each path once")
    if "seed" in study.set:
        yield Problem("set.seed", shown(study.set["seed"]), "no seed here, as the scenario's seed begins all points")
    yield from _design(study)
    known = [indicator.name for indicator in INDICATORS]
    for at, name in enumerate(study.keep):
        if name not in known:
            yield Problem(f"keep.{at}", shown(name), one_of(known, name))


def _spread(parameter: Parameter, where: str, design: str) -> Iterator[Problem]:
    ways = [bool(parameter.values), parameter.range is not None, parameter.distribution is not None]
    if parameter.path == "seed":
        yield Problem(f"{where}.path", '"seed"', "another setting; `seeds` says how many runs a point has")
    if sum(ways) != 1:
        found = "none of them" if not any(ways) else "several"
        yield Problem(where, found, "one of values, range, distribution")
        return
    if design == "list" and not parameter.values:
        yield Problem(where, "no values", "values, as the design is a list of points")
    if design == "grid" and parameter.distribution:
        yield Problem(f"{where}.distribution", "a distribution", "values or a range, as the design is a grid")
    if not parameter.values and number_kind(Story, parameter.path.split(".")) is None:
        yield Problem(f"{where}.path", shown(parameter.path), "a setting that is a number, or `values` for others")
    if parameter.range is not None:
        low, high = parameter.range
        if low >= high:
            wanted = f"the lower end first: [{high}, {low}]" if low > high else "two different ends"
            yield Problem(f"{where}.range", shown(parameter.range), wanted)
        elif parameter.scale == "log" and low <= 0:
            yield Problem(f"{where}.range", shown(parameter.range), "ends above 0 on a log scale")
    if parameter.distribution is not None:
        yield from _numbers(parameter.distribution, f"{where}.distribution")


def _numbers(spread: Distribution, where: str) -> Iterator[Problem]:
    needed, allowed = NEEDS[spread.kind], (*NEEDS[spread.kind], *MAY.get(spread.kind, ()))
    given = spread.model_fields_set - {"kind"}
    missing, idle = [name for name in needed if name not in given], sorted(given - set(allowed))
    if missing or idle:
        found = f"no {', '.join(missing)}" if missing else ", ".join(idle)
        yield Problem(where, found, f"{', '.join(allowed)} for kind {spread.kind}")
        return
    low, high = spread.low or 0.0, 1.0 if spread.high is None else spread.high
    if low >= high and spread.kind in ("uniform", "log_uniform", "triangular", "beta"):
        yield Problem(where, f"low = {low}, high = {high}", "low below high")
    elif spread.kind == "log_uniform" and low <= 0:
        yield Problem(f"{where}.low", shown(low), "a number above 0")
    elif spread.kind == "triangular" and not low <= (spread.mode or 0.0) <= high:
        yield Problem(f"{where}.mode", shown(spread.mode), f"a number from {low} to {high}")
    elif spread.kind == "gamma" and (spread.mean or 0.0) <= 0:
        yield Problem(f"{where}.mean", shown(spread.mean), "a number above 0")


def _design(study: Study) -> Iterator[Problem]:
    design = study.design
    if design.kind in ("latin_hypercube", "sobol") and design.points is None:
        yield Problem("design.points", "", f"a number of points for {design.kind}")
    elif design.kind == "sobol" and (design.points or 0).bit_count() != 1:
        below = 1 << max(0, (design.points or 1).bit_length() - 1)
        yield Problem("design.points", shown(design.points), f"a power of two: {below} or {2 * below}")
    elif design.kind == "sobol" and len(study.parameters) > 10_000:
        yield Problem("parameters", f"{len(study.parameters)}", "at most 10,000 for sobol")
    if design.kind not in ("latin_hypercube", "sobol") and design.points is not None:
        yield Problem("design.points", shown(design.points), f"no points, as {design.kind} has its own number")
    if design.kind == "morris" and design.levels % 2:
        yield Problem("design.levels", shown(design.levels), "an even number")
    if design.kind == "list":
        many = {len(parameter.values) for parameter in study.parameters if parameter.values}
        if len(many) > 1:
            yield Problem("parameters", f"lists of {', '.join(map(str, sorted(many)))} values", "lists of equal length")
