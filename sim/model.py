"""The simulator as a Mesa model, for Mesa's batch runs, data collection and live views.

The only file that imports mesa: `import mesa` takes a second and makes multiprocessing spawn in the whole process.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import mesa

from sim.engine import Engine
from sim.record import Results
from sim.scenario.scenario import Scenario


class JourneyModel(mesa.Model):
    """A run of a scenario; one `step()` is one day. The same numbers as `sim.simulate`, bit for bit.

    Model reporters are the indicators of the whole market (the rows of persona "all" in `Results.daily`), collected
    at the end of every day: row t of `datacollector.get_model_vars_dataframe()` is day t. After the last day of the
    scenario `running` is False.

    In `mesa.batch_run` let `max_steps` be at least the scenario's days (its default is 1000).
    Mappings and lists as *values* stand in a list of their own, because `batch_run` iterates over what it is given::

        mesa.batch_run(
            JourneyModel,
            {
                "scenario": "coffee_subscription",
                "run_seed": [1, 2, 3],
                "changes": [{"market.price": 9.9}, {"market.price": 12.9}],
            },
            max_steps=365,
        )

    Parameters
    ----------
    scenario : Scenario, str, Path or mapping
        A scenario, its file, the name of a shipped one, or its content as nested tables.
    run_seed : int, optional
        Replaces the scenario's seed. Not called `seed`, which Mesa overwrites in batch runs.
    changes : mapping, optional
        Settings to change by dotted path, as for `Scenario.with_changes`.
    threads : int, optional
        Threads of this run; 1 by default, since batch runs use one process per core.
    rng : int, optional
        Used as the run's seed if `run_seed` is not given: the name under which newer versions of Mesa pass seeds.

    Raises
    ------
    ScenarioError
        If the scenario or a change is not valid.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path | Mapping[str, Any] = "coffee_subscription",
        *,
        run_seed: int | None = None,
        changes: Mapping[str, Any] | None = None,
        threads: int | None = 1,
        rng: int | None = None,
    ) -> None:
        story = opened(scenario).with_changes(dict(changes or {}))
        seed = next((int(given) for given in (run_seed, rng) if given is not None), story.seed)
        super().__init__(rng=seed)
        self.story = story
        self.engine = Engine(story, seed=seed, threads=threads)
        names = self.engine.recorder.indicators(0)
        self.datacollector = mesa.DataCollector({name: partial(indicator, name=name) for name in names})

    def step(self) -> None:
        """Simulate one day and collect its indicators; does nothing after the last day."""
        if self.engine.finished:
            self.running = False
            return
        self.engine.step()
        self.datacollector.collect(self)
        self.running = not self.engine.finished

    def results(self) -> Results:
        """The tables of the days simulated so far."""
        return self.engine.results()


def indicator(model: JourneyModel, name: str) -> Any:
    """Value of one indicator on the day that was simulated last; what the reporters call."""
    return model.engine.indicators()[name]


def opened(scenario: Scenario | str | Path | Mapping[str, Any]) -> Scenario:
    """The scenario meant by an object, a file, the name of a shipped one, or nested tables."""
    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, Mapping):
        return Scenario.from_dict(scenario)
    return Scenario.load(scenario)
