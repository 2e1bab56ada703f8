"""From the peers' lines of JSON to one table and one picture. Who disagrees gets no speed.

`python -m benchmarks.peers.report FOLDER` reads FOLDER/*.json and writes table.md, table.csv and speed.svg there; it
fails if a peer disagrees with the reference.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.agreement import Verdict, judge
from benchmarks.peers.entries import ENTRIES, JOURNEY, SIR, Entry
from sim.report.svg import INK, QUIET, Drawing, text_width

#: Whose outcomes the others' are compared with, and whose speed the ratios are of.
REFERENCE = {SIR: "reference", JOURNEY: "journey_ours"}
OURS = {SIR: "ours", JOURNEY: "journey_ours"}
COLUMNS = (
    "task", "agents", "peer", "version", "runs", "outcome", "difference in standard errors", "agrees",
    "million agent-steps per second", "ours is faster by", "bytes per agent", "seconds to set up",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One entry at one size."""

    entry: Entry
    agents: int
    found: dict[str, Any]  # the peer's line
    verdict: Verdict | None  # None = skipped
    rate: float  # agent-steps per second, median of the runs; NaN if there is none to show
    ratio: float  # ours over it

    @property
    def refused(self) -> bool:
        """Whether it ran and does not agree."""
        return self.verdict is not None and not self.verdict.agrees


def rate_of(entry: Entry, found: dict[str, Any]) -> float:
    """Agent-steps per second: the median of the runs, of a core, or by the clock for more than one thread."""
    seconds = found["seconds" if entry.threads == 1 else "wall_seconds"]
    return float(found["agents"] * found["steps"] / np.median(seconds))


def gather(folder: Path) -> list[Row]:
    """All entries that were run or skipped, in the order of `ENTRIES` by task and size.

    Raises
    ------
    FileNotFoundError       without the reference or our own run of a size that others ran
    """
    lines = {}
    for entry in ENTRIES:
        for path in folder.glob(f"{entry.task}_{entry.name}_*.json"):
            found = json.loads(path.read_text().splitlines()[-1])
            if found["peer"] == entry.name:  # the name of one peer may begin with that of another
                lines[entry.task, found["agents"], entry.name] = found
    rows = []
    for task, agents in sorted({key[:2] for key in lines}, key=lambda key: (key[0] != SIR, key[1])):
        for needed in (REFERENCE[task], OURS[task]):
            if (task, agents, needed) not in lines:
                raise FileNotFoundError(f"{task} of {agents} agents: no result of {needed} in {folder}")
        reference, ours = (
            lines[task, agents, REFERENCE[task]],
            rate_of(_entry(OURS[task]), lines[task, agents, OURS[task]]),
        )
        for entry in ENTRIES:
            found = lines.get((task, agents, entry.name))
            if found is not None and entry.task == task:
                rows.append(_row(entry, agents, found, reference["outcomes"], ours))
    return rows


def _entry(name: str) -> Entry:
    return next(entry for entry in ENTRIES if entry.name == name)


def _row(entry: Entry, agents: int, found: dict[str, Any], reference: list[float], ours: float) -> Row:
    if "skipped" in found:
        return Row(entry, agents, found, None, math.nan, math.nan)
    verdict = judge(found["outcomes"], reference)
    rate = rate_of(entry, found) if verdict.agrees else math.nan
    return Row(entry, agents, found, verdict, rate, ours / rate)


def cells(row: Row) -> list[str]:
    """A row of the table, in the order of `COLUMNS`."""
    start = [row.entry.task, f"{row.agents:,}", row.entry.label]
    if row.verdict is None:
        return [*start, "", "0", "", "", f"skipped: {row.found['skipped']}", "", "", "", ""]
    return [
        *start, row.found["version"], str(len(row.found["seconds"])), f"{row.verdict.mean:,.0f}",
        f"{row.verdict.statistic:+.1f}", "yes" if row.verdict.agrees else "NO", shown(row.rate / 1e6), shown(row.ratio),
        f"{row.found['bytes_per_agent']:,.0f}", f"{row.found['setup_seconds']:.2f}",
    ]  # fmt: skip


def shown(number: float) -> str:
    """Two digits, three from a hundred on; nothing for a speed that is not shown."""
    if not math.isfinite(number):
        return "–"
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def write_tables(rows: list[Row], folder: Path) -> None:
    """table.md and table.csv, and in the first what the test can see."""
    body = [cells(row) for row in rows]
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *body])
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row) + " |" for row in body]
    least = max((row.verdict.detects for row in rows if row.verdict), default=math.nan)
    lines += ["", f"A mean that is wrong by {100 * least:.2f} % or more would have been refused in every row."]
    (folder / "table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def picture(rows: list[Row]) -> str:
    """Speeds as bars on a logarithmic scale, a group for each task and size."""
    kept = [row for row in rows if math.isfinite(row.rate)]
    groups = sorted({(row.entry.task != SIR, row.agents) for row in kept})
    left = max(text_width(row.entry.label) for row in kept) + 16
    width, bar, gap = left + 400.0, 18.0, 34.0
    low = 10 ** math.floor(math.log10(min(row.rate for row in kept)))
    high = 10 ** math.ceil(math.log10(max(row.rate for row in kept)))

    def x(rate: float) -> float:
        return left + 330.0 * math.log(rate / low) / math.log(high / low)

    drawing = Drawing(width, 30 + len(kept) * bar + len(groups) * gap)
    y = 14.0
    for other, agents in groups:
        what = "reduced journey" if other else "SIR epidemic"
        drawing.text(0, y, f"{what}, {agents:,} agents: million agent-steps per second", bold=True)
        y += 8
        mine = [row for row in kept if (row.entry.task != SIR, row.agents) == (other, agents)]
        for row in sorted(mine, key=lambda row: -row.rate):
            own = row.entry.name.startswith(("ours", "journey_ours"))
            drawing.text(left - 8, y + 13, row.entry.label, anchor="end")
            drawing.rect(left, y + 3, x(row.rate) - left, bar - 5, "#0b6e4f" if own else "#9aa5b1")
            drawing.text(x(row.rate) + 5, y + 13, shown(row.rate / 1e6), fill=INK if own else QUIET)
            y += bar
        y += gap - 8
    drawing.text(left, y - 10, "logarithmic scale", fill=QUIET)
    return str(drawing.svg("Agent-steps per second of this simulator and its peers"))


def main(folder: Path) -> None:
    """Check, write, and fail if somebody disagrees."""
    rows = gather(folder)
    write_tables(rows, folder)
    (folder / "speed.svg").write_text(picture(rows), encoding="utf-8")
    print((folder / "table.md").read_text(encoding="utf-8"))
    refused = [f"{row.entry.label} ({row.agents:,} agents)" for row in rows if row.refused]
    if refused:
        raise SystemExit("not the same law as the reference: " + ", ".join(refused))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
