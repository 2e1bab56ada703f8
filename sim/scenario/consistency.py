"""What must agree between settings: shares that sum to 1, names that exist, costs that fit a form, dates in order.

Each rule is a generator over a `Story` whose values are fine one by one; `RULES` lists them all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sim.scenario.bounds import Bounds
from sim.scenario.personas import CONTACT_CHANNELS
from sim.scenario.story import Story
from sim.scenario.touchpoints import FORMS, PURPOSES, Spend, Touchpoint
from sim.scenario.words import nearest, one_of, shown

TOLERANCE = 1e-6  # by which shares may miss their sum
#: EUR if everybody bought once; 1e13 EUR are 1e15 cents, and 9,000 such days fit into 64 bits.
MOST_TURNOVER_EUR = 1e13
MOST_RIVALS = 15  # what a consumer has ever bought is kept in 16 bits, one for the focal brand
MOST_MEMBERSHIPS = 32  # platforms and opt-ins are kept in 32 bits per consumer
RESERVED_BRANDS = ("focal", "nothing")  # names of the own brand and of buying nothing in tables of results
RESERVED_LINES = ("for_", "of_")  # of columns like cost_for_service_cents
RESERVED_LINE = "desks"  # the service staff, where studies divide money

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Clash:
    """Settings that are fine alone but not together.

    Attributes
    ----------
    path : keys, list positions and names of the setting to blame
    found, expected : in plain words
    needs : paths by name the clash depends on, "*" for any entry; if one of them is broken it says nothing
    """

    path: Path
    found: str
    expected: str
    needs: tuple[Path, ...]


def clashes(story: Story) -> list[Clash]:
    """All of them, in the order of `RULES`."""
    return [clash for rule in RULES for clash in rule(story)]


# people


def _persona_shares(story: Story) -> Iterator[Clash]:
    total = math.fsum(persona.share for persona in story.personas)
    if abs(total - 1) > TOLERANCE:
        needs: tuple[Path, ...] = (("personas", "*", "share"),)
        yield Clash(("personas",), _sum(total), "shares of all personas that sum to 1", needs)


def _contact_shares(story: Story) -> Iterator[Clash]:
    for at, persona in enumerate(story.personas):
        total = math.fsum(getattr(persona.contact, channel) for channel in CONTACT_CHANNELS)
        if abs(total - 1) > TOLERANCE:
            needs: tuple[Path, ...] = (("personas", persona.name, "contact"),)
            channels = ", ".join(CONTACT_CHANNELS)
            yield Clash(("personas", at, "contact"), _sum(total), f"shares of {channels} that sum to 1", needs)


def _start_shares(story: Story) -> Iterator[Clash]:
    start = story.start
    total = math.fsum(
        (start.awareness, start.consideration, start.retention, start.loyalty, start.advocacy, start.lapsed)
    )
    if total > 1 + TOLERANCE:
        yield Clash(("start",), _sum(total), "shares that sum to at most 1; the rest is unaware", (("start",),))


def _dialogue_shares(story: Story) -> Iterator[Clash]:
    dialogue = story.dialogue
    total = math.fsum((dialogue.like_share, dialogue.comment_share, dialogue.share_share, dialogue.save_share))
    if abs(total - 1) > TOLERANCE:
        shares = "like_share, comment_share, share_share and save_share that sum to 1"
        yield Clash(("dialogue",), _sum(total), shares, (("dialogue",),))


def _leaving(story: Story) -> Iterator[Clash]:
    a, b = story.experience.leave_a, story.experience.leave_b
    if (a is None) != (b is None):
        needs: tuple[Path, ...] = (("experience", "leave_a"), ("experience", "leave_b"))
        found = f"leave_a = {shown(a or 'none')} and leave_b = {shown(b or 'none')}"
        yield Clash(("experience", "leave_a" if a is None else "leave_b"), found, 'two numbers, or both "none"', needs)


def _leaving_by_date(story: Story) -> Iterator[Clash]:
    every, kind = story.experience.leave_every_days, story.market.kind
    if every > 0 and kind != "repeat":
        needs: tuple[Path, ...] = (("experience", "leave_every_days"), ("market", "kind"))
        why = {
            "subscription": "a subscription is left when it is renewed, every market.period_days",
            "durable": "the owner of a durable bought it once and does not leave by himself",
        }
        expected = f'0, or market.kind "repeat": {why[kind]}'
        yield Clash(("experience", "leave_every_days"), f"{every} in a {kind} market", expected, needs)


# names


def _unique_names(story: Story) -> Iterator[Clash]:
    lists: dict[Path, list[str]] = {
        ("personas",): [persona.name for persona in story.personas],
        ("touchpoints",): [touchpoint.name for touchpoint in story.touchpoints],
        ("ties",): [ties.name for ties in story.ties],
        ("market", "rivals"): [rival.name for rival in story.market.rivals],
    }
    for path, names in lists.items():
        for name, times in Counter(names).items():
            if times > 1:
                yield Clash((*path, name, "name"), f"{shown(name)} {times} times", "a name of its own", ())


def _rival_names(story: Story) -> Iterator[Clash]:
    for at, rival in enumerate(story.market.rivals):
        if rival.name in RESERVED_BRANDS:
            path: Path = ("market", "rivals", at, "name")
            yield Clash(path, shown(rival.name), "another name, as results use this one for something else", ())


def _line_names(story: Story) -> Iterator[Clash]:
    for at, touchpoint in enumerate(story.touchpoints):
        if touchpoint.name.startswith(RESERVED_LINES):
            path: Path = ("touchpoints", at, "name")
            yield Clash(path, shown(touchpoint.name), "another name, as costs in results begin like this", ())
        if touchpoint.name == RESERVED_LINE or touchpoint.name in PURPOSES:
            path = ("touchpoints", at, "name")
            yield Clash(path, shown(touchpoint.name), "another name, as budgets are called like this", ())


def _bounds(story: Story) -> Iterator[Clash]:
    places: list[tuple[Path, Bounds]] = [(("service", "bounds"), story.service.bounds)]
    places += [(("touchpoints", at, "bounds"), touchpoint.bounds) for at, touchpoint in enumerate(story.touchpoints)]
    for path, bounds in places:
        if bounds.least > bounds.most:
            found = f"least {bounds.least:g} above most {bounds.most:g}"
            yield Clash((*path, "least"), found, "at most as much as `most`", ())


def _known_personas(story: Story) -> Iterator[Clash]:
    known = [persona.name for persona in story.personas]
    for at, touchpoint in enumerate(story.touchpoints):
        for key in ("affinity", "opt_in_by_persona"):
            for name in getattr(touchpoint, key):
                if name not in known:
                    needs: tuple[Path, ...] = (("personas", "*", "name"), ("touchpoints", touchpoint.name, key, name))
                    path: Path = ("touchpoints", at, key, name)
                    yield Clash(path, shown(name), f"the name of a persona: {one_of(known, name)}", needs)


def _landings(story: Story) -> Iterator[Clash]:
    pages = {touchpoint.name for touchpoint in story.touchpoints if touchpoint.mechanism == "visits"}
    for at, touchpoint in enumerate(story.touchpoints):
        target = touchpoint.lands_on
        if target is None or (target in pages and target != touchpoint.name):
            continue
        others = sorted(pages - {touchpoint.name})
        close = nearest(target, others)
        expected = "the name of another touchpoint of form visits"
        expected += f": {', '.join(others)}" if others else ", and there is none"
        expected += f' (did you mean "{close}"?)' if close else ""
        needs: tuple[Path, ...] = tuple(("touchpoints", "*", key) for key in ("name", "kind", "form"))
        yield Clash(("touchpoints", at, "lands_on"), shown(target), expected, needs)


# market


def _rival_count(story: Story) -> Iterator[Clash]:
    count = len(story.market.rivals)
    if count > MOST_RIVALS:
        yield Clash(("market", "rivals"), f"{count} rivals", f"at most {MOST_RIVALS}", (("market", "rivals"),))


def _reference_price(story: Story) -> Iterator[Clash]:
    if story.market.reference_price is None:
        needs: tuple[Path, ...] = (("market", "rivals"), ("market", "nothing_attraction"), ("market", "price"))
        why = "no rival has a price" if story.market.rivals else "without rivals nothing says what is a usual price"
        yield Clash(("market", "reference_price"), "nothing", f"a number above 0: {why}", needs)


def _turnover(story: Story) -> Iterator[Clash]:
    most = story.market.size * max(story.market.price, story.market.unit_cost)
    if most > MOST_TURNOVER_EUR:
        needs: tuple[Path, ...] = (("market", "size"), ("market", "price"), ("market", "unit_cost"))
        expected = f"at most {MOST_TURNOVER_EUR:.0e} EUR, so that cents can be added up exactly"
        yield Clash(("market", "size"), f"size times price of {most:.3g} EUR", expected, needs)


def _season(story: Story) -> Iterator[Clash]:
    if not any(story.market.season):
        yield Clash(("market", "season"), "only zeros", "a season above 0 in some month", (("market", "season"),))


def _memberships(story: Story) -> Iterator[Clash]:
    platforms = {name for persona in story.personas for name in persona.platforms}
    platforms |= {touchpoint.platform for touchpoint in story.touchpoints if touchpoint.platform}
    platforms |= {ties.platform for ties in story.ties if ties.platform}
    opt_ins = sum(restricts(touchpoint) for touchpoint in story.touchpoints)
    if len(platforms) + opt_ins > MOST_MEMBERSHIPS:
        found = f"{len(platforms)} platforms and {opt_ins} touchpoints with an opt-in"
        needs: tuple[Path, ...] = (("personas",), ("touchpoints",), ("ties",))
        yield Clash((), found, f"at most {MOST_MEMBERSHIPS} platforms and opt-ins together", needs)


# dates


def _dates_in_order(story: Story) -> Iterator[Clash]:
    periods: list[tuple[Path, date, date]] = [
        (("market", "discounts", at), cut.start, cut.end) for at, cut in enumerate(story.market.discounts)
    ]
    for position, touchpoint in enumerate(story.touchpoints):
        for at, flight in enumerate(touchpoint.spend.flights):
            periods.append((("touchpoints", position, "spend", "flights", at), flight.start, flight.end))
    for path, start, end in periods:
        if start > end:
            found = f"{end} before the start on {start}"
            yield Clash((*path, "end"), found, f"a date from {start} on", ())


def _calendar(story: Story) -> Iterator[Clash]:
    if last_day(story) is None:
        needs: tuple[Path, ...] = (("start_date",), ("days",))
        yield Clash(
            ("start_date",), str(story.start_date), f"a date more than {story.days} days before 10000-01-01", needs
        )


def _weeks_cover_the_run(story: Story) -> Iterator[Clash]:
    last = last_day(story)
    for at, touchpoint in enumerate(story.touchpoints):
        spend = touchpoint.spend
        if not spend.weeks_eur or last is None:
            continue
        first_week = spend.weeks_start or story.start_date
        missing = (first_week - story.start_date).days > 0 or (last - first_week).days >= 7 * len(spend.weeks_eur)
        if missing:
            needs: tuple[Path, ...] = (("touchpoints", touchpoint.name, "spend"), ("start_date",), ("days",))
            expected = f"an amount for every week from {story.start_date} to {last} (start_date and days)"
            yield Clash(("touchpoints", at, "spend", "weeks_eur"), _weeks(spend, first_week), expected, needs)


def _weeks(spend: Spend, first: date) -> str:
    try:
        end = str(first + timedelta(days=7 * len(spend.weeks_eur) - 1))
    except OverflowError:
        end = "after 9999"
    return f"weeks from {first} to {end}"


def _files_are_read(story: Story) -> Iterator[Clash]:
    for at, touchpoint in enumerate(story.touchpoints):
        spend = touchpoint.spend
        path: Path = ("touchpoints", at, "spend")
        needs: tuple[Path, ...] = (("touchpoints", touchpoint.name, "spend"),)
        if spend.file is not None:
            yield Clash((*path, "file"), shown(spend.file), "a scenario made by Scenario.load or from_dict", needs)
        elif spend.column is not None:
            yield Clash((*path, "column"), shown(spend.column), "a column only together with a file", needs)


# touchpoints and ties


def _forms(story: Story) -> Iterator[Clash]:
    for at, touchpoint in enumerate(story.touchpoints):
        allowed = FORMS[touchpoint.kind]
        if touchpoint.mechanism not in allowed:
            needs: tuple[Path, ...] = tuple(("touchpoints", touchpoint.name, key) for key in ("form", "kind"))
            expected = f"a form of {touchpoint.kind} touchpoints: {one_of(allowed)}"
            yield Clash(("touchpoints", at, "form"), shown(touchpoint.mechanism), expected, needs)


def _costs(story: Story) -> Iterator[Clash]:
    """What a form needs so that its spend buys contacts."""
    for at, touchpoint in enumerate(story.touchpoints):
        form, name = touchpoint.mechanism, touchpoint.name
        if form not in FORMS[touchpoint.kind]:
            continue
        paid_for = ["spend"] if spends(touchpoint) else []
        wanted: list[str] = []
        if paid_for and form == "impressions" and not (touchpoint.cpm_eur or touchpoint.cost_per_contact_eur):
            yield Clash(
                ("touchpoints", at, "cpm_eur"),
                "spend without a price",
                "cpm_eur or cost_per_contact_eur above 0",
                _of(name, "spend", "cpm_eur", "cost_per_contact_eur", "kind", "form"),
            )
        elif paid_for and form in ("influencers", "curation"):
            wanted = ["cost_per_post_eur", "reach_per_post"]
        elif paid_for and form == "referral":
            wanted = ["reward_eur"]
        elif form == "sends":
            wanted, paid_for = ["sends_per_week"], []
        for key in wanted:
            if not getattr(touchpoint, key):
                why = f"a number above 0, as form {form} " + ("with spend needs it" if paid_for else "needs it")
                needs = _of(name, key, *paid_for, "kind", "form")
                yield Clash(("touchpoints", at, key), "0", why, needs)


def _of(touchpoint: str, *keys: str) -> tuple[Path, ...]:
    return tuple(("touchpoints", touchpoint, key) for key in keys)


def _tie_files(story: Story) -> Iterator[Clash]:
    for at, ties in enumerate(story.ties):
        needs: tuple[Path, ...] = (("ties", ties.name, "kind"), ("ties", ties.name, "file"))
        if ties.kind == "file" and ties.file is None:
            yield Clash(("ties", at, "file"), "nothing", "the path of an edge list, as kind is file", needs)
        elif ties.kind != "file" and ties.file is not None:
            yield Clash(("ties", at, "kind"), shown(ties.kind), "kind file, as a file is given", needs)


def _tie_numbers(story: Story) -> Iterator[Clash]:
    for at, ties in enumerate(story.ties):
        if ties.kind not in ("mixing", "file") and ties.mean_degree > story.agents - 1:
            needs: tuple[Path, ...] = (("ties", ties.name), ("agents",))
            expected = f"at most {story.agents - 1}, the number of others (agents - 1)"
            yield Clash(("ties", at, "mean_degree"), f"{ties.mean_degree:g}", expected, needs)


# storm


def _hub(story: Story) -> Iterator[Clash]:
    named = story.storm.hub.touchpoint
    pages = sorted(t.name for t in story.touchpoints if t.kind == "owned" and t.two_way)
    if named is not None and named not in pages:
        needs: tuple[Path, ...] = (
            ("storm", "hub"),
            *(("touchpoints", "*", key) for key in ("name", "kind", "two_way")),
        )
        expected = "the name of an owned touchpoint with two_way = true"
        expected += f": {one_of(pages, named)}" if pages else ", and there is none"
        yield Clash(("storm", "hub", "touchpoint"), shown(named), expected, needs)


def _one_policy(story: Story) -> Iterator[Clash]:
    """Answers that exclude each other: twice the same, silence beside words, an apology for what is being deleted."""
    kinds = [response.kind for response in story.storm.responses]
    needs: tuple[Path, ...] = (("storm", "responses"),)
    for at, kind in enumerate(kinds):
        path: Path = ("storm", "responses", at, "kind")
        if kind in kinds[:at]:
            yield Clash(path, f"{shown(kind)} twice", "each kind of response once", needs)
        elif kind == "silence" and len(kinds) > 1:
            yield Clash(path, "silence beside other responses", "silence alone, or none of it", needs)
        elif kind == "delete" and "apologise" in kinds:
            yield Clash(path, "delete beside apologise", "one of the two: they contradict each other", needs)


def _somebody_to_begin(story: Story) -> Iterator[Clash]:
    there = {"influencers": story.talk.influencer_share, "trolls": story.storm.trolls.share}
    setting: dict[str, Path] = {
        "influencers": ("talk", "influencer_share"), "trolls": ("storm", "trolls", "share"),
    }  # fmt: skip
    for at, trigger in enumerate(story.storm.triggers):
        who = trigger.first_posters
        if who in there and not there[who]:
            needs: tuple[Path, ...] = (("storm", "triggers"), setting[who])
            expected = f"other first posters, or {'.'.join(map(str, setting[who]))} above 0"
            yield Clash(("storm", "triggers", at, "first_posters"), shown(who), expected, needs)


def restricts(touchpoint: Touchpoint) -> bool:
    """Whether only those who opted in are reached."""
    return touchpoint.opt_in < 1 or bool(touchpoint.opt_in_by_persona)


def spends(touchpoint: Touchpoint) -> bool:
    """Whether a line has a budget at any time, switched on or not."""
    spend = touchpoint.spend
    return bool(spend.weekly_eur or any(spend.weeks_eur) or any(flight.weekly_eur for flight in spend.flights))


def last_day(story: Story) -> date | None:
    """The last day of the run; None if the day after it lies beyond the calendar."""
    try:
        return story.start_date + timedelta(days=story.days) - timedelta(days=1)
    except OverflowError:
        return None


def _sum(total: float) -> str:
    return f"a sum of {total:.6g}"


RULES: Iterable[Callable[[Story], Iterator[Clash]]] = (
    _unique_names,
    _persona_shares,
    _contact_shares,
    _start_shares,
    _dialogue_shares,
    _leaving,
    _leaving_by_date,
    _rival_names,
    _line_names,
    _bounds,
    _known_personas,
    _landings,
    _rival_count,
    _reference_price,
    _turnover,
    _season,
    _memberships,
    _dates_in_order,
    _calendar,
    _weeks_cover_the_run,
    _files_are_read,
    _forms,
    _costs,
    _tie_files,
    _tie_numbers,
    _hub,
    _one_policy,
    _somebody_to_begin,
)
