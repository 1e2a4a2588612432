"""Tails of crashers that have not been run again, and the search for the shortest one: which of the inputs that a
process ran before a crasher's input it takes to make it fail.

A tail is given by the places of its inputs, in order. The search is a generator of tails to be run: it is sent whether
the input failed after one, and may be left at any time, since whoever drives it knows the last tail that was enough.
"""

from collections.abc import Generator
from typing import Final

from fuzztui.engine.show.failure import Tail

MOST_BYTES: Final = 16 << 20
"""Bytes of the tails that are kept for crashers which have not been run again: those of fifty or more."""

INPUT_BYTES: Final = 48
"""Bytes that an input takes besides its own."""

Places = tuple[int, ...]


def shorter(places: Places) -> Generator[Places, bool, None]:
    """Proposes shorter tails than this one, which is enough: first the shortest that leaves out only the oldest inputs,
    then that one without some of its inputs, down to one at a time (Zeller and Hildebrandt's ddmin, complements only:
    a part alone is hardly ever enough where its order matters).
    """
    enough = yield from _shortest_end(places)
    size = len(enough) // 2
    while size:
        # The oldest are left out first: they matter least. What lies before `at` has been found to be needed.
        at = 0
        is_shorter = False
        while at < len(enough):
            rest = enough[:at] + enough[at + size :]
            if rest and (yield rest):
                enough, is_shorter = rest, True
            else:
                at += size
        # Something that was needed only because of others may not be needed any more.
        size = size if size == 1 and is_shorter else size // 2


def _shortest_end(places: Places) -> Generator[Places, bool, Places]:
    """Halve what is not known to be needed of the oldest inputs. Returns what is enough."""
    too_short, enough = 0, len(places)
    while enough - too_short > 1:
        middle = (too_short + enough) // 2
        if (yield places[-middle:]):
            enough = middle
        else:
            too_short = middle
    return places[len(places) - enough :]


class KeptTails:
    """The tails of crashers that have not been run again, as many as there is room for: the oldest stay."""

    def __init__(self) -> None:
        self._tails: dict[str, Tail] = {}
        self._bytes = 0

    def keep(self, failure_id: str, tail: Tail) -> None:
        """Keep a crasher's tail, if there is room."""
        size = _size(tail)
        if tail.inputs and failure_id not in self._tails and self._bytes + size <= MOST_BYTES:
            self._tails[failure_id] = tail
            self._bytes += size

    def take(self, failure_id: str) -> Tail:
        """A crasher's tail, which is not kept any more; an empty one, of which nothing is known, if there is none."""
        tail = self._tails.pop(failure_id, None)
        if tail is None:
            return Tail(executions=-1)
        self._bytes -= _size(tail)
        return tail


def _size(tail: Tail) -> int:
    return sum(map(len, tail.inputs)) + INPUT_BYTES * len(tail.inputs)
