"""Who is to blame for a dead worker: its input, its harness, its machinery, or somebody outside.

A pure function of what is known after the death, so that every case can be tested.
"""

import signal
from dataclasses import dataclass
from enum import Enum
from typing import Final

from fuzztui.engine.show.exit_status import FAILED, FAILING, UNSAVED, USAGE
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import Visible, label, say
from fuzztui.protocol.memory import Fault, State

CRASH_SIGNALS: Final = frozenset(
    {
        signal.SIGILL,
        signal.SIGTRAP,
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGSEGV,
        signal.SIGPIPE,
        signal.SIGSYS,
        signal.SIGXCPU,
        signal.SIGXFSZ,
    }
)
"""Signals that a process brings upon itself. Any other comes from outside: a person, the out-of-memory killer."""


class Blame(Enum):
    """Whose doing a worker's end was."""

    NOBODY = "ended as asked"
    HARNESS = "terminated without fuzzing"
    """Before it answered the ping, by misuse of the harness or in its cleanup: another try would end alike."""
    WORKER = "worker failed"
    """Its own machinery, or its end between two executions."""
    INPUT = "crasher"
    TIMEOUT = "timeout"
    MEMORY = "out of memory"
    SUSPECT = "suspect"
    """Killed from outside during an execution: only running the input again tells whether the input was the reason."""


class Killed(Enum):
    """Why the coordinator itself killed a worker, if it did."""

    NO = "no"
    STOP = "stop"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    STARTUP_TIMEOUT = "startup timeout"
    PROTOCOL = "protocol"
    HELD_MEMORY = "held memory"
    """Between two executions it held more memory than it may: no input is to blame for what all of them have left."""
    CLEANUP = "cleanup"
    """Asked to end, it did not come to the end of its cleanup."""


class Cause(Enum):
    """What of a process's surroundings has ended it, as far as there is evidence."""

    UNKNOWN = "unknown"
    OUT_OF_MEMORY = "the kernel's out-of-memory killer"
    CPU_LIMIT = "the shell's limit of CPU time"


@dataclass(frozen=True, slots=True)
class Spent:
    """What an execution has used."""

    cpu: float
    """Seconds of CPU time, of all threads and descendants of the process."""
    clock: float
    """Seconds in which nobody but the process itself had stopped it."""
    stopped_itself: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known of a process that has ended."""

    status: int
    """As `subprocess.Popen.returncode` has it: exit status, or minus the number of the signal."""
    state: State | None
    """The state word; None if it holds no valid value."""
    fault: Fault
    answered_ping: bool
    asked_to_stop: bool
    killed: Killed
    cause: Cause = Cause.UNKNOWN

    @property
    def exit(self) -> Visible:
        """`exit 3` or `SIGKILL`."""
        return say("exit {}", self.status) if self.status >= 0 else signal_name(-self.status)

    @property
    def is_from_outside(self) -> bool:
        """Whether a signal ended the process that neither it, nor the coordinator, nor a limit around the run sent."""
        is_sent = self.status < 0 and -self.status not in CRASH_SIGNALS
        return is_sent and self.killed is Killed.NO and self.cause is Cause.UNKNOWN


def signal_name(number: int) -> Visible:
    """`SIGKILL`, or `signal 42` for one without a name."""
    try:
        return label(signal.Signals(number).name)
    except ValueError:
        return say("signal {}", number)


def blame(ending: Ending) -> Blame:
    """Decide whose doing the end was. The order of the questions is the rule."""
    if ending.killed is Killed.STARTUP_TIMEOUT:
        return Blame.HARNESS
    if ending.killed in (Killed.PROTOCOL, Killed.HELD_MEMORY):
        return Blame.WORKER
    if ending.killed is Killed.TIMEOUT:
        return Blame.TIMEOUT
    if ending.killed is Killed.MEMORY:
        return Blame.MEMORY
    if not ending.answered_ping:
        return Blame.NOBODY if ending.asked_to_stop else Blame.HARNESS
    if ending.state is State.CLEANING and ending.killed is not Killed.STOP:
        return Blame.HARNESS  # the cleanup was not over; who is killed by force, as a person wants, has no say
    if ending.state is State.INTERNAL:
        return Blame.HARNESS if ending.fault is Fault.HARNESS else Blame.WORKER
    in_execution = ending.state in (State.RUNNING, State.REPORTING)
    if ending.cause is Cause.CPU_LIMIT:
        return Blame.SUSPECT if in_execution else Blame.WORKER  # executions before have used the most of it
    if in_execution and -ending.status in CRASH_SIGNALS:
        return Blame.INPUT
    if in_execution and ending.killed is Killed.STOP:
        # An exit may be the target's answer to our SIGTERM, so it proves nothing. A failure that was being reported
        # when the process ended is proven, but what it was is lost: run again it will tell.
        return Blame.SUSPECT if ending.status >= 0 or ending.state is State.REPORTING else Blame.NOBODY
    if in_execution and ending.status >= 0:
        return Blame.INPUT  # the worker itself exits only between executions: the target ended the process
    if ending.killed is Killed.STOP or (ending.asked_to_stop and ending.status == 0):
        return Blame.NOBODY
    if in_execution:
        return Blame.SUSPECT
    return Blame.WORKER


_SIGNAL_EXITS: Final = {
    StopReason.INTERRUPTED: 128 + signal.SIGINT,
    StopReason.TERMINATED: 128 + signal.SIGTERM,
    StopReason.HANGUP: 128 + signal.SIGHUP,
}
_FAILURE_REASONS: Final = {
    StopReason.HARNESS,
    StopReason.WORKERS_GAVE_UP,
    StopReason.WORKERS_FAILED,
    StopReason.STRAY_FAILURES,
    StopReason.NOTHING_EXECUTED,
    StopReason.BASELINE_UNFINISHED,
    StopReason.BAD_CORPUS,
    StopReason.CODE_CHANGED,
    StopReason.TARGETS_FAILED,
    StopReason.LOST,
    StopReason.INTERNAL,
}


def exit_code(reason: StopReason, *, failing: int, unsaved: int, failed_workers: int) -> int:
    """The process's exit status at the end of a run. What was found wins over everything but its loss."""
    if unsaved:
        return UNSAVED
    if failing:
        return FAILING
    if reason is StopReason.UNCALLABLE:
        return USAGE
    if reason in _FAILURE_REASONS or failed_workers:
        return FAILED
    return _SIGNAL_EXITS.get(reason, 0)
