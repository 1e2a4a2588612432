# Not pathlib, contextlib or typing: the guard is a program of its own, and each of them would double its memory.
# ruff: noqa: PTH123, PTH208

"""The guard of a run: ends what the run's workers have started, should the coordinator die without a chance to do so.

Workers die with their coordinator: the kernel sees to that. What a target has started does not, and nobody is left to
end it. So each run has a guard, a small process in a session of its own, which waits for the coordinator's death and
then ends every process that bears the run's mark, and nothing else. A run that ends by itself ends its guard, too.

The module is the program, `python -I -S guard.py PID RUN FD`, and also what tells the engine who bears a mark: it
imports nothing of ours and hardly anything else.
"""

import os
import resource
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MARKER: "Final" = "FUZZTUI_WORKER"
"""Environment variable that every process started for a worker inherits; its value is the worker's mark."""

RUN_BITS: "Final" = 40
PROCESS_BITS: "Final" = 20
LIMIT_BASE: "Final" = 1 << (RUN_BITS + PROCESS_BITS)
"""What a mark in the form of a resource limit begins with: such limits are longer than any that somebody sets."""

NAME: "Final" = b"fuzztui guard"
"""What the process is called in lists of processes, in 15 bytes at most."""

CLEAN_LOOKS: "Final" = 3
"""How often in a row no marked process must be seen: one that was just being forked is in no list."""

PAUSE: "Final" = 0.02
"""Seconds between two looks: what has been killed needs some time to end."""

PATIENCE: "Final" = 60.0
"""Seconds after which the guard gives up on processes that go on, such as those that wait for a broken disk."""


# Who bears a mark -----------------------------------------------------------------------------------------------------


def limit_of(pid: int) -> int:
    """The resource limit of a process that may be a mark, also when it has ended and has not been reaped; 0 if it
    cannot be told.
    """
    if sys.platform != "linux":
        return 0
    try:
        return resource.prlimit(pid, resource.RLIMIT_RTTIME)[1]
    except ProcessLookupError:
        return 0
    except OSError:  # of a process that has changed its user, which everybody may read nevertheless
        return _shown_limit_of(pid)


def _shown_limit_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/limits", "rb") as limits:
            (line,) = [line for line in limits if line.startswith(b"Max realtime timeout ")]
        return int(line.split()[4])
    except (OSError, ValueError):  # gone, not for us to see, `unlimited`
        return 0


def variable_of(pid: int) -> str:
    """The mark in the environment that a process was started with; empty if there is none, or none to be seen."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as environ:
            variables = environ.read().split(b"\0")
    except OSError:
        return ""
    name = f"{MARKER}=".encode()
    return next((each[len(name) :].decode("ascii", "replace") for each in variables if each.startswith(name)), "")


def has_limit_of_run(pid: int, run: int) -> bool:
    """Whether a process bears a run's mark as a resource limit."""
    return limit_of(pid) >> PROCESS_BITS == (LIMIT_BASE >> PROCESS_BITS) | run


def has_variable_of_run(pid: int, run: int) -> bool:
    """Whether a process bears a run's mark in its environment."""
    return variable_of(pid).startswith(f"{run:x}-")


# The program ----------------------------------------------------------------------------------------------------------


def main() -> None:
    """Wait for the end of the process with the id `sys.argv[1]`, then end what bears the mark of the run `sys.argv[2]`
    (hexadecimal). The descriptor `sys.argv[3]` is the process' pidfd, standard input a pipe that it holds.
    """
    try:
        with open("/proc/self/comm", "wb") as comm:
            comm.write(NAME)
    except OSError:
        pass  # it is called by its program then
    poll = select.poll()
    poll.register(int(sys.argv[3]), select.POLLIN)
    poll.register(0, select.POLLIN)  # closed, too, if the process turns into another program
    poll.poll()
    end_run(int(sys.argv[2], 16))


def end_run(run: int) -> None:
    """End every process that bears a run's mark, and those that they start meanwhile."""
    until = time.monotonic() + PATIENCE
    clean = 0
    while clean < CLEAN_LOOKS and time.monotonic() < until:
        clean = 0 if _end_seen(run) else clean + 1
        time.sleep(PAUSE)


def _end_seen(run: int) -> int:
    """Kill the marked processes that can be seen now; returns how many were there.

    Limits first, the newest process first: what forks in a loop is gone again in a moment, and only its limit can be
    read in less.
    """
    ended = [_end(pid, run) for pid in _pids() if has_limit_of_run(pid, run)]
    ended += [_end(pid, run) for pid in _pids() if has_variable_of_run(pid, run)]
    return sum(ended)


def _pids() -> "list[int]":
    return sorted((int(name) for name in os.listdir("/proc") if name.isdecimal()), reverse=True)


def _end(pid: int, run: int) -> bool:
    """Kill a process if it bears the run's mark; whether it was there and could be killed."""
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        # Another process may have got the id since: the descriptor means one process for good.
        if not (has_limit_of_run(pid, run) or has_variable_of_run(pid, run)):
            return False
        poll = select.poll()
        poll.register(process, select.POLLIN)
        if poll.poll(0):
            return False  # it has ended, and waits to be reaped
        signal.pidfd_send_signal(process, signal.SIGKILL)
    except OSError:  # it has ended in this moment, or is another user's now
        return False
    finally:
        os.close(process)
    return True


if __name__ == "__main__":
    main()
