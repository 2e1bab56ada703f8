"""Worlds with everything switched off but one thing, a busy one with everything on, and what must hold in any.

`bare` is the empty world the limits of the model start from: one persona, no touchpoints, no ties, nobody forgets,
fails, leaves or complains. A limit is `scenario(bare(...), {...})` with the one process it needs switched back on.
"""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.agents.stages import MOVES, STAGES, Stage, move_name
from sim.engine import Engine
from sim.record import Results
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.scenario import Scenario
from sim.scenario.touchpoints import PURPOSES

Tables = dict[str, Any]

#: Two-sided standard normal quantile of the error level of every statistical law here: 1e-4 (seeds are fixed besides).
Z = 3.89
FOREVER = 1e9  # a half-life in days that nobody lives to see
STAGE_COLUMNS = [f"stage_{stage.name.lower()}" for stage in Stage]
CUSTOMER_COLUMNS = STAGE_COLUMNS[Stage.SERVICE : Stage.ADVOCACY + 1]


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> Tables:
    """A copy of nested tables with others laid on top, key by key; lists are replaced."""
    result = dict(copy.deepcopy(dict(base)))
    for key, value in change.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(value, Mapping) and isinstance(below, dict) else value
    return result


def scenario(*layers: Mapping[str, Any]) -> Scenario:
    """A checked scenario from tables laid on top of each other."""
    tables: Tables = {}
    for layer in layers:
        tables = merged(tables, layer)
    return Scenario.from_dict(tables)


def no_staff() -> Tables:
    """Contact channels without anybody at work, and so without wages."""
    return {channel: {"staff": 0.0} for channel in CONTACT_CHANNELS}


def bare(*, kind: str, agents: int, days: int, size: float | None = None) -> Tables:
    """A world in which nothing happens: size is that of the market, by default the number of agents."""
    return {
        "days": days,
        "agents": agents,
        "panel": 0,
        "market": {
            "kind": kind,
            "size": float(agents if size is None else size),
            "needs_shape": "none",
            "decision_days": 0.0,
            "share_of_voice_weight": 0.0,
        },
        "personas": [trusting()],
        "touchpoints": [],
        "ties": [],
        "memory": {
            "salience_half_life_days": FOREVER,
            "belief_half_life_days": FOREVER,
            "feeling_half_life_days": FOREVER,
            "awareness_scale": 0.0,  # whoever met the brand at all knows it
            "synergy_most": 0,
        },
        "interest": {"win_back_days": 3650, "win_back_penalty": 1e6},
        "choice": {"belief": 0.0, "feeling": 0.0, "loyalty": 0.0, "friends": 0.0, "reviews": 0.0},
        "experience": {
            "leave_a": "none",
            "leave_b": "none",
            "leave_satisfaction": 0.0,
            "leave_loyalty": 0.0,
            "leave_feeling": 0.0,
        },
        "talk": {"enabled": False, "influencer_share": 0.0},
        "reviews": {"probability": 0.0},
        "service": {"failures_per_year": 0.0, "desks": no_staff()},
    }


def trusting(name: str = "everybody", share: float = 1.0, **settings: Any) -> Tables:
    """A persona that notices whatever it meets (attention of a touchpoint = 1) and believes every source."""
    return {"name": name, "share": share, "trust_paid": 1.0, "trust_owned": 1.0, "trust_earned": 1.0, **settings}


def advert(contacts_per_day: float, size: float, **settings: Any) -> Tables:
    """A paid touchpoint that buys so many contacts per person of the whole market and day, at 10 EUR per thousand."""
    weekly = 7.0 * contacts_per_day * size * 10.0 / 1000.0
    return {
        "name": "advert",
        "kind": "paid",
        "purpose": "acquisition",
        "phases": ["before", "during", "after", "lapsed"],
        "spend": {"weekly_eur": weekly},
        "cpm_eur": 10.0,
        "attention": 1.0,
        "irritation": 0.0,
        "synergy": 0.0,
        **settings,
    }


