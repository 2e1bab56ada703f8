"""The slow twin is sane, its scenarios use everything, and its luck is the engine's."""

from __future__ import annotations

import numpy as np
import pytest

from sim import luck as fast
from sim.scenario.scenario import Scenario

from . import luck
from .catalogue import ALL
from .slow import Twin
from .stories import SEED, story
from .words import Stage
from .world import PER_PERSONA, PER_PERSONA_AND_STAGE, PER_TOUCHPOINT


@pytest.mark.parametrize("name", ALL)
def test_stages_sum_to_agents_and_flows_explain_their_changes(name: str) -> None:
    """Consumers are neither made nor lost, and every change of a count is a flow."""
    told = story(name)
    start = Twin(told.scenario, SEED, {})
    before = np.zeros((len(start.world.personas), len(Stage)), int)
    for c in start.world.consumers:
        before[c.p, c.stage] += 1
    for day in told.days:
        after, flows = np.array(day["consumers"]), np.array(day["flows"])
        assert after.sum() == told.scenario.agents
        np.testing.assert_array_equal(after - before, flows.sum(axis=1) - flows.sum(axis=2))
        before = after


@pytest.mark.parametrize("name", ALL)
def test_states_stay_in_their_ranges(name: str) -> None:
    """Beliefs and feelings are in -1..1, loyalty in 0..1, memory is not negative."""
    columns = story(name).columns[-1]
    for column in ("belief", "feeling", "satisfaction"):
        assert np.abs(columns[column]).max() <= 1
    assert columns["loyalty"].min() >= 0
    assert columns["loyalty"].max() <= 1
    assert columns["salience"].min() >= 0
    assert columns["annoyance"].min() >= 0


@pytest.mark.parametrize("name", ALL)
def test_cases_end_once(name: str) -> None:
    """Every problem is silent or a complaint; complaints end, are dropped with a leaving customer, or wait."""
    told = story(name)

    def total(counter: str) -> int:
        return int(np.sum([day[counter] for day in told.days]))

    assert total("problems") == total("complaints") + total("outcome_silent")
    ended = sum(total("outcome_" + outcome) for outcome in ("unresolved", "resolved", "quick", "goodwill"))
    waiting = int((told.columns[-1]["case_channel"] != 255).sum())
    assert ended + waiting <= total("complaints") <= ended + waiting + total("lost_by_choice") + total("lost_inactive")
    assert waiting <= sum(told.days[-1]["queue"])


def test_order_in_the_file_means_nothing() -> None:
    """Personas, touchpoints, rivals and ties the other way round: the same bits."""
    written = ALL["subscription"]()
    turned = {**written, "market": {**written["market"], "rivals": written["market"]["rivals"][::-1]}}
    turned |= {part: written[part][::-1] for part in ("personas", "touchpoints", "ties")}
    scenario = Scenario.model_validate(turned)
    told = story("subscription")
    twin = Twin(scenario, SEED, told.twin.world.ties)
    for day in told.days[:12]:
        assert twin.step() == day


def test_scenarios_use_everything() -> None:
    """Each counter of docs/model.md 7.11, and each way between stages, is used by at least one scenario."""
    used: dict[str, float] = {}
    flows = np.zeros((len(Stage), len(Stage)), int)
    for name in ALL:
        for day in story(name).days:
            flows += np.array(day["flows"]).sum(axis=0)
            names = day["storm_hours"][0] if day["storm_hours"] else ()
            hours = {f"storm hours, {name}": [hour[name] for hour in day["storm_hours"]] for name in names}
            for counter, values in (day | hours).items():
                if counter == "storm_hours":
                    continue
                used[counter] = used.get(counter, 0) + float(np.abs(values).sum())
    names = {*PER_PERSONA, *PER_PERSONA_AND_STAGE, *("touchpoint_" + name for name in PER_TOUCHPOINT)}
    assert names <= used.keys()
    assert [counter for counter, total in used.items() if total == 0] == []
    ways = {(int(a), int(b)) for a, b in zip(*np.nonzero(flows), strict=True)}
    assert ways == {
        *((0, 1), (1, 0), (1, 2), (2, 3), (3, 2), (3, 4), (4, 5), (5, 6), (6, 5), (6, 7), (7, 6)),
        *((4, 8), (5, 8), (8, 2)),
    }


def test_scenarios_fill_every_desk() -> None:
    """All five contact channels are used, and so short of staff that cases wait overnight."""
    waiting = np.sum([day["queue"] for name in ALL for day in story(name).days], axis=0)
    assert (waiting > 0).all()


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_luck_is_the_engines(seed: int) -> None:
    """The hashing written in Python's integers gives the same draws."""
    own = luck.Luck(seed)
    for name in ("touchpoint:tv", "brand:", "ties:friends"):
        assert luck.name_hash(name) == fast.name_hash(name)
    for purpose, day, what in ((1, 0, 0), (20, 364, luck.name_hash("touchpoint:tv")), (58, 36_499, 7)):
        key = np.uint64(fast.draw_key(seed, purpose, day, np.uint64(what)))
        for who in (0, 1, 7, 8, 12_345, 2**31):
            assert own.u(purpose, day, who, what) == fast.uniform(key, who)
            word = np.uint64(fast.screen_word(key, who // 8))
            assert own.screened(purpose, day, who, what) == fast.screened_uniform(key, who, word)
            private, private_key = own.private(purpose, day, who, what), np.uint64(fast.own_key(key, who))
            assert private.uniform(3) == fast.uniform(private_key, 3)
            assert private.normal(2) == pytest.approx(fast.normal(private_key, 2), rel=1e-12)
            for shape in (0.02, 0.7, 1.0, 19.0):
                assert private.log_gamma(shape) == pytest.approx(fast.log_gamma_draw(private_key, shape), rel=1e-12)


def test_poisson_counts_are_the_engines() -> None:
    """The same counts, at the edges too."""
    for mean in (0.0, 1e-12, 0.3, 4.0, 80.0, 499.0, 501.5):
        for u in (1e-16, 0.01, 0.5, 0.99, 1 - 2**-53):
            assert luck.poisson_count(u, mean) == fast.poisson_count(u, mean)
