"""What is handed to workers and what comes back: inputs, pieces of work, reports. Plain values."""

from dataclasses import dataclass
from typing import TypeAlias

from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.show.snapshot import Failure
from fuzztui.engine.show.text import Visible
from fuzztui.protocol.messages import Coverage


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
    was_being_ended: bool = False
    """Whether we were ending the process: then even the second death in one input proves nothing."""
