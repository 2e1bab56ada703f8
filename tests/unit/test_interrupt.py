"""An interrupt is remembered, also if what it interrupted ignores exceptions, and forgotten with the command."""

from __future__ import annotations

import ctypes
import os
import signal

import pytest

from sim import interrupt
from sim.engine import Engine
from sim.scenario.scenario import Scenario


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_lost_in_a_callback_ends_the_next_day(kind: signal.Signals) -> None:
    engine = Engine(Scenario.load("limit_sbg").with_changes({"agents": 100}), threads=1)
    called = ctypes.CFUNCTYPE(None)(lambda: os.kill(os.getpid(), kind))
    handler = signal.getsignal(kind)
    with interrupt.listening():
        called()  # a callback of compiled code: the exception goes no further
        with pytest.raises(KeyboardInterrupt):
            engine.step()
    assert signal.getsignal(kind) == handler
    engine.step()  # forgotten


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupt.listening():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_must_not_be_cut_in_two_is_finished_first() -> None:
    done = []

    def interrupted_meanwhile() -> None:
        with interrupt.held():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append(True)

    with interrupt.listening(), pytest.raises(KeyboardInterrupt):
        interrupted_meanwhile()
    assert done


def test_nothing_is_raised_while_compiled_code_is_loaded() -> None:
    """It would be told as "Exception ignored", and lost."""
    loader = compile("os.kill(os.getpid(), signal.SIGTERM)", "/anywhere/llvmlite/binding/executionengine.py", "exec")
    with interrupt.listening():
        exec(loader, {"os": os, "signal": signal})
        with pytest.raises(KeyboardInterrupt):
            interrupt.check()
