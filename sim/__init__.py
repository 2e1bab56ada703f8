"""Customer journey simulator: a map of the house.

    scenario/   what people write, checked on the border          Scenario
    plan.py     a scenario as read-only arrays; rules.py: its settings as one record
    agents/     consumers: who they are, mind, choice, experience
    channels/   between people and brand: paid, owned, earned, ties, service, storm
    day/        the steps of a day; state.py: what a run carries along
    engine.py   the order of the day, and a run                    simulate, Engine, DAY
    record.py   what is counted and the tables of a run            Results
    summary.py  a run in a few numbers; ledger.py: their formulas; intervals.py: how sure they are
    model.py    the same run as a mesa model                       JourneyModel
    studies/    questions over many runs                           compare, frontier, credit
    report/     the page a board member reads
    output/     results on disk; commands/: the command line, a file per command
    luck.py     every random draw; journal.py: the tracked panel; errors.py: all a user can cause

Public names are loaded when they are first used, so that ``journey --help`` does not wait for a compiler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engine import DAY, Engine, simulate
    from sim.errors import JourneyError, OutputError, ScenarioError
    from sim.model import JourneyModel
    from sim.output.run import write_results
    from sim.record import Results
    from sim.scenario.scenario import Scenario
    from sim.studies.compare import compare
    from sim.studies.comparison import Comparison
    from sim.studies.credit import Credit, credit
    from sim.studies.frontier import Frontier, frontier
    from sim.studies.storm_study import StormStudy
    from sim.studies.storms import storms
    from sim.studies.study import Study
    from sim.studies.sweep import sweep
    from sim.studies.weekly_fit import calibrate

__all__ = [
    "DAY",
    "Comparison",
    "Credit",
    "Engine",
    "Frontier",
    "JourneyError",
    "JourneyModel",
    "OutputError",
    "Results",
    "Scenario",
    "ScenarioError",
    "StormStudy",
    "Study",
    "calibrate",
    "compare",
    "credit",
    "frontier",
    "simulate",
    "storms",
    "sweep",
    "write_results",
]

_HOMES = {
    "DAY": "sim.engine",
    "Engine": "sim.engine",
    "simulate": "sim.engine",
    "compare": "sim.studies.compare",
    "Comparison": "sim.studies.comparison",
    "JourneyError": "sim.errors",
    "OutputError": "sim.errors",
    "ScenarioError": "sim.errors",
    "Credit": "sim.studies.credit",
    "credit": "sim.studies.credit",
    "Frontier": "sim.studies.frontier",
    "frontier": "sim.studies.frontier",
    "JourneyModel": "sim.model",
    "StormStudy": "sim.studies.storm_study",
    "storms": "sim.studies.storms",
    "Results": "sim.record",
    "write_results": "sim.output.run",
    "Scenario": "sim.scenario.scenario",
    "Study": "sim.studies.study",
    "sweep": "sim.studies.sweep",
    "calibrate": "sim.studies.weekly_fit",
}


def __getattr__(name: str) -> object:
    """Load a public name from its room."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; there are {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
