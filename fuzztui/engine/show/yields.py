"""Adds up what each source of inputs has brought: mutation operators, traced comparisons."""

from typing import Final

from fuzztui.engine.show.snapshot import Yield
from fuzztui.engine.show.text import visible
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Yields

SOURCES: Final = 200
"""Different names in a run. A worker has a few dozen; these bounds keep one that lies from filling the memory."""

NAME: Final = 40
"""Characters of a name."""


class YieldSums:
    """The tries and finds of each source, over all workers."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[int, int]] = {}

    def add(self, yields: Yields, most: int) -> None:
        """Add a worker's report on one call, in which no source can have been tried more than `most` times.

        ProtocolError if it cannot be true; nothing is added then.
        """
        for source, (tries, finds) in yields.items():
            if not (len(source) <= NAME and source.isascii() and source.isidentifier()):
                raise ProtocolError(f"a source of inputs that is called {source[:NAME]!r}")
            if not finds <= tries <= most:
                raise ProtocolError(f"{finds} finds in {tries} tries of {source}, of {most} at most")
        if len(self._sums.keys() | yields.keys()) > SOURCES:
            raise ProtocolError(f"more than {SOURCES} sources of inputs")
        for source, (tries, finds) in yields.items():
            before = self._sums.get(source, (0, 0))
            self._sums[source] = before[0] + tries, before[1] + finds

    @property
    def yields(self) -> tuple[Yield, ...]:
        """The most finds first, of equal ones the fewest tries."""
        ranked = sorted(self._sums.items(), key=lambda item: (-item[1][1], item[1][0], item[0]))
        return tuple(Yield(visible(source), tries, finds) for source, (tries, finds) in ranked)
