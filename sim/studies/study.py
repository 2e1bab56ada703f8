"""The study file: which settings of a scenario are varied, by which design, under which seeds, and what is kept."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, PrivateAttr, ValidationError
from scipy import stats

from sim.errors import Problem, ScenarioError
from sim.scenario.base import Part, Positive
from sim.scenario.changes import nowhere
from sim.scenario.explain import refusals, unknown_step
from sim.scenario.merging import REMOVE
from sim.scenario.places import Path, Places
from sim.scenario.plain import plain
from sim.scenario.reading import read_source
from sim.scenario.scenario import Scenario
from sim.scenario.shipped import find, folder_of
from sim.scenario.story import Story
from sim.scenario.words import number_kind, one_of, shown, takes_any_name
from sim.summary import INDICATORS

#: Designs that draw from ranges and distributions; the others go through values.
DRAWN = ("latin_hypercube", "sobol", "morris")
#: Unbounded distributions are cut at these quantiles, 3.3 standard deviations of a normal one.
TAILS = (0.0005, 0.9995)
MOST_POINTS = 10_000_000
LEAST_UNITS = 4  # trajectories or base points below which nothing can be said of sensitivity
STUDIES = folder_of("studies")

Kind = TypeVar("Kind", bound=Part)
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
    set: dict[str, Any] = {}  # settings that are the same for all points, by dotted path or as tables
    keep: list[str] = [indicator.name for indicator in INDICATORS if indicator.headline]  # indicators
    daily: list[str] = []  # columns of the table `daily`, rows "all", kept day by day
    budget: Annotated[int, Field(ge=1)] | None = None  # most runs
    _places: Places = PrivateAttr(default_factory=Places)

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
            study, found = cls.model_validate(data), []
        except ValidationError as error:
            study, found = None, refusals(error, data, places, cls)
        found += located(_clashes(Readable.of(data)), places)
        if study is None or found:
            raise ScenarioError(found)
        study._places = places
        return study

    @property
    def settings(self) -> dict[str, Any]:
        """What `set` says, by dotted path."""
        return dict(_settings(self.set))

    @property
    def warnings(self) -> list[str]:
        """What is allowed but leads nowhere, one sentence each."""
        design, kinds = self.design, {"morris": "trajectories", "sobol": "points"}
        many = getattr(design, kinds[design.kind]) if design.kind in kinds else LEAST_UNITS
        if many >= LEAST_UNITS:
            return []
        return [
            f"design.{kinds[design.kind]}: {many} are fewer than the {LEAST_UNITS} that journey sensitivity needs;"
            " a folder cannot be given more later"
        ]

    def base(self, scenario: Scenario) -> Scenario:
        """The scenario as all points have it; nobody is tracked unless the study says so.

        Raises
        ------
        ScenarioError               if a path of the study leads nowhere in this scenario, or `set` does not suit it
        """
        found: list[Problem] = []
        try:
            scenario = scenario.with_changes({"panel": 0, **self.settings})
        except ScenarioError as error:
            found += [self._of_set(problem) for problem in error.problems]
        found += [
            Problem(f"parameters.{at}.path", f"{parameter.path}: {problem.found}", problem.expected)
            for at, parameter in enumerate(self.parameters)
            if (problem := nowhere(scenario, parameter.path)) is not None
        ]
        self.refuse(found)
        return scenario

    def refuse(self, found: Sequence[Problem]) -> None:
        """Raise what was found by path within the study, with file and line; nothing if there is nothing.

        Raises
        ------
        ScenarioError
        """
        if found:
            raise ScenarioError(located(found, self._places))

    def _of_set(self, problem: Problem) -> Problem:
        """Something wrong with the scenario as the place in `set` that caused it."""
        keys = [key for key in self.set if f"{problem.where}.".startswith(f"{key}.")]
        where, found = problem.where, problem.found
        if not keys:
            where, found = "set", f"{problem.where}: {problem.found}"
        return Problem(".".join(dict.fromkeys(["set", where])), found, problem.expected)


@dataclass(frozen=True)
class Readable:
    """What can be read of a study that may be broken elsewhere, so that all that is wrong is told at once.

    Attributes
    ----------
    design : Design or None             None if it cannot be read
    parameters : list                   None in the place of those that cannot be read
    set : dict
    keep : list
    """

    design: Design | None
    parameters: list[Parameter | None]
    set: dict[str, Any]
    keep: list[Any]

    @classmethod
    def of(cls, data: dict[str, Any]) -> Readable:
        """The parts of a study's tables."""
        given, kept, settings = (data.get(key) for key in ("parameters", "keep", "set"))
        return cls(
            design=_read(Design, data.get("design")),
            parameters=[_read(Parameter, one) for one in given] if isinstance(given, list) else [],
            set=settings if isinstance(settings, dict) else {},
            keep=kept if isinstance(kept, list) else [],
        )

    @property
    def there(self) -> list[Parameter]:
        """The parameters that can be read."""
        return [parameter for parameter in self.parameters if parameter is not None]


