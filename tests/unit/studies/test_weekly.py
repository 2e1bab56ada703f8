"""Weekly figures: read or refused with the line; the forecasts of those who know nothing; priors of a scenario."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from sim import simulate
from sim.errors import ScenarioError
from sim.studies.forecast import mean_error, seasonal_naive, with_drift
from sim.studies.weekly import read_weekly
from sim.studies.weekly_fit import parameters_matching
from tests.unit.studies.worlds import club

GOOD = "week,Orders,won,lost\n2026-01-05,120,8,\n2026-01-12,130,7.5,3\n2026-01-19,125,6,2\n2026-01-26,128,9,1\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "weekly.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_by_name_and_by_mapping(tmp_path: Path) -> None:
    found = read_weekly(written(tmp_path, GOOD), club(), columns={"sales": "Orders"})
    assert found.names == ("sales", "won", "lost")
    assert (found.weeks, found.train, found.skip, found.people_per_agent) == (4, 3, 0, 10.0)
    np.testing.assert_array_equal(found.observed, [120, 130, 125, 8, 7.5, 6, np.nan, 3, 2])
    np.testing.assert_allclose(found.variance[:3], 1250.0)  # 10 people an agent × level 125
    np.testing.assert_allclose(found.variance[6:], 100.0)  # never less than an agent
    later = read_weekly(written(tmp_path, GOOD), club(start_date="2025-12-29"))
    assert later.skip == 7


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        (GOOD, {"sales": "Order"}, 'one of its columns: week, Orders, won, lost (did you mean "Orders"?)'),
        (GOOD, {"sale": "Orders"}, 'did you mean "sales"'),
        (GOOD.replace("week", "Woche"), {}, ":1: found no column week"),
        (GOOD.replace("week", "Woche"), {}, "(Woche, Orders, won, lost): --column week=Woche"),
        (GOOD.replace(",", ";"), {}, ":1: found columns separated by semicolons, expected columns separated by commas"),
        ("week\n2026-01-05\n", {}, "found no series"),
        (GOOD.replace("7.5", "seven"), {}, ':3: won: found "seven", expected a number of at least 0, or nothing'),
        (GOOD.replace("7.5", "-1"), {}, ':3: won: found "-1"'),
        (GOOD.replace("7.5", "nan"), {}, ""),
        (GOOD.replace("2026-01-19", "2026-01-20"), {}, ":4: week: found 2026-01-20, expected the week after"),
        (GOOD.replace("2026-01-19", "19.1.2026"), {}, ':4: week: found "19.1.2026", expected a date'),
        (GOOD.replace("2026", "2025"), {}, "or set start_date"),
        ("week,won\n", {}, "found no rows"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path: Path, text: str, columns: dict[str, str], message: str) -> None:
    if not message:
        assert np.isnan(read_weekly(written(tmp_path, text), club()).values[0, 1])
        return
    with pytest.raises(ScenarioError) as told:
        read_weekly(written(tmp_path, text), club(), columns=columns)
    assert message in str(told.value)


def test_too_few_weeks_to_fit(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="found 4 weeks, expected at least the 9"):
        read_weekly(written(tmp_path, GOOD), club(), train=9)


def test_what_may_not_be_meant_is_warned_of(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    told = read_weekly(file, club(), train=4).warnings
    assert any("columns not used: Orders" in sentence for sentence in told)
    assert any("only 4 weeks fitted" in sentence for sentence in told)
    assert any("no week is held out" in sentence for sentence in told)
    rows = "".join(f"{date(2026, 1, 5) + timedelta(weeks=week)},9\n" for week in range(12))
    assert read_weekly(written(tmp_path, "week,won\n" + rows), club()).warnings == []


def test_simulated_weeks_are_those_of_the_run(tmp_path: Path) -> None:
    world = club(days=40, start_date="2025-12-29")
    data = read_weekly(written(tmp_path, GOOD), world, columns={"sales": "Orders"})
    daily = simulate(world, seed=4).daily
    daily = daily[daily["persona"] == "all"]
    sold = daily["purchases"].to_numpy()[7:28].reshape(3, 7).sum(axis=1)
    lost = daily["lost"].to_numpy()[7:28].reshape(3, 7).sum(axis=1)
    found = data.simulate(world, 4, lambda: None)
    np.testing.assert_allclose(found[:3], sold)
    np.testing.assert_allclose(found[6:], lost)
    assert sold.min() > 0 and lost.sum() > 0


def test_naive_forecasts() -> None:
    short = np.array([10.0, 12.0, 16.0])
    assert seasonal_naive(short, 3).tolist() == [16.0, 16.0, 16.0]
    assert with_drift(short, 3).tolist() == [19.0, 22.0, 25.0]
    season = np.arange(52.0)
    assert seasonal_naive(season, 54).tolist() == [*season, 0.0, 1.0]
    long = np.concatenate([season, season[:10] + 26.0])  # half a unit more a week
    np.testing.assert_allclose(with_drift(long, 3), [10 + 26, 11 + 26, 12 + 26])
    np.testing.assert_allclose(with_drift(np.array([5.0, 3.0, 1.0]), 2), [0.0, 0.0])
    assert mean_error(np.array([1.0, 2.0, 9.0]), np.array([2.0, 4.0, np.nan])) == 1.5


def test_settings_by_pattern_with_priors_around_their_values() -> None:
    world = club(market={"kind": "subscription", "size": 3000, "price": 10.0, "period_days": 7, "availability": 1.0})
    found = {one.path: one for one in parameters_matching(world, ["market.*", "touchpoints.letter.attention"])}
    assert not {"market.availability", "market.size", "market.period_days", "market.nothing_attraction"} & set(found)
    price = found["market.price"].drawn([0.0228, 0.5, 0.9772])
    np.testing.assert_allclose(price, [2.5, 10.0, 40.0], rtol=0.01)
    attention = found["touchpoints.letter.attention"].as_distribution()
    assert (attention.kind, attention.a, attention.b) == ("beta", pytest.approx(1.2), pytest.approx(2.8))
    with pytest.raises(ScenarioError, match=r'did you mean "market\.price"'):
        parameters_matching(world, ["market.prise"])
    with pytest.raises(ScenarioError, match="at most 20 at once"):
        parameters_matching(world, ["*"])
