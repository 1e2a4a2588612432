"""Finds and ends what a target left running: grandchildren that outlived their worker.

Killing the worker's process group misses a grandchild that made a session of its own. So the coordinator becomes a
subreaper, which makes such orphans its children. Never `waitpid(-1)` or `kill(-1)`: the process has other children,
which are none of our business. What tells them apart: a worker begins a session of its own, so whatever comes from it
is never in ours; and a variable in its environment names the worker, unless it was started with a clean one.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

MARKER: Final = "FUZZTUI_WORKER"
"""Environment variable that every process started for a worker inherits; its value names the worker's process."""

_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_GET_CHILD_SUBREAPER: Final = 37
WORKERS: Final[set[int]] = set()
"""Process ids of all live workers of this process, whichever run they belong to: children in other sessions that are no
orphans."""

_ROUNDS: Final = 20
"""Orphans of orphans become children only when their parent is gone; deeper trees than this are a fork bomb."""


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of orphaned descendants meanwhile, and end those that are left (Linux only; elsewhere nothing)."""
    if sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    before = ctypes.c_int(0)
    libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        end_orphans(None)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)


def end_orphans(mark: str | None) -> int:
    """Kill and reap the adopted processes that carry `mark`, or with None all that were adopted; returns how many.

    Those that have ended by themselves are reaped in any case: a dead process has no environment to tell its mark.
    """
    ended = 0
    for _ in range(_ROUNDS):
        orphans = [pid for pid in _adopted() if mark is None or _is_dead_or_carries(pid, mark)]
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


def _adopted() -> list[int]:
    """Children that live in other sessions than ours and are no workers."""
    ours = os.getsid(0)
    adopted = []
    for pid in _children():
        with contextlib.suppress(ProcessLookupError):
            if pid not in WORKERS and os.getsid(pid) != ours:
                adopted.append(pid)
    return adopted


def _children() -> list[int]:
    """Process ids of our children. Reading one small file a thread; the search through all processes costs 10 ms."""
    try:
        tasks = Path("/proc/self/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text("ascii").split()]
    except OSError:
        return [child.pid for child in psutil.Process().children()]


def _is_dead_or_carries(pid: int, mark: str) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.environ().get(MARKER) == mark
    except psutil.Error:
        return False
