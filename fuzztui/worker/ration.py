"""Rations the inputs that one corpus entry suggests, so that long entries do not take the time of the others.

What a traced comparison suggests is as long as the entry, and a long input may take a thousand times as long to run as
a short one: an entry of two kilobytes, made by a loop that ran once more than before, would hold a worker up for
seconds. Bytes stand for time here, since a run has to be repeatable.
"""

from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = OWN_BUILTINS

LONG: Final = 4.0
"""An input of more than so many times the length of its entry, and of an average one, waits until the others are out:
it stems from a length that was compared with something, or replaces every occurrence of a character."""

SHORT: Final = 16
"""Bytes; an average below is no reason for parsimony: a search begins with the empty input."""


class Ration:
    """Gives every entry the bytes of so many average inputs; a long one gets a few of its own length at least."""

    def __init__(self, inputs: int, fewest: int) -> None:
        """`inputs` of average length is what an entry may lead to, or `fewest` of its own."""
        self._inputs = inputs
        self._fewest = fewest
        self._entries = 0
        self._bytes = 0

    def of(self, entry: Arguments, suggested: Iterator[Arguments]) -> Iterator[Arguments]:
        """As many of the suggested inputs as the entry is due, in their order, but long ones last. Call once for each
        entry: it counts towards the average.
        """
        length = _length(entry)
        self._entries += 1
        self._bytes += length
        average = max(SHORT, self._bytes / self._entries)
        return _first(suggested, max(self._inputs * average, self._fewest * length), LONG * max(average, length))


def _first(suggested: Iterator[Arguments], left: float, long: float) -> Iterator[Arguments]:
    """Inputs of `left` bytes in total, those of more than `long` after the others."""
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