def busy(*, agents: int = 20_000, days: int = 60, **top: Any) -> Tables:
    """A world in which everything happens that can happen, often enough to be seen in some weeks."""
    return {
        "days": days,
        "agents": agents,
        "panel": 200,
        "start_date": "2026-01-05",
        "market": {
            "kind": "subscription",
            "size": 1_000_003.0,
            "price": 9.99,
            "unit_cost": 3.37,
            "period_days": 14,
            "needs_per_year": 40.0,
            "nothing_attraction": 0.2,
            "rivals": [
                {"name": "cheap", "price": 8.0, "attraction": 0.7, "weekly_spend_eur": 4000.0},
                {"name": "dear", "price": 14.0, "attraction": 0.4},
            ],
            "discounts": [{"start": "2026-01-20", "end": "2026-01-31", "percent": 15.0}],
        },
        "start": {
            "awareness": 0.2, "consideration": 0.1, "retention": 0.15, "loyalty": 0.05, "advocacy": 0.02,
            "lapsed": 0.03,
        },
        "personas": [
            {"name": "young", "share": 0.35, "platforms": {"pix": 0.7, "net": 0.2}, "complaint_share": 0.7},
            {"name": "middle", "share": 0.4, "platforms": {"pix": 0.3, "net": 0.5}, "needs": 1.3},
            {"name": "old", "share": 0.25, "platforms": {"net": 0.1}, "involvement": 1.4},
        ],
        "touchpoints": [
            {"name": "tv", "kind": "paid", "purpose": "brand", "spend": {"weekly_eur": 12345.67}, "cpm_eur": 11.0,
             "affinity": {"old": 2.5, "young": 0.4}},
            {"name": "search", "kind": "paid", "purpose": "acquisition", "spend": {"weekly_eur": 3333.33},
             "cost_per_contact_eur": 0.7, "stages": ["consideration", "decision"], "prompt": 0.2, "click": 0.5,
             "lands_on": "website"},
            {"name": "banner", "kind": "paid", "purpose": "acquisition", "platform": "pix", "cpm_eur": 4.0,
             "spend": {"flights": [{"start": "2026-01-10", "end": "2026-02-10", "weekly_eur": 9000.0}]},
             "frequency_cap_per_week": 2, "irritation": 0.3},
            {"name": "website", "kind": "owned", "purpose": "brand", "visits_per_week": 0.15,
             "fixed_eur_per_week": 100.1, "cost_per_contact_eur": 0.013},
            {"name": "hub", "kind": "owned", "purpose": "brand", "platform": "pix", "visits_per_week": 0.8,
             "two_way": True, "reaction_share": 0.4, "answers_per_day": 60.0, "answer_cost_eur": 0.43,
             "personalisation": 0.5},
            {"name": "newsletter", "kind": "owned", "form": "sends", "purpose": "retention", "sends_per_week": 2.0,
             "opt_in": 0.4, "opt_in_by_persona": {"old": 0.1}, "phases": ["after", "lapsed"], "bond": 0.05,
             "cost_per_contact_eur": 0.011, "spend": {"weekly_eur": 700.0}},
            {"name": "reposts", "kind": "earned", "form": "curation", "purpose": "brand", "platform": "pix",
             "reach_per_post": 300.0, "cost_per_post_eur": 5.0, "spend": {"weekly_eur": 800.0}},
            {"name": "stars", "kind": "earned", "form": "influencers", "purpose": "acquisition", "platform": "net",
             "reach_per_post": 20_000.0, "cost_per_post_eur": 150.0, "spend": {"weekly_eur": 2000.0}},
            {"name": "bring_a_friend", "kind": "earned", "form": "referral", "purpose": "acquisition",
             "reward_eur": 7.5, "invite_share": 0.5, "invite_discount_percent": 20.0, "phases": ["after"],
             "spend": {"weekly_eur": 900.0}},
        ],
        "ties": [
            {"name": "friends", "mean_degree": 6.0},
            {"name": "pix_fans", "kind": "power_law", "platform": "pix", "transmission": 0.1},
            {"name": "net_crowd", "kind": "mixing", "platform": "net", "transmission": 0.1},
            {"name": "street", "kind": "communities", "mean_degree": 3.0, "transmission": 0.1},
        ],
        "talk": {"in_person_per_week": {"retention": 0.5, "loyalty": 1.0, "lapsed": 0.5, "service": 0.6}},
        "reviews": {"probability": 0.2, "initial_good": 20.0, "initial_bad": 4.0},
        "experience": {"first_period_days": 14, "loyalty_gain": 0.4, "advocate_from": 0.15},
        "service": {
            "failures_per_year": 4.0,
            "patience_days": 3,
            "goodwill_share": 0.3,
            "desks": {"service_centre": {"staff": 20.0}, "branch": {"staff": 8.0}, "portal": {"staff": 2.0}},
        },
        "interest": {"win_back_days": 10, "win_back_penalty": 0.5, "base": -1.0},
        **top,
    }  # fmt: skip


