"""The study file: everything wrong with it is told at once, and what is drawn follows the distribution asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.errors import ScenarioError
from sim.studies.study import Distribution, Parameter, Study
from sim.studies.sweep import checked
from tests.unit.studies.worlds import club

GOOD: dict[str, Any] = {
    "design": {"kind": "latin_hypercube", "points": 8},
    "parameters": [{"path": "market.price", "range": [5, 10]}],
}


def refused(changes: dict[str, Any]) -> str:
    with pytest.raises(ScenarioError) as told:
        checked(club(), Study.from_dict(GOOD | changes))
    return str(told.value)


def one(**parameter: Any) -> dict[str, Any]:
    return {"parameters": [{"path": "market.price", **parameter}]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"designs": 1}, '"design" (the nearest known key)'),
        ({"design": {"kind": "latin_hypercub", "points": 8}}, 'did you mean "latin_hypercube"'),
        ({"design": {"kind": "latin_hypercube"}}, "design.points: expected a number of points"),
        ({"design": {"kind": "sobol", "points": 100}}, "a power of two: 64 or 128"),
        ({"design": {"kind": "morris", "levels": 5}}, "design.levels: found 5, expected an even number"),
        ({"design": {"kind": "grid", "points": 9}}, "grid has its own number"),
        ({"design": {"kind": "list"}}, "expected values, as the design is a list"),
        (one(), "expected one of values, range, distribution"),
        (one(values=[1], range=[1, 2]), "found several"),
        (one(range=[10, 5]), "expected the lower end first: [5.0, 10.0]"),
        (one(range=[0, 5], scale="log"), "ends above 0 on a log scale"),
        (one(distribution={"kind": "normal", "mean": 5.0}), "found no sd, expected mean, sd for kind normal"),
        (one(distribution={"kind": "beta", "a": 1.0, "b": 1.0, "low": 2.0}), "expected low below high"),
        (one(path="market.prize", values=[1]), 'market.prize: an unknown key, expected "price"'),
        (one(path="touchpoints.lettre.scale", values=[1]), 'did you mean "letter"'),
        (one(path="market.kind", range=[1, 2]), "a setting that is a number, or `values`"),
        (
            one(distribution={"kind": "log_normal", "median": 9.0, "factor": 0.5}),
            "factor: found 0.5, expected a number above 1",
        ),
        (one(distribution={"kind": "normal", "mean": 9.0, "sd": -1}), "sd: found -1, expected a number above 0"),
        (one(distribution={"kind": "normal", "meen": 9.0, "sd": 1}), 'expected "mean" (the nearest known key)'),
        (one(path="market.prize", range=[1, 2]), 'market.prize: an unknown key, expected "price"'),
        (one(path="markt.price", range=[1, 2]), 'markt.price: an unknown key, expected "market"'),
        (one(path="seed", values=[1, 2]), "`seeds` says how many runs a point has"),
        ({"parameters": [*GOOD["parameters"], *GOOD["parameters"]]}, "market.price 2 times"),
        ({"keep": ["profit", "revenu"]}, 'did you mean "revenue"'),
        ({"daily": ["purchase"]}, 'did you mean "purchases"'),
        ({"seeds": 3, "budget": 23}, "budget: found 24 runs, expected at most 23"),
        ({"set": {"market.prize": 1}}, 'market.prize: found an unknown key, expected "price"'),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, Any], message: str) -> None:
    assert message in refused(changes)


def test_all_of_it_at_once_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        'keep = ["profitt"]\n[design]\nkind = "grid"\n[[parameters]]\npath = "market.price"\nrange = [2, 1]\n'
        '[[parameters]]\npath = "market.size"\nrange = [2, 1]\n'
    )
    with pytest.raises(ScenarioError) as told:
        Study.load(file)
    lines = str(told.value).splitlines()
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in lines] == ["6", "9", "1"]


BROKEN = """
seeds = 0
keep = ["profitt"]
[design]
kind = "sobol"
points = 6
[set]
dayz = 20
market.prize = 3
[[parameters]]
path = "market.prise"
range = [1, 2]
[[parameters]]
pad = "market.price"
[[parameters]]
path = "market.size"
range = [2, 1]
"""
UNSUITED = """
budget = 1
daily = ["purchase"]
[design]
kind = "grid"
[set]
"market.price" = -20
agents = 1
[[parameters]]
path = "touchpoints.lettre.scale"
values = [0, 1]
"""


def test_what_is_broken_hides_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(BROKEN)
    with pytest.raises(ScenarioError) as told:
        Study.load(file)
    assert sorted({(problem.where, problem.line) for problem in told.value.problems}) == [
        ("design.points", 6), ("keep.0", 3), ("parameters.0.path", 11), ("parameters.1.pad", 14),
        ("parameters.1.path", 13), ("parameters.2.range", 17), ("seeds", 2), ("set.dayz", 8), ("set.market.prize", 9),
    ]  # fmt: skip


def test_what_does_not_suit_the_scenario_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(UNSUITED)
    with pytest.raises(ScenarioError) as told:
        checked(club(), Study.load(file))
    places = {(problem.where, problem.line) for problem in told.value.problems}
    assert {("set.market.price", 7), ("parameters.0.path", 10), ("budget", 2), ("daily.0", 3)} <= places
    assert all(problem.file == str(file) for problem in told.value.problems)


def test_a_dotted_key_of_set_leaves_its_neighbours_alone() -> None:
    world = club(experience={"leave_a": 0.7})
    base = Study.from_dict(GOOD | {"set": {"experience": {"leave_b": 9.0}}}).base(world)
    assert (base.experience.leave_a, base.experience.leave_b) == (0.7, 9.0)


@pytest.mark.parametrize(("design", "told"), [("morris", "trajectories: 3"), ("sobol", "points: 2")])
def test_too_few_for_sensitivity_is_warned_of(design: str, told: str) -> None:
    few = {"morris": {"trajectories": 3}, "sobol": {"points": 2}}[design]
    assert told in Study.from_dict(GOOD | {"design": {"kind": design, **few}}).warnings[0]
    enough = dict.fromkeys(few, 4)
    assert Study.from_dict(GOOD | {"design": {"kind": design, **enough}}).warnings == []


@pytest.mark.parametrize("name", ["retention_by_wom", "coffee_screening"])
def test_shipped_studies_suit_their_scenario(name: str) -> None:
    from sim import Scenario

    checked(Scenario.load("coffee_subscription"), Study.load(name))


U = np.linspace(0.01, 0.99, 9)


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        ({"kind": "uniform", "low": 2.0, "high": 6.0}, 2.0 + 4.0 * U),
        ({"kind": "log_uniform", "low": 0.01, "high": 100.0}, 10.0 ** (-2.0 + 4.0 * U)),
        ({"kind": "triangular", "low": 1.0, "mode": 2.0, "high": 5.0}, stats.triang.ppf(U, 0.25, 1.0, 4.0)),
        ({"kind": "normal", "mean": 3.0, "sd": 2.0}, stats.norm.ppf(U, 3.0, 2.0)),
        ({"kind": "log_normal", "median": 3.0, "factor": 2.0}, 3.0 * 2.0 ** stats.norm.ppf(U)),
        ({"kind": "beta", "a": 2.0, "b": 5.0, "low": -1.0, "high": 3.0}, stats.beta.ppf(U, 2.0, 5.0, -1.0, 4.0)),
        ({"kind": "gamma", "mean": 6.0, "shape": 3.0}, stats.gamma.ppf(U, 3.0, scale=2.0)),
    ],
)
def test_distributions(spread: dict[str, Any], expected: np.ndarray) -> None:
    np.testing.assert_allclose(Distribution.model_validate(spread).quantile(U), expected)


def test_ends_of_unbounded_distributions_are_finite() -> None:
    ends = Distribution(kind="normal", mean=0.0, sd=1.0).quantile([0.0, 1.0])
    np.testing.assert_allclose(ends, [-3.2905, 3.2905], atol=1e-4)


def test_whole_numbers_are_rounded() -> None:
    parameter = Parameter(path="market.period_days", range=[6.6, 9.4])
    assert parameter.drawn([0.0, 0.5, 1.0]).tolist() == [7, 8, 9]
    assert Parameter(path="market.price", values=["a", "b"]).drawn([0.0, 0.49, 0.5, 1.0]).tolist() == list("aabb")
