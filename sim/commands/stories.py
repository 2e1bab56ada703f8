"""`journey new`, `scenarios`, `schema`: where scenarios come from."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from sim.commands.ending import FAILED, fail


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def new(file: Path, force: bool) -> None:
    """Write a commented starter scenario to FILE."""
    from sim.scenario.starter import STARTER

    try:
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.write(STARTER)
    except FileExistsError:
        fail(f"{file}: exists already; replace it with --force", FAILED)
    click.echo(f"{file} written. Next: journey check {shlex.quote(str(file))}")


@click.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    from sim.scenario.shipped import shipped

    rows = shipped()
    width = max((len(entry.name) for entry in rows), default=0)
    for entry in rows:
        click.echo(f"{entry.name:<{width}}  {entry.line}")


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors.

    Save it next to a scenario whose first line is `#:schema scenario.schema.json`.
    """
    import json

    from sim.scenario.editor import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
