"""Looks after one running process from outside: executions that hang, memory that grows."""

from typing import Final

from fuzztui.engine.clock import HangClock
from fuzztui.engine.crew.findings import innermost_frame
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.usage import Usage, UsageSampler
from fuzztui.engine.crew.verdict import Killed
from fuzztui.engine.options import RunOptions
from fuzztui.protocol.memory import State

STALLED_AFTER: Final = 1.0
"""Seconds in one execution after which a person is told."""


class HangWatch:
    """Notices a process that is stuck in one execution: first asks where it stands, after the time-out kills it."""

    def __init__(self) -> None:
        self._clock = HangClock()
        self._stack_of = -1
        """The process's execution counter when its stack was asked for."""
        self.location = ""
        """`file:line` where the execution stands, or empty."""

    @property
    def stuck(self) -> float:
        """Seconds in the execution in progress."""
        return self._clock.stuck

    def look(self, process: WorkerProcess, options: RunOptions, *, suspended: bool, now: float) -> None:
        """Look once; `suspended`: somebody has stopped the process, which is no hang."""
        executions = process.memory.executions
        running = process.memory.state in (State.RUNNING, State.REPORTING)
        stuck = self._clock.look(executions, running=running, suspended=suspended, now=now)
        if stuck < min(STALLED_AFTER, options.timeout):
            return
        if self._stack_of != executions:
            self._stack_of = executions
            process.request_stack()
            return  # the stack is there at the next look
        self.location = innermost_frame(process.stack())[0]
        if stuck >= options.timeout and process.stop_asked_at is None:
            process.kill(Killed.TIMEOUT)

    def has_stack_of(self, execution: int) -> bool:
        """Whether the newest stack is of this execution, not of an earlier one that stalled."""
        return self._stack_of == execution


class MemoryWatch:
    """Samples what a process uses and ends one that uses more memory than it may."""

    def __init__(self, pid: int) -> None:
        self._sampler = UsageSampler(pid)
        self._loaded = 0
        """Bytes in use when the target was loaded, which are no input's doing."""
        self._looks_over_limit = 0
        """How many times in a row too much was used between two executions."""
        self.usage: Usage | None = None

    def measure_loaded(self) -> None:
        """Note what the process uses now that its target has been loaded."""
        usage = self._sampler.sample()
        self._loaded = usage.rss if usage is not None else 0

    def look(self, process: WorkerProcess, limit: int | None) -> None:
        """Look once; `limit` in bytes beyond what the loaded target uses, None for none."""
        usage = self.usage = self._sampler.sample()
        if limit is None or usage is None or not process.answered_ping or usage.rss - self._loaded <= limit:
            self._looks_over_limit = 0
            return
        if process.memory.state is State.RUNNING:
            process.kill(Killed.MEMORY)
            return
        # What a failed execution used is being given back right now, unless it is still there at the next look.
        self._looks_over_limit += 1
        if self._looks_over_limit > 1:
            process.refuse("more memory than the limit, held between two executions")
