"""The queue of inputs that wait to be tried, bounded in number and in bytes."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

INPUTS: Final = 4_000
BYTES: Final = 32 * 2**20
"""Bounds of the queue. Inputs wait for later calls where a call ends before they are tried."""

_PER_INPUT: Final = 200
"""Bytes of the objects that an input consists of, beside its texts."""


class Suggestions:
    """Inputs to try, oldest first."""

    def __init__(self) -> None:
        self.inputs: Final[deque[Arguments]] = deque(maxlen=INPUTS)
        """The fuzzing loop takes from the left."""
        self._bytes = 0
        """At least the bytes that are held: inputs that the loop takes are not subtracted until that matters."""

    def add(self, arguments: Arguments) -> None:
        """Queue one input; the oldest ones give way."""
        self.extend((arguments,))

    def extend(self, suggested: Iterable[Arguments]) -> None:
        """Queue inputs, the best of which come first; the oldest in the queue give way to them.

        No more is asked of `suggested` than the queue can hold: the first ones must not give way to the last ones.
        """
        added = 0
        for number, arguments in enumerate(suggested, 1):
            length = _bytes_of(arguments)
            if added and added + length > BYTES:
                break
            added += length
            self.inputs.append(arguments)
            self._bytes += length
            if self._bytes > BYTES and len(self.inputs) > number:
                self._make_room(number)

    def _make_room(self, newest: int) -> None:
        """Have the oldest give way, but for so many of the newest: more than must, since all are looked at for it."""
        self._bytes = sum(map(_bytes_of, self.inputs))
        while self._bytes > BYTES - BYTES // 8 and len(self.inputs) > newest:
            self._bytes -= _bytes_of(self.inputs.popleft())


def _bytes_of(arguments: Arguments) -> int:
    return _PER_INPUT + sum(map(size, arguments))
