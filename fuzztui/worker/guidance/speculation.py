"""Inputs that may lead somewhere, each made only when it is to be tried.

There are many of them, and mutations come before most: what is made in advance would mostly be made in vain.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

BYTES: Final = 32 * 2**20
"""Bound of what all sources may hold."""

LEAST: Final = BYTES // 64
FEWEST: Final = 20
"""What a source is taken to hold, at least, and inputs of the length of its own that it has made: it remembers them, so
as not to make one twice. No source makes more than that in bytes.
"""


LEAST_OF_ENTRY: Final = BYTES // 512
"""The same of what an entry suggests: some hundreds of short inputs."""


class Speculation:
    """What makes such inputs, the newest source and the oldest in turns; the oldest ones give way."""

    def __init__(self) -> None:
        self._sources: deque[tuple[Iterator[Arguments], int]] = deque()
        """With what each may hold, in bytes."""
        self._bytes = 0
        self._taken = 0

    def __bool__(self) -> bool:
        """Whether there is something that may make one more."""
        return bool(self._sources)

    def extend(self, inputs: Iterable[Arguments], made_of: Arguments = ()) -> None:
        """Have these tried, which are `made_of` an input."""
        most = max(LEAST, FEWEST * sum(map(size, made_of)))
        self._sources.append((_at_most(most, inputs), most))
        self._bytes += most
        while self._bytes > BYTES and len(self._sources) > 1:
            self._bytes -= self._sources.popleft()[1]

    def take(self) -> Arguments | None:
        """The next one; None if none is left."""
        sources = self._sources
        while sources:
            self._taken += 1
            at = -(self._taken & 1)
            arguments = next(sources[at][0], None)
            if arguments is not None:
                return arguments
            self._bytes -= sources[at][1]
            del sources[at]
        return None


class OfEntries:
    """What makes inputs that entries suggest: of each a little before much of any, the newest first. Those that have
    made most give way.
    """

    def __init__(self) -> None:
        self._sources: list[tuple[int, int, Iterator[Arguments], int]] = []
        """A heap: inputs made, minus the number of the source, the source, what it may hold in bytes."""
        self._bytes = 0
        self._added = 0

    def __bool__(self) -> bool:
        """Whether there is something that may make one more."""
        return bool(self._sources)

    def extend(self, inputs: Iterable[Arguments], entry: Arguments) -> None:
        """Have these tried, which an entry suggests."""
        length = sum(map(size, entry))
        most = max(LEAST, FEWEST * length)
        held = max(LEAST_OF_ENTRY, FEWEST * length)
        self._added += 1
        heappush(self._sources, (0, -self._added, _at_most(most, inputs), held))
        self._bytes += held
        while self._bytes > BYTES and len(self._sources) > 1:
            most_made = max(range(len(self._sources)), key=lambda at: self._sources[at][:2])
            self._bytes -= self._sources.pop(most_made)[3]
            heapify(self._sources)

    def take(self) -> Arguments | None:
        """The next one; None if none is left."""
        while self._sources:
            made, number, inputs, held = heappop(self._sources)
            arguments = next(inputs, None)
            if arguments is not None:
                heappush(self._sources, (made + 1, number, inputs, held))
                return arguments
            self._bytes -= held
        return None


def _at_most(left: int, inputs: Iterable[Arguments]) -> Iterator[Arguments]:
    """Inputs of so many bytes together; the first in any case."""
    for arguments in inputs:
        yield arguments
        left -= sum(map(size, arguments))
        if left < 0:
            return
