"""How one input fails its target."""

from dataclasses import dataclass, field
from enum import Enum

from fuzztui.engine.show.branches import Step
from fuzztui.engine.show.scene import Scene
from fuzztui.engine.show.text import NOTHING, Visible, label, say


class CrasherKind(Enum):
    """In which way an input fails its target."""

    EXCEPTION = "exception"
    EXIT = "exit"
    """The process ended by `os._exit` or the like during the execution."""
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    MEMORY = "out of memory"
    """A MemoryError that left the target, or a process that used too much."""

    @property
    def ends_the_process(self) -> bool:
        """Whether such a failure ends the worker's process in any case."""
        return self in (CrasherKind.EXIT, CrasherKind.SIGNAL, CrasherKind.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Tail:
    """The inputs that a process ran before one that failed."""

    inputs: tuple[bytes, ...] = ()
    """The newest of them, in the order in which they ran."""
    executions: int = 0
    """How many ran in all."""

    @property
    def is_complete(self) -> bool:
        """Whether all are there, and not only the newest."""
        return len(self.inputs) == self.executions


@dataclass(frozen=True, slots=True)
class Failure:
    """How one input fails its target: the part of a crasher that is told apart, shown, recorded and sent as JSON."""

    id: Visible
    """The identity of the failure's bucket, see `fuzztui.protocol.identity`: equal for failures that are likely one bug
    and reached alike.
    """
    group: Visible
    """The identity of its group: equal for failures that are likely one bug."""
    kind: CrasherKind
    type: Visible
    """Exception class, signal name, `exit status 3`, `timeout after 10 s`."""
    message: Visible
    """One line, possibly empty."""
    traceback: Visible
    function: Visible
    """Innermost function of the project or library under test, or empty if unknown."""
    location: Visible
    """`file:line` of that function's failing line, or empty."""
    output: Visible = NOTHING
    """The end of what the target printed when it raised; what a process that died had printed last stands in
    `traceback`.
    """
    is_output_exact: bool = False
    """Whether this execution has printed all of it; otherwise those just before and after it may have."""
    tail: Tail = field(default=Tail(), compare=False, repr=False)
    """What its process ran before it, as far as that is known. Kept only until the input has been run again."""
    steps: tuple[Step, ...] = field(default=(), repr=False, compare=False)
    """What the execution has taken through the project's code, where that was noted."""
    scenes: tuple[Scene, ...] = field(default=(), repr=False, compare=False)
    """The project's functions that the exception came through, the innermost last; empty where nobody has asked."""
    variant: Visible = NOTHING
    """The shape of its message, see `fuzztui.protocol.shape`: failures of one bucket that say different things differ
    in it.
    """

    def is_like(self, other: "Failure") -> bool:
        """Whether it is likely the same bug: of one group, or an end of the process of one kind, whose place depends on
        when it was stopped.
        """
        if self.kind is not other.kind:
            return False
        if self.id == other.id or self.group == other.group or self.kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY):
            return True
        return self.kind.ends_the_process and self.type == other.type

    @property
    def title(self) -> Visible:
        """What failed and where: `ValueError in _decode_uXXXX`."""
        return say("{} in {}", self.type, self.function) if self.function else self.type

    @property
    def sentence(self) -> Visible:
        """Type and message in one line."""
        return say("{}: {}", self.type, self.message) if self.message else self.type

    @property
    def output_title(self) -> Visible:
        """What `output` is, for people."""
        return label("printed" if self.is_output_exact else "printed by this execution or ones close to it")

    def fields(self) -> dict[str, str | bool]:
        """The form in records and JSON Lines."""
        return {
            "id": self.id,
            "group": self.group,
            "kind": self.kind.value,
            "type": self.type,
            "message": self.message,
            "function": self.function,
            "location": self.location,
            "traceback": self.traceback,
            "output": self.output,
            "output_exact": self.is_output_exact,
            "variant": self.variant,
        }
