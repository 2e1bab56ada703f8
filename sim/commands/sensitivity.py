"""`journey sensitivity`: which settings matter in a study that has been run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--of", "indicators", multiple=True, metavar="INDICATOR", help="Only this indicator. Repeatable.")
@click.option("--quiet", is_flag=True, help="No table.")
def sensitivity(folder: Path, indicators: tuple[str, ...], quiet: bool) -> None:
    """Tell which settings matter in a finished study: FOLDER of a sweep with design morris or sobol.

    Writes sensitivity.html and sensitivity.parquet into the folder.
    """
    from sim.output.folder import explained, write_table
    from sim.report import sensitivity_page, terminal
    from sim.studies import sensitivity as study
    from sim.studies.store import open_runs

    runs = open_runs(folder)
    found = study.sensitivity(runs, indicators or None)
    with explained(folder):
        write_table(study.table(found), folder / "sensitivity.parquet")
        (folder / "sensitivity.html").write_text(sensitivity_page.render(runs, found), encoding="utf-8")
    if not quiet:
        terminal.show_sensitivity(found)
        click.echo(f"Report: {folder / 'sensitivity.html'}")
