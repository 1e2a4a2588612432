"""What the board keeps of the calls that are in flight: one assignment a process."""

from dataclasses import dataclass, field

from fuzztui.engine.work.call import Item
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
    executions_before: int = 0
    """The process's counter when the call was made."""

    @property
    def unanswered(self) -> list[Item]:
        """Inputs that nothing has been reported on."""
        return [item for item in self.items if not item.answered]


@dataclass(slots=True)
class Assignment:
    """What the board keeps with one process: its call, and what it has been told."""

    worker: int
    """Id of the member that works through the process."""
    call: CallInFlight | None = None
    log_position: int = 0
    """Position in the coverage log up to which the process knows it."""
    calls: int = 0
    """Made so far: a process without one is fresh."""
    settled: int = 0
    """Executions of calls that are over."""

    def executions(self, counter: int) -> int:
        """Executions so far, the process's own `counter` believed as far as the call in flight allows."""
        return self.settled + self.used(counter)

    def settle(self, used: int) -> None:
        """The call in flight is over and has used so many executions."""
        self.settled += used
        self.call = None

    def used(self, counter: int) -> int:
        """Executions of the call in flight that the process has begun."""
        call = self.call
        return min(call.granted, max(0, counter - call.executions_before)) if call is not None else 0
