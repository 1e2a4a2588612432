"""Looks after one running process from outside: executions that hang, processes that are stopped, memory that grows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from fuzztui.engine.crew import procfs, stops
from fuzztui.engine.crew.effort import Effort, effort_of, is_too_long, progress
from fuzztui.engine.crew.findings import innermost_frame, users_stack
from fuzztui.engine.crew.process import WorkerProcess
from fuzztui.engine.crew.stops import Stop
from fuzztui.engine.crew.usage import InUse, Usage, UsageSampler, memory_in_use
from fuzztui.engine.crew.verdict import Killed, Spent
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import HangClock
from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.protocol.memory import State

STALLED_AFTER: Final = 1.0
"""Seconds in one execution after which a person is told."""

SAMPLING: Final = 1.0
"""Seconds before a time-out, or half of it if it is shorter, in which an execution is asked again and again where it
stands: what all of these have in common is where it hangs."""

LEAST_SAMPLING: Final = 0.15
"""Seconds of that at least, where a busy machine has had us look late."""

MOST_SAMPLES: Final = 12

LONGEST_PAUSE: Final = 0.1
SHORTEST_PAUSE: Final = 0.02
"""Seconds between two looks at a process's memory."""

FASTEST_GROWTH: Final = 4 << 30
"""Bytes a second that a process may take from the kernel at most: the next look comes before it can have reached its
limit, as far as `SHORTEST_PAUSE` allows."""

LOCATED_FROM: Final = 0.75
"""Share of the memory limit from which on an execution is asked for its stack: at the limit it may be too late."""

GIVEN_BACK_AFTER: Final = 0.25
"""Seconds in which the kernel takes back what a failed execution used."""


@dataclass(slots=True)
class _Suspension:
    """A stop of the process that goes on at this moment."""

    stop: Stop
    seconds: float = 0.0
    was_told: bool = False