# -- running


def days_of(engine: Engine) -> Iterator[int]:
    """Run an engine to its end; yields each day after it was lived."""
    while not engine.finished:
        engine.step()
        yield engine.day - 1


def everybody(results: Results) -> pd.DataFrame:
    """The rows of `daily` for all personas together, by day."""
    return results.daily[results.daily["persona"] == "all"].set_index("day")


def digest(results: Results) -> str:
    """Hash of every bit of every table."""
    found = hashlib.sha256()
    for table in (results.daily, results.touchpoints, results.journeys, results.brands):
        found.update(",".join(f"{name}:{table[name].dtype}" for name in table).encode())
        for name in table:
            column = table[name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                found.update("|".join(map(str, column.cat.categories)).encode())
                column = column.cat.codes
            values = column.astype("float64") if str(column.dtype) == "Int64" else column
            array = values.to_numpy()
            found.update("|".join(map(str, array)).encode() if array.dtype == object else array.tobytes())
    return found.hexdigest()


def data_folder(name: str) -> Path:
    """A folder of the real data; skips the test where there is none."""
    root = os.environ.get("JOURNEY_DATA_DIR")
    if not root:
        pytest.skip("JOURNEY_DATA_DIR is not set: no real data")
    folder = Path(root) / name
    if not folder.is_dir():
        pytest.skip(f"no {name} in JOURNEY_DATA_DIR")
    return folder


# -- what must hold in any run


def assert_conserved(engine: Engine) -> None:
    """Every law of conservation, on a run that has ended: people, flows, purchases, money."""
    results = engine.results()
    _people_stay(engine, results)
    _flows_explain(engine, results)
    _purchases_agree(results)
    _problems_end(results)
    _ledger_adds_up(results)


def _people_stay(engine: Engine, results: Results) -> None:
    weight = results.weight
    persona = engine.world.people.persona
    for p, name in enumerate(engine.plan.personas.names):
        rows = results.daily[results.daily["persona"] == name]
        total = rows[STAGE_COLUMNS].to_numpy() / weight
        assert np.rint(total) == pytest.approx(total, abs=1e-6), "stages hold whole agents"
        assert (np.rint(total).sum(axis=1) == np.count_nonzero(persona == p)).all(), name
        assert (rows[STAGE_COLUMNS].to_numpy() >= 0).all()
    together = everybody(results)[STAGE_COLUMNS].to_numpy()
    apart = results.daily[results.daily["persona"] != "all"].groupby("day")[STAGE_COLUMNS].sum().to_numpy()
    np.testing.assert_allclose(together, apart, rtol=1e-12)
    np.testing.assert_allclose(together.sum(axis=1), weight * engine.plan.agents, rtol=1e-12)
    stage = engine.world.people.stage
    np.testing.assert_array_equal(engine.world.counts[0].sum(axis=0), np.bincount(stage, minlength=STAGES))
    member = engine.world.people.member
    for r, required in enumerate(engine.plan.groups):
        inside = (member & required) == required
        held = np.bincount(stage[inside], minlength=STAGES)
        np.testing.assert_array_equal(engine.world.counts[r].sum(axis=0), held, err_msg=f"group {required:b}")


def _flows_explain(engine: Engine, results: Results) -> None:
    weight = results.weight
    for p, name in enumerate(engine.plan.personas.names):
        rows = results.daily[results.daily["persona"] == name]
        counts = np.rint(rows[STAGE_COLUMNS].to_numpy() / weight)
        before = np.vstack([engine.recorder.start_counts[p], counts[:-1]])
        change = np.zeros_like(counts)
        for move in MOVES:
            flow = np.rint(rows[f"flow_{move_name(move)}"].to_numpy() / weight)
            assert (flow >= 0).all()
            change[:, move[0]] -= flow
            change[:, move[1]] += flow
        np.testing.assert_array_equal(counts - before, change, err_msg=name)
    daily = results.daily
    lost = daily["flow_service_to_lapsed"] + daily["flow_retention_to_lapsed"]
    np.testing.assert_allclose(daily["lost"], lost, rtol=1e-9, atol=1e-9 * weight)
    np.testing.assert_allclose(daily["won_back"], daily["flow_lapsed_to_consideration"], rtol=1e-9)
    np.testing.assert_allclose(daily["first_purchases"], daily["flow_decision_to_service"], rtol=1e-9)


def _purchases_agree(results: Results) -> None:
    daily = everybody(results)
    names = [str(name) for name in results.brands["brand"]]
    rivals = [f"purchases_of_{name}" for name in names if name not in ("focal", "nothing")]
    np.testing.assert_allclose(daily["purchases_of_focal"], daily["purchases"], rtol=1e-9)
    np.testing.assert_allclose(daily[rivals].sum(axis=1), daily["rival_purchases"], rtol=1e-9)
    if "nothing" in names:
        np.testing.assert_allclose(daily["purchases_of_nothing"], daily["nothing_purchases"], rtol=1e-9)
    totals = results.brands.set_index("brand")["purchases"]
    for name in names:
        assert totals[name] == pytest.approx(daily[f"purchases_of_{name}"].sum(), rel=1e-9)


def _problems_end(results: Results) -> None:
    daily = everybody(results)
    np.testing.assert_allclose(daily["problems"], daily["complaints"] + daily["outcome_silent"], rtol=1e-9)
    ended = daily[[f"outcome_{name}" for name in ("unresolved", "resolved", "quick", "goodwill")]].sum(axis=1)
    waiting = daily[[f"waiting_{name}" for name in CONTACT_CHANNELS]].sum(axis=1)
    open_at_most = (daily["complaints"] - ended).cumsum()  # some are dropped when customers leave
    assert (waiting <= open_at_most + 1e-6 * results.weight).all()
    assert (daily["cases_handled"] <= ended + 1e-6 * results.weight).all()


def _ledger_adds_up(results: Results) -> None:
    """To the cent: purposes and lines sum to the same total, profit is what is left of revenue."""
    daily = everybody(results)
    lines = [str(name) for name in results.touchpoints["touchpoint"].cat.categories]
    line_costs = [f"cost_{name}_cents" for name in lines]
    cents = daily[[name for name in daily if str(name).endswith("_cents")]].astype("int64")
    assert (cents.drop(columns="profit_cents") >= 0).all(axis=None)
    total = cents[[*line_costs, "cost_of_wages_cents", "cost_of_goodwill_cents", "cost_of_storm_cents"]].sum(axis=1)
    purposes = cents[[f"cost_for_{purpose}_cents" for purpose in PURPOSES]].sum(axis=1)
    np.testing.assert_array_equal(purposes, total)
    np.testing.assert_array_equal(cents["profit_cents"], cents["revenue_cents"] - cents["unit_cost_cents"] - total)
    shares = results.daily[results.daily["persona"] != "all"].groupby("day")[["revenue_cents", "unit_cost_cents"]].sum()
    np.testing.assert_array_equal(shares.astype("int64"), cents[["revenue_cents", "unit_cost_cents"]])
    if lines:
        by_line = results.touchpoints.pivot(index="day", columns="touchpoint", values="cost_cents")
        np.testing.assert_array_equal(by_line[lines], cents[line_costs])
    unit = np.floor(100 * results.scenario.market.unit_cost + 0.5)
    assert np.abs(cents["unit_cost_cents"] - daily["purchases"] * unit).max() <= len(results.daily) + 1
