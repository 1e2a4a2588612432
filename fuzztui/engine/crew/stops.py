"""Who has stopped a worker's process (SIGSTOP, a tracer): the target, or somebody outside.

To the process's parent a stop looks the same whoever sent the signal. But a main thread that sends a signal to its own
process is stopped on its way out of the system call that sent it, and the kernel shows in which call each thread is.
Where another thread or a child sends it, that may have gone on by then: such a stop counts as somebody's from outside,
and does not last.
"""

import os
import signal
from collections.abc import Collection, Iterable
from enum import Enum
from typing import Final

from fuzztui.engine.crew import procfs

PATIENCE: Final = 60.0
"""Seconds after which a process that somebody has stopped is let go on: a person who looks at it has a minute, and a
run with a number of executions ends all the same. A process that is stopped again has the time-out, no more: it may be
the target that does so, in each execution, by a thread or a child."""

RELAPSE: Final = 1.0
"""Seconds after it was let go on within which a process that stops in the same execution has done so by itself."""

_STOP_SIGNALS: Final = frozenset({signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})

_SIGNAL_ARGUMENT: Final = {
    # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
    "x86_64": {62: 1, 200: 1, 234: 2, 129: 1, 297: 2, 424: 1},
    "aarch64": {129: 1, 130: 1, 131: 2, 138: 1, 240: 2, 424: 1},
    "riscv64": {129: 1, 130: 1, 131: 2, 138: 1, 240: 2, 424: 1},
}
"""Machine -> number of each system call that sends a signal -> which of its arguments is the signal."""


class Stop(Enum):
    """Whose doing a stop is."""

    ITSELF = "itself"
    OUTSIDE = "outside"
    TRACED = "traced"
    """By a debugger, which may take as long as it likes."""


def sent_stop(call: str, machine: str) -> bool:
    """Whether a thread is in a system call that sends a stop; `call` as in `/proc/PID/syscall`.

    `running`, or `-1` where it is in none, followed by addresses.
    """
    number, *arguments = call.split()
    if not number.isdigit():
        return False
    position = _SIGNAL_ARGUMENT.get(machine, {}).get(int(number))
    return position is not None and len(arguments) > position and int(arguments[position], 16) in _STOP_SIGNALS


def whose(state: str, tracer: int, family: Collection[int], calls: Iterable[str], machine: str) -> Stop:
    """Whose doing a stop is. `state` as in `procfs.Stat`; `tracer`: id of the thread that traces the process, 0 for
    none; `family`: ids of the threads of ourselves, who trace nothing, of the process and of what it has started;
    `calls` of the process's threads.
    """
    if state == "t":
        return Stop.ITSELF if tracer in family else Stop.TRACED
    return Stop.ITSELF if any(sent_stop(call, machine) for call in calls) else Stop.OUTSIDE


def look(pid: int, state: str) -> Stop:
    """Whose doing the stop of a process is, which is in this state."""
    relatives = (os.getpid(), pid, *procfs.descendants(pid))
    family = {task for relative in relatives for task in procfs.tasks(relative)}  # threads trace, not processes
    return whose(state, procfs.tracer(pid), family, procfs.system_calls(pid), os.uname().machine)
