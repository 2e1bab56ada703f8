"""The comparison with the stored baseline: what counts as slower, and that no step is forgotten."""

from __future__ import annotations

from benchmarks.baseline import MINOR_TOLERANCE, RESEMBLES, TOLERANCE, Measured, slower, stored
from sim.bench.stopwatch import REST
from sim.engine import DAY


def test_every_step_has_a_baseline_and_yardsticks() -> None:
    steps = {*(step.name for step in DAY), REST}
    assert stored()
    assert all(set(ratios) == steps for ratios in stored().values())
    assert set(RESEMBLES) == steps


def test_a_quarter_slower_is_slow() -> None:
    baseline = {"expose": 2.0, "record": 1.0}
    assert slower({"expose": Measured(2.0 * TOLERANCE - 0.01, 0.5)}, baseline) == []
    assert slower({"expose": Measured(2.0 * TOLERANCE + 0.01, 0.5)}, baseline) == ["expose"]
    assert slower({"record": Measured(MINOR_TOLERANCE - 0.01, 0.05)}, baseline) == []
    assert slower({"record": Measured(MINOR_TOLERANCE + 0.01, 0.05)}, baseline) == ["record"]
    assert slower({"record": Measured(9.0, 0.001)}, baseline) == []  # a thousandth of the day
    assert slower({"new": Measured(0.1, 0.5)}, baseline) == ["new"]
