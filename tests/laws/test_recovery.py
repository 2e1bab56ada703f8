"""Calibration finds what it looks for: five parameters at once, known because the data were simulated with them."""

from __future__ import annotations

import numpy as np
import pytest

from sim import Scenario
from sim.studies.calibrate import fit_target
from sim.studies.pool import Tick, each
from sim.studies.study import Parameter
from sim.studies.weekly import Weekly

pytestmark = [pytest.mark.law, pytest.mark.slow]

AGENTS, PEOPLE_EACH, WEEKS, REPETITIONS = 1500, 10.0, 12, 20
#: On which nothing of the method was tuned.
DATA_SEED, FIT_SEED = 3000, 900_000
SERIES = ("sales", "won", "lost", "mentions", "spend")
#: Where parameters are looked for (log scale but for the share), and what the data are made with.
TRUTH = {
    "start.consideration": ([0.1, 0.7], 0.4),
    "market.needs_per_year": ([4.0, 40.0], 12.0),
    "experience.leave_b": ([6.0, 60.0], 19.0),
    "talk.posts_per_week.retention": ([0.1, 2.0], 0.5),
    "touchpoints.ads.scale": ([0.3, 3.0], 1.0),
}
PARAMETERS = [
    Parameter(path=path, range=ends, scale="linear" if path == "start.consideration" else "log")
    for path, (ends, _) in TRUTH.items()
]


def club(seed: int) -> Scenario:
    """A new subscription that many consider and some join, leave and post about, with adverts that bring more."""
    return Scenario.from_dict(
        {
            "title": "A club", "days": 7 * WEEKS, "agents": AGENTS, "panel": 0, "seed": seed,
            "market": {
                "kind": "subscription", "size": AGENTS * PEOPLE_EACH, "price": 10.0, "period_days": 7,
                "needs_per_year": 12.0, "needs_shape": "none",
            },
            "start": {"consideration": 0.4, "retention": 0.25},
            "personas": [{"name": "members", "share": 1.0, "platforms": {"net": 1.0}}],
            "experience": {"leave_b": 19.0},
            "touchpoints": [
                {
                    "name": "ads", "kind": "paid", "purpose": "acquisition", "cpm_eur": 10.0,
                    "spend": {"weekly_eur": AGENTS * 0.1},
                }
            ],
            "ties": [{"name": "net", "kind": "small_world", "platform": "net", "mean_degree": 4.0}],
            "talk": {"posts_per_week": {"retention": 0.5}},
        }
    )  # fmt: skip


def recovered(repetition: int, tick: Tick) -> list[bool]:
    """One repetition: data of one seed, fitted with the luck of others; whether each interval holds the truth."""
    blank = Weekly(club(1).start_date, SERIES, np.full((5, WEEKS), np.nan), WEEKS, PEOPLE_EACH, 0)
    seen = blank.of_run(club(1), DATA_SEED + repetition, tick)
    data = Weekly(blank.start, SERIES, seen, WEEKS, PEOPLE_EACH, 0)
    fit = fit_target(
        club(FIT_SEED + 1000 * repetition), data, PARAMETERS, trials=16, replicates=1, bootstrap=30, workers=1
    )
    truths = [truth for _, truth in TRUTH.values()]
    for path, told in zip(TRUTH, fit.told, strict=True):
        assert told > 0.6, f"{path} is hardly told by the data"  # an interval as wide as the range would hold anything
    return [low <= truth <= high for low, truth, high in zip(fit.low, truths, fit.high, strict=True)]


def test_five_parameters_at_once_are_recovered_within_their_intervals() -> None:
    """All five inside at once in at least 18 of 20 repetitions, as intervals that are right at 95 % do."""
    found = [inside for _, inside in each(recovered, range(REPETITIONS))]
    together = sum(all(inside) for inside in found)
    assert together >= 18, [sum(column) for column in zip(*found, strict=True)]
