"""What the board keeps of the calls that are in flight: one assignment a process."""

from dataclasses import dataclass, field

from fuzztui.engine.work.call import Item
from fuzztui.engine.work.islands import Island
from fuzztui.engine.work.job import Job
from fuzztui.protocol.messages import Execute, Fuzz


@dataclass(slots=True)
class CallInFlight:
    """The call that a process is busy with."""

    job: Job
    message: Execute | Fuzz
    granted: int
    """Executions reserved for it."""
    items: list[Item] = field(default_factory=list)
    """What is being run, in order; empty for a `Fuzz` call."""
    repeated: int = 0
    """Executions of it that are said to have failed as others before."""
    idle: float = 0.0
    """Seconds that the process is to do nothing before it is sent the call."""
    patience: float = 1.0
    """How many times the run's time-out an execution may take."""
    executions_before: int = 0
    """The process's counter when the call was made."""

    @property
    def unanswered(self) -> list[Item]:
        """Inputs that nothing has been reported on."""
        return [item for item in self.items if not item.answered]

    @property
    def is_unbegun(self) -> bool:
        """Whether no input has been reported on, of a call that has any."""
        return bool(self.items) and not any(item.answered for item in self.items)


@dataclass(slots=True)
class Assignment:
    """What the board keeps with one process: its call, and what it has been told."""

    worker: int
    """Id of the member that works through the process."""
    instrumented: bool = True
    """Whether the process has loaded the target under instrumentation, where the run wants that at all."""
    is_beside: bool = False
    """Whether the process is no worker's, but does beside them what helps the search."""
    copies: bool = False
    """Whether a copy of the process is as good as a process of its own."""
    call: CallInFlight | None = None
    last: CallInFlight | None = None
    """The call before, where none is in flight."""
    log_position: int = 0
    """Position in the coverage log up to which the process knows it."""
    island: Island | None = None
    """The search that the process is at; None for the one that all workers share."""
    island_position: int = 0
    """Position in that one's log of coverage up to which the process knows it."""
    singles_position: int = 0
    """The same in the log of probes that one execution alone has covered."""
    tokens_told: int = 0
    """How many of the tokens that people have given it knows."""
    calls: int = 0
    """Made so far: a process without one is fresh."""
    kept_for: object | None = None
    """What all calls so far were for, where they were for one thing."""
    settled: int = 0
    """Executions of calls that are over."""

    def enter(self, island: Island | None) -> None:
        """The process goes on with this search. It has forgotten what it knew of an island that it has left."""
        if island is not self.island:
            self.island, self.island_position = island, 0

    def is_fit_for(self, alone: object | None) -> bool:
        """Whether the process may be given work that wants a process which has done nothing for anything else."""
        return alone is None or not self.calls or self.kept_for is alone

    def begin(self, call: CallInFlight, alone: object | None) -> None:
        """A call is in flight from now on."""
        self.kept_for = alone
        self.calls += 1
        self.call = call

    def executions(self, counter: int) -> int:
        """Executions so far, the process's own `counter` believed as far as the call in flight allows."""
        return self.settled + self.used(counter)

    def settle(self, used: int) -> None:
        """The call in flight is over and has used so many executions."""
        self.settled += used
        self.call, self.last = None, self.call

    def used(self, counter: int) -> int:
        """Executions of the call in flight that the process has begun."""
        call = self.call
        return min(call.granted, max(0, counter - call.executions_before)) if call is not None else 0
