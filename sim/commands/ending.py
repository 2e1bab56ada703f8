"""How a command ends when it cannot do what was asked."""

from __future__ import annotations

from typing import NoReturn

import click

#: Exit codes: it went wrong, it was asked for nonsense, it was interrupted.
FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def fail(message: str, code: int) -> NoReturn:
    """Tell why and end with an exit code."""
    click.echo(f"journey: {message}", err=True)
    raise SystemExit(code)
