"""Other corpus entries: what splicing and crossover take their material from."""

from collections import deque
from typing import Final, Generic, TypeVar

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = OWN_BUILTINS

ENTRIES: Final = 256
BYTES: Final = 4 * 2**20
"""Bounds of the pool: a worker is sent entries all the time, so the latest few hundred are variety enough."""

T = TypeVar("T")


class _Ring(Generic[T]):
    """The latest items, bounded in number and in the sum of their sizes."""

    def __init__(self) -> None:
        self.items: Final[list[T]] = []  # one object for life: mutators hold a reference to it
        self._sizes: deque[int] = deque()
        self._total = 0

    def add(self, item: T, length: int) -> None:
        if length > BYTES:
            return
        self.items.append(item)
        self._sizes.append(length)
        self._total += length
        while len(self.items) > ENTRIES or self._total > BYTES:
            del self.items[0]
            self._total -= self._sizes.popleft()


class Pool:
    """Corpus entries (`entries`) and the non-empty bytes and str in them (`data`, `texts`), to be read only."""

    def __init__(self) -> None:
        self._entries: _Ring[Arguments] = _Ring()
        self._data: _Ring[bytes] = _Ring()
        self._texts: _Ring[str] = _Ring()
        self.entries: Final = self._entries.items
        self.data: Final = self._data.items
        self.texts: Final = self._texts.items

    def add(self, arguments: Arguments) -> None:
        """Add an entry; the oldest make room for it. One that is larger than the whole pool may be is ignored."""
        self._entries.add(arguments, sum(size(value) for value in arguments))
        for value in arguments:
            if isinstance(value, bytes) and value:
                self._data.add(value, len(value))
            elif isinstance(value, str) and value:
                self._texts.add(value, size(value))
