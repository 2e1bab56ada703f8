"""Where the engine and the twin differ: everything both know, under the same names, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.agents.stages import MOVES, STAGES
from sim.counters import FeelingSum, PersonCount, TouchCount
from sim.day.storm_state import DEFENDS, OUTRAGED, SEEN
from sim.engine import Engine
from sim.plan import Plan
from sim.record import PEOPLE, TOUCH, Results

from .stories import Story
from .words import CHANNELS, Stage

#: Real numbers agree to this much, absolute below 1 and relative above.
NEAR = 1e-6
#: A measure: its name, the meaning of its axes, the engine's numbers and the twin's.
Measure = tuple[str, tuple[str, ...], np.ndarray, np.ndarray]


def first_difference(engine: Engine, story: Story) -> str:
    """Let the engine live a story, and say where it first departs from it; empty if nowhere."""
    while not engine.finished:
        day = engine.day
        engine.step()
        found = differences(measures(engine, story.days[day], story.columns[day]), engine.plan)
        if found:
            return f"day {day}: " + "\n".join(found)
    cases = engine.world.company.cases
    waiting = [cases["who"][cases["desk"] == desk].tolist() for desk in range(len(story.twin.world.queues))]
    if waiting != story.twin.world.queues:
        return f"last day, queues: engine {waiting}, twin {story.twin.world.queues}"
    return "\n".join(differences(tables(engine.results(), story), engine.plan))


def differences(pairs: Iterator[Measure], plan: Plan) -> list[str]:
    """One line for every measure that differs, naming the first place: persona, touchpoint, stage, consumer."""
    lines = []
    for name, axes, engine, twin in pairs:
        if engine.shape != twin.shape:
            lines.append(f"{name}: shape {engine.shape} of the engine, {twin.shape} of the twin")
            continue
        wrong = np.argwhere(~agreeing(engine, twin))
        if len(wrong):
            place = tuple(int(k) for k in wrong[0])
            where = ", ".join(label(plan, axis, k) for axis, k in zip(axes, place, strict=True))
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            lines.append(f"{name} of {where or 'all'}: engine {engine[place]}, twin {twin[place]}{more}")
    return lines


def agreeing(engine: np.ndarray, twin: np.ndarray) -> np.ndarray:
    """Whether numbers are the same: integers exactly, real ones to `NEAR`."""
    if engine.dtype.kind in "iub":
        assert twin.size == 0 or twin.dtype.kind in "iub"
        return np.asarray(engine.astype(np.int64) == twin.astype(np.int64))
    engine, twin = engine.astype(np.float64), twin.astype(np.float64)
    with np.errstate(invalid="ignore"):
        near = np.abs(engine - twin) <= NEAR * np.maximum(1.0, np.abs(twin))
    return near | (engine == twin) | (np.isnan(engine) & np.isnan(twin))


def label(plan: Plan, axis: str, k: int) -> str:
    """A place on an axis in words."""
    names = {
        "persona": plan.personas.names,
        "touchpoint": plan.touchpoints.names,
        "capped": [plan.touchpoints.names[c] for c in plan.touchpoints.capped],
        "alternative": plan.brands.names,
        "channel": CHANNELS,
        "stage": Stage.__members__,
        "from": Stage.__members__,
        "to": Stage.__members__,
    }
    return f"{axis} {list(names[axis])[k]}" if axis in names else f"{axis} {k}"


def measures(engine: Engine, day: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> Iterator[Measure]:
    """Everything about the day that the engine has just lived, beside the twin's record of it."""
    yield from people(engine, columns)
    yield from counters(engine, day)
    yield from brand(engine, day)
    yield from storm(engine, day, columns)


def counters(engine: Engine, day: Mapping[str, Any]) -> Iterator[Measure]:
    """Counts, flows, money and sums of the day."""
    notes, t, lines = engine.recorder, day["day"], len(engine.plan.touchpoints.names)
    for count in PersonCount:
        name = count.name.lower()
        yield name, ("persona",), notes.person[t, :, count], np.array(day[name])
    for touch in TouchCount:
        name = touch.name.lower()
        yield name, ("touchpoint",), notes.touch[t, :, touch], whole(day["touchpoint_" + name])
    yield "cost_cents", ("touchpoint",), notes.cost_cents[t], whole(day["touchpoint_cost_cents"])
    planned = engine.plan.touchpoints.spend_cents[t]
    yield "spend_cents", ("touchpoint",), planned.reshape(lines), whole(day["touchpoint_spend_cents"])
    yield "brand_purchases", ("alternative",), notes.brands[t], np.array(day["brand_purchases"])

    flows = np.zeros((len(engine.plan.personas.names), STAGES, STAGES), np.int64)
    for position, (source, target) in enumerate(MOVES):
        flows[:, source, target] = notes.flows[t, :, position]
    yield "flows", ("persona", "from", "to"), flows, np.array(day["flows"])
    standing = np.array(day["consumers"])
    yield "consumers", ("persona", "stage"), engine.world.counts[0], standing
    yield "consumers recorded", ("persona", "stage"), notes.standing[t], standing
    for kind in FeelingSum:
        name = kind.name.lower()
        known = np.array(day[name], np.float64)
        known[:, Stage.UNAWARE] = 0.0  # not asked for
        yield "sum of " + name, ("persona", "stage"), notes.sums[t, :, :, kind], known


