"""How many finds have covered something that no other execution has: what tells how likely there is more to be found.

Only what fuzzing has found counts. What seeds and stored inputs cover was known before, so that finding it says nothing
about what is left. Workers watch the probes that are single and say when one was met again.
"""

from fuzztui.engine.work.coverage_log import group
from fuzztui.protocol.messages import Coverage


class Rarity:
    """The probes that one execution alone has covered, and which find each belongs to."""

    def __init__(self) -> None:
        self._log: list[tuple[str, int]] = []
        """Every probe that was single once, in order."""
        self._find_of: dict[tuple[str, int], int] = {}
        """Of each that still is, the find."""
        self._left: dict[int, int] = {}
        """How many each find has left, of those that have any."""
        self._finds = 0

    def found(self, new: Coverage, edges: Coverage) -> None:
        """An execution has covered `edges`, of which `new` had never been covered before."""
        self.met_again(edges)
        probes = [(name, index) for name, indices in new.items() for index in indices]
        if not probes:
            return
        self._finds += 1
        self._left[self._finds] = len(probes)
        self._log += probes
        self._find_of.update(dict.fromkeys(probes, self._finds))

    def met_again(self, coverage: Coverage) -> None:
        """Another execution has covered these."""
        if not self._find_of:
            return
        for name, indices in coverage.items():
            for index in indices:
                find = self._find_of.pop((name, index), None)
                if find is not None:
                    self._left[find] -= 1
                    if not self._left[find]:
                        del self._left[find]

    @property
    def singles(self) -> int:
        """Finds of which something is covered that no other execution has covered."""
        return len(self._left)

    def __len__(self) -> int:
        """Probes that were single once; also the position of the log's end."""
        return len(self._log)

    def since(self, position: int) -> Coverage:
        """What has become single from `position` on, and still is."""
        return group(probe for probe in self._log[position:] if probe in self._find_of)
