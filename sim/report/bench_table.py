"""What `journey bench` shows: figures in words, and the steps of the day against what this machine could do."""

from __future__ import annotations

import math

from rich.console import Console, RenderableType
from rich.table import Table

from sim.bench.bench import TABLES, Bench
from sim.report.terminal import _console, _table
from sim.scenario.words import counted

TOO_FEW = "too few to tell"


def show_bench(found: Bench) -> None:
    """Print what was measured."""
    console: Console = _console()
    size = f"{counted(found.agents, 'consumer')}, {counted(found.touchpoints, 'touchpoint')}"
    console.print(f"{found.title}: {size}", style="bold")
    for shown in (figures(found), *([steps(found), limits(found)] if found.steps else [])):
        console.print(shown)


def figures(found: Bench) -> Table:
    """Time and memory, one figure a line."""
    many = "one thread" if found.threads == 1 else f"{found.threads} threads"
    rate = found.consumer_days_per_second
    table = _table("warm", f"{many}>", "")
    rows: list[tuple[str, str, str]] = [
        ("consumer-days per second", f"{rate / 1e6:,.1f} million" if rate >= 1e6 else f"{rate:,.0f}", ""),
        ("per consumer and day", f"{found.ns_per_consumer_day:,.1f} ns", ""),
        (
            "a day",
            _time(found.day),
            f"{_time(found.quickest)} … {_time(found.slowest)} over {counted(found.days, 'day')}",
        ),
        ("a year, with founding", _time(found.year), f"founding {_time(found.founding)}, no report"),
    ]
    if not math.isnan(found.speedup):
        rows.append((f"{many} against one", f"{found.speedup:.2f} ×", f"one: {_time(found.alone)} a day"))
    read = f"{found.compiled} functions compiled" if found.compiled else "all read from disk"
    rows.append(("getting compiled code", _time(found.compiling), read))
    memory = found.memory
    per_tie = "" if math.isnan(memory.per_tie) else f"and {memory.per_tie:.1f} per tie and direction"
    rows.append(("bytes per consumer", f"{memory.each:,.0f}", per_tie))
    if memory.directions:
        rows.append(("ties per consumer", f"{memory.directions / found.agents:,.1f}", ""))
    measured = "too few to measure" if math.isnan(found.measured) else f"measured at the peak: {found.measured:,.0f}"
    rows.append(("bytes, ties and all", f"{found.estimated:,.0f}", measured))
    if not math.isnan(found.holds) and found.free is not None:
        holds = f"{found.holds / 1e6:,.1f} million" if found.tells else TOO_FEW
        rows.append(("consumers that fit", holds, f"in {found.free / 2**30:,.1f} GiB free"))
    for row in rows:
        table.add_row(*row)
    return table


def steps(found: Bench) -> Table:
    """Step × (time, share, limit, ratio); a ratio of a few consumers would be about Python."""

    def ratio(value: float) -> str:
        return f"{value:,.1f}" if found.tells else "too few"

    table = _table("step", "ms a day>", "share>", "Python ms>", "limit ms>", "ratio>", "limited by")
    for step in found.steps:
        bounded = step.limit.seconds > 0.0
        table.add_row(
            step.name, _ms(step.seconds), f"{100 * step.share:.0f} %", _ms(step.fixed),
            _ms(step.limit.seconds) if bounded else "–", ratio(step.ratio) if bounded else "–", step.limit.by,
        )  # fmt: skip
    whole = sum(step.limit.seconds for step in found.steps)
    table.add_section()
    fixed = sum(step.fixed for step in found.steps)
    table.add_row("day", _ms(found.day), "100 %", _ms(fixed), _ms(whole), ratio(found.day / whole), "")
    return table


def limits(found: Bench) -> RenderableType:
    """One paragraph: the speeds that the limits are made of, and what they leave out."""
    best = found.limits
    if best is None:
        return ""
    jumps = ", ".join(f"{rate / 1e6:,.0f} in {_size(size)}" for size, rate in best.reads.items() if size in TABLES)
    return (
        f"Limit: the largest of bytes streamed, random reads and draws at this machine's best with"
        f" {'one thread' if best.threads == 1 else f'{best.threads} threads'}: {best.stream / 1e9:,.1f} GB/s through"
        f" {_size(best.footprint)}; {best.draws / 1e6:,.0f} million draws/s, {best.words / 1e6:,.0f} million screening"
        f" words/s; random reads, millions/s: {jumps}. Other arithmetic and Python are in the ratio. Python: a step"
        f" with next to no consumers."
    )


def _time(seconds: float) -> str:
    """A time with three digits."""
    if seconds < 1e-3:
        return f"{1e6 * seconds:.3g} µs"
    return f"{1e3 * seconds:.3g} ms" if seconds < 1.0 else f"{seconds:,.1f} s"


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:,.3f}" if seconds < 1e-2 else f"{1e3 * seconds:,.1f}"


def _size(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB" if size >= 2**20 else f"{size / 2**10:,.0f} KiB"
