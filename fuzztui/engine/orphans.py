"""Finds and ends what a target left running: grandchildren that outlived their worker.

Killing the worker's process group misses a grandchild that made a session of its own. So the coordinator becomes a
subreaper, which makes such orphans its children, and recognises them by a variable in their environment. Never
`waitpid(-1)` or `kill(-1)`: the process has other children, which are none of our business.
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
_ROUNDS: Final = 20
"""Orphans of orphans become children only when their parent is gone; deeper trees than this are a fork bomb."""


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of orphaned descendants meanwhile (Linux only; elsewhere nothing)."""
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
        libc.prctl(_PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)


def end_orphans(mark: str) -> int:
    """Kill and reap the adopted processes that carry `mark`; returns how many there were."""
    ended = 0
    for _ in range(_ROUNDS):
        orphans = [pid for pid in _children() if _carries(pid, mark)]
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


def _children() -> list[int]:
    """Process ids of our children. Reading one small file a thread; the search through all processes costs 10 ms."""
    try:
        tasks = Path("/proc/self/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text("ascii").split()]
    except OSError:
        return [child.pid for child in psutil.Process().children()]


def _carries(pid: int, mark: str) -> bool:
    try:
        return psutil.Process(pid).environ().get(MARKER) == mark
    except psutil.Error:
        return False
