"""Scales, ticks and labels."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.format import Axis
from sim.report.frame import spread
from sim.report.palette import Stroke, definitions
from sim.report.plot_lines import Line, line_chart
from sim.report.scale import Linear, date_ticks, ticks
from sim.report.svg import Drawing, shortened, text_width, wrapped
from sim.report.view import Periods

finite = st.floats(min_value=-1e9, max_value=1e9)


@given(finite, finite)
def test_ticks_enclose_the_values_and_are_few(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    spots = ticks(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1.0)
    assert spots[0] <= low + slack
    assert spots[-1] >= high - slack
    assert 2 <= len(spots) <= 9


def test_ticks_of_nothing() -> None:
    assert ticks(0.0, 0.0)[0] == 0.0
    assert ticks(math.nan, math.nan)[-1] == 1.0


def test_linear() -> None:
    scale = Linear(0.0, 10.0, 100.0, 0.0)
    assert (scale(0.0), scale(5.0), scale(10.0)) == (100.0, 50.0, 0.0)


@given(st.integers(1, 36_500), st.floats(150.0, 1100.0))
def test_dates_fit_the_axis(days: int, width: float) -> None:
    found = date_ticks(date(2026, 1, 5), days, width)
    assert all(0 <= tick.day <= days for tick in found)
    assert len(found) <= width / 30
    assert found or days > 70


def test_months_carry_the_year_where_it_begins() -> None:
    found = date_ticks(date(2026, 11, 1), 120, 600.0)
    assert [(t.label, t.year) for t in found] == [
        ("Nov", "2026"), ("Dec", ""), ("Jan", "2027"), ("Feb", ""), ("Mar", ""),
    ]  # fmt: skip


@given(st.lists(st.floats(0.0, 200.0), max_size=12))
def test_labels_keep_their_distance_and_order(places: list[float]) -> None:
    moved = spread(places, 14.0, 0.0, 400.0)
    ordered = sorted(moved)
    assert all(b - a >= 14.0 - 1e-6 for a, b in pairwise(ordered))
    order = sorted(range(len(places)), key=lambda k: places[k])
    assert [moved[k] for k in order] == ordered


def test_labels_that_do_not_touch_stay() -> None:
    assert spread([10.0, 100.0, 50.0], 14.0, 0.0, 400.0) == [10.0, 100.0, 50.0]


def test_undefined_is_not_drawn_and_text_is_escaped() -> None:
    drawing = Drawing(100, 100)
    drawing.text(math.nan, 5, "gone")
    drawing.text(5, 5, "a < b & c")
    drawing.polyline([(0, 0), (1, math.nan), (2, 2)], "#000")
    svg = drawing.svg('say "x"')
    assert "gone" not in svg
    assert "a &lt; b &amp; c" in svg
    assert "nan" not in svg
    assert 'aria-label="say &quot;x&quot;"' in svg
    assert svg.count("M") == 2


def test_text_is_cut_to_its_room() -> None:
    assert shortened("short", 200) == "short"
    cut = shortened("a very long name, number 7", 100)
    assert "…" in cut
    assert cut.endswith("7")
    assert text_width(cut) <= 100
    assert shortened("anything", 1) == "…"
    assert wrapped("one two three", text_width("one two")) == ["one two", "three"]


def test_periods_cover_the_horizon_once() -> None:
    for days in (1, 6, 42, 43, 50, 365, 730, 1101, 5000):
        time = Periods(date(2026, 1, 5), days)
        assert time.sums(np.ones(days)).sum() == days
        assert np.allclose(time.rates(np.ones(days)), time.step if days >= time.step else days)
        assert time.samples[0] == 0
        assert time.samples[-1] == days - 1
        assert len(time.edges) <= 170


@pytest.mark.parametrize("values", [[math.nan] * 5, [0.0] * 5, [1.0, math.nan, 3.0, math.nan, 5.0]])
def test_lines_survive_gaps(values: list[float]) -> None:
    time = Periods(date(2026, 1, 5), 5)
    lines = [Line(name, np.array(values), Stroke("#000")) for name in ("a", "b")]
    assert "nan" not in line_chart(400, time, time.middles, lines, Axis("x")).svg("x")


def test_every_pattern_is_defined_once() -> None:
    ids = [part.split('"')[0] for part in str(definitions()).split('<pattern id="')[1:]]
    assert len(ids) == len(set(ids)) > 3
