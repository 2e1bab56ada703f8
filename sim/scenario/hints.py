"""What a scenario may say but probably does not mean. Each is a generator of sentences; `HINTS` lists them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from sim.scenario.consistency import restricts, spends
from sim.scenario.story import Story
from sim.scenario.touchpoints import Form, Touchpoint

MOST_PER_SEGMENT = 3  # personas
#: Settings that only mean something for some forms.
OF_FORMS: dict[str, tuple[Form, ...]] = {
    "cpm_eur": ("impressions",),
    "cost_per_contact_eur": ("impressions", "visits", "sends"),
    "cost_per_post_eur": ("curation", "influencers"),
    "reach_per_post": ("curation", "influencers"),
    "reward_eur": ("referral",),
    "invite_share": ("referral",),
    "invite_discount_percent": ("referral",),
    "visits_per_week": ("visits",),
    "sends_per_week": ("sends",),
}


def hints(story: Story) -> list[str]:
    """All of them, in the order of `HINTS`."""
    return [hint for source in HINTS for hint in source(story)]


def _segments(story: Story) -> Iterator[str]:
    for segment, count in Counter(persona.segment for persona in story.personas if persona.segment).items():
        if count > MOST_PER_SEGMENT:
            yield f'segment "{segment}" has {count} personas; more than {MOST_PER_SEGMENT} are hard to tell apart'


def _weight(story: Story) -> Iterator[str]:
    if story.agents > story.market.size:
        yield f"{story.agents:,} agents stand for only {story.market.size:,.0f} people: each is less than one person"


def _platforms(story: Story) -> Iterator[str]:
    used = {name for persona in story.personas for name, share in persona.platforms.items() if share > 0}
    for kind, entries in (("touchpoints", story.touchpoints), ("ties", story.ties)):
        for entry in entries:
            if entry.platform is not None and entry.platform not in used:
                yield f"{kind}.{entry.name}: nobody uses the platform {entry.platform}"


def _without_effect(story: Story) -> Iterator[str]:
    for touchpoint in story.touchpoints:
        where = f"touchpoints.{touchpoint.name}"
        form = touchpoint.mechanism
        if touchpoint.scale == 0:
            continue
        if form in ("impressions", "influencers", "curation", "referral") and not spends(touchpoint):
            if form != "referral" or touchpoint.reward_eur > 0:
                yield f"{where}: form {form} does nothing without spend, and there is none"
        if form == "visits" and touchpoint.visits_per_week == 0 and not _landed_on(touchpoint, story):
            yield f"{where}: nobody visits, as visits_per_week is 0 and no other touchpoint leads there"
        if not touchpoint.stages and not touchpoint.phases:
            yield f"{where}: addresses nobody, as phases and stages are empty"
        if touchpoint.click > 0 and touchpoint.lands_on is None:
            yield f"{where}: clicks lead nowhere without lands_on"
        if touchpoint.reaction_share > 0 and not touchpoint.two_way:
            yield f"{where}: reaction_share has no effect unless two_way is true"
        idle = [key for key, forms in OF_FORMS.items() if form not in forms and _is_set(touchpoint, key)]
        if idle:
            yield f"{where}: {', '.join(idle)} have no effect with form {form}"


def _landed_on(touchpoint: Touchpoint, story: Story) -> bool:
    return any(other.lands_on == touchpoint.name and other.click > 0 for other in story.touchpoints)


def _is_set(touchpoint: Touchpoint, key: str) -> bool:
    return bool(getattr(touchpoint, key) != type(touchpoint).model_fields[key].default)


def _losses(story: Story) -> Iterator[str]:
    market = story.market
    if 0 < market.price <= market.unit_cost:
        costs = f"unit_cost {market.unit_cost:g} is not below price {market.price:g}"
        yield f"market: every purchase loses money, as {costs}"


def _opt_ins(story: Story) -> Iterator[str]:
    for touchpoint in story.touchpoints:
        if restricts(touchpoint) and not any(
            touchpoint.opt_in_by_persona.get(persona.name, touchpoint.opt_in) for persona in story.personas
        ):
            yield f"touchpoints.{touchpoint.name}: no persona opts in"


def _periods(story: Story) -> Iterator[str]:
    first, last = story.start_date, story.start_date + timedelta(days=story.days - 1)

    def outside(start: date, end: date) -> bool:
        return end < first or start > last

    for at, cut in enumerate(story.market.discounts):
        if outside(cut.start, cut.end):
            yield f"market.discounts.{at}: {cut.start} to {cut.end} is outside the run, {first} to {last}"
    for touchpoint in story.touchpoints:
        for at, flight in enumerate(touchpoint.spend.flights):
            if outside(flight.start, flight.end):
                where = f"touchpoints.{touchpoint.name}.spend.flights.{at}"
                yield f"{where}: {flight.start} to {flight.end} is outside the run, {first} to {last}"


def _storms(story: Story) -> Iterator[str]:
    storm = story.storm
    first, last = story.start_date, story.start_date + timedelta(days=story.days - 1)
    for at, trigger in enumerate(storm.triggers):
        if not first <= trigger.date <= last:
            yield f"storm.triggers.{at}: {trigger.date} is outside the run, {first} to {last}: nothing happens"
    possible = bool(storm.triggers) or storm.ignition.threshold is not None
    if possible and not story.ties and not any(t.kind == "owned" and t.two_way for t in story.touchpoints):
        yield "storm: nobody passes outrage on, as there are no ties and no two-way owned touchpoint"
    if possible and storm.moderators.staff == 0:
        yield "storm.moderators: nobody answers on the hub, as staff is 0"
    if storm.responses and not possible:
        yield "storm.responses: nothing to answer, as there are no triggers and ignition.threshold is not set"


HINTS: Iterable[Callable[[Story], Iterator[str]]] = (
    _segments,
    _weight,
    _platforms,
    _losses,
    _without_effect,
    _opt_ins,
    _periods,
    _storms,
)
