"""How a run ends: the reasons, and what there is to say when no worker process is left."""

from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.text import Visible


class StopReason(Enum):
    """Why a run ended. A value, never the identity of an exception; the first failure is kept, and a mere limit or a
    person's wish gives way to it.
    """

    DONE = "done"
    """Everything that there was to do has been done."""
    TIME_LIMIT = "time limit reached"
    EXECUTION_LIMIT = "execution limit reached"
    USER = "stopped by you"
    LAST_WORKER_STOPPED = "the last worker was stopped"
    INTERRUPTED = "interrupted (SIGINT)"
    TERMINATED = "terminated (SIGTERM)"
    HANGUP = "the terminal went away (SIGHUP)"
    CRASHER = "crasher found"
    FAILING_SEED = "a seed or stored input fails"
    HARNESS = "the harness failed"
    UNCALLABLE = "the target cannot be called"
    """It is named or written so that it cannot be, or lacks a module."""
    WORKERS_GAVE_UP = "every worker gave up"
    WORKERS_FAILED = "workers failed"
    """For reasons of their own, though no limit on tries was reached: every worker, or one for good."""
    STRAY_FAILURES = "failures that no input is to blame for"
    """The target raised where no input was being executed."""
    NOTHING_EXECUTED = "nothing was executed"
    BASELINE_UNFINISHED = "the baseline was not finished"
    SKIPPED = "the target was skipped"
    """Its set-up or its file declines to be run here, which is a result of a regression test."""
    BAD_CORPUS = "malformed stored inputs"
    CODE_CHANGED = "the code under test has changed"
    OTHERS_CRASHER = "another target's crasher ended the run"
    """Of one of several targets."""
    TARGETS_FAILED = "targets could not be fuzzed"
    """Of a run that has several: one at least, or not to the end."""
    LOST = "the session's process ended without a final status"
    """As a dashboard elsewhere sees it: it was killed, say."""
    INTERNAL = "internal error"

    @property
    def is_failure(self) -> bool:
        """Whether this reason displaces a limit or a wish that was recorded before it."""
        return self in _FAILURES

    @property
    def is_urgent(self) -> bool:
        """Whether nothing may be finished first: somebody wants out, or the run cannot go on."""
        return self in _URGENT


_FAILURES = {
    StopReason.CRASHER,
    StopReason.FAILING_SEED,
    StopReason.HARNESS,
    StopReason.UNCALLABLE,
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


_URGENT = {
    StopReason.USER,
    StopReason.LAST_WORKER_STOPPED,
    StopReason.INTERRUPTED,
    StopReason.TERMINATED,
    StopReason.HANGUP,
    StopReason.HARNESS,
    StopReason.UNCALLABLE,
    StopReason.WORKERS_GAVE_UP,
    StopReason.SKIPPED,
    StopReason.BAD_CORPUS,
    StopReason.CODE_CHANGED,
    StopReason.INTERNAL,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. Exists only when every worker process has been reaped."""

    reason: StopReason
    detail: Visible
    """A sentence or several lines that explain the reason, e.g. the worker's last words; or empty."""
    exit_code: int
    received: int
    """Crashers reported by workers."""
    stored: int
    duplicates: int
    unsaved: int
    seconds: float
    known: int = 0
    """Crashers that were known before the run."""
    regressed: int = 0
    """Of these, those that were marked fixed."""
    ignored: int = 0
    """Of these, those that people do not want to hear of: they do not make the run fail."""
    capped: int = 0
    """Of the duplicates, failures that are like no crasher but beyond a cap, see `fuzztui.protocol.caps`."""
