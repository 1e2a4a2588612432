"""Answers calls in copies of this process, each of which ends with its call.

A copy of a process that has loaded its target and run nothing is what a process that has just been started would be
once it has loaded the target, but for what is decided anew with each process, such as the order of sets; and it is
there in a millisecond. So a crasher can be run again, and again after other inputs, in no time.

This process waits for its copy, which is its child, and ends as that one has ended unless that was after the answer.
Where a copy would share with this process what the target may change, there are none: see `are_possible`.
"""

import fcntl
import os
import posix
import signal
import stat
import sys
from collections.abc import Callable
from typing import Final, NoReturn

from fuzztui.protocol.memory import ACTIVITY, Activity, SharedMemory
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.process import limits

__builtins__ = PRIVATE_BUILTINS

_DESCRIPTORS: Final = "/proc/self/fd"
_TASKS: Final = "/proc/self/task"

_BUSY: Final = int(Activity.BOOKKEEPING)
_WAITING: Final = int(Activity.WAITING)

# As they are before the target may put others in their places.
_fork: Final = posix.fork
_wait: Final = posix.waitpid
_end_process: Final = posix._exit


class Copies:
    """Copies of this process, one at a time."""

    def __init__(self, memory: SharedMemory, adopt: Callable[[], None]) -> None:
        """To be made before the target is loaded. `adopt` tells a copy's machinery that it is the worker now."""
        self._memory = memory
        self._adopt = adopt
        self._before = _shared_descriptors()

    def are_possible(self) -> bool:
        """Whether a copy is as good as a process of its own. Not where there is a thread, which a copy would lack; nor
        where loading the target has opened what both would use at once: a connection, a file that is written to.
        """
        if sys.platform != "linux" or signal.getsignal(signal.SIGCHLD) is not signal.SIG_DFL:
            return False
        return len(os.listdir(_TASKS)) == 1 and _shared_descriptors() <= self._before  # noqa: PTH208

    def answer(self, answer: Callable[[], None], address_space: int | None) -> None:
        """Have a copy call `answer`, and wait until it has ended; what `answer` raises is raised in the copy alone.

        `address_space`: bytes that the copy may take beyond what this process has.
        """
        _flush()
        worker = os.getpid()
        self._memory.words[ACTIVITY] = _BUSY
        self._memory.share_with_children()
        child = _fork()
        self._memory.keep_from_children()
        if not child:
            limits.die_with(worker)
            self._adopt()
            if address_space is not None:
                limits.limit_address_space(address_space)
            answer()
            _flush()
            _end_process(0)
        _, status = _wait(child, 0)
        if status or self._memory.words[ACTIVITY] != _WAITING:
            _end_as(status)


def _end_as(status: int) -> NoReturn:
    """End this process as its copy has ended."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)  # the copy has written its stack already
        os.kill(os.getpid(), number)
    _end_process(os.waitstatus_to_exitcode(status) & 0xFF)


def _shared_descriptors() -> set[int]:
    """Those by which one process could meddle with what another does: all but files that are only read."""
    found = set[int]()
    for name in os.listdir(_DESCRIPTORS) if sys.platform == "linux" else ():  # noqa: PTH208 - pathlib loads slowly
        descriptor = int(name)
        try:
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
            if not is_file or fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                found.add(descriptor)
        except OSError:
            continue  # that of the folder that was just listed
    return found


def _flush() -> None:
    """Have nothing printed twice that waits to be."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # the target has closed or replaced it
