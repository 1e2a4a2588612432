"""Which slices of an input a program has taken, and what it compared then."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

LATEST: Final = 8

_NEAR: Final = 8
"""Bytes behind what was taken last: what begins there is what follows, to which nothing has to point."""


class Slice(NamedTuple):
    """One that was taken."""

    begin: int
    end: int
    """Where it ends, in bytes; the data's end where there is no more."""
    asked: int
    """Where it was to end."""
    known: int
    """How many comparisons had been made before."""
    is_uncounted: bool = False
    """Whether no number of the input tells how long it is: it was all that there is, or is a field of a layout."""


class Read(NamedTuple):
    """One time that the program has read something, a slice or a number."""

    begin: int
    end: int
    site: int
    """Tells from where it was read: which line, called from which others."""
    kind: int
    """The same, but for how deep in a recursion."""
    depth: int
    """Calls that lead there."""
    frames: tuple[tuple[int, int], ...] = ()
    """(function, number of the call) of each of these, the innermost first."""


class Slices(NamedTuple):
    """Those of one traced execution."""

    taken: tuple[Slice, ...] = ()
    """In order."""
    compared: Sequence[Comparison] = ()
    numbers: Sequence[tuple[int, int]] = ()
    """(begin, end) of what has been taken as numbers besides: single bytes, and those of one layout."""
    reads: Sequence[Read] = ()
    """All of these, in the order in which they were read."""

    @property
    def ranges(self) -> dict[tuple[int, int], None]:
        """(begin, end) of each, once."""
        return dict.fromkeys([(each.begin, each.end) for each in self.taken])

    def before(self) -> dict[Comparison, int]:
        """How many slices had been taken before each comparison."""
        found: dict[Comparison, int] = {}
        count = 0
        for number, comparison in enumerate(self.compared):
            while count < len(self.taken) and self.taken[count].known <= number:
                count += 1
            found[comparison] = count
        return found

    def latest(self, count: int) -> list[Slice]:
        """The last few of the first so many, each range once, the latest first: what is compared, and how long or how
        many something is, was mostly read there.
        """
        found: dict[tuple[int, int], Slice] = {}
        for each in reversed(self.taken[max(0, count - 2 * LATEST) : count]):
            found.setdefault((each.begin, each.end), each)
        return [*found.values()][:LATEST]

    def jumps(self) -> list[int]:
        """Where slices begin that do not follow what was taken before, in ascending order."""
        found: set[int] = set()
        before = (0, 0)
        for begin, end, *_ in self.taken:
            if not before[0] <= begin <= before[1] + _NEAR:
                found.add(begin)
            before = begin, end
        return sorted(found)
