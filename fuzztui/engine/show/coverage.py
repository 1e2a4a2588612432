"""What of the code under test is covered by the inputs that were measured: by line, by branch, by function."""

from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.text import NOTHING, Visible


class LineState(Enum):
    """What is known of a line. Values are the words shown to people."""

    BLANK = "no code"
    """Nothing of a statement begins there."""
    UNCOVERED = "not covered"
    LOADED = "runs when the module is loaded"
    """In no function: no input is needed for it, and none tells anything about it."""
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is and how much of it is covered."""

    statements: int = 0
    covered: int = 0
    branches: int = 0
    """Ways that lines which decide may go on."""
    taken: int = 0
    partial: int = 0
    """Lines of which some of these ways were taken and others were not."""

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.statements + other.statements,
            self.covered + other.covered,
            self.branches + other.branches,
            self.taken + other.taken,
            self.partial + other.partial,
        )

    @property
    def missing(self) -> int:
        """Statements that no input reaches."""
        return self.statements - self.covered

    @property
    def missing_branches(self) -> int:
        """Ways that no input takes."""
        return self.branches - self.taken

    @property
    def share(self) -> float:
        """Part of statements and branches together that is covered, as coverage.py counts; 1.0 of nothing."""
        whole = self.statements + self.branches
        return (self.covered + self.taken) / whole if whole else 1.0


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a file, or what of the file is in none."""

    file: str
    """The file's key, for questions about it."""
    place: Visible
    """The file, as short as it can be typed."""
    name: Visible
    """Qualified; empty for what is in no function."""
    first: int
    last: int
    """Its lines."""
    amount: Amount
    newest: float | None
    """When in the run the input was found that was the first to reach the newest of its covered lines."""


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """Everything that is covered, by function."""

    functions: tuple[Function, ...]
    """By file and line; none of what is in no function."""
    measured: int
    """Inputs that were run to learn what they cover."""
    waiting: int
    """Inputs that wait for that."""
    unmeasured: int
    """Inputs of which that could not be learned: their process ended, or they took too long with every line noted."""
    version: int
    """Grows whenever something was measured."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a line that decides may go on."""

    to: int
    """The next line; negative where the function ends."""
    inputs: int
    """How many inputs take it; 0 if none does."""
    times: int
    """How often they do, each run once."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a file."""

    number: int
    text: Visible
    state: LineState
    inputs: int = 0
    """How many inputs reach it."""
    times: int = 0
    """How often they do, each run once."""
    first: float | None = None
    """When in the run the first input was found that reaches it."""
    ways: tuple[Way, ...] = ()
    """Of a line that decides: where it may go on; none for others."""

    @property
    def is_frontier(self) -> bool:
        """Whether the line decides, and was seen to do so in one way only."""
        return any(way.inputs for way in self.ways) and not all(way.inputs for way in self.ways)


@dataclass(frozen=True, slots=True)
class Source:
    """A file with what is covered of it."""

    file: str
    place: Visible
    lines: tuple[SourceLine, ...]
    problem: Visible = NOTHING
    """Why the lines cannot be shown, or not with what is known of them."""


@dataclass(frozen=True, slots=True)
class ReachingInput:
    """An input that reaches a line."""

    sha256: str
    data: bytes
    name: Visible
    """As people know it: `seed 2`, a file's name, or the first digits of its own."""
    values: Visible
    """The arguments as Python would write them, truncated."""
    found: float
    """When in the run it was found; 0 for what was there before."""
    is_crasher: bool


@dataclass(frozen=True, slots=True)
class Operand:
    """A comparison of a line."""

    operator: Visible
    """Python's, or `of`, `matches`, `startswith` and the like."""
    left: Visible
    """As Python writes it."""
    right: Visible
    inputs: int
    """How many of the inputs that were run for this compare so."""
    tokens: tuple[bytes, ...]
    """What of both sides may be worth trying in inputs."""


@dataclass(frozen=True, slots=True)
class OperandTable:
    """What is compared in a line."""

    operands: tuple[Operand, ...]
    """Those of the most inputs first."""
    inputs: int
    """That were run to learn it."""
    waiting: int
    """That have still to be run."""


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """Everything that was measured in one file."""

    file: str
    module: Visible
    place: Visible
    functions: tuple[Function, ...]
    """What is in no function is the first."""
    amount: Amount
    lines: tuple[tuple[int, int], ...]
    """Line of each statement, and how often it was executed: by all inputs, each run once, and by loading the file."""
    ways: tuple[tuple[int, int, int], ...]
    """Lines that decide, where they may go on, and how often they did."""
    arcs: tuple[tuple[int, int], ...]
    """Every line and the next one, as coverage.py's data has them."""
    left_out: tuple[Visible, ...] = ()
    """Functions that belong to other targets and that no input reaches: nothing above counts them."""
    is_changed: bool = False
    """Whether the file is another one by now than the one that was measured."""
