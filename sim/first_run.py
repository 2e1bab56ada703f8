"""The first run ever: kernels are compiled by two processes, each from its own end of the day.

Compiling is the work of one thread at a time (numba holds a lock) and takes three quarters of a minute, so a helper
compiles the last and longest kernels while this process compiles the others. Both keep them in the cache of this
version (`sim/compiled.py`), where everybody finds them from then on.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numba

from sim.agents.consumers import TALK, empty_consumers
from sim.channels.csr import empty
from sim.channels.tie_table import side_by_side
from sim.day import steps
from sim.day.state import World
from sim.founding import found_world, gather_world
from sim.plan import Plan, make_plan
from sim.scenario.scenario import Scenario

#: Written into the cache when all is there.
MARK = "compiled"
#: Any story does, since kernels are the same for all; the fewer consumers the better.
_STORY, _AGENTS = "coffee_subscription", 64

_looked = False


def compile_once() -> None:
    """See that the kernels of a day are compiled; does nothing but look from the second run on.

    Worker processes, machines with one core and runs without a compiler leave it to the first call of each kernel.
    Whatever goes wrong with the helper is compiled here at that time, too.
    """
    global _looked
    if _looked:
        return
    _looked = True
    folder = Path(str(getattr(numba.config, "CACHE_DIR")))  # noqa: B009  (declared at run time only)
    alone = (os.cpu_count() or 1) < 2 or multiprocessing.parent_process() is not None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    kept = bool(folder.name) and os.access(folder, os.W_OK)  # else what the helper compiles would be lost
    if alone or getattr(numba.config, "DISABLE_JIT") or not kept or (folder / MARK).exists():  # noqa: B009
        return
    command = [sys.executable, "-c", "from sim.first_run import compile_last; compile_last()"]
    home = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder)}
    nowhere = subprocess.DEVNULL
    try:
        helper = subprocess.Popen(command, env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    except OSError:
        return
    try:
        _compile_first()
        helper.wait()
    finally:
        helper.kill()
        helper.wait()
    with suppress(OSError):  # a cache that cannot be written: each run does what it can
        (folder / MARK).touch()


def _plan() -> Plan:
    """The plan of a tiny run."""
    return make_plan(Scenario.load(_STORY).with_changes({"agents": _AGENTS, "days": 2}))


def _compile_first() -> None:
    """Founding, and the day up to the choice, in this process."""
    world = found_world(_plan())
    world.day, world.cap_reached[:] = 1, True
    steps.plan_step(world)
    steps.expose_step(world)
    world.people.speaking[:] = TALK
    steps.talk_step(world)


def compile_last() -> None:
    """From the choice to the evening; no more of the world is founded than they need."""
    world = _bare_world(_plan())
    steps.decide_step(world)
    steps.experience_step(world)
    steps.move_step(world)


def _bare_world(plan: Plan) -> World:
    """A world in which nobody has ever heard of anything or knows anybody; nothing had to be compiled for it."""
    people = empty_consumers(plan.agents, plan.brands.what.size, plan.touchpoints.capped.size)
    layers, ties = side_by_side(plan, [empty(plan.agents) for _ in plan.layers])
    return gather_world(plan, people, layers, ties, [0 for _ in plan.layers])
