"""Step *storm*: the media take it up, the brand sees it and answers, and what that costs."""

from __future__ import annotations

import math

from sim.channels.storm import calmed, fit, strength
from sim.day.state import World
from sim.day.storm_state import Outrage
from sim.day.storm_take import compensate_all, repair_all
from sim.plan import cents
from sim.scenario.storm import RESPONSES, Response
from sim.storm_plan import Cause, StormPlan


def moderated(plan: StormPlan, storm: Outrage, moment: int, posts: float) -> float:
    """Share of this hour's posts on the hub (people's) that moderators answer; none before the storm is detected."""
    if posts <= 0 or not 0 <= storm.detected <= moment:
        return 0.0
    return min(1.0, plan.settings.moderators.staff * plan.settings.moderators.answers_per_hour / posts)


def notice(plan: StormPlan, storm: Outrage, moment: int, posts: float) -> None:
    """At the end of an hour with so many people's posts: do the media take it up, does the brand see it?"""
    media, listening = plan.settings.media, plan.settings.listening
    if media.threshold_posts_per_hour is not None and not storm.reported and posts >= media.threshold_posts_per_hour:
        storm.reported = True
        storm.media_until = moment + 1 + media.hours
    if storm.detected < 0 and posts >= listening.threshold_posts_per_hour:
        storm.detected = moment + 1 + listening.lag_hours


def answer(world: World, plan: StormPlan, storm: Outrage, cause: Cause, moment: int) -> tuple[int, int]:
    """Responses whose hour has come; returns their bits, and how many customers were compensated at once."""
    begun = taken = 0
    if storm.detected < 0:
        return begun, taken
    for response in sorted(plan.settings.responses, key=lambda response: RESPONSES.index(response.kind)):
        bit = 1 << RESPONSES.index(response.kind)
        if storm.fired & bit or moment < storm.detected + response.delay_hours:
            continue
        storm.fired |= bit
        begun |= bit
        taken += _respond(world, plan, storm, cause, response, moment)
    return begun, taken


def _respond(world: World, plan: StormPlan, storm: Outrage, cause: Cause, response: Response, moment: int) -> int:
    """One response begins; returns how many customers are compensated at once."""
    effects, people, panel = plan.settings.effects, world.people, world.panel
    effect = getattr(effects, response.kind)
    works = strength(response, effect, cause, moment, effects.impatience_half_life_hours)
    storm.calm *= calmed(effect, cause, works)
    storm.relief *= 1.0 - effect.relieves * works
    hides = effect.hides * fit(effect, cause)
    storm.hidden = 1.0 - (1.0 - storm.hidden) * (1.0 - hides)
    storm.cents += cents(response.cost_eur)
    repaired = effect.repairs * works
    if response.kind == "supporters":
        storm.boost = effects.supporters_boost * works
    if response.kind == "private_channel":
        storm.moved = hides
    if response.kind == "compensate":
        storm.given = repaired
        return int(
            compensate_all(
                world.plan.seed,
                moment,
                storm.seen.who,
                storm.seen.size,
                repaired,
                effects.take_up,
                people.persona,
                people.stage,
                storm.fresh,
                people.feeling,
                world.tally.person[0],
                panel.stride,
                panel.entries,
                panel.used,
            )
        )
    if repaired > 0:
        repair_all(storm.seen.who, storm.seen.size, repaired, storm.fresh, people.feeling)
    return 0


def cost_of_cases(plan: StormPlan, weight: float, compensated: int, moved: float) -> int:
    """Cents for customers compensated and posts taken to a private channel in an hour, of the market."""
    total = 0
    for response in plan.settings.responses:
        if response.kind == "compensate":
            total += math.floor(weight * (compensated * cents(response.cost_per_case_eur)) + 0.5)
        elif response.kind == "private_channel":
            total += math.floor(100.0 * weight * moved * response.cost_per_case_eur + 0.5)
    return total
