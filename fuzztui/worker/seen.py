"""What this process knows to be covered, as a copy of the probe map.

Novelty is one comparison of two byte strings. The probe map is never cleared between executions: `seen` is what the
map looked like after everything known so far, so an execution was new exactly if the map differs from `seen` now. Only
then is the input run once more, on a cleared map, to learn everything that the input covers.
"""

from collections.abc import Iterable
from typing import Final

from fuzztui.protocol.messages import Coverage
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.probes import ProbeMap

__builtins__ = PRIVATE_BUILTINS


class SeenCells:
    """The cells of a probe map that need not be reported any more."""

    def __init__(self, probes: ProbeMap) -> None:
        """Nothing is seen at first: what importing the target covered says nothing about inputs, and is cleared."""
        self._probes = probes
        self._unplaced: Coverage = {}
        """Covered elsewhere, in modules that this process has not imported yet."""
        self.cells: Final = probes.cells
        self.seen: Final = bytearray(len(probes.cells))
        self.restore()

    def learn(self, covered: Coverage) -> None:
        """Count what was covered elsewhere as seen, and make the map look like that."""
        for module, indices in covered.items():
            self._unplaced.setdefault(module, []).extend(indices)
        self.restore()

    def keep(self, cells: Iterable[int]) -> None:
        """Count cells as seen, and make the map look like that."""
        self._fit()
        for cell in cells:
            self.seen[cell] = 1
        self.cells[:] = self.seen

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
        """The cells that are set in the map and have not been seen."""
        self._fit()
        return {cell for cell in self.set_cells() if not self.seen[cell]}

    def _fit(self) -> None:
        """Grow `seen` to the size of the map, which grows as modules are imported, and place what waited for them."""
        seen = self.seen
        seen.extend(bytes(len(self.cells) - len(seen)))
        if self._unplaced:
            known, self._unplaced = self._probes.place(self._unplaced)
            for cell in known:
                seen[cell] = 1