class HangWatch:
    """Notices a process that is stuck in one execution: first asks where it stands, after the time-out kills it.

    A process that is stopped (SIGSTOP) is not stuck, unless it has stopped itself; see `stops`.
    """

    def __init__(
        self,
        pid: int,
        effort_of: Callable[[int], Effort | None] = effort_of,
        whose: Callable[[int, str], Stop] = stops.look,
    ) -> None:
        """`pid`: of a process that has not been reaped; the others look at it."""
        self._pid = pid
        self._effort_of = effort_of
        self._whose = whose
        self._clock = HangClock()
        self._stack_of = -1
        """The process's execution counter when its stack was asked for."""
        self._samples: list[str] = []
        """Stacks of that execution."""
        self._sampled_since: float | None = None
        self._before: Effort | None = None
        """At the last look at this execution."""
        self._cpu_before = 0.0
        """CPU seconds of the process at the first look at this execution."""
        self._suspension: _Suspension | None = None
        self._let_go: int | None = None
        """The execution in which the process was let go on, -1 for none; None as long as it never was."""
        self._since_let_go = 0.0
        """Seconds."""
        self._stopped_itself = False
        """In this execution."""
        self.location = ""
        """`file:line` where the execution stands, or empty."""

    @property
    def stuck(self) -> float:
        """Seconds in the execution in progress that were its own doing."""
        return self._clock.own

    @property
    def spent(self) -> Spent:
        """What the execution in progress has used so far."""
        cpu = self._before.cpu - self._cpu_before if self._before is not None else 0.0
        return Spent(cpu, self._clock.clock, stopped_itself=self._stopped_itself)

    def look(self, process: WorkerProcess, options: RunOptions, now: float) -> Visible:
        """Look once, at the monotonic time `now`. Returns what a person should be told of the process, if anything."""
        seconds, step = self._clock.tick(now)
        execution = process.memory.executions
        in_execution = process.memory.state in (State.RUNNING, State.REPORTING)
        if execution != self._clock.execution:
            self._begin(execution)
            self._suspension = None
            return NOTHING
        if not in_execution:
            self._begin(execution)
            effort = self._effort_of(self._pid)
            if effort is not None and effort.state in procfs.STOPPED:
                return self._look_at_stop(process, effort.state, step, options)
            self._suspension = None
            return NOTHING
        effort = self._effort_of(self._pid)
        if effort is None:
            return NOTHING
        before, self._before = self._before, effort
        if before is None:
            self._cpu_before = effort.cpu
        self._since_let_go += step
        notice = NOTHING
        if effort.state in procfs.STOPPED:
            notice = self._look_at_stop(process, effort.state, step, options, execution)
            if self._stopped_itself:
                self._clock.add(step)
        else:
            self._suspension = None
            ran, held_up = progress(before, effort, seconds) if before is not None else (0.0, 0.0)
            share = step / seconds if seconds else 0.0  # of a gap in our looks only so much counts
            self._clock.add(step, ran=ran * share, held_up=held_up * share)
        self._act(process, options, execution, now)
        return notice

    def _begin(self, execution: int) -> None:
        self._clock.begin(execution)
        self._before = None
        self._stopped_itself = False

    def _act(self, process: WorkerProcess, options: RunOptions, execution: int, now: float) -> None:
        is_over = is_too_long(self._clock.own, self._clock.clock, options.timeout)
        sampled_from = max(options.timeout / 2, options.timeout - SAMPLING)
        if self._clock.own < min(STALLED_AFTER, sampled_from) and not is_over:
            return
        if self._stack_of != execution:
            self._stack_of = execution
            self._samples.clear()
            self._sampled_since = None
            if not process.look_for_loop():
                process.request_stack()
            return  # the stack is there at the next look
        stack = process.stack()
        if stack:
            self.location = innermost_frame(users_stack(stack))[0]
        # Code in C does not let the interpreter answer, and stands still meanwhile: it is looked at by force.
        answers = process.memory.loop[0] == execution
        was_sampled = self._sampled_since is not None and now - self._sampled_since >= LEAST_SAMPLING
        if is_over and was_sampled and process.stop_asked_at is None:
            process.kill(Killed.TIMEOUT)
        elif is_over or self._clock.own >= sampled_from:
            if self._sampled_since is None:
                self._sampled_since = now
                process.look_for_loop(again=True)
            if not answers:
                self._sample(process, stack)
        elif not stack and not answers:
            process.request_stack()

    def _sample(self, process: WorkerProcess, stack: str) -> None:
        if stack and len(self._samples) < MOST_SAMPLES:
            self._samples.append(stack)
        process.request_stack()

    def _look_at_stop(
        self, process: WorkerProcess, state: str, step: float, options: RunOptions, execution: int = -1
    ) -> Visible:
        """The process is stopped, in this execution or between two; see there for what is returned."""
        suspension = self._suspension
        if suspension is None:
            has_relapsed = execution >= 0 and execution == self._let_go and self._since_let_go <= stops.RELAPSE
            stop = Stop.ITSELF if has_relapsed else self._whose(self._pid, state)
            suspension = self._suspension = _Suspension(stop)
        suspension.seconds += step
        if suspension.stop is Stop.ITSELF and execution >= 0:
            self._stopped_itself = True
            return NOTHING
        patience = options.timeout if self._let_go is not None else max(stops.PATIENCE, options.timeout)
        if suspension.stop is not Stop.TRACED and suspension.seconds >= patience:
            self._let_go_on(process, execution)
            return say("was stopped (SIGSTOP) for {:.0f} s and has been let go on", suspension.seconds)
        if suspension.seconds < options.timeout or suspension.was_told:
            return NOTHING
        suspension.was_told = True
        where = label("in the middle of an input") if execution >= 0 else label("between two inputs")
        return _told(suspension, self._pid, where, patience)

    def _let_go_on(self, process: WorkerProcess, execution: int) -> None:
        """Send SIGCONT. The stack is asked for first: it shows where the process was stopped."""
        self._let_go, self._since_let_go = execution, 0.0
        if execution >= 0:
            self._stack_of = execution
            process.request_stack()
        self._suspension = None
        process.let_go_on()

    def samples_of(self, execution: int) -> tuple[str, ...]:
        """Where this execution was found before it was killed, where that took long."""
        return tuple(self._samples) if self._stack_of == execution else ()

    def has_stack_of(self, execution: int) -> bool:
        """Whether the newest stack is of this execution, not of an earlier one that stalled."""
        return self._stack_of == execution


