"""`journey bench`: how fast a scenario runs on this machine, and how large a population it holds."""

from __future__ import annotations

from pathlib import Path

import click

from sim.commands.ending import INTERRUPTED, fail
from sim.commands.options import Changes, change_options, command_line, threads_option
from sim.commands.progress import progress_bar

#: What is measured unless something else is asked for.
FILE, AGENTS, DAYS = "coffee_subscription", 1_000_000, 30


@click.command()
@click.argument("file", default=FILE)
@change_options
@threads_option
@click.option("--steps", is_flag=True, help="Also each step of the day, against what this machine could do at best.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--out", type=click.Path(path_type=Path), help="Also write JSON and Parquet into this new folder.")
@click.option("--force", is_flag=True, help="Replace an earlier result in that folder.")
def bench(
    file: str, changes: Changes, threads: int | None, steps: bool, as_json: bool, out: Path | None, force: bool
) -> None:
    """Measure how fast FILE runs on this machine, and how large a population it holds.

    By default the shipped coffee_subscription with 1,000,000 consumers over 30 days; with several threads every
    other day is lived on a single one, for the ratio. Compiling is told apart.
    """
    import json
    from contextlib import nullcontext

    from sim.bench.bench import bench as measure
    from sim.output.bench import fill
    from sim.output.folder import reserved
    from sim.report.bench_table import show_bench

    story = Changes({"agents": AGENTS, "days": DAYS} | changes.settings).open(file)
    try:
        with reserved(out, force=force) if out else nullcontext() as part:
            with progress_bar(as_json) as progress:
                found = measure(story.scenario, threads=threads, steps=steps, progress=progress)
            if part:
                fill(part, found, seed=story.scenario.seed, command=command_line(), named=out or "")
    except KeyboardInterrupt:
        fail("interrupted before all was measured, so there is nothing to show", INTERRUPTED)
    if as_json:
        click.echo(json.dumps(found.document(), indent=2, ensure_ascii=False))
    else:
        show_bench(found)
    if out:
        click.echo(f"Tables: {out}", err=as_json)
