"""Limit: one touchpoint and no talk is geometric adstock: the effect of a contact decays with its half-life.

Broadbent, S. (1979), "One Way TV Advertisements Work", Journal of the Market Research Society 21, 139-166: adstock
A(t) = x(t) + A(t - 1) 2^(-1 / half-life). Salience is taken in the evening, after fading, and kept as float32.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine import Engine, simulate
from tests.laws.worlds import Z, advert, bare, days_of, everybody, scenario

pytestmark = pytest.mark.law

HALF_LIFE, WEIGHT = 10.0, 0.7
KEPT = 2.0 ** (-1.0 / HALF_LIFE)
ROUNDINGS = 5e-7 / (1.0 - KEPT)  # relative: two of float32 a day, carried along and fading


def adstock(contacts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Known answer: contacts [days] convolved with the fading weights, as of the evening."""
    weights = WEIGHT * KEPT ** np.arange(1, len(contacts) + 1)
    return np.convolve(contacts, weights)[: len(contacts)]


def in_float32(contacts: NDArray[np.float64]) -> NDArray[np.float32]:
    """The same day by day, rounded where the model rounds: the factor, after the contacts and after fading."""
    salience, evenings, kept = np.float32(0.0), [], float(np.float32(KEPT))
    for n in contacts:
        if n:
            salience = np.float32(float(salience) + WEIGHT)
        salience = np.float32(float(salience) * kept)
        evenings.append(salience)
    return np.array(evenings, np.float32)


def mailing(days: int, per_week: float, **settings: object) -> dict[str, object]:
    return {
        "days": days,
        "memory": {"salience_half_life_days": HALF_LIFE},
        "interest": {"base": -50.0},
        "touchpoints": [
            {
                "name": "mailing", "kind": "owned", "form": "sends", "purpose": "brand", "sends_per_week": per_week,
                "phases": ["before"], "attention": 1.0, "weight": WEIGHT, "irritation": 0.0, "synergy": 0.0, **settings,
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize("per_week", [7.0, 2.0, 0.35])
def test_salience_is_the_adstock_of_contacts(per_week: float) -> None:
    days = 60
    engine = Engine(scenario(bare(kind="durable", agents=100, days=days), mailing(days, per_week)))
    sent = np.diff(np.floor(np.arange(days + 1) * per_week / 7.0 + 1e-12))
    salience = np.array([engine.world.people.salience.copy() for _ in days_of(engine)])
    assert (salience == salience[:, :1]).all(), "everybody had the same contacts"
    np.testing.assert_allclose(salience[:, 0], adstock(sent), rtol=ROUNDINGS)
    np.testing.assert_array_equal(salience[:, 0], in_float32(sent))


def test_everybody_has_the_adstock_of_his_own_contacts() -> None:
    """Paid impressions meet people at random; of a contact it only matters that it was noticed, not how often."""
    days, agents = 50, 500
    world = scenario(
        bare(kind="durable", agents=agents, days=days),
        mailing(days, 1.0),
        {"panel": agents, "touchpoints": [advert(0.15, agents, weight=WEIGHT, attention=0.6)]},
    )
    engine = Engine(world)
    salience = np.array([engine.world.people.salience.copy() for _ in days_of(engine)])
    journeys = engine.results().journeys
    noticed = journeys[journeys["event"] == "noticed"]
    contacts = np.zeros((days, agents))
    np.add.at(contacts, (noticed["day"].to_numpy(), noticed["consumer"].to_numpy()), 1.0)
    assert 0 < contacts.sum() < (journeys["event"].isin(["noticed", "contact"])).sum()
    for i in range(agents):
        np.testing.assert_array_equal(salience[:, i], in_float32(contacts[:, i]))
        np.testing.assert_allclose(salience[:, i], adstock(contacts[:, i]), rtol=ROUNDINGS)


def test_one_contact_is_halved_in_a_half_life() -> None:
    engine = Engine(scenario(bare(kind="durable", agents=10, days=41), mailing(41, 1 / 6)))  # first sent on day 41
    assert all((engine.world.people.salience == 0).all() for _ in days_of(engine))
    engine = Engine(scenario(bare(kind="durable", agents=10, days=60), mailing(60, 1 / 6)))
    salience = [float(engine.world.people.salience[0]) for _ in days_of(engine)]
    for before, after in pairwise(salience[41::10]):
        assert after == pytest.approx(before / 2, rel=1e-5)


def test_awareness_follows_salience() -> None:
    """P(aware) = 1 - exp(-salience / scale), and so forgetting follows the half-life."""
    days, agents, scale = 69, 50_000, 0.4
    world = scenario(
        bare(kind="durable", agents=agents, days=days),
        mailing(days, 1 / 5),  # once, on day 34, and fading until day 68
        {"memory": {"awareness_scale": scale}},
    )
    daily = everybody(simulate(world))
    sent = np.diff(np.floor(np.arange(days + 1) / 35.0))
    expected = 1.0 - np.exp(-adstock(sent) / scale)
    assert expected[-1] < 0.3 * expected[34]
    error = np.sqrt(expected * (1 - expected) / agents)
    aware = daily["stage_awareness"].to_numpy() / agents
    assert (np.abs(aware - expected) <= Z * error).all()
