"""What one worker is doing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.costs import Profile
from fuzztui.engine.show.text import Visible


class WorkerState(Enum):
    """What one worker is doing. Values are the words shown to people."""

    STARTING = "starting"
    BASELINE = "baseline"
    FUZZING = "fuzzing"
    WAITING = "waiting"
    """Nothing to do right now: the baseline is still running elsewhere, or the last executions are handed out."""
    EXECUTING = "running inputs"
    """Runs inputs that exist already, once each."""
    VALIDATING = "validating"
    """Runs a suspect again, to learn whether its input ends the process."""
    MINIMIZING = "minimizing"
    """Runs smaller forms of a failing input."""
    MEASURING = "measuring coverage"
    """Runs inputs with every line noted, for somebody who looks at what is covered."""
    AWAY = "not its turn"
    """Has no process: other targets of the same run have the cores now."""
    PAUSED = "paused"
    STALLED = "stalled"
    """In one execution for longer than a second."""
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped by you"
    ENDED = "ended"
    FAILED = "failed"
    """Could not do its job; the run says why."""
    GAVE_UP = "gave up"
    """Died too often in a row to be restarted."""

    @property
    def is_final(self) -> bool:
        """Whether no process of this worker is left."""
        return self in _FINAL

    @property
    def is_live(self) -> bool:
        """Whether the worker can be stopped, paused or restarted."""
        return self not in _FINAL and self is not WorkerState.STOPPING


_FINAL = {WorkerState.STOPPED, WorkerState.ENDED, WorkerState.FAILED, WorkerState.GAVE_UP}


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker; the processes in it may have been replaced.

    Many fields: each is a figure that somebody is shown.
    """

    id: int
    state: WorkerState
    detail: Visible
    """Words that belong to the state: `3/192`, `12 s`, `(2) in 0.4 s`, or empty."""
    pid: int | None
    executions: int
    """Over all processes of the worker."""
    rate: float | None
    """Executions per second over the last seconds; None while there is no figure."""
    cpu: float | None
    """Per cent of one core; None while there is no figure."""
    rss: int | None
    """Bytes; None while there is no figure."""
    found: int
    """New corpus entries it brought."""
    crashers: int
    """Hits: crashers it reported, repeated ones included."""
    restarts: int
    location: Visible
    """`file:line` where a stalled worker stands, or empty."""
    exit: Visible | None
    """How its last process ended: `exit 0`, `SIGKILL`; None while it runs."""
    exit_seconds: float | None
    """How long the end took, from the request (or the death) to the reaped process."""
    reason: Visible
    """Why it failed or gave up, one line, or empty."""
    profile: Profile | None
    """What its time was spent on, over all processes of the worker; None for a run without a profile."""
    refused: int = 0
    """Of the executions those that did not come to the target, since a class had refused its values."""


def profile_of(rows: Iterable[WorkerRow]) -> Profile | None:
    """What the time of several workers was spent on; None for a run without a profile."""
    profiles = [row.profile for row in rows if row.profile is not None]
    return Profile(tuple(weight for profile in profiles for weight in profile.weights)) if profiles else None
