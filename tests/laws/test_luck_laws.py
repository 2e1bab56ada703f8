"""Laws of luck: the same seed gives the same bits whoever computes them, and what changes nothing changes nothing.

Common random numbers make differences between plans paired, person by person: a touchpoint without effect has a
difference of exactly 0, and consumers whom a change cannot reach live the same life to the last bit.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import cli
from sim.engine import Engine, simulate
from sim.record import Results
from sim.scenario.scenario import Scenario
from tests.laws.worlds import bare, busy, days_of, digest, everybody, merged, scenario

pytestmark = pytest.mark.law

ROOT = Path(cli.__file__).resolve().parent
REPEAT: dict[str, Any] = {"market": {"kind": "repeat"}}


@cache
def reference(kind: str) -> str:
    return digest(simulate(scenario(busy(), {"market": {"kind": kind}}), threads=1))


@pytest.mark.parametrize("kind", ["subscription", "repeat", "durable"])
@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="numba was started with one thread")
def test_two_threads_give_the_same_bits_as_one(kind: str) -> None:
    assert busy()["agents"] > 2 * 8192, "three chunks at least, so that threads share the work"
    assert digest(simulate(scenario(busy(), {"market": {"kind": kind}}), threads=2)) == reference(kind)


def test_a_new_process_gives_the_same_bits() -> None:
    code = (
        "from sim.engine import simulate; from tests.laws.worlds import busy, digest, scenario;"
        "print(digest(simulate(scenario(busy()))))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "77"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    assert done.stdout.strip() == reference("subscription"), done.stderr


def test_another_seed_gives_other_bits_and_its_own_again() -> None:
    world = scenario(busy())
    assert digest(simulate(world, seed=2)) != reference("subscription")
    assert digest(simulate(scenario(busy(), {"seed": 2}))) == digest(simulate(world, seed=2))


def reordered(part: str) -> dict[str, Any]:
    """The busy world with one named list backwards."""
    world = busy()
    if part == "rivals":
        world["market"]["rivals"].reverse()
    else:
        world[part].reverse()
    return world


@pytest.mark.parametrize("part", ["touchpoints", "personas", "rivals", "ties"])
def test_order_in_the_file_means_nothing(part: str) -> None:
    assert digest(simulate(scenario(reordered(part)))) == reference("subscription")


def test_a_resolved_scenario_gives_the_same_bits(tmp_path: Path) -> None:
    written = tmp_path / "resolved.toml"
    written.write_text(scenario(busy()).to_toml(), encoding="utf-8")
    assert digest(simulate(Scenario.load(written))) == reference("subscription")


# -- without effect

NOTHING: dict[str, Any] = {
    "name": "silent", "purpose": "retention", "phases": ["before", "during", "after", "lapsed"],
    "weight": 0.0, "inform": 0.0, "touch": 0.0, "bond": 0.0, "irritation": 0.0, "prompt": 0.0, "click": 0.0,
}  # fmt: skip
#: What is noticed counts as met recently: nobody else may gain by that. Paid spending makes rivals' share of voice
#: smaller: that has no weight then.
NO_SYNERGY: dict[str, Any] = {"memory": {"synergy_most": 0}}
SILENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "owned, never noticed": (
        {"kind": "owned", "visits_per_week": 3.0, "cost_per_contact_eur": 0.02, "attention": 0.0, "opt_in": 0.5},
        {},
    ),
    "owned, noticed": (
        {"kind": "owned", "visits_per_week": 3.0, "fixed_eur_per_week": 50.0, "attention": 0.7},
        NO_SYNERGY,
    ),
    "sent": ({"kind": "owned", "form": "sends", "sends_per_week": 3.0, "frequency_cap_per_week": 2}, NO_SYNERGY),
    "paid": (
        {"kind": "paid", "cpm_eur": 5.0, "spend": {"weekly_eur": 20_000.0}, "attention": 0.7},
        NO_SYNERGY | {"market": {"share_of_voice_weight": 0.0}},
    ),
}


@pytest.mark.parametrize("kind", ["subscription", "repeat"])
@pytest.mark.parametrize("variant", SILENT)
def test_a_touchpoint_without_effect_makes_a_difference_of_exactly_0(variant: str, kind: str) -> None:
    """In all indicators, events and people, but for its own row, its own cost and what that leaves of profit."""
    line, settings = SILENT[variant]
    with_it, without = merged(merged(busy(), settings), {"market": {"kind": kind}}), busy()
    without = merged(merged(without, settings), {"market": {"kind": kind}})
    with_it["touchpoints"].append(NOTHING | line)
    engines = [Engine(scenario(tables)) for tables in (without, with_it)]
    for engine in engines:
        for _ in days_of(engine):
            pass
    before, after = (engine.results() for engine in engines)
    assert after.touchpoints.loc[after.touchpoints["touchpoint"] == "silent", "contacts"].sum() > 0
    _same_but_for(before, after, "silent", "retention")
    ignored = {
        "member",
        "met",
        "recent",
        "recent_before",
        "weekly",
        "taste",
    }  # bits move over when a touchpoint is added
    first, second = (vars(engine.world.people) for engine in engines)
    for name in first.keys() - ignored:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def _same_but_for(before: Results, after: Results, line: str, purpose: str) -> None:
    own = [f"cost_{line}_cents"]
    paid_for = [f"cost_for_{purpose}_cents", "profit_cents", "advertising_eur_per_week"]
    pd.testing.assert_frame_equal(
        before.daily.drop(columns=paid_for), after.daily.drop(columns=own + paid_for), check_exact=True
    )
    cost = everybody(after)[own[0]]
    for column, sign in ((paid_for[0], 1), (paid_for[1], -1)):
        difference = everybody(after)[column] - everybody(before)[column]
        assert (difference == sign * cost).all(), column
    others = after.touchpoints[after.touchpoints["touchpoint"] != line].reset_index(drop=True)
    for name in before.touchpoints:
        left, right = before.touchpoints[name], others[name]
        assert (left.astype(object) == right.astype(object)).all(), name
    events = after.journeys[after.journeys["touchpoint"] != line].reset_index(drop=True)
    for name in before.journeys:
        left, right = before.journeys[name].astype(object), events[name].astype(object)
        assert ((left == right) | (left.isna() & right.isna())).all(), name
    pd.testing.assert_frame_equal(before.brands, after.brands, check_exact=True)


# -- the same luck under every plan


def two_platforms(**pix: Any) -> dict[str, Any]:
    """No talk and no reviews; one line for the users of pix, one for those of net, one for everybody."""
    line = {"kind": "owned", "purpose": "brand", "visits_per_week": 1.5, "bond": 0.1, "phases": ["before", "after"]}
    return merged(
        bare(kind="repeat", agents=4000, days=60),
        {
            "personas": [
                {"name": "a", "share": 0.5, "platforms": {"pix": 0.5, "net": 0.3}},
                {"name": "b", "share": 0.5, "platforms": {"pix": 0.2}},
            ],
            "market": {"rivals": [{"name": "other"}], "needs_per_year": 40.0, "decision_days": 3.0, "needs_shape": 1.0},
            "start": {"awareness": 0.3, "retention": 0.3},
            "memory": {"awareness_scale": 0.5, "salience_half_life_days": 20.0, "synergy_most": 3},
            "interest": {"win_back_days": 5, "win_back_penalty": 0.0, "base": -1.0},
            "choice": {"belief": 0.8, "feeling": 0.8, "loyalty": 1.5},
            "experience": {"leave_a": 1.0, "leave_b": 9.0, "leave_satisfaction": 2.0, "leave_loyalty": 1.0},
            "touchpoints": [
                {"name": "pix_page", "platform": "pix", **line, **pix},
                {"name": "net_page", "platform": "net", **line},
                {"name": "shop", **line},
            ],
        },
    )


def states(tables: dict[str, Any]) -> Iterator[tuple[NDArray[np.bool_], dict[str, NDArray[Any]]]]:
    """Who uses pix, and everything about everybody, on the evening of each day."""
    engine = Engine(scenario(tables))
    bit = np.uint32(1) << np.uint32(engine.plan.bits.index("platform:pix"))
    for _ in days_of(engine):
        people = engine.world.people
        yield (people.member & bit) > 0, {name: column.copy() for name, column in vars(people).items()}


@pytest.mark.parametrize(
    "change",
    [
        {"visits_per_week": 4.0},
        {"attention": 0.9, "weight": 3.0, "message_feeling": -1.0},
        {"scale": 0.0},
        {"frequency_cap_per_week": 1},
    ],
    ids=["more", "stronger", "off", "capped"],
)
def test_whom_a_change_cannot_reach_lives_the_same_life(change: dict[str, Any]) -> None:
    """One line changed, no talk: who is not on its platform is the same every evening to the bit; users are not."""
    differ = np.zeros(4000, bool)
    for (users, before), (same_users, after) in zip(
        states(two_platforms()), states(two_platforms(**change)), strict=True
    ):
        np.testing.assert_array_equal(users, same_users)
        for name, column in before.items():
            if name == "weekly":
                continue  # has a row per capped touchpoint
            other = after[name]
            np.testing.assert_array_equal(column[~users], other[~users], err_msg=name)
            unequal = column != other
            if column.dtype.names is None:
                differ |= unequal.reshape(len(users), -1).any(axis=1)
    assert differ[users].mean() > 0.3
    assert not differ[~users].any()


def test_more_agents_keep_the_first_ones() -> None:
    """Consumer i is the same person in a larger world: constants and first stage."""
    small, large = (Engine(scenario(two_platforms(), {"agents": n})).world.people for n in (1000, 3000))
    for name, column in vars(small).items():
        if column.ndim and name != "weekly":
            np.testing.assert_array_equal(column, vars(large)[name][:1000], err_msg=name)
