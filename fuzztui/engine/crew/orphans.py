"""Finds and ends what a target left running: grandchildren that outlived their worker.

Killing the worker's process group misses a grandchild that made a session of its own. So the coordinator becomes a
subreaper, which makes such orphans its children. Never `waitpid(-1)` or `kill(-1)`: the process has other children,
which belong to the program that the run is part of, and their exit status too. What tells orphans apart is a mark that
each worker is given and everything inherits that comes from it:

- a variable in its environment, which a process that is started with a clean environment lacks;
- the value of a resource limit that limits nothing (Linux only): a number of microseconds, longer than any life, that a
  real-time process may compute without a pause. Neither a new environment nor a new session takes it away, and it can
  still be read from a process that has ended and has not been reaped.

A process that carries neither is none of our business.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from fuzztui.engine.crew.guard import LIMIT_BASE, MARKER, PROCESS_BITS, has_limit_of_run, limit_of, variable_of

_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_GET_CHILD_SUBREAPER: Final = 37
WORKERS: Final[set[int]] = set()
"""Process ids of all live workers of this process, whichever run they belong to: they carry marks and are no orphans.
"""

_ROUNDS: Final = 20
"""Orphans of orphans become children only when their parent is gone; deeper trees than this are a fork bomb."""

_GLANCES: Final = 100
"""At a process that is about to begin a program, a millisecond apart; one may also hide its arguments for good."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells everything that comes from one worker's process from all other processes."""

    run: int
    """`RUN_BITS` random bits, the same for all workers of a run."""
    process: int
    """A number of the process within its run."""

    def __str__(self) -> str:
        """The form in the environment."""
        return f"{self.run:x}-{self.process:x}"

    @property
    def limit(self) -> int:
        """The form as a resource limit, in microseconds: over thirty thousand years."""
        return LIMIT_BASE | self.run << PROCESS_BITS | self.process % (1 << PROCESS_BITS)

    def put_on(self, pid: int) -> None:
        """Mark a worker's process; where the system does not let us, its environment has to do."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError, ValueError):
                resource.prlimit(pid, resource.RLIMIT_RTTIME, (self.limit, self.limit))


class _Adoption:
    """Makes this process a subreaper as long as any run wants that; runs may overlap, in threads of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0
        self._before = 0

    def begin(self) -> None:
        with self._lock:
            if not self._runs:
                before = ctypes.c_int(0)
                libc = ctypes.CDLL(None, use_errno=True)
                libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
                libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
                self._before = before.value
            self._runs += 1

    def end(self) -> None:
        with self._lock:
            self._runs -= 1
            if not self._runs:
                ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, self._before, 0, 0, 0)


_ADOPTION: Final = _Adoption()


@contextlib.contextmanager
def adopting(run: int) -> Iterator[None]:
    """Be the parent of orphaned descendants meanwhile, and end those of this run that are left (Linux only; elsewhere
    nothing).
    """
    if sys.platform != "linux":
        yield
        return
    _ADOPTION.begin()
    try:
        yield
    finally:
        end_orphans(run)
        _ADOPTION.end()


def end_orphans(run: int, process: int | None = None) -> int:
    """Kill and reap the adopted processes that come from a run's workers, or from one of them; returns how many."""
    ended = 0
    for _ in range(_ROUNDS):
        orphans = [pid for pid in _children() if pid not in WORKERS and _comes_from(pid, run, process)]
        if not orphans:
            break
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        ended += len(orphans)
    return ended


def reap_orphans(run: int) -> int:
    """Reap the adopted processes of a run that have ended by themselves; returns how many.

    Those that run are left: a worker may still need them. Each that has ended takes up a process id until it is reaped.
    """
    dead = [pid for pid in _children() if pid not in WORKERS and _has_ended(pid) and _comes_from(pid, run, None)]
    for pid in dead:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
    return len(dead)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _children() -> list[int]:
    """Process ids of our children. Reading one small file a thread; the search through all processes costs 10 ms."""
    try:
        tasks = Path("/proc/self/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text("ascii").split()]
    except OSError:
        return [child.pid for child in psutil.Process().children()]


def _comes_from(pid: int, run: int, process: int | None) -> bool:
    """Whether a child of ours carries a mark of this run's, of this process of it where one is given."""
    if process is None:
        return has_limit_of_run(pid, run) or _variable_of(pid).startswith(f"{run:x}-")
    mark = Mark(run, process)
    return limit_of(pid) == mark.limit or _variable_of(pid) == str(mark)


def _variable_of(pid: int) -> str:
    if sys.platform != "linux":
        try:
            return psutil.Process(pid).environ().get(MARKER, "")
        except (psutil.Error, OSError):
            return ""
    for _ in range(_GLANCES):
        begins = _begins(pid)  # asked first: it may begin between the two questions
        if (variable := variable_of(pid)) or not begins:
            return variable
        time.sleep(0.001)
    return ""


def _begins(pid: int) -> bool:
    """Whether a child of ours is about to begin a program: for a moment then, the system shows nothing of it."""
    try:
        return not Path(f"/proc/{pid}/cmdline").read_bytes() and not _has_ended(pid)
    except OSError:
        return False
