"""What a comparison promises: its intervals hold the truth as often as they say, and shared luck is worth having."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.stages import Stage
from sim.counters import PersonCount
from sim.engine import Engine
from sim.scenario.scenario import Scenario
from sim.studies.compare import compare
from sim.studies.paired import difference, seeds_saved
from tests.laws.worlds import advert, bare, merged

REPETITIONS, SEEDS = 200, 10


def cheap(scale: float) -> Scenario:
    """200 consumers for 20 days with one advert that pleases; no ties, no service."""
    market = {"needs_per_year": 60.0, "rivals": [{"name": "rival", "price": 10.0}]}
    start = {"awareness": 0.3, "consideration": 0.3, "retention": 0.3}
    story = {
        "market": market,
        "start": start,
        "touchpoints": [advert(0.2, 200.0, touch=0.3)],
        "choice": {"feeling": 1.0},
    }
    return Scenario.from_dict(merged(bare(kind="repeat", agents=200, days=20), story)).with_changes(
        {"touchpoints.advert.scale": scale}
    )


def outcome(scenario: Scenario, seed: int) -> tuple[float, float, float]:
    """Purchases, customers at the end and mean feeling of a run."""
    engine = Engine(scenario, seed=seed, threads=1)
    while not engine.finished:
        engine.step()
    counted, people = engine.recorder.person.sum(axis=(0, 1)), engine.world.people
    customers = np.count_nonzero((people.stage >= Stage.SERVICE) & (people.stage <= Stage.ADVOCACY))
    bought = counted[PersonCount.FIRST_PURCHASES] + counted[PersonCount.REPEAT_PURCHASES]
    return float(bought), float(customers), float(people.feeling.mean())


@pytest.mark.slow
def test_intervals_hold_the_truth() -> None:
    """Of 200 comparisons of 10 seeds, 91 % to 98 % of the 95 % intervals hold the mean difference of 2,000 seeds."""
    plans = cheap(1.0), cheap(2.0)
    found = np.array([[outcome(plan, seed) for plan in plans] for seed in range(REPETITIONS * SEEDS)])
    truth = (found[:, 1] - found[:, 0]).mean(axis=0)
    assert (truth > 0.0).all()
    for what in range(found.shape[2]):
        held = 0
        for part in found.reshape(REPETITIONS, SEEDS, 2, -1)[..., what]:
            gap = difference(part[:, 1], part[:, 0], "more")
            held += gap.low <= truth[what] <= gap.high
        assert 0.91 <= held / REPETITIONS <= 0.98


@pytest.mark.slow
def test_shared_luck_saves_nine_seeds_of_ten() -> None:
    """The coffee plans: independent runs would need ten times as many seeds for the same interval (docs/compare.md)."""
    names = ("coffee_subscription", "coffee_retention")
    plans = {name: Scenario.load(name).with_changes({"agents": 4_000}) for name in names}
    found = compare(plans, seeds=24)
    for name in ("profit", "revenue", "customers_end", "won", "lost", "kept", "retention_rate", "clv", "feeling"):
        assert seeds_saved(found.values(1, name), found.values(0, name)) > 10.0, name
