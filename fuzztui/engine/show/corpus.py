"""The corpus as people look at it: a page of rows, one entry in full. Plain values."""

from dataclasses import dataclass
from enum import Enum

from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.text import Visible


class CorpusOrder(Enum):
    """By what entries are listed. Values are the words shown to people."""

    NEWEST = "newest first"
    BROUGHT = "most new edges first"
    EDGES = "most edges first"
    SIZE = "smallest first"
    LARGEST = "largest first"
    FUZZED = "most fuzzed first"

    @property
    def following(self) -> "CorpusOrder":
        """The order that comes after this one, round and round."""
        orders = list(CorpusOrder)
        return orders[(orders.index(self) + 1) % len(orders)]


@dataclass(frozen=True, slots=True)
class CorpusNumbers:
    """Which entries a list has, in its order: their numbers alone, for a corpus has many thousands."""

    numbers: tuple[int, ...]
    total: int
    """Entries of the corpus, listed or not."""


@dataclass(frozen=True, slots=True)
class CorpusRow:
    """One entry in a list."""

    number: int
    name: Visible
    """`seed 2`, `zero value`, a file's name."""
    origin: Visible
    """`seed`, `stored input`, `generated`, `zero value`."""
    size: Visible
    values: Visible
    """The arguments as Python would write them, truncated to a line."""
    brought: int
    """Edges that nothing had covered before."""
    edges: int
    """That it reaches; 0 as long as it has not been run."""
    fuzzed: int
    """How often it was handed out for mutation."""
    elapsed: float | None
    """Seconds of the run at which it came; None for what the run began with."""
    has_file: bool
    """Whether it can be removed."""


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """All about one entry."""

    row: CorpusRow
    sha256: str
    path: Visible
    """Its file; empty for one that has none."""
    values: Visible
    """The arguments as Python would write them, truncated to what anybody reads."""
    dump: tuple[Visible, ...]
    """Lines in hexadecimal, of the value where that is one bytes or text, else of the file; truncated, too."""
    lineage: tuple[Ancestor, ...]
    """How it came about, from a seed on; empty where that is unknown."""
    children: int
    """Entries that are known to have been made from it."""
