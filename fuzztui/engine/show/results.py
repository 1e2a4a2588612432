"""What became of inputs that existed already: run once each, or made into a smaller corpus."""

from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import NOTHING, Visible


class InputVerdict(Enum):
    """What became of an input that was run once. Values are the words shown to people."""

    PASS = "PASS"
    FAIL = "FAIL"
    MALFORMED = "MALFORMED"
    """Not an input of this target."""
    SKIP = "SKIP"
    """The target as a whole declines to be run here."""
    IGNORED = "IGNORED"
    """It fails, and people do not want to hear of that."""

    @property
    def is_failure(self) -> bool:
        """Whether it makes a regression test fail."""
        return self in (InputVerdict.FAIL, InputVerdict.MALFORMED)


@dataclass(frozen=True, slots=True)
class InputResult:
    """One input, run once, or several times to learn how steadily it fails."""

    name: Visible
    """The input's path, `seed 2` for one that the target's code declares, or the target that is skipped."""
    verdict: InputVerdict
    values: Visible
    """The arguments as Python would write them, truncated; empty where the input is malformed."""
    seconds: float = 0.0
    output: Visible = NOTHING
    """What the target printed; for an input that ended its process that is part of the failure's traceback."""
    failure: Failure | None = None
    """For FAIL."""
    problem: Visible = NOTHING
    """For MALFORMED: what is wrong with the input; for SKIP: why."""
    runs: int = 1
    failures: int = 0
    """Runs in which it failed."""
    data: bytes = b""
    """The input, in its file form."""
    note: Visible = NOTHING
    """For an input that is recorded as a crasher and passes, or fails only now and then: a sentence about that."""


@dataclass(frozen=True, slots=True)
class CorpusExport:
    """Inputs of a property test that were chosen for its framework."""

    chosen: int
    inputs: int
    """There were in all."""
    edges: int
    """Covered by those chosen and the test's own examples."""
    all_edges: int
    """Covered by all of them."""
    examples: tuple[Visible, ...]
    """Decorators to paste, where these are wanted."""
    formless: int
    """Inputs whose values have no form in the test's file, where one is wanted."""
    has_database: bool
    """Whether the test has a database of examples, where the inputs are to go there."""


@dataclass(frozen=True, slots=True)
class CorpusChange:
    """What minimizing or importing has made of a corpus."""

    kept: int
    """Generated entries that stay, or inputs taken in."""
    dropped: int
    """Entries removed, or inputs not taken in, because others cover all that they do, or stored ones fail alike."""
    malformed: tuple[Visible, ...]
    """Names and reasons of files that are no inputs of the target; they are left where they are."""
    edges: int
    """Covered by all together."""
