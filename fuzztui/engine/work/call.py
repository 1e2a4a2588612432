"""What is handed to workers and what comes back: inputs, calls in flight, reports. Plain values."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.show.snapshot import Failure
from fuzztui.engine.show.text import Visible
from fuzztui.protocol.messages import Coverage, Execute, Fuzz

if TYPE_CHECKING:
    from fuzztui.engine.work.job import Job


@dataclass(slots=True)
class Item:
    """One input to be run unmutated."""

    data: bytes
    entry: Entry | None = None
    """The corpus entry that it is; None for an input that a worker was running when its process died."""
    answered: bool = False
    """Whether the call that it is part of has brought a report on it."""

    @property
    def seed(self) -> Entry | None:
        """The seed or stored input that this is; an entry of the generated corpus is neither."""
        return self.entry if self.entry is not None and self.entry.origin.is_users else None


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs to be run once each, in order."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class Slice:
    """An entry to be mutated until a budget is used up."""

    entry: Entry
    seconds: float
    executions: int
    """At most so many."""
    trace: bool
    """Whether the entry's comparisons are to be traced first."""


Work: TypeAlias = Batch | Slice


@dataclass(frozen=True, slots=True)
class Clean:
    """An input ran to its end."""

    edges: Coverage
    """Everything that it covers."""
    new: int
    """How many of these edges nothing had covered before."""
    output: str = ""
    """What the target printed meanwhile, where the job asks for it; not made printable."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An input failed its target."""

    failure: Failure
    output: str = ""


Report: TypeAlias = Clean | Failed


@dataclass(frozen=True, slots=True)
class Death:
    """The end of a process in the middle of a call, as the job that made the call is told of it."""

    data: bytes
    """The input that was being run."""
    failure: Failure
    """What the input is recorded as, if it was the reason."""
    suspicion: Visible
    """How the process ended, where only running the input again tells whether that was its doing; empty where the
    input is the reason beyond doubt.
    """


@dataclass(slots=True)
class CallInFlight:
    """The call that a process is busy with."""

    job: "Job"
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
