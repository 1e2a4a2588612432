"""Other corpus entries: what splicing and crossover take their material from."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

if TYPE_CHECKING:
    from fuzztui.worker.mutate.domain import Domain
    from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

ENTRIES: Final = 256
BYTES: Final = 4 * 2**20
"""Bounds of the pool: a worker is sent entries all the time, so the latest few hundred are variety enough."""

T = TypeVar("T")


class Held(NamedTuple, Generic[T]):
    """What a ring holds: its items, and their sizes."""

    items: list[T]
    sizes: list[int]


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

    def exchange(self, other: Held[T]) -> Held[T]:
        """Hold this instead; returns what was held."""
        held = Held(self.items.copy(), list(self._sizes))
        self.items[:] = other.items
        self._sizes = deque(other.sizes)
        self._total = sum(other.sizes)
        return held


PoolContents: TypeAlias = Mapping[str, Held[Any]]
"""What a pool holds, by type; whole entries by no name."""

_ENTRIES: Final = ""


class Pool:
    """Corpus entries (`entries`), and by type the values in them that pieces can be taken of, to be read only."""

    def __init__(self, domains: "Sequence[Domain[Any]]") -> None:
        """The domains of an entry's values, in order."""
        self._domains = domains
        self._entries: _Ring[Arguments] = _Ring()
        self._values: dict[str, _Ring[Any]] = {domain.name: _Ring() for domain in domains}
        self.entries: Final = self._entries.items

    def values(self, name: str) -> list[Any]:
        """The values of a type that are not empty: a live list, none of a type that is not sized."""
        return self._values.setdefault(name, _Ring()).items

    def exchange(self, other: PoolContents) -> PoolContents:
        """Hold this instead, nothing of what is not mentioned; returns what was held."""
        rings: dict[str, _Ring[Any]] = {_ENTRIES: self._entries, **self._values}
        return {name: ring.exchange(other.get(name, Held([], []))) for name, ring in rings.items()}

    def add_part(self, name: str, value: Any) -> None:
        """Add a value of a sized type that is not empty."""
        self._values.setdefault(name, _Ring()).add(value, len(value))

    def add(self, arguments: "Arguments") -> None:
        """Add an entry; the oldest make room for it. One that is larger than the whole pool may be is ignored."""
        sizes = [domain.size(value) for domain, value in zip(self._domains, arguments, strict=True)]
        self._entries.add(arguments, sum(sizes))
        for domain, value, size in zip(self._domains, arguments, sizes, strict=True):
            if domain.is_sized and size:
                self._values[domain.name].add(value, size)
