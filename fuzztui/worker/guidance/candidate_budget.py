"""Limits the bytes of the candidates that one corpus entry may suggest, so that long entries do not starve the others.

A candidate that a traced comparison suggests is as long as its entry, and a long input may take a thousand times as
long to run as a short one: an entry of two kilobytes, made by one more round of a loop, would hold a worker up for
seconds. The limit counts bytes instead of time, because a run has to be repeatable.
"""

from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

LONG: Final = 4.0
"""A candidate that is more than so many times as long as its entry, and as an average one, comes after the others: it
stems from a length that was compared with something, or replaces every occurrence of a character."""

SHORT: Final = 16
"""Bytes. A smaller average counts as this much: a search begins with the empty input."""


class CandidateBudget:
    """Allows every entry the bytes of so many average inputs, and a long entry a few candidates of its own length."""

    def __init__(self, inputs: int, fewest: int) -> None:
        """An entry may suggest `inputs` candidates of average length, or `fewest` of its own length if that is more."""
        self._inputs = inputs
        self._fewest = fewest
        self._entries = 0
        self._bytes = 0

    @property
    def average(self) -> float:
        """Bytes of an entry."""
        return max(SHORT, self._bytes / max(1, self._entries))

    def apply(self, entry: Arguments, suggested: Iterator[Arguments]) -> Iterator[Arguments]:
        """The suggested inputs up to the entry's limit, in their order, but long ones last. Call once for each entry:
        its length counts towards the average.
        """
        length = _length(entry)
        self._entries += 1
        self._bytes += length
        average = self.average
        return _first(suggested, max(self._inputs * average, self._fewest * length), LONG * max(average, length))


def _first(suggested: Iterator[Arguments], left: float, long: float) -> Iterator[Arguments]:
    """Inputs of at most `left` bytes in total, those of more than `long` bytes after the others."""
    waiting = []
    for each in suggested:
        length = _length(each)
        if length > long:
            waiting.append(each)
            continue
        left -= length
        if left < 0:
            return
        yield each
    for each in waiting:
        left -= _length(each)
        if left < 0:
            return
        yield each


def _length(arguments: Arguments) -> int:
    return sum(map(size, arguments))
