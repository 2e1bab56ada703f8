"""docs/performance.md has a place for what is measured, and keeps everything else."""

from __future__ import annotations

import pytest

from benchmarks.page import BEGIN, END, PAGE, written


def test_only_the_section_of_one_processor_is_replaced() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    inside, after = rest.split(END)
    assert inside.count("\n### ") >= 1
    more = written(page, "A new one", "| new |")
    assert more == f"{before}{BEGIN}\n\n### A new one\n\n| new |{inside}{END}{after}"
    assert written(more, "A new one", "| newer |") == more.replace("| new |", "| newer |")


def test_a_page_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        written("nothing here", "any", "| new |")