def _read(kind: type[Kind], data: Any) -> Kind | None:
    try:
        return kind.model_validate(data)
    except ValidationError:
        return None


def located(found: Iterable[Problem], places: Places) -> list[Problem]:
    """Problems with the file and line on which each stands."""
    return [replace(problem, file=file, line=line) for problem in found for file, line in [_place(problem, places)]]


def _place(problem: Problem, places: Places) -> tuple[str, int | None]:
    """Where a problem stands; a key of `set` may be a dotted path, in quotes or not."""
    first, *rest = problem.where.split(".")
    if first == "set":
        ways: list[Path] = [(first, ".".join(rest)), (first, *rest)]
        return max((places.find(way) for way in ways), key=lambda found: found[1] or 0)
    return places.find(tuple(int(step) if step.isdecimal() else step for step in problem.where.split(".")))


def _settings(tables: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Settings of nested tables by dotted path, so that `market.price = 9` leaves the rest of the market alone."""
    for key, value in tables.items():
        path = before + key
        if isinstance(value, dict) and not takes_any_name(Story, path.split(".")):
            yield from _settings(value, f"{path}.")
        else:
            yield path, value


def _clashes(study: Readable) -> Iterator[Problem]:
    """What is wrong with values that are fine alone."""
    kind = study.design.kind if study.design else ""
    for at, parameter in enumerate(study.parameters):
        if parameter is not None:
            yield from _spread(parameter, f"parameters.{at}", kind)
    for path, times in Counter(parameter.path for parameter in study.there).items():
        if times > 1:
            yield Problem("parameters", f"{path} {times} times", "each path once")
    if "seed" in study.set:
        yield Problem("set.seed", shown(study.set["seed"]), "no seed here, as the scenario's seed begins all points")
    for path, _ in _settings(study.set):
        if not path.endswith(f".{REMOVE}") and (expected := unknown_step(path.split("."))) is not None:
            yield Problem(f"set.{path}", "an unknown key", expected)
    if study.design is not None:
        yield from _design(study.design, study.there)
    known = [indicator.name for indicator in INDICATORS]
    for at, name in enumerate(study.keep):
        if isinstance(name, str) and name not in known:
            yield Problem(f"keep.{at}", shown(name), one_of(known, name))


def _spread(parameter: Parameter, where: str, design: str) -> Iterator[Problem]:
    ways = [bool(parameter.values), parameter.range is not None, parameter.distribution is not None]
    steps = parameter.path.split(".")
    if parameter.path == "seed":
        yield Problem(f"{where}.path", '"seed"', "another setting; `seeds` says how many runs a point has")
    unknown = unknown_step(steps)
    if unknown is not None:
        yield Problem(f"{where}.path", f"{parameter.path}: an unknown key", unknown)
    if sum(ways) != 1:
        found = "none of them" if not any(ways) else "several"
        yield Problem(where, found, "one of values, range, distribution")
        return
    if design == "list" and not parameter.values:
        yield Problem(where, "no values", "values, as the design is a list of points")
    if design == "grid" and parameter.distribution:
        yield Problem(f"{where}.distribution", "a distribution", "values or a range, as the design is a grid")
    if unknown is None and not parameter.values and number_kind(Story, steps) is None:
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


def _design(design: Design, parameters: Sequence[Parameter]) -> Iterator[Problem]:
    if design.kind in ("latin_hypercube", "sobol") and design.points is None:
        yield Problem("design.points", "", f"a number of points for {design.kind}")
    elif design.kind == "sobol" and (design.points or 0).bit_count() != 1:
        below = 1 << max(0, (design.points or 1).bit_length() - 1)
        yield Problem("design.points", shown(design.points), f"a power of two: {below} or {2 * below}")
    elif design.kind == "sobol" and len(parameters) > 10_000:
        yield Problem("parameters", f"{len(parameters)}", "at most 10,000 for sobol")
    if design.kind not in ("latin_hypercube", "sobol") and design.points is not None:
        yield Problem("design.points", shown(design.points), f"no points, as {design.kind} has its own number")
    if design.kind == "morris" and design.levels % 2:
        yield Problem("design.levels", shown(design.levels), "an even number")
    if design.kind == "list":
        many = {len(parameter.values) for parameter in parameters if parameter.values}
        if len(many) > 1:
            yield Problem("parameters", f"lists of {', '.join(map(str, sorted(many)))} values", "lists of equal length")
