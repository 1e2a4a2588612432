"""What is handed to workers and what comes back: inputs, pieces of work, reports. Plain values."""

from dataclasses import dataclass
from typing import TypeAlias

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.keep.lineage import Step
from fuzztui.engine.show.branches import Step as LineStep
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import Visible
from fuzztui.engine.work.islands import Island
from fuzztui.protocol.messages import Coverage


@dataclass(slots=True)
class Item:
    """One input to be run unmutated."""

    data: bytes
    entry: Entry | None = None
    """The corpus entry that it is; None for an input that a worker was running when its process died."""
    answered: bool = False
    """Whether the call that it is part of has brought a report on it."""
    step: Step | None = None
    """How it was made, where it is a mutated input."""

    @property
    def seed(self) -> Entry | None:
        """The seed or stored input that this is; an entry of the generated corpus is neither."""
        return self.entry if self.entry is not None and self.entry.origin.is_users else None


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs to be run once each, in order."""

    items: list[Item]
    alone: object | None = None
    """What the process is to be kept for: all that it has run before must have been for the same object; None where any
    process will do.
    """
    idle: float = 0.0
    """Seconds that the process is to do nothing before."""
    patience: float = 1.0
    """How many times the run's time-out an execution may take."""
    traced: bool = False
    """Whether it is to be told which steps each input takes through the project's code: far slower."""
    measured: bool = False
    """Whether it is to be told which arcs each input takes through the instrumented code, instead of what it covers:
    far slower, too.
    """
    copied: bool = False
    """Whether they are to be run in a copy of the process, which is what `alone` is kept for: see `worker.copies`."""
    compared: tuple[str, tuple[int, ...]] | None = None
    """The file, and the lines in there, of which it is to be told what each input compares in them, instead of what it
    covers.
    """
    shrunk: bool = False
    """Whether the worker is to make them smaller by itself, and report what comes of that in their place."""
    exported: str = ""
    """Where they are to go, of what the framework has that the test is written for: see `protocol.messages.LOOK`."""
    detailed: bool = False
    """Whether failures are to be told of with what they look like from inside."""
    foretold: bool = False
    """Whether it is to be told what a test is called with before it is, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Slice:
    """An entry to be mutated until a budget is used up."""

    entry: Entry
    seconds: float
    executions: int
    """At most so many."""
    trace: bool
    """Whether the entry's comparisons are to be traced first."""
    island: Island | None = None
    """The search that this is part of; None for the one that all workers share."""


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
    seconds: float = 0.0
    """That it took by itself, as far as it was looked at: what others held it up is taken off."""
    steps: tuple[LineStep, ...] = ()
    """What it has taken through the project's code, where the job asks for that."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An input failed its target."""

    failure: Failure
    output: str = ""
    canonical: bytes | None = None
    """The input in the form that means the same whatever becomes of the code, where that is another one."""


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
    was_being_ended: bool = False
    """Whether we were ending the process: then even the second death in one input proves nothing."""
    is_from_outside: bool = False
    """Whether a signal ended the process that it did not bring upon itself as far as anybody knows: no proof, see
    `suspects`. Where there is evidence that the input was the reason, this is false: the next such death is the answer.
    """

    step: Step | None = None
    """How the input was made, where it is a mutated one."""

    @property
    def killed(self) -> Failure | None:
        """What the input would be recorded as, where a signal from outside ended the process."""
        return self.failure if self.is_from_outside else None
