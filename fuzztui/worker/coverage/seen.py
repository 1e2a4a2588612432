"""What this process knows to be covered, as a copy of the probe map.

Novelty is one comparison of two byte strings. The probe map is never cleared between executions: `seen` is what the
map looked like after everything known so far, so an execution was new exactly if the map differs from `seen` now. Only
then is the input run once more, on a cleared map, to learn everything that the input covers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from fuzztui.protocol.messages import Coverage
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.probes import ProbeMap

__builtins__ = PRIVATE_BUILTINS

BLOCK: Final = 1024
"""Cells that are compared at once, to find those that differ: the map of a large program has tens of thousands, of
which an input that is new covers some few for the first time."""


@dataclass(slots=True)
class Seen:
    """What one search has seen; nothing at first."""

    cells: bytearray = field(default_factory=bytearray)
    """1 for each cell that has been covered; those that are missing have not."""
    unplaced: Coverage = field(default_factory=dict)
    """Covered elsewhere, in modules that this process has not imported yet."""
    single: set[int] = field(default_factory=set)
    """Cells that one execution alone has covered, as far as is known here. They look like new ones, so that the next
    execution that covers them is noticed."""


class SeenCells:
    """The cells of a probe map that need not be reported any more."""

    def __init__(self, probes: ProbeMap) -> None:
        """Nothing is seen at first: what importing the target covered says nothing about inputs, and is cleared."""
        self._probes = probes
        self.cells: Final = probes.cells
        self._all = Seen()
        self.seen = self._all.cells
        """As long as the map, and the same object for as long as no other search is `exchange`d for this one."""
        self._met_again: list[int] = []
        """Those that another has covered, and that nobody has been told of."""
        self.restore()

    def exchange(self, other: Seen) -> Seen:
        """Go on with what another search has seen, and make the map look like that; returns what was seen until now."""
        before, self._all = self._all, other
        self.seen = other.cells
        self.restore()
        return before

    def learn(self, covered: Coverage) -> None:
        """Count what was covered elsewhere as seen, and make the map look like that."""
        for module, indices in covered.items():
            self._all.unplaced.setdefault(module, []).extend(indices)
        self.restore()

    def keep(self, cells: Iterable[int]) -> None:
        """Count cells as seen, and make the map look like that."""
        self._fit()
        for cell in cells:
            self.seen[cell] = 1
        self._all.single.difference_update(cells)
        self.cells[:] = self.seen

    def watch(self, cells: Iterable[int]) -> None:
        """Have it noticed when these are covered again, for once."""
        for cell in cells:
            self.seen[cell] = self.cells[cell] = 0
            self._all.single.add(cell)

    def watch_coverage(self, coverage: Coverage) -> None:
        """The same for probes that were covered elsewhere; those of modules that are not imported yet are left out."""
        self.watch(self._probes.cells_of(coverage))

    def take_met_again(self) -> Coverage:
        """The probes that were covered again since last asked."""
        if not self._met_again:
            return {}
        met, self._met_again = self._met_again, []
        return self._probes.coverage(sorted(met))

    def restore(self) -> None:
        """Make the map look as after everything seen."""
        self._fit()
        self.cells[:] = self.seen

    def clear_map(self) -> None:
        """Empty the map, for an execution that is to show everything that one input covers."""
        self.cells[:] = bytes(len(self.cells))

    def set_cells(self) -> list[int]:
        """The numbers of the cells that are set in the map, in order."""
        cells = self.cells
        found = []
        cell = cells.find(1)
        while cell >= 0:
            found.append(cell)
            cell = cells.find(1, cell + 1)
        return found

    def new_cells(self) -> set[int]:
        """The cells that are set in the map and have not been seen. Those that had been covered once count as seen from
        now on, and are none of them.
        """
        self._fit()
        return self._news(set(_unseen(self.cells, self.seen)))

    def new_of(self, covered: Iterable[int]) -> set[int]:
        """The same of cells that are known to be all that are set in the map."""
        self._fit()
        seen = self.seen
        return self._news({cell for cell in covered if not seen[cell]})

    def _news(self, new: set[int]) -> set[int]:
        again = new & self._all.single
        if again:
            self._met_again += again
            self._all.single -= again
            for cell in again:
                self.seen[cell] = 1
        return new - again

    def _fit(self) -> None:
        """Grow `seen` to the size of the map, which grows as modules are imported, and place what waited for them."""
        seen = self.seen
        seen.extend(bytes(len(self.cells) - len(seen)))
        if self._all.unplaced:
            known, self._all.unplaced = self._probes.place(self._all.unplaced)
            for cell in known:
                seen[cell] = 1


def _unseen(cells: bytearray, seen: bytearray) -> Iterator[int]:
    """The numbers of the cells that are 1 in the first of two maps of the same length, and 0 in the second, in order.
    What that takes hardly depends on how many are 1 in both.
    """
    for start in range(0, len(cells), BLOCK):
        block, known = cells[start : start + BLOCK], seen[start : start + BLOCK]
        if block == known:
            continue
        bits = int.from_bytes(block, "little")
        different = (bits & (bits ^ int.from_bytes(known, "little"))).to_bytes(BLOCK, "little")
        at = different.find(1)
        while at >= 0:
            yield start + at
            at = different.find(1, at + 1)