def _told(suspension: _Suspension, pid: int, where: Visible, patience: float) -> Visible:
    if suspension.stop is Stop.TRACED:
        return say("has been held by a debugger for {:.0f} s {}", suspension.seconds, where)
    return say(
        "has been stopped (SIGSTOP) for {:.0f} s {}: `kill -CONT {}` lets it go on, `r` in the dashboard replaces "
        "it, and after {:.0f} s the run lets it go on",
        suspension.seconds,
        where,
        pid,
        patience,
    )


class Measure(Protocol):
    """What tells the memory in use: `memory_in_use`."""

    def __call__(self, pid: int, ours: int, *, exact: bool) -> InUse | None: ...


class MemoryWatch:
    """Samples what a process uses and ends one that uses more memory than it may."""

    def __init__(self, pid: int, measure: Measure = memory_in_use) -> None:
        """`pid`: of a process that has not been reaped; `measure` tells what it uses."""
        self._pid = pid
        self._measure = measure
        self._sampler = UsageSampler(pid)
        self._loaded = 0
        """Bytes in use when the target was loaded, which are no input's doing."""
        self._stack_of = -1
        """The process's execution counter when its stack was asked for."""
        self._over_since: float | None = None
        """Since when too much has been used at each look. What an execution that failed has used may be given back just
        now; a worker that is never idle may hold more and more.
        """
        self._over_in = 0
        """The execution in which that was first seen, or the one before."""
        self._looked_at = 0.0
        self._pause = LONGEST_PAUSE
        """Seconds from that look to the next one."""
        self.usage: Usage | None = None

    def sample(self) -> None:
        """Note what people are shown."""
        self.usage = self._sampler.sample()

    def measure_loaded(self, ours: int) -> None:
        """Note what the process uses as its target has been loaded; `ours`: bytes of the engine's memory in it."""
        self.sample()
        in_use = self._measure(self._pid, ours, exact=True)
        self._loaded = in_use.size if in_use is not None else 0

    def seconds_until_due(self, now: float) -> float:
        """Until a look is wanted, `LONGEST_PAUSE` at most."""
        if self._pause == LONGEST_PAUSE:
            return (
                LONGEST_PAUSE  # no hurry: workers are looked at together, so that the coordinator wakes up less often
            )
        return max(0.0, self._looked_at + self._pause - now)

    def look(self, process: WorkerProcess, limit: int | None, now: float) -> None:
        """Look once, if it is time to; `limit` in bytes beyond what the loaded target uses, None for none."""
        if now - self._looked_at < self._pause - SHORTEST_PAUSE / 2:
            return
        self._looked_at, self._pause = now, LONGEST_PAUSE
        if limit is None or not process.answered_ping:
            return
        used, was_costly = self._used(process, limit)
        is_running = process.memory.state is State.RUNNING
        execution = process.memory.executions
        if used <= limit:
            self._over_since = None
        elif self._over_since is None:
            self._over_since, self._over_in = now, execution
        elif now - self._over_since >= GIVEN_BACK_AFTER and not (is_running and execution == self._over_in):
            process.kill(Killed.HELD_MEMORY)
            return
        if not is_running:
            return
        if not was_costly:
            self._pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, (limit - used) / FASTEST_GROWTH))
        if used <= limit * LOCATED_FROM:
            return
        if not self.has_stack_of(execution):
            self._stack_of = execution
            process.request_stack()  # the stack is there at the next look
        elif used > limit:
            process.kill(Killed.MEMORY)

    def has_stack_of(self, execution: int) -> bool:
        """Whether the stack that was asked for last was that of this execution."""
        return self._stack_of == execution

    def _used(self, process: WorkerProcess, limit: int) -> tuple[int, bool]:
        """Bytes in use beyond what the loaded target uses, and whether it took long to tell: memory that a process and
        its children share is counted once only where that makes a difference.
        """
        used = self._measure(self._pid, process.shared_bytes, exact=False)
        was_costly = False
        if used is not None and used.may_be_less and used.size - self._loaded > limit * LOCATED_FROM:
            used, was_costly = self._measure(self._pid, process.shared_bytes, exact=True), True
        return (used.size - self._loaded if used is not None else 0), was_costly
