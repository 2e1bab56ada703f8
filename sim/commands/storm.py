"""`journey storm`: an outrage breaks out; which answer limits it, and what it costs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from sim.commands.options import Place, Story, command_line, place_options, story_options, tell_where, workers_option
from sim.commands.progress import progress_bar

if TYPE_CHECKING:
    from sim.scenario.storm import ResponseKind

YEAR_HOURS = 8760


def _delays(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[int, ...]:
    """`1h,6h,2d` as hours."""
    found = []
    for part in text.split(","):
        word = part.strip()
        number, unit = (word[:-1], word[-1]) if word[-1:] in ("h", "d") else (word, "h")
        if not (number.isascii() and number.isdecimal()):
            raise click.BadParameter(f"{word!r} should look like 6h or 2d")
        found.append(int(number) * (24 if unit == "d" else 1))
    if max(found) > YEAR_HOURS:
        raise click.BadParameter("an answer after more than a year is none")
    return tuple(found)


def _responses(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[ResponseKind, ...]:
    """`all`, or kinds of responses by name."""
    from sim.scenario.storm import RESPONSES
    from sim.scenario.words import one_of

    wanted = {part.strip() for part in text.split(",")}
    for name in sorted(wanted - {"all", *RESPONSES}):
        raise click.BadParameter(f"{name!r} is not {one_of(['all', *RESPONSES], name)}")
    return RESPONSES if "all" in wanted else tuple(kind for kind in RESPONSES if kind in wanted)


def _failure(_ctx: click.Context, _param: click.Parameter, kind: str | None) -> str | None:
    """A kind of failure."""
    from sim.scenario.storm import FAILURES
    from sim.scenario.words import one_of

    if kind is not None and kind not in FAILURES:
        raise click.BadParameter(f"{kind!r} is not {one_of(FAILURES, kind)}")
    return kind


@click.command()
@story_options
@click.option(
    "--trigger",
    "kind",
    callback=_failure,
    help="product_failure, service_failure, social_failure or communication_failure. The first trigger of the scenario,"
    " or if it has none a severe, vivid product failure, is changed by this and the next options.",
)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Its day [default: after a quarter of the run].")
@click.option("--severity", type=click.FloatRange(0, 1), help="How bad it is, 0 to 1.")
@click.option("--vividness", type=click.FloatRange(0, 1), help="A video is 1, hearsay 0.")
@click.option("--posters", type=click.FloatRange(min=0, min_open=True), help="People who post about it first.")
@click.option("--justified/--unjustified", default=None, help="Whether the brand is at fault.")
@click.option(
    "--responses", default="silence,explain,apologise,compensate,supporters", show_default=True, callback=_responses,
    help="Answers to try, or all; silence is always there.",
)  # fmt: skip
@click.option(
    "--delays", default="1h,6h,24h,72h", show_default=True, callback=_delays,
    help="Hours (h) or days (d) from noticing it to the answer.",
)  # fmt: skip
@click.option(
    "--prevent", "weekly_eur", type=click.FloatRange(min=0, min_open=True), metavar="EUR",
    help="Also: what so many EUR a week, spent beforehand, do to it.",
)  # fmt: skip
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True, help="Runs of each, for intervals.")
@workers_option
@place_options
def storm(
    story: Story,
    kind: str | None,
    day: datetime | None,
    severity: float | None,
    vividness: float | None,
    posters: float | None,
    justified: bool | None,
    responses: tuple[ResponseKind, ...],
    delays: tuple[int, ...],
    weekly_eur: float | None,
    seeds: int,
    workers: int | None,
    place: Place,
) -> None:
    """Let a storm of outrage break out in FILE: what it costs, and which answer limits it."""
    from sim.output.storm import fill_storm
    from sim.report.terminal import show_storm
    from sim.studies.prevention import prevention
    from sim.studies.storms import storms, with_trigger

    scenario = with_trigger(
        story.scenario, kind=kind, day=day.date() if day else None, severity=severity, vividness=vividness,
        posters=posters, justified=justified,
    )  # fmt: skip
    Story(story.name, scenario).tell_warnings()
    with place.reserved(f"storm-{story.name}") as (part, folder):
        with progress_bar(place.quiet) as progress:
            found = storms(
                scenario, responses=responses, delays=delays, seeds=seeds, workers=workers, progress=progress
            )
        before = None
        if weekly_eur is not None:
            with progress_bar(place.quiet) as progress:
                before = prevention(scenario, weekly_eur, seeds=seeds, workers=workers, progress=progress)
        fill_storm(part, found, before, command=command_line(), named=folder)
    if not place.quiet:
        show_storm(found, before)
        tell_where(folder)
