"""What executions cover together: a sequence of steps may bring the program into a state that none of them does alone.

Each statement of a session is known, and so is each branch, long before the right ones come in the right order. An
input that covers two things which no input has covered both of is a step further, though it covers nothing new.
"""

from collections.abc import Collection
from itertools import combinations
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_PATHS: Final = 1 << 16
"""Maps, and pairs of cells, that are remembered; beyond that, all are forgotten."""

MAX_ENTRIES: Final = 64

_RAREST: Final = 20
"""Cells of an execution that are combined, those that the fewest paths have."""


class Paths:
    """Which sets of cells have been covered by one execution, and which pairs."""

    def __init__(self) -> None:
        self.entries: Final[list[Arguments]] = []
        """Inputs that have covered such pairs, without covering anything new, the latest."""
        self._maps: set[int] = set()
        self._pairs: set[tuple[int, int]] = set()
        self._counts: dict[int, int] = {}
        """Paths that have a cell."""

    def is_known(self, covered: bytes) -> bool:
        """Whether a map of an execution is one that was there before; it is from then on."""
        key = hash(covered)
        if key in self._maps:
            return True
        if len(self._maps) >= MAX_PATHS:
            self._maps.clear()
        self._maps.add(key)
        return False

    def keep(self, entry: Arguments) -> None:
        """Go on from this input, too."""
        self.entries.append(entry)
        del self.entries[:-MAX_ENTRIES]

    def add(self, cells: Collection[int]) -> frozenset[tuple[int, int]]:
        """Count a path; the pairs of its cells that no path had before."""
        counts = self._counts
        counted = []
        for cell in cells:
            counts[cell] = count = counts.get(cell, 0) + 1
            counted.append((count, cell))
        rarest = sorted([cell for _, cell in sorted(counted)[:_RAREST]])
        new = frozenset(combinations(rarest, 2)) - self._pairs
        if len(self._pairs) >= MAX_PATHS:
            self._pairs.clear()
        self._pairs |= new
        return new
