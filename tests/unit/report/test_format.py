"""Numbers as people read them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.format import (
    SPACE,
    UNDEFINED,
    Axis,
    about,
    compact,
    euro,
    euro_full,
    euro_words,
    euros,
    listed,
    percent,
    shares,
    signed,
    tick_texts,
    value_text,
    whole,
    words,
)
from sim.scenario.words import counted, people

UNITS = ("people", "purchases", "EUR", "EUR/EUR", "share", "points", "days", "-1..1", "0..1", "")


def plain(text: str) -> str:
    """With ordinary spaces, to compare."""
    return text.replace(SPACE, " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-0.0, "0"), (3, "3"), (2.345, "2.35"), (12.34, "12.3"), (950, "950"), (9_871.4, "9,871"),
        (12_431, "12.4 k"), (999_950, "1 m"), (1_240_000, "1.24 m"), (3e9, "3 bn"), (-12_431, "−12.4 k"), (-0.001, "0"),
    ],
)  # fmt: skip
def test_compact_keeps_three_digits(value: float, text: str) -> None:
    assert plain(compact(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "€ 0"), (3.4, "€ 3.40"), (31, "€ 31"), (312.4, "€ 312"), (-1_240_000, "−€ 1.24 m"), (-0.001, "€ 0.00")],
)
def test_euro(value: float, text: str) -> None:
    assert plain(euro(value)) == text


def test_numbers_for_running_text() -> None:
    assert about(12_431) == "12,400"
    assert plain(about(1_243_100)) == "1.24 million"
    assert plain(euro_words(1_243_100)) == "€ 1.24 million"
    assert plain(euro_words(-81_234)) == "−€ 81,200"
    assert plain(euro_words(31.4)) == "€ 31.40"
    assert plain(euro_full(1_234_567.8)) == "€ 1,234,568"
    assert whole(-12_431.2) == "−12,431"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.314, "31.4 %"),
        (1.0, "100 %"),
        (1.004, "100.4 %"),
        (-0.02, "−2.0 %"),
        (0.0002, "0.02 %"),
        (1e-9, "< 0.001 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert plain(percent(share)) == text


def test_signed_has_a_sign_unless_it_is_zero() -> None:
    assert [signed(v) for v in (0.123, -0.3, 0.001, -0.001)] == ["+0.12", "−0.30", "0.00", "0.00"]


@given(st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf]))
def test_nothing_undefined_is_printed(value: float) -> None:
    texts = [f(value) for f in (compact, whole, about, euro, euro_full, euro_words, percent, signed)]
    texts += [value_text(value, unit) for unit in UNITS]
    for text in texts:
        assert not re.search("nan|inf|none|e[+-]", text.lower())
        assert "--" not in text
        if not math.isfinite(value):
            assert text == UNDEFINED


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_compact_is_right_to_three_digits(value: float) -> None:
    number, _, letter = compact(value).partition(SPACE)
    scale = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9}[letter]
    assert float(number.replace(",", "")) * scale == pytest.approx(value, rel=0.0051, abs=0.0051)


def test_ticks_share_one_unit_and_one_number_of_decimals() -> None:
    assert [plain(t) for t in tick_texts([0.0, 500_000.0, 1_000_000.0], euros("x"))] == ["€ 0", "€ 0.5 m", "€ 1.0 m"]
    assert [plain(t) for t in tick_texts([0.0, 0.05, 0.1], shares("x"))] == ["0 %", "5 %", "10 %"]
    assert tick_texts([-2000.0, 0.0, 2000.0], Axis("x")) == ["−2,000", "0", "2,000"]


def test_words_and_lists() -> None:
    assert words("tv_spot") == "tv spot"
    assert [listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_one_is_not_many() -> None:
    assert [counted(many, "run") for many in (0, 1, 1200)] == ["0 runs", "1 run", "1,200 runs"]
    assert [people(number) for number in ("1", "1.5", "20")] == ["1 person", "1.5 people", "20 people"]
