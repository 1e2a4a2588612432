"""Have workers stand back from what somebody waits for, on a machine with more of them than processors."""

import asyncio
import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

LEAST_URGENT: Final = 19
"""The highest niceness that there is."""

RETRY: Final = 0.15
"""Seconds until a group's niceness is tried to be set again: the kernel takes one such wish in 0.1 s from users without
privileges.
"""


class Process(Protocol):
    """A process that has been started."""

    ended: asyncio.Event

    @property
    def pid(self) -> int:
        """Valid until `ended` is set."""


def stand_back(process: Process, niceness: int) -> None:
    """Have a process that has just been started, and has one thread still, ask for less of the processor than this one
    does. Where that is not allowed it asks for as much: a run is no less right for it.

    Linux shares the processor among sessions first, and every worker is one of its own (see sched(7), autogroup): among
    those it is the niceness of the session's group that counts.
    """
    if not niceness:
        return
    wanted = min(LEAST_URGENT, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, wanted)
    _have_group_stand_back(process, wanted)


def _have_group_stand_back(process: Process, wanted: int) -> None:
    if process.ended.is_set():
        return
    try:
        Path(f"/proc/{process.pid}/autogroup").write_text(f"{wanted}")
    except OSError as error:
        if error.errno == errno.EAGAIN:
            asyncio.get_running_loop().call_later(RETRY, _have_group_stand_back, process, wanted)
