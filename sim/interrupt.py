"""Ctrl-C that cannot get lost.

A KeyboardInterrupt that arrives while compiled code is being loaded is raised inside a callback of the compiler, which
ignores exceptions: the run would go on as if nobody had asked. So the wish is also remembered, and looked at every day.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

#: Signals that ask a program to end. A closed terminal tells so on Unix only.
_ENDS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
#: Where the callbacks stand in which exceptions are ignored.
_LOADER = ("llvmlite", "binding", "executionengine.py")
_asked = _held = False


@contextmanager
def held() -> Iterator[None]:
    """Do what must not be cut in two, such as starting a process; whoever asks meanwhile is heard at its end."""
    global _held
    _held = True
    try:
        yield
    finally:
        _held = False
    check()


@contextmanager
def listening() -> Iterator[None]:
    """Let whatever asks the program to end clean up as Ctrl-C does; signals that are ignored stay so."""
    global _asked
    _asked = False
    try:
        before = {kind: signal.signal(kind, _ask) for kind in _ENDS if signal.getsignal(kind) is not signal.SIG_IGN}
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        _asked = False
        for kind, handler in before.items():
            signal.signal(kind, handler)


def check() -> None:
    """Raise KeyboardInterrupt if it was asked for."""
    if _asked:
        raise KeyboardInterrupt


def _ask(_signal: int, frame: FrameType | None) -> None:
    """Remember the wish, and raise at once unless a callback of the compiler would swallow it or it has to wait."""
    global _asked
    _asked = True
    if _held:
        return
    while frame is not None:
        if Path(frame.f_code.co_filename).parts[-3:] == _LOADER:
            return
        frame = frame.f_back
    raise KeyboardInterrupt