def brand(engine: Engine, day: Mapping[str, Any]) -> Iterator[Measure]:
    """What the brand carries over to the next day."""
    notes, company, t = engine.recorder, engine.world.company, day["day"]
    yield "queue", ("channel",), notes.waiting[t], np.array(day["queue"])
    yield "arrived", ("channel",), company.arrived[t + 1], np.array(day["arrived"])
    yield "served", ("channel",), company.served, np.array(day["served"])
    yield "reviews", ("good or bad",), notes.reviews[t], np.array(day["reviews"])
    yield "advertising_eur", (), np.array(notes.voice_eur[t]), np.array(day["advertising_eur"], np.float64)
    yield "ugc_pool", (), np.array(company.posts_made), np.array(day["ugc_pool"], np.float64)
    yield "pool_cents", ("touchpoint",), company.pool_cents, whole(day["pool_cents"])


def storm(engine: Engine, day: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> Iterator[Measure]:
    """The hours of a storm, and what it left in everybody."""
    raging, hours = engine.world.storm, day["storm_hours"]
    if raging is None:
        for name in ("storm_state", "immune", "fresh"):
            yield name, ("consumer",), np.zeros(len(columns[name]), np.int64), columns[name]
        return
    yield "storm hours", (), np.array(len(raging.hours)), np.array(len(hours))
    if hours and len(raging.hours) == len(hours):
        lived = np.concatenate(raging.hours)
        for name in hours[0]:
            yield f"storm {name}", ("hour",), lived[name], np.array([hour[name] for hour in hours])
    remembered = np.uint8(OUTRAGED | SEEN | DEFENDS)  # other bits are how it is worked out
    yield "storm_state", ("consumer",), raging.state & remembered, columns["storm_state"]
    yield "immune", ("consumer",), raging.immune, columns["immune"]
    yield "fresh", ("consumer",), raging.fresh, columns["fresh"]


def people(engine: Engine, columns: Mapping[str, np.ndarray]) -> Iterator[Measure]:
    """Every column of the consumers, and the counts by membership that the engine carries along."""
    state = engine.world.people
    axes = {"taste": ("consumer", "alternative"), "weekly": ("capped", "consumer")}
    for name, twin in columns.items():
        if name in ("storm_state", "immune", "fresh"):
            continue
        own = np.asarray(getattr(state, name))
        if name == "weekly" and not own.size:
            continue
        if name == "case_day":  # means nothing without a case
            own, twin = (np.where(columns["case_channel"] == 255, -1, day) for day in (own, twin))
        yield name, axes.get(name, ("consumer",)), own, twin
    shape = engine.world.counts[0].shape
    cell = columns["persona"] * STAGES + columns["stage"]
    for r, required in enumerate(engine.plan.groups):
        inside = (columns["member"] & int(required)) == int(required)
        standing = np.bincount(cell[inside], minlength=shape[0] * shape[1]).reshape(shape)
        yield f"members of group {r}", ("persona", "stage"), engine.world.counts[r], standing


def tables(results: Results, story: Story) -> Iterator[Measure]:
    """The tables of a finished run: people and cents of the market."""
    weight, days, world = results.weight, story.days, story.twin.world
    daily = results.daily.sort_values(["persona", "day"]).set_index("persona")
    for p, persona in enumerate(world.personas):
        rows = daily.loc[[persona.name]]
        for name in PEOPLE:
            told = np.array([weight * day[name][p] for day in days])
            yield f"daily {name} of {persona.name}", ("day",), rows[name].to_numpy(np.float64), told
        for name in ("revenue_cents", "unit_cost_cents"):
            cents = np.array([day["market_" + name][p] for day in days])
            yield f"daily {name} of {persona.name}", ("day",), rows[name].to_numpy(np.int64), cents
    rows = daily.loc[["all"]]
    for name in ("profit_cents", "wages_cents", "goodwill_cents", "storm_cents"):
        column = name if name == "profit_cents" else f"cost_of_{name}"
        yield f"daily {column}", ("day",), rows[column].to_numpy(np.int64), np.array([day[name] for day in days])
    for line in world.lines:
        rows = results.touchpoints[results.touchpoints["touchpoint"] == line.t.name]
        cents = np.array([day["touchpoint_cost_cents"][line.index] for day in days])
        yield f"touchpoints cost_cents of {line.t.name}", ("day",), rows["cost_cents"].to_numpy(np.int64), cents
        for name in TOUCH:
            told = np.array([weight * day["touchpoint_" + name][line.index] for day in days])
            yield f"touchpoints {name} of {line.t.name}", ("day",), rows[name].to_numpy(np.float64), told
    if world.storm is not None:
        told = np.array(world.storm.infections, np.int64).reshape(-1, 4)[: world.s.storm.sample]
        sampled = results.infections.assign(channel=results.infections["channel"].cat.codes).to_numpy(np.int64)
        yield "infections", ("row", "moment, who, source, channel"), sampled, told
    bought = np.array([day["brand_purchases"] for day in days]).sum(axis=0)
    buyers = np.array([sum(j in c.bought for c in world.consumers) for j in range(bought.size)])
    yield "brands purchases", ("alternative",), results.brands["purchases"].to_numpy(), weight * bought
    yield "brands buyers", ("alternative",), results.brands["buyers"].to_numpy(), weight * buyers


def whole(values: Any) -> np.ndarray:
    """Integers, also if there are none."""
    return np.array(values, np.int64)
