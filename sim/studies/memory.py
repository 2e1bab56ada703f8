"""How many runs fit into memory at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sim.errors import MachineError
from sim.outlook import START_BYTES, estimated_bytes, free_bytes
from sim.plan import make_plan
from sim.scenario.scenario import Scenario
from sim.studies import pool


def bytes_in_lockstep(scenarios: Sequence[Scenario]) -> int:
    """Rough memory of a process that lives through all scenarios at once."""
    return START_BYTES + sum(estimated_bytes(make_plan(scenario)) - START_BYTES for scenario in scenarios)


def workers_that_fit(scenarios: Sequence[Scenario], wanted: int | None) -> int:
    """Processes to use for runs of all scenarios at once: as wanted, else as many as there are cores and memory for.

    Raises
    ------
    MachineError                if not even one fits, or not as many as were wanted
    """
    if wanted is not None and wanted < 1:
        raise ValueError(f"workers must be at least 1, not {wanted}")
    needed, free = bytes_in_lockstep(scenarios), free_bytes()
    fitting = pool.cores() if free is None else free // needed
    if fitting < (wanted or 1):
        needs, has = (f"{size / 2**30:,.1f} GiB" for size in ((wanted or 1) * needed, free or 0))
        plans = f"{len(scenarios)} plans" if len(scenarios) > 1 else "a plan"
        raise MachineError(
            f"{plans} with {scenarios[0].agents:,} consumers in {wanted or 1} processes need about {needs} of memory"
            f" and {has} are free; use fewer --workers, or simulate fewer consumers with --agents"
        )
    return wanted or max(1, min(pool.cores(), fitting))
