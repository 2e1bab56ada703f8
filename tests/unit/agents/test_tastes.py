"""Tastes in whole numbers: what rounding and holding them leaves of a Dirichlet."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.consumers import TASTE_UNIT, draw_population
from sim.luck import Purpose, draw_key, log_gamma_draw, own_key
from sim.plan import Plan, make_plan
from sim.scenario.scenario import Scenario

AGENTS = 4000


def plan(concentration: float, rivals: int, **market: float) -> Plan:
    """A market of equally liked brands, nobody a customer yet."""
    named = [{"name": f"rival_{k}", "attraction": 1.0} for k in range(rivals)]
    return make_plan(
        Scenario.from_dict(
            {
                "agents": AGENTS,
                "personas": [{"name": "all", "share": 1.0}],
                "market": {"taste_concentration": concentration, "reference_price": 1.0, "rivals": named, **market},
            }
        )
    )


def drawn(of: Plan) -> np.ndarray:
    """The tastes as drawn, float64 [N, J]."""
    keys = [np.uint64(draw_key(of.seed, Purpose.TASTE, 0, np.uint64(what))) for what in of.brands.what]
    shapes = list(zip(keys, of.brands.shape, strict=True))
    return np.array([[log_gamma_draw(np.uint64(own_key(key, i)), a) for key, a in shapes] for i in range(AGENTS)])


@pytest.mark.parametrize("concentration", [0.02, 1.5])
def test_rounding_moves_differences_by_less_than_a_unit(concentration: float) -> None:
    world = plan(concentration, 3)
    taste = draw_population(world).taste
    assert taste[:, 1:].max() == taste[:, 1:].max(axis=1).min() == 0
    held = abs(taste.astype(np.int64)) == 32_767
    exact = drawn(world)
    exact -= exact[:, 1:].max(axis=1)[:, None]
    assert np.abs(taste * TASTE_UNIT - exact)[~held].max() <= TASTE_UNIT * 1.001
    assert np.array_equal(taste[held] > 0, exact[held] > 0)
    assert (np.abs(exact[held]) > 63.9).all()
    assert held.any() == (concentration < 1.0)


def test_who_likes_one_brand_only_goes_on_doing_so() -> None:
    """With next to no concentration everybody has one brand; a third each, with and without the focal one."""
    taste = draw_population(plan(1e-4, 2)).taste.astype(np.int64)
    for among in (taste, taste[:, 1:]):
        best = among.max(axis=1, keepdims=True)
        alone = (among >= best - 64).sum(axis=1) == 1
        assert alone.mean() > 0.995
        shares = np.bincount(among.argmax(axis=1)) / AGENTS
        assert shares == pytest.approx(1 / among.shape[1], abs=0.04)


def test_another_brand_changes_no_difference_between_the_others() -> None:
    few, more = (draw_population(plan(1.5, rivals)).taste.astype(np.int64) for rivals in (2, 3))
    assert np.array_equal(np.diff(few, axis=1), np.diff(more[:, :3], axis=1))


def test_nothing_or_nobody_beside_the_brand() -> None:
    assert (draw_population(plan(1.5, 0)).taste == 0).all()
    taste = draw_population(plan(1.5, 0, nothing_attraction=1.0)).taste
    assert (taste[:, 1] == 0).all()
    assert (taste[:, 0] > 0).mean() == pytest.approx(0.5, abs=0.03)
