"""What the coordinator knows of one worker: the slot stays, the processes in it may be replaced."""

import threading
import time
from collections import deque
from enum import Enum
from typing import Final

from fuzztui.engine.campaign import CallInFlight, Item
from fuzztui.engine.clock import HangClock, RateMeter
from fuzztui.engine.profile import Tally
from fuzztui.engine.snapshot import WorkerRow, WorkerState
from fuzztui.engine.vitals import Vitals, VitalsSampler
from fuzztui.engine.worker_handle import Output, WorkerHandle
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Failed

STALLED_AFTER: Final = 1.0
"""Seconds in one execution after which a person is told."""

MOST_SEEDS: Final = 100_000

RESTART_WINDOW: Final = 30.0
RESTARTS_IN_WINDOW: Final = 5
FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 5.0


class Wish(Enum):
    """What is to become of a slot's process."""

    RUN = "run"
    STOP = "stop"
    RESTART = "restart"


class Slot:
    """One worker of the run. Changed by the coordinator only."""

    def __init__(self, worker: int, *, profiled: bool = False) -> None:
        """`worker`: its id, shown to people; `profiled`: keep what looks at it find."""
        self.id = worker
        self.state = WorkerState.STARTING
        self.wish = Wish.RUN
        self.paused = False
        """By the user, this worker alone."""
        self.output = Output()
        self.process: WorkerHandle | None = None
        self.processes = 0
        self.ready = False
        """Whether the process has answered its ping."""
        self.seeds: list[bytes] = []
        """Declared by the target as this process loaded it."""
        self.failed: Failed | None = None
        """What the process said before it failed."""
        self.call: CallInFlight | None = None
        self.told = 0
        """Position in the coverage log up to which the process knows it."""
        self.suspects: list[Item] = []
        self.past_executions = 0
        """Of processes that have ended."""
        self.found = 0
        self.crashers = 0
        self.restarts = 0
        self.failures: deque[float] = deque()
        """When it failed for reasons of its own, in the last `RESTART_WINDOW` seconds."""
        self.reason = ""
        self.detail = ""
        self.exit: str | None = None
        self.exit_seconds: float | None = None
        self.hang = HangClock()
        self.stack_requested_for = -1
        """The process's execution counter when its stack was asked for."""
        self.location = ""
        self.meter = RateMeter()
        self.sampler: VitalsSampler | None = None
        self.vitals: Vitals | None = None
        self.tally = Tally() if profiled else None
        self._watched = threading.Lock()
        """Held by who looks at the process's memory: it must not be unmapped meanwhile."""
        self.loaded_rss = 0
        """Bytes that the process used when its target was loaded."""
        self.looks_over_limit = 0
        """How many times in a row it used too much memory between executions."""

    @property
    def executions(self) -> int:
        """Of all processes of this slot."""
        process = self.process
        return self.past_executions + (process.memory.executions if process is not None else 0)

    def adopt(self, process: WorkerHandle) -> None:
        """Begin with a new process."""
        self.process = process
        self.processes += 1
        self.ready = False
        self.seeds = []
        self.failed = None
        self.call = None
        self.told = 0
        self.reason = ""
        self.exit = None
        self.exit_seconds = None
        self.hang = HangClock()
        self.stack_requested_for = -1
        self.location = ""
        self.meter.clear()
        self.sampler = VitalsSampler(process.pid)
        self.loaded_rss = 0
        self.looks_over_limit = 0
        self.vitals = None

    def take_seed(self, data: bytes) -> None:
        """Note a seed that the target declares. ProtocolError after the ping's answer, or for more than can be true."""
        if self.ready or len(self.seeds) >= MOST_SEEDS:
            raise ProtocolError("a seed that nobody asked for")
        self.seeds.append(data)

    def take_slowdown(self, slowdown: float) -> None:
        """Note how many times as long an entry takes with its probes. ProtocolError without a profile, or for what
        cannot be.
        """
        if self.tally is None:
            raise ProtocolError("what its probes cost, which nobody asked for")
        self.tally.take_slowdown(slowdown)

    def measure_loaded(self) -> None:
        """The target has been loaded: what it uses now is not an input's doing."""
        vitals = self.sampler.sample() if self.sampler is not None else None
        self.loaded_rss = vitals.rss if vitals is not None else 0

    def look(self) -> None:
        """Count what the worker's time is spent on at this moment, unless it loads, is held or is ending.

        May be called from another thread than the coordinator's.
        """
        vitals = self.vitals
        if self.tally is None or not self.ready or self.paused or (vitals is not None and vitals.stopped):
            return
        with self._watched:
            process = self.process
            if process is not None and not process.ended.is_set() and process.stop_asked_at is None:
                self.tally.look(process.memory)

    def release(self) -> None:
        """The process has been reaped: keep its counters, let go of the rest."""
        process = self.process
        if process is None or process.ending is None:
            return
        self.past_executions += process.memory.executions
        self.exit = process.ending.exit
        self.exit_seconds = process.seconds_to_end
        with self._watched:
            self.process = None
        self.sampler = None
        self.vitals = None
        self.meter.clear()
        process.close()

    def delay_after_failure(self) -> float | None:
        """Note a failure that is not an input's; seconds to wait before the next try, None to give up."""
        now = time.monotonic()
        self.failures.append(now)
        while self.failures[0] < now - RESTART_WINDOW:
            self.failures.popleft()
        if len(self.failures) > RESTARTS_IN_WINDOW:
            return None
        return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** (len(self.failures) - 1)))

    def row(self, *, run_paused: bool, baseline: tuple[int, int]) -> WorkerRow:
        """What people are shown of it; `baseline`: entries done and in all."""
        state, detail = self.state, self.detail
        if state in (WorkerState.FUZZING, WorkerState.BASELINE, WorkerState.VALIDATING, WorkerState.WAITING):
            if self.vitals is not None and self.vitals.stopped:
                state, detail = WorkerState.STALLED, "suspended"
            elif self.hang.stuck >= STALLED_AFTER:
                state, detail = WorkerState.STALLED, f"{self.hang.stuck:.0f} s"
            elif self.paused or run_paused:
                state, detail = WorkerState.PAUSED, "" if run_paused else "by you"
            elif state is WorkerState.BASELINE:
                detail = f"{baseline[0]}/{baseline[1]}"
        has_rate = self.ready and self.process is not None and state is not WorkerState.PAUSED
        return WorkerRow(
            id=self.id,
            state=state,
            detail=detail,
            pid=self.process.pid if self.process is not None else None,
            executions=self.executions,
            rate=self.meter.rate if has_rate else None,
            cpu=self.vitals.cpu if self.vitals is not None else None,
            rss=self.vitals.rss if self.vitals is not None else None,
            found=self.found,
            crashers=self.crashers,
            restarts=self.restarts,
            location=self.location if state is WorkerState.STALLED else "",
            exit=self.exit,
            exit_seconds=self.exit_seconds,
            reason=self.reason,
            profile=self.tally.profile() if self.tally is not None else None,
        )
