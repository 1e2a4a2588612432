"""A place at work: what stays of a worker while the processes in it come and go."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from fuzztui.engine.crew.output import Output
from fuzztui.engine.crew.profile import LookCounts
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.watch import STALLED_AFTER
from fuzztui.engine.running.clock import RateHistory, RateMeter
from fuzztui.engine.show.helper_row import HelperRow
from fuzztui.engine.show.text import NOTHING, Visible, label, say, visible
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from fuzztui.protocol.framing import ProtocolError

RESTART_WINDOW: Final = 30.0
RESTARTS_IN_WINDOW: Final = 5
FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 5.0

STDERR_TAIL: Final = 4_000
"""Bytes of a failed worker's output that its report quotes."""


class Intent(Enum):
    """What is to become of a member's process."""

    RUN = "run"
    STOP = "stop"
    RESTART = "restart"
    """A person wants another process."""
    RELOAD = "reload"
    """The code has changed: all members are to have other processes, and none before the last of the old has ended."""
    RENEW = "renew"
    """The next work has to be the first that its process does."""


@dataclass(frozen=True, slots=True)
class LastExit:
    """How a member's last process ended."""

    exit: Visible
    """`exit 0`, `SIGKILL`."""
    seconds: float
    """From the request to stop, or from the death where there was none, to the reaped process."""


class Backoff:
    """Decides how long to wait before a process that failed for reasons of its own is replaced."""

    def __init__(self) -> None:
        self._failures: deque[float] = deque()

    def __len__(self) -> int:
        """Failures within the window."""
        return len(self._failures)

    def failed(self, now: float) -> float | None:
        """Note a failure at the monotonic time `now`; seconds to wait, None to give up."""
        while self._failures and now - self._failures[0] > RESTART_WINDOW:
            self._failures.popleft()
        self._failures.append(now)
        if len(self._failures) > RESTARTS_IN_WINDOW:
            return None
        return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** (len(self._failures) - 1)))

    def forgive(self) -> None:
        """Begin to count anew: a person has asked for another try."""
        self._failures.clear()


def failures(members: Iterable["Member"]) -> list[tuple[int, Visible]]:
    """The workers that failed, if a run comes to that: id and reason of those that failed for good, and of all that
    were failing when the run ended, where nobody else was at work.
    """
    began = [member for member in members if member.stints or member.failing]
    nobody_works = all(member.failing for member in began) or not any(member.has_worked for member in began)
    return [
        (member.id, member.reason or member.failing)
        for member in began
        if member.end in (WorkerState.FAILED, WorkerState.GAVE_UP) or (nobody_works and member.failing)
    ]


HELPER: Final = -1
"""Id of the helper, which is no worker of the run."""


