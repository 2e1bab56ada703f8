"""The command line: the list of commands, and how every one of them ends well. Each stands in `sim/commands/`."""

from __future__ import annotations

import atexit
import errno
import gc
from importlib import import_module
from typing import Any

import click

from sim.commands.ending import BAD_INPUT, FAILED, INTERRUPTED, fail
from sim.interrupt import listening
from sim.version import VERSION

#: Every command and the file it stands in, in the order of help. A file is read when its command is asked for.
COMMANDS = {
    "new": "sim.commands.stories",
    "scenarios": "sim.commands.stories",
    "schema": "sim.commands.stories",
    "check": "sim.commands.check",
    "run": "sim.commands.run",
    "compare": "sim.commands.compare",
    "frontier": "sim.commands.frontier",
    "credit": "sim.commands.credit",
    "storm": "sim.commands.storm",
    "sweep": "sim.commands.sweep",
    "sensitivity": "sim.commands.sensitivity",
    "calibrate": "sim.commands.calibrate",
    "bench": "sim.commands.bench",
}


#: New objects after which Python looks for garbage. Loading all libraries makes 400,000, a run leaves 40 that need it.
MANY_OBJECTS = 1_000_000


class Journey(click.Group):
    """A group of commands that ends in one clear message, whatever goes wrong."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program. It looks for garbage rarely, and not at all when it ends, which saves a start 0.3 s."""
        gc.set_threshold(MANY_OBJECTS)
        atexit.register(gc.freeze)
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors a user can cause become a message and an exit code, without a traceback."""
        try:
            with listening():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            fail("interrupted, nothing written", INTERRUPTED)
        except MemoryError:
            fail("not enough memory; simulate fewer consumers with --agents", FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe has seen enough; click ends quietly
                raise
            place = f"{error.filename}: " if error.filename else ""
            fail(f"{place}{error.strerror or error}", FAILED)
        except Exception as error:
            from sim.errors import JourneyError, ScenarioError

            if not isinstance(error, JourneyError):
                raise
            fail(str(error), BAD_INPUT if isinstance(error, ScenarioError) else FAILED)


@click.group(cls=Journey, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="journey")
def main() -> None:
    """Simulate customer journeys: how people get to know a brand, buy, stay, recommend and leave.

    A FILE is a scenario in TOML, or the name of a shipped one (see `journey scenarios`).
    """


if __name__ == "__main__":
    main()
