"""docs/performance.md has a place for what is measured, and keeps everything else."""

from __future__ import annotations

import pytest

from benchmarks.page import BEGIN, END, PAGE, written


def test_only_what_is_measured_is_replaced() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    assert written(page, "| new |") == f"{before}{BEGIN}\n\n| new |\n\n{END}{after}"


def test_a_page_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        written("nothing here", "| new |")
