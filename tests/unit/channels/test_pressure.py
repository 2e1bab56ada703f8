"""What money buys and when mailings go out: known answers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.channels import earned, owned, paid


def test_contacts_bought_by_the_thousand_or_one_by_one() -> None:
    assert paid.contacts_bought(500.0, 10.0, 0.0) == pytest.approx(50_000)
    assert paid.contacts_bought(500.0, 0.0, 2.5) == pytest.approx(200)
    assert paid.contacts_bought(0.0, 0.0, 0.0) == 0.0


@pytest.mark.parametrize("per_week", [0.12, 0.5, 1.0, 2.0, 3.5, 7.0])
def test_as_many_mailings_as_said(per_week: float) -> None:
    """Over 100 weeks the number of send days is within one of the rate."""
    sent = sum(owned.sent_today(day, per_week) for day in range(700))
    assert abs(sent - 100 * per_week) <= 1


def test_mailings_are_spread_evenly() -> None:
    days = [day for day in range(70) if owned.sent_today(day, 1.0)]
    assert {later - earlier for earlier, later in pairwise(days)} == {7}


def test_funded_share_is_what_the_budget_pays_for() -> None:
    assert owned.funded_share(50.0, 0.1, 1000.0) == pytest.approx(0.5)
    assert owned.funded_share(500.0, 0.1, 1000.0) == 1.0
    assert owned.funded_share(0.0, 0.1, 1000.0) == 0.0
    assert owned.funded_share(0.0, 0.1, 0.0) == 1.0


def test_hired_and_curated_posts() -> None:
    assert earned.hired_contacts(3000.0, 1500.0, 20_000.0) == pytest.approx(40_000)
    assert earned.curated_posts(100.0, 10.0, 4.0) == 4.0  # no more than advocates made
    assert earned.curated_posts(20.0, 10.0, 40.0) == 2.0  # no more than the budget pays for
    assert earned.curated_posts(0.0, 0.0, 40.0) == 0.0
