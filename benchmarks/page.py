"""Measure and write the tables of docs/performance.md: `python -m benchmarks.page`. Takes half a minute.

Each kind of processor has a section of its own there; the one of this machine is replaced.
"""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

from benchmarks.workloads import load
from sim.bench.bench import TABLES, Bench, bench
from sim.output.bench import processor

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: python -m benchmarks.page -->", "<!-- end of measured -->"
AGENTS, DAYS = 1_000_000, 60


def written(text: str, name: str, block: str) -> str:
    """The page with the section of one processor replaced, or added, between the two marks.

    Raises
    ------
    ValueError              if the marks are not there, once each
    """
    found = re.findall(re.escape(BEGIN) + "(.*?)" + re.escape(END), text, re.DOTALL)
    if len(found) != 1:
        raise ValueError(f"{PAGE}: expected {BEGIN} … {END} once")
    titled = re.split(r"^### (.*)$", found[0], flags=re.MULTILINE)[1:]
    sections = {title: told.strip() for title, told in zip(titled[::2], titled[1::2], strict=True)} | {name: block}
    told = "\n\n".join(f"### {title}\n\n{one}" for title, one in sorted(sections.items()))
    return text.replace(found[0], f"\n\n{told}\n\n")


def block(one: Bench, several: Bench, where: str) -> str:
    """Figures of the day and the table of its steps, as Markdown: on one thread, beside a run with every second day on
    several.
    """
    limits = one.limits
    assert limits is not None  # steps were asked for
    lines = [
        f"{where}. `{one.title}`, {one.agents:,} consumers, {one.touchpoints} touchpoints, mean of"
        f" {one.days - 2} days, one thread.",
        "",
        "| step | ms a day | share | of it Python | limit, ms | ratio | limited by |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for step in one.steps:
        bounded = step.limit.seconds > 0.0
        limit, ratio = (f"{1e3 * step.limit.seconds:.3f}", f"{step.ratio:.1f}") if bounded else ("–", "–")
        lines.append(
            f"| {step.name} | {1e3 * step.seconds:.2f} | {100 * step.share:.0f} % | {1e3 * step.fixed:.2f} | {limit}"
            f" | {ratio} | {step.limit.by} |"
        )
    whole = sum(step.limit.seconds for step in one.steps)
    jumps = (
        f"{rate / 1e6:,.0f} million in {size / 2**20:.0f} MiB" for size, rate in limits.reads.items() if size in TABLES
    )
    lines += [
        f"| **day** | {1e3 * one.day:.1f} | 100 % | {1e3 * sum(step.fixed for step in one.steps):.2f}"
        f" | {1e3 * whole:.2f} | {one.day / whole:.1f} | |",
        "",
        f"That is {one.ns_per_consumer_day:.1f} ns per consumer and day, {one.consumer_days_per_second / 1e6:.0f}"
        f" million consumer-days per second. {several.threads} threads: {several.ns_per_consumer_day:.1f} ns,"
        f" {several.consumer_days_per_second / 1e6:.0f} million, {several.speedup:.2f} times one thread in the same"
        f" run; a year {several.year:.0f} s.",
        "",
        f"Limits of one thread: {limits.stream / 1e9:.0f} GB/s streamed, {limits.draws / 1e6:,.0f} million draws and"
        f" {limits.words / 1e6:,.0f} million screening words a second; random reads a second: "
        f"{', '.join(jumps)}.",
        "",
        f"Memory: {one.memory.each:.0f} bytes per consumer and {one.memory.per_tie:.1f} per tie and direction"
        f" ({one.memory.directions / one.agents:.1f} a consumer) by the sizes of the arrays, {one.measured:.0f} bytes"
        " per consumer with all ties at the measured peak.",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure and write."""
    load_before = f", load average {os.getloadavg()[0]:.1f} from elsewhere" if hasattr(os, "getloadavg") else ""
    scenario = load("main", agents=AGENTS, days=DAYS)
    one = bench(scenario, threads=1, steps=True)
    several = bench(scenario)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    where = f"{cores} cores, {date.today():%B %Y}{load_before}"
    page = written(PAGE.read_text(encoding="utf-8"), processor(), block(one, several, where))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
