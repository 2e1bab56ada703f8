"""The report of a run: one page that opens offline. Importing this package costs nothing; writing a report does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.intervals import Interval
    from sim.record import Results


def report_html(
    results: Results,
    *,
    summary: Mapping[str, float] | None = None,
    intervals: Mapping[str, Interval] | None = None,
) -> str:
    """The report as one self-contained HTML document.

    Parameters
    ----------
    results : Results                       tables of one run; the pictures show it
    summary : mapping, optional             indicators by name (`sim.summary`); computed from the tables if not given
    intervals : mapping, optional           mean and 95 % interval of each indicator over several seeds. With more than
                                            one seed they replace the summary in headline and key figures

    Returns
    -------
    str                                     HTML that asks for nothing from outside
    """
    from sim.report.run_page import render

    return render(results, summary, intervals)


def write_report(
    results: Results,
    path: Path | str,
    *,
    summary: Mapping[str, float] | None = None,
    intervals: Mapping[str, Interval] | None = None,
) -> None:
    """Write `report_html` to a file.

    Raises
    ------
    OSError                                 if the file cannot be written
    """
    Path(path).write_text(report_html(results, summary=summary, intervals=intervals), encoding="utf-8")
