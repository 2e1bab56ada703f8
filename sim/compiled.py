"""How compiled kernels are run: where they are kept between runs, and how their threads wait.

Numba notices a changed kernel but not a changed helper that was compiled into it (its manual says so under "Caching:
limitations"), so the cache lives in a folder named by a fingerprint of all source that holds kernels. A new version
compiles anew and never meets stale code. `sim/luck.py` imports this module first of all; `NUMBA_CACHE_DIR` still wins
if it is set.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import numba
from numba import njit
from numba.core.registry import CPUDispatcher

_HERE = Path(__file__).resolve().parent
#: Where kernels and the helpers compiled into them live, relative to this package.
KERNEL_SOURCE = ("luck.py", "journal.py", "counters.py", "agents/*.py", "channels/*.py", "day/*.py")


def source_fingerprint() -> str:
    """Hash of all kernel source, with the versions of Python and numba."""
    digest = hashlib.blake2b(f"{sys.version_info[:3]} {numba.__version__}".encode(), digest_size=8)
    for path in sorted(path for pattern in KERNEL_SOURCE for path in _HERE.glob(pattern)):
        digest.update(path.relative_to(_HERE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


class _Helper(CPUDispatcher):
    """A compiled function without an entry for Python: calling it would end the process."""

    def __call__(self, *arguments: object, **named: object) -> NoReturn:
        raise TypeError(f"{self.py_func.__name__}() is compiled into kernels and cannot be called from Python")


def helper(function: Callable[..., Any]) -> Any:
    """`njit` for functions that only kernels call, which makes the kernels compile in seven eighths of the time.

    Numba gives every function it compiles an entry for Python and one for C, which for dozens of arrays are longer than
    what they lead to.
    """
    compiled = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)  # type: ignore[call-overload]
    if not getattr(numba.config, "DISABLE_JIT"):  # noqa: B009  (declared at run time only)
        compiled.__class__ = _Helper
    return compiled


def wait_asleep() -> None:
    """Let idle OpenMP threads look for work a tenth of a millisecond or two and then sleep, instead of spinning.

    Takes effect if set before the first parallel loop. On a busy machine two spinning threads were four times slower
    than one (415 against 115 ns per consumer-day at a load of 4 on two cores), two sleeping ones 120. Waking a thread
    takes a tenth of a millisecond, though, eight times a day; looking a little first makes a day of a million 0.9 times
    as long on a quiet machine and no longer on a busy one. `OMP_WAIT_POLICY` and `GOMP_SPINCOUNT` still win if set.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # what other runtimes than GNU's go by
        os.environ.setdefault("GOMP_SPINCOUNT", "3000")


def leave_out_linear_algebra() -> None:
    """Load numba without SciPy's linear algebra, which costs a start 0.15 s and no kernel of ours uses.

    Numba imports it to offer `np.dot` in compiled code, once for the whole process: for programs that run our kernels
    only, not for a library that others import.
    """
    name = "scipy.linalg.cython_blas"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # how Python is told that a module cannot be imported
    try:
        with suppress(ImportError):  # of a numba that looks for it elsewhere: the start takes longer then
            import_module("numba.np.arraymath")
    finally:
        del sys.modules[name]


def cache_home() -> Path:
    """Folder for cached data of this user: XDG_CACHE_HOME, LOCALAPPDATA or ~/.cache."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        if os.environ.get(variable):
            return Path(os.environ[variable])
    return Path.home() / ".cache"


def use_versioned_cache() -> None:
    """Point numba to the folder of this version; a temporary folder if the user's cache cannot be written."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    version = source_fingerprint()
    for home in (cache_home(), Path(tempfile.gettempdir())):
        folder = home / "journey-simulator" / version
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError):
            continue
        if os.access(folder, os.W_OK):
            setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010  (numba declares it at run time only)
            return


wait_asleep()
use_versioned_cache()
