"""`journey check`: what a run will do, before it is run."""

from __future__ import annotations

import click

from sim.commands.options import Story, story_options


@click.command()
@story_options
def check(story: Story) -> None:
    """Validate FILE and tell what a run of it will do."""
    from sim.outlook import look_ahead
    from sim.report.terminal import show_outlook

    show_outlook(look_ahead(story.scenario))