class Member:
    """One worker of the run, or its helper. Changed by the crew only.

    Seventeen attributes: everything that outlives a process stands here, and nothing of one process does.
    """

    def __init__(self, worker: int, *, profiled: bool = False) -> None:
        """`worker`: its id, shown to people; `profiled`: keep what looks at it find."""
        self.id = worker
        self.intent = Intent.RUN
        self.is_paused = False
        """By the user, this worker alone."""
        self.is_away = False
        """Whether it has no process until it is its turn: others of the machine are at work."""
        self.stint: Stint | None = None
        """The process's life, while there is one."""
        self.stints = 0
        """Processes so far."""
        self.restarts = 0
        self.end: WorkerState | None = None
        """How the member ended; None as long as it has a process or waits for its next one."""
        self.reason = NOTHING
        """Why it failed or gave up, one line."""
        self.failing = NOTHING
        """Why the last process that came to anything failed, where that was no input's doing and nobody's from outside;
        empty if that process has done work.
        """
        self.has_worked = False
        """Whether any process of it has finished a call, or ended by an input."""
        self.waits = 0.0
        """Seconds of the delay before its next process, where it is in one."""
        self.waits_for: tuple[str, ...] = ()
        """Files of the code under test that have changed since the run began, where that is why there is no process:
        the next one is at work when they are as they were.
        """
        self.last_exit: LastExit | None = None
        self.backoff = Backoff()
        self.output = Output()
        self.meter = RateMeter()
        self.rates = RateHistory()
        self.looks = LookCounts() if profiled else None
        self._past_executions = 0
        self._past_refused = 0
        """Of processes that have ended."""
        self._watched = threading.Lock()
        """Held by who looks at the process's memory: it must not be unmapped meanwhile."""

    @property
    def is_helper(self) -> bool:
        """Whether it stands beside the workers of the run, in nobody's row."""
        return self.id == HELPER

    @property
    def words(self) -> Visible:
        """What people call it: `worker 3`."""
        return label("the helper") if self.is_helper else say("worker {}", self.id)

    @property
    def executions(self) -> int:
        """Of all processes."""
        return self._past_executions + (self.stint.executions if self.stint is not None else 0)

    @property
    def refused(self) -> int:
        """Of these, those whose values a class refused."""
        return self._past_refused + (self.stint.refused if self.stint is not None else 0)

    @property
    def is_at_work(self) -> bool:
        """Whether it has a process that has not been asked to end, or is about to have one."""
        return (
            self.end is None and not self.is_away and (self.stint is None or self.stint.process.stop_asked_at is None)
        )

    @property
    def last_words(self) -> Visible:
        """The end of what its processes have printed."""
        return visible(self.output.tail(STDERR_TAIL).strip(), STDERR_TAIL, multiline=True)

    def begin(self, stint: Stint) -> None:
        """A process has been started."""
        self.stint = stint
        self.stints += 1
        self.end = None
        self.reason = NOTHING
        self.waits = 0.0
        self.last_exit = None
        self.meter.clear()

    def release(self) -> None:
        """The process has been reaped: keep its counters, let go of the rest."""
        stint = self.stint
        if stint is None or stint.process.ending is None:
            return
        self._past_executions += stint.executions
        self._past_refused += stint.refused
        self.last_exit = LastExit(stint.process.ending.exit, stint.process.seconds_to_end)
        with self._watched:
            self.stint = None
        self.meter.clear()
        stint.process.close()

    def note_work(self) -> None:
        """The process has finished a call, or an input has ended it."""
        self.has_worked = True
        self.failing = NOTHING

    def take_slowdown(self, slowdown: float) -> None:
        """Note how many times as long an entry takes with its probes. ProtocolError without a profile, or for what
        cannot be.
        """
        if self.looks is None:
            raise ProtocolError("what its probes cost, which nobody asked for")
        self.looks.take_slowdown(slowdown)

    def look(self) -> None:
        """Count what the worker's time is spent on at this moment, unless it loads, is held or is ending.

        May be called from another thread than the coordinator's.
        """
        if self.looks is None or self.is_paused:
            return
        with self._watched:
            stint = self.stint
            if stint is None or not stint.is_ready or stint.is_suspended:
                return
            if not stint.process.ended.is_set() and stint.process.stop_asked_at is None:
                self.looks.look(stint.process.memory)

    def measure(self, now: float) -> None:
        """Sample rate, processor time and memory."""
        self.meter.add(now, self.executions)
        self.rates.add(now, self.executions)
        if self.stint is not None and not self.stint.process.ended.is_set():
            self.stint.memory.sample()

    def delay_after_failure(self) -> float | None:
        """Seconds until the next process after one that failed for reasons of its own; None to give up."""
        return self.backoff.failed(time.monotonic())

    # What people see -------------------------------------------------------------------------------------------------

    def state(self, *, run_paused: bool, baseline: tuple[int, int]) -> tuple[WorkerState, Visible]:
        """What the worker is doing, and words that belong to it: the one place where that is decided."""
        stint = self.stint
        if self.end is not None:
            return self.end, NOTHING
        if stint is None:
            if self.waits_for:
                return WorkerState.RESTARTING, say("waits: {} changed", Path(self.waits_for[0]).name)
            if self.waits:
                return WorkerState.RESTARTING, say("({}) in {:.1f} s", self.restarts + 1, self.waits)
            if self.is_away:
                return WorkerState.AWAY, NOTHING
            return WorkerState.STARTING, NOTHING
        if stint.process.stop_asked_at is not None or stint.process.ended.is_set():
            return WorkerState.STOPPING, NOTHING
        if not stint.is_ready:
            return WorkerState.STARTING, NOTHING
        if stint.is_suspended:
            return WorkerState.STALLED, label("suspended")
        if stint.hang.stuck >= STALLED_AFTER:
            return WorkerState.STALLED, say("{:.0f} s", stint.hang.stuck)
        if self.is_paused or run_paused:
            return WorkerState.PAUSED, NOTHING if run_paused else label("by you")
        # Between two calls a worker is about to have the next one: that is the moment that a look would show.
        call = stint.assignment.call or (None if stint.waits else stint.assignment.last)
        if call is None:
            return WorkerState.WAITING, NOTHING
        state = call.job.state
        if state is WorkerState.FUZZING and stint.assignment.island is not None:
            return state, label("anew")
        return state, say("{}/{}", *baseline) if state is WorkerState.BASELINE else NOTHING

    def helper_row(self) -> HelperRow | None:
        """What people are shown of the helper; None while there is nothing for it to do."""
        if self.end is not None:
            return None
        state, _ = self.state(run_paused=False, baseline=(0, 0))
        call = self.stint.assignment.call or self.stint.assignment.last if self.stint is not None else None
        crasher, *others = (call.job.crashers_of(self.id) if call is not None else ()) or ("",)
        usage = self.stint.memory.usage if self.stint is not None else None
        return HelperRow(
            state=state,
            crasher=crasher,
            others=len(others),
            pid=self.stint.process.pid if self.stint is not None else None,
            executions=self.executions,
            cpu=usage.cpu if usage is not None else None,
            rss=usage.rss if usage is not None else None,
        )

    def row(self, *, run_paused: bool, baseline: tuple[int, int], found: int, hits: int) -> WorkerRow:
        """What people are shown of it; `baseline`: entries done and in all."""
        state, detail = self.state(run_paused=run_paused, baseline=baseline)
        stint = self.stint
        usage = stint.memory.usage if stint is not None else None
        has_rate = stint is not None and stint.is_ready and state is not WorkerState.PAUSED
        return WorkerRow(
            id=self.id,
            state=state,
            detail=detail,
            pid=stint.process.pid if stint is not None else None,
            executions=self.executions,
            refused=self.refused,
            rate=self.meter.rate if has_rate else None,
            cpu=usage.cpu if usage is not None else None,
            rss=usage.rss if usage is not None else None,
            found=found,
            crashers=hits,
            restarts=self.restarts,
            location=visible(stint.hang.location) if stint is not None and state is WorkerState.STALLED else NOTHING,
            exit=self.last_exit.exit if self.last_exit is not None else None,
            exit_seconds=self.last_exit.seconds if self.last_exit is not None else None,
            reason=self.reason,
            profile=self.looks.profile() if self.looks is not None else None,
        )
