"""Compare plans on the same consumers with the same luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

from sim.scenario.scenario import Scenario
from sim.studies import pool
from sim.studies.comparison import Comparison
from sim.studies.lockstep import Lockstep, Outcome
from sim.studies.memory import workers_that_fit
from sim.studies.paired import Look, look
from sim.studies.pairing import named_plans, require_pairs
from sim.studies.seeds import following
from sim.summary import INDICATORS, Indicator

#: What comes back from one seed: the outcome of each plan.
Seed = tuple[Outcome, ...]


def indicator_named(name: str) -> Indicator:
    """The indicator of that name.

    Raises
    ------
    ValueError                  if there is none; it lists those there are
    """
    found = next((indicator for indicator in INDICATORS if indicator.name == name), None)
    if found is None:
        raise ValueError(f"no indicator is called {name!r}; there are {', '.join(i.name for i in INDICATORS)}")
    return found


def compare(
    plans: Sequence[Scenario] | Mapping[str, Scenario],
    *,
    seeds: int = 20,
    seed: int | None = None,
    main: str = "profit",
    until_sure: bool = False,
    most_seeds: int = 200,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Run plans on the same consumers with the same luck and compare them with the first.

    Parameters
    ----------
    plans : scenarios                   the reference first; a mapping names them, otherwise their titles do
    seeds : int                         K: the reference's seed (or `seed`) and the whole numbers after it
    seed : int, optional                the first seed
    main : str                          indicator the answer is about (`sim.summary.INDICATORS`)
    until_sure : bool                   add seeds until the main indicator's difference is certain for every plan; the
                                        first look is after `seeds`, each later one after half as many again
    most_seeds : int                    with `until_sure`: where it gives up
    workers : int, optional             processes; by default one per core, fewer if memory is short. Changes no number
    progress : callable, optional       called now and then with (days simulated, days in all)

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError                          if there are fewer than two plans, or no seed, or no such indicator
    ScenarioError                       if the plans cannot be compared person by person
    MachineError                        if memory is too short
    """
    candidates = named_plans(plans)
    if len(candidates) < 2:
        raise ValueError(f"at least two plans are needed to compare, not {len(candidates)}")
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1, not {seeds}")
    if until_sure and most_seeds < seeds:
        raise ValueError(f"most_seeds must be at least {seeds}, the seeds of the first look, not {most_seeds}")
    better = indicator_named(main).name
    require_pairs(candidates)
    scenarios = tuple(plan.scenario.model_copy(update={"panel": 0}) for plan in candidates)
    first = candidates[0].scenario.seed if seed is None else seed
    goal = most_seeds if until_sure else seeds
    days_each = len(candidates) * scenarios[0].days
    runs = pool.each(
        Lockstep(scenarios),
        following(first, goal),
        workers=workers_that_fit(scenarios, workers),
        progress=None if progress is None else lambda done: progress(done, goal * days_each),
    )
    outcomes: list[tuple[Outcome, ...]] = []
    looks: list[list[Look]] = [[] for _ in candidates[1:]]
    stops = look_schedule(seeds, most_seeds) if until_sure else []
    with closing(pool.in_order(runs)) as arriving:
        for outcome in arriving:
            outcomes.append(outcome)
            if len(outcomes) in stops and _enough(outcomes, better, looks, most_seeds):
                break
    return Comparison(
        plans=candidates,
        seeds=tuple(range(first, first + len(outcomes))),
        outcomes=tuple(outcomes),
        main=better,
        looks=tuple(tuple(taken) for taken in looks) if until_sure else (),
        most_seeds=most_seeds if until_sure else 0,
    )


def look_schedule(first: int, most: int) -> list[int]:
    """Numbers of seeds after which the main indicator is looked at: `first`, half as many again, …, `most`."""
    stops = [first]
    while stops[-1] < most:
        stops.append(min(most, math.ceil(1.5 * stops[-1])))
    return stops


def _enough(outcomes: Sequence[tuple[Outcome, ...]], main: str, looks: list[list[Look]], most: int) -> bool:
    """Take a look at every plan; whether all are certain, or differ in nothing at all."""
    done = True
    for k, taken in enumerate(looks, 1):
        gaps = [outcome[k].summary[main] - outcome[0].summary[main] for outcome in outcomes]
        taken.append(look(gaps, taken[-1].seeds if taken else 0, most))
        identical = all(outcome[k].summary == outcome[0].summary for outcome in outcomes)
        done = done and (taken[-1].certain or identical)
    return done
