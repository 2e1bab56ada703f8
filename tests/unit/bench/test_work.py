"""What steps cannot do without: counted by hand on a run small enough for it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.consumers import POST, TALK
from sim.agents.stages import Stage
from sim.bench.limits import Limits, draw, fade, jump
from sim.bench.memory import count_bytes
from sim.bench.stopwatch import REST, Stopwatch, Times
from sim.bench.work import WORK, TieCount, bound, bytes_streamed, happened
from sim.counters import PersonCount, TouchCount
from sim.engine import DAY, Engine, simulate
from sim.scenario.scenario import Scenario

AGENTS, DAYS = 3000, 12
LIMITS = Limits(threads=1, footprint=1, stream=1e9, reads={AGENTS: 1e6}, draws=1e8, words=1e8)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("coffee_subscription").with_changes({"agents": AGENTS, "days": DAYS})


@pytest.fixture(scope="module")
def lived(scenario: Scenario) -> tuple[Engine, TieCount, Times]:
    engine = Engine(scenario, threads=1)
    ties, times = TieCount(engine.world), Times()
    watch = Stopwatch(engine, {"talk": ties})
    for _ in range(DAYS):
        watch.day(times)
    return engine, ties, times


def test_every_step_is_declared() -> None:
    assert set(WORK) == {step.name for step in DAY}


def test_declared_columns_exist(lived: tuple[Engine, TieCount, Times]) -> None:
    people = vars(lived[0].world.people)
    for name, work in WORK.items():
        for column in (*work.reads, *work.writes, *work.updates, *work.few, *filter(None, [work.table])):
            assert column in people, name


def test_a_clock_changes_nothing(scenario: Scenario, lived: tuple[Engine, TieCount, Times]) -> None:
    plain = simulate(scenario, threads=1)
    assert lived[0].results().daily.equals(plain.daily)


def test_times_add_up(lived: tuple[Engine, TieCount, Times]) -> None:
    times = lived[2]
    assert list(times.steps) == [*(step.name for step in DAY), REST]
    assert np.sum(list(times.steps.values()), axis=0) == pytest.approx(times.days)
    assert all(second >= 0 for seconds in times.steps.values() for second in seconds)


def test_what_happened_is_the_record(lived: tuple[Engine, TieCount, Times]) -> None:
    engine, ties, _ = lived
    day = happened(engine, [4, 7], ties)
    touch, person = engine.recorder.touch[[4, 7]], engine.recorder.person[[4, 7]]
    assert day.contacts == touch[:, :, TouchCount.CONTACTS].sum() / 2
    assert day.reached == touch[:, :, TouchCount.CONTACTS].max(axis=1).mean()
    assert day.buyers == person[:, :, [PersonCount.FIRST_PURCHASES, PersonCount.REPEAT_PURCHASES]].sum() / 2
    assert day.tied == (ties.days[4] + ties.days[7]) / 2


def test_ties_of_speakers_one_by_one(lived: tuple[Engine, TieCount, Times]) -> None:
    engine, ties, _ = lived
    world, plan = engine.world, engine.plan
    world.people.speaking[:5] = [TALK, POST, TALK | POST, 0, POST]
    seen = len(ties.days)
    ties(world)
    counted = ties.days.pop(seen)
    expected = 0.0
    for i in range(AGENTS):
        uses = [k for k, bits in enumerate(plan.posting_bits) if world.people.member[i] & bits]
        for layer, posting in zip(world.layers, plan.posting_what, strict=True):
            assert layer is not None
            degree = layer.ptr[i + 1] - layer.ptr[i]
            if posting < 0:
                expected += degree if world.people.speaking[i] & TALK else 0
            elif world.people.speaking[i] & POST and posting in uses:
                expected += degree / len(uses)
    assert counted == pytest.approx(expected)
    assert counted > 0


def test_bytes_by_hand(lived: tuple[Engine, TieCount, Times]) -> None:
    engine, ties, _ = lived
    day = happened(engine, list(range(1, DAYS)), ties)
    # persona 1, recall 4, openness 4, stage 1; four columns of 4 read and written; 2 written; and read and written the
    # lines of 64 bytes in which at least one customer has something: two columns of 4, one of 1
    standing = engine.recorder.standing[1:DAYS].sum(axis=1)
    others = 1.0 - standing[:, Stage.SERVICE : Stage.ADVOCACY + 1].sum(axis=1).mean() / AGENTS
    lines = 2 * 2 * 4 * (1.0 - others**16) + 2 * (1.0 - others**64)
    assert bytes_streamed(WORK["move"], engine, day) == pytest.approx(AGENTS * (10 + 4 * 8 + 2 + lines))
    found = bytes_streamed(WORK["expose"], engine, day)
    assert AGENTS * 1 < found <= AGENTS * (1 + 7 * 8)  # at most every line of the seven columns


def test_a_bound_is_the_largest_of_three(lived: tuple[Engine, TieCount, Times]) -> None:
    engine, ties, _ = lived
    day = happened(engine, list(range(1, DAYS)), ties)
    found = bound("decide", engine, day, LIMITS)
    assert found.stream == pytest.approx(AGENTS * (4 + 1 + 2 + 1) / 1e9)  # need_rate, stage, due, today
    assert found.jumps == pytest.approx(day.asked / 1e6)
    brands = engine.plan.brands.what.size
    assert found.draws == pytest.approx(day.picks * brands / 1e8 + day.blocks / LIMITS.words)
    assert found.seconds == max(found.stream, found.jumps, found.draws)
    talk = bound("talk", engine, day, LIMITS)
    assert (talk.stream, talk.draws) == (pytest.approx(AGENTS / 1e9), pytest.approx(day.tied / 1e8))
    assert talk.by == "streaming"
    assert bound("storm", engine, day, LIMITS).by == "–"


def test_bytes_of_a_population(lived: tuple[Engine, TieCount, Times]) -> None:
    world = lived[0].world
    found = count_bytes(world)
    entries = sum(layer.idx.size for layer in world.layers if layer is not None)
    assert found.directions == entries
    assert found.per_tie == 4.0
    belongs = world.plan.groups.size / 8  # a bit for each membership requirement
    assert found.each == pytest.approx(world.people.bytes_each + 3 * 4 + belongs, abs=0.03)  # columns, three layers
    assert found.arrays == pytest.approx(found.each * AGENTS + 4 * entries)


def test_yardsticks_do_their_work() -> None:
    column = np.ones(20_001, np.float32)
    fade(column, np.float32(0.5))
    assert np.all(column == 0.5)
    assert jump(np.full(1000, 3, np.uint8), 50_001) == 150_003
    assert draw(np.uint64(1), 100_001) == pytest.approx(50_000, abs=800)


def test_what_a_probe_takes_is_not_counted(scenario: Scenario) -> None:
    now = 0

    def clock() -> float:
        nonlocal now
        now += 1
        return float(now)

    def probe(_world: object) -> None:
        nonlocal now
        now += 1000

    times = Times()
    Stopwatch(Engine(scenario, threads=1), {"talk": probe}, clock).day(times)
    assert times.steps["talk"] == [1.0]
    assert times.days[0] < 100
