"""Sensitivity: known answers, and a scenario whose answer is known too."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim import Scenario
from sim.errors import OutputError
from sim.report.sensitivity_page import render
from sim.studies.design import saltelli_rows, trajectory
from sim.studies.sensitivity import (
    Floats,
    elementary_effects,
    morris_measures,
    sensitivity,
    sobol_measures,
    table,
    with_intervals,
)
from sim.studies.sweep import sweep
from tests.laws.worlds import bare, merged
from tests.unit.studies.worlds import club

A, B = 7.0, 0.1


def ishigami(u: Floats) -> Floats:
    """sin x + a sin² y + b z⁴ sin x on -pi..pi (Ishigami & Homma 1990)."""
    x, y, z = np.moveaxis(math.pi * (2.0 * u - 1.0), -1, 0)
    return np.asarray(np.sin(x) + A * np.sin(y) ** 2 + B * z**4 * np.sin(x))


def known_indices() -> tuple[Floats, Floats]:
    """First-order and total indices of the Ishigami function, from its variance in closed form."""
    of_x = 0.5 * (1.0 + B * math.pi**4 / 5.0) ** 2
    of_y = A**2 / 8.0
    of_xz = B**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    every = of_x + of_y + of_xz
    return np.array([of_x, of_y, 0.0]) / every, np.array([of_x + of_xz, of_y, of_xz]) / every


def test_sobol_indices_of_ishigami() -> None:
    base = stats.qmc.Sobol(6, rng=np.random.default_rng(3)).random(4096)
    y = ishigami(np.stack([saltelli_rows(row[:3], row[3:]) for row in base]))
    found = with_intervals(sobol_measures, y)
    first, total = known_indices()
    assert [one.value for one in found["first"]] == pytest.approx(first, abs=0.02)
    assert [one.value for one in found["total"]] == pytest.approx(total, abs=0.02)
    for name, truth in (("first", first), ("total", total)):
        for one, value in zip(found[name], truth, strict=True):
            assert one.low - 1e-12 <= value <= one.high + 1e-12
            assert one.high - one.low < 0.2


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    first, _ = known_indices()
    luck = np.random.default_rng(8)
    hits = 0
    for _ in range(30):
        y = ishigami(np.stack([saltelli_rows(*pair) for pair in luck.random((256, 2, 3))]))
        one = with_intervals(sobol_measures, y)["first"][1]
        hits += one.low <= first[1] <= one.high
    assert hits >= 25  # of 30 at 95 %: fewer has a chance of 1 %


def test_elementary_effects_of_a_plane_are_its_slopes() -> None:
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    rows = np.stack([trajectory(4, 4, np.random.default_rng(k)) for k in range(10)])
    measures = morris_measures(elementary_effects(rows, rows @ slopes))
    np.testing.assert_allclose(measures["mu"], slopes, atol=1e-12)
    np.testing.assert_allclose(measures["mu_star"], np.abs(slopes), atol=1e-12)
    np.testing.assert_allclose(measures["sigma"], 0.0, atol=1e-12)


def test_morris_tells_interaction_from_a_straight_effect() -> None:
    rows = np.stack([trajectory(3, 4, np.random.default_rng(k)) for k in range(200)])
    y = rows[..., 0] * rows[..., 1] + rows[..., 2]
    found = with_intervals(morris_measures, elementary_effects(rows, y))
    assert [one.value for one in found["mu_star"]] == pytest.approx([0.5, 0.5, 1.0], abs=0.06)
    sd = math.sqrt(5.0 / 36.0)  # the effect of the first is the second, on 0, 1/3, 2/3, 1
    assert [one.value for one in found["sigma"]] == pytest.approx([sd, sd, 0.0], abs=0.05)
    assert found["mu_star"][0].low < 0.5 < found["mu_star"][0].high


def all_stay() -> Scenario:
    """Everybody is a customer and renews every day: revenue is price × market × days, whatever the luck."""
    tables: dict[str, Any] = merged(
        bare(kind="subscription", agents=10, days=4),
        {"market": {"period_days": 1}, "start": {"retention": 1.0}},
    )
    return Scenario.from_dict(tables)


PARAMETERS = [
    {"path": "market.price", "range": [4.0, 10.0]},
    {"path": "market.size", "range": [1000.0, 2000.0]},
    {"path": "choice.belief", "range": [0.0, 1.0]},
]


def test_a_scenario_with_a_known_answer(tmp_path: Path) -> None:
    """Revenue = price × size × const, both uniform: S = mean² of the other × own variance / V; the rest is shared."""
    study = {
        "design": {"kind": "sobol", "points": 64}, "keep": ["revenue", "lost"], "parameters": PARAMETERS,
    }  # fmt: skip
    runs = sweep(all_stay(), study, tmp_path / "runs", workers=1)
    price, size = 7.0, 1500.0
    of_price, of_size = 6.0**2 / 12.0, 1000.0**2 / 12.0
    alone = np.array([size**2 * of_price, price**2 * of_size])
    both = of_price * of_size
    first, total = alone / (alone.sum() + both), (alone + both) / (alone.sum() + both)
    revenue, lost = sensitivity(runs)
    for name, truth in (("first", first), ("total", total)):
        found = revenue.measures[name]
        assert [one.value for one in found[:2]] == pytest.approx(truth, abs=0.06)
        assert all(one.low <= value <= one.high for one, value in zip(found, truth, strict=False))
        assert (found[2].value, found[2].low, found[2].high) == (0.0, 0.0, 0.0)
    assert [revenue.parameters[k] for k in revenue.ranking] == ["market.price", "market.size", "choice.belief"]
    assert all(one.value == 0.0 for one in lost.measures["total"])
    ranked = table([revenue, lost])
    assert ranked["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    page = render(runs, [revenue, lost])
    assert "What matters most for revenue: market.price and market.size." in page
    assert "Customers lost: nothing that was varied matters." in page


def test_morris_through_the_simulator(tmp_path: Path) -> None:
    study = {"design": {"kind": "morris", "trajectories": 12}, "keep": ["revenue"], "parameters": PARAMETERS}
    (found,) = sensitivity(sweep(all_stay(), study, tmp_path / "runs", workers=1))
    effects = [one.value for one in found.measures["mu_star"]]
    assert effects[0] == pytest.approx(6.0 * 1500.0 * 4, rel=0.15)  # range × mean of the other × renewals
    assert effects[1] == pytest.approx(1000.0 * 7.0 * 4, rel=0.15)
    assert effects[2] == 0.0


def test_what_cannot_be_told_is_refused(tmp_path: Path) -> None:
    grid = {"design": {"kind": "grid"}, "keep": ["revenue"], "parameters": [{"path": "market.price", "values": [1]}]}
    runs = sweep(club(), grid, tmp_path / "grid", workers=1)
    with pytest.raises(OutputError, match="its design is grid"):
        sensitivity(runs)
    few = grid | {"design": {"kind": "morris", "trajectories": 5}, "parameters": [PARAMETERS[0]]}
    runs = sweep(club(), few, tmp_path / "few", workers=1, write_seconds=0.0)
    with pytest.raises(OutputError, match="profit not kept; there are revenue"):
        sensitivity(runs, ["profit"])
    for part in runs.parts()[2:5]:
        part.unlink()
    with pytest.raises(OutputError, match="only 3 complete trajectories"):
        sensitivity(runs)
