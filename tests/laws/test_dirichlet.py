"""Limit: repeat purchase among several brands, without marketing or talk, is the NBD-Dirichlet.

Goodhardt, Ehrenberg & Chatfield (1984), "The Dirichlet: A Comprehensive Model of Buying Behaviour", JRSS A 147,
621-655: needs are Poisson at gamma-distributed rates (shape K), brands are chosen with Dirichlet-distributed
probabilities (sum S). Small brands have fewer buyers, who buy them less often: double jeopardy.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import betaln
from scipy.stats import chi2, nbinom, spearmanr

from sim.agents.stages import Stage
from sim.engine import Engine
from tests.laws.worlds import Z, bare, days_of, scenario

pytestmark = pytest.mark.law

#: Toothpaste: shares, and penetrations by theory (table 3 and section 3). The eight brands leave .14 to all others.
SHARES = {"a": 0.25, "b": 0.19, "c": 0.10, "d": 0.10, "e": 0.09, "f": 0.08, "g": 0.03, "h": 0.02, "rest": 0.14}
PUBLISHED = {"a": 0.204, "b": 0.161, "c": 0.089, "d": 0.089, "e": 0.081, "f": 0.072, "g": 0.028, "h": 0.019}
K, S = 0.779, 1.50
BUYERS, BOUGHT_EACH = 0.56, 2.6  # of the category in the period
MEAN = BUYERS * BOUGHT_EACH  # category purchases of a consumer
FOCAL = "a"
MOST = 400  # category purchases nobody exceeds: P < 1e-40


def brand_counts(alpha: float, total: float = S, most: int = 60) -> NDArray[np.float64]:
    """P(a consumer buys a brand 0, 1, ... most - 1 times): beta-binomial of negative binomial needs."""
    n = np.arange(MOST)
    needs = nbinom.pmf(n, K, K / (K + MEAN))
    rest = total - alpha
    r = np.arange(most)[:, None]
    log_choose = -np.log(n + 1.0) - betaln(np.maximum(n - r, 0) + 1.0, r + 1.0)
    log_p = log_choose + betaln(alpha + r, rest + np.maximum(n - r, 0)) - betaln(alpha, rest)
    return np.asarray((np.where(n >= r, np.exp(log_p), 0.0) * needs).sum(axis=1))


def shapes(start: str) -> dict[str, float]:
    """Of the tastes: S times the shares; one more for the focal brand among those who have bought it once (Bayes)."""
    known = {name: S * share for name, share in SHARES.items()}
    return known | {FOCAL: known[FOCAL] + 1.0} if start == "retention" else known


@cache
def market(start: str, days: int, agents: int) -> tuple[dict[str, tuple[float, float]], NDArray[np.int64]]:
    """Penetration and purchases per consumer of every brand, and how often each consumer bought the focal one."""
    world = scenario(
        bare(kind="repeat", agents=agents, days=days),
        {
            "market": {
                "needs_per_year": MEAN * 365.0 / days,
                "needs_shape": K,
                "taste_concentration": S,
                "attraction": SHARES[FOCAL],
                "rivals": [{"name": name, "attraction": share} for name, share in SHARES.items() if name != FOCAL],
            },
            "start": {start: 1.0},
        },
    )
    engine = Engine(world)
    for _ in days_of(engine):
        pass
    people = engine.world.people
    times = people.purchases.astype(np.int64) - (1 if start == "retention" else 0)  # of the run only
    brands = engine.results().brands.set_index("brand")
    found = {name: (brands.penetration[name], brands.purchases[name] / agents) for name in SHARES if name != FOCAL}
    found[FOCAL] = (float((times > 0).mean()), brands.purchases["focal"] / agents)
    assert times.sum() == brands.purchases["focal"]
    if start == "retention":
        assert (people.stage >= Stage.SERVICE).all()
    return found, times


#: Everybody considering the brand: they have at most one need a day, so the period is made of ten years, and less than
#: .05 % of purchases are missing. Everybody a customer who has bought once: the Dirichlet of what such people do next.
RUNS = {"consideration": ("consideration", 3650, 60_000), "retention": ("retention", 365, 150_000)}


def test_theory_is_the_published_one() -> None:
    assert 1.0 - nbinom.pmf(0, K, K / (K + MEAN)) == pytest.approx(BUYERS, abs=0.002)
    for name, penetration in PUBLISHED.items():
        assert 1.0 - brand_counts(S * SHARES[name])[0] == pytest.approx(penetration, abs=0.0011), name


@pytest.mark.parametrize("run", RUNS)
def test_penetrations_and_purchases_per_buyer(run: str) -> None:
    agents = RUNS[run][2]
    found, _ = market(*RUNS[run])
    alphas = shapes(run)
    total = sum(alphas.values())
    for name, alpha in alphas.items():
        counts = brand_counts(alpha, total)
        r = np.arange(counts.size)
        buyers = 1.0 - counts[0]
        error = np.sqrt(buyers * (1.0 - buyers) / agents)
        assert found[name][0] == pytest.approx(buyers, abs=Z * error), name
        if run == "consideration" and name in PUBLISHED:
            assert found[name][0] == pytest.approx(PUBLISHED[name], abs=0.001 + Z * error), name
        mean = counts @ r
        assert mean == pytest.approx(MEAN * alpha / total, rel=1e-3)
        spread = np.sqrt((counts @ r**2 - mean**2) / agents)
        assert found[name][1] == pytest.approx(mean, abs=Z * spread), name
        each = mean / buyers
        of_buyers = np.sqrt((counts @ r**2 / buyers - each**2) / (agents * buyers))
        assert found[name][1] / found[name][0] == pytest.approx(each, abs=Z * of_buyers), name


@pytest.mark.parametrize("run", RUNS)
def test_how_often_the_brand_is_bought(run: str) -> None:
    """The whole distribution 0, 1, ... 9, 10+ of purchases of one brand, by chi-square at the level 1e-4."""
    _, times = market(*RUNS[run])
    alphas = shapes(run)
    expected = brand_counts(alphas[FOCAL], sum(alphas.values()))
    expected = times.size * np.append(expected[:10], 1.0 - expected[:10].sum())
    seen = np.bincount(np.minimum(times, 10), minlength=11)
    assert ((seen - expected) ** 2 / expected).sum() < chi2.isf(1e-4, 10)


@pytest.mark.parametrize("run", RUNS)
def test_double_jeopardy(run: str) -> None:
    """Small brands have fewer buyers, and these buy less often."""
    found, _ = market(*RUNS[run])
    shares = [SHARES[name] for name in PUBLISHED]
    penetrations = [found[name][0] for name in PUBLISHED]
    each = [found[name][1] / found[name][0] for name in PUBLISHED]
    assert spearmanr(shares, penetrations).statistic > 0.95
    assert spearmanr(shares, each).statistic > 0.85
