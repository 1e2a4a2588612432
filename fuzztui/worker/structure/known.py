"""Elements that programs have read: parts with their lengths, and what stands before these. Where a program reads on up
to the end of a part, another element may follow.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.reads import End
from fuzztui.worker.mutate.enclosing import Extent, fields, grown
from fuzztui.worker.mutate.operands import READS, Comparison

__builtins__ = PRIVATE_BUILTINS

MAX_ELEMENTS: Final = 24
"""That are remembered: the latest."""

MAX_SIZE: Final = 64
"""Bytes of one."""

MAX_HOSTS: Final = 32
MAX_HOST: Final = 256
"""Inputs in which elements may follow, the latest, and bytes of one."""

_MAX_HEADER: Final = 16
"""Bytes before a part that may belong to it."""

_MAX_EXTENTS: Final = 64
_MAX_PLACES: Final = 4
"""Ends of parts of one input at which elements are put, the latest that were read to."""

_Place: TypeAlias = tuple[int, tuple[Extent, ...]]
"""The end of a part, and what encloses it."""


def elements_of(data: bytes, extents: Sequence[Extent]) -> Iterator[bytes]:
    """Those of binary data in which these parts have been read: from the end of the one before, or the beginning of
    what encloses both.
    """
    parts = sorted({each for each in extents if each != (0, len(data))}, key=lambda each: (each[0], -each[1]))
    around: list[tuple[int, int]] = [(len(data), 0)]
    """Where what encloses the part ends, and where the next element in it begins."""
    for start, stop in parts[:_MAX_EXTENTS]:
        while len(around) > 1 and around[-1][0] < stop:
            around.pop()
        end, begin = around[-1]
        is_near = begin < start <= begin + _MAX_HEADER and stop - begin <= MAX_SIZE
        if is_near and any(field.at >= begin for field in fields(data, (start, stop))):
            yield data[begin:stop]
            around[-1] = end, stop
        around.append((stop, start))


class Elements:
    """The latest, and the latest inputs in which others may follow."""

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}
        self._hosts: dict[bytes, list[_Place]] = {}

    def learn(self, data: bytes, extents: Sequence[Extent], comparisons: Sequence[Comparison]) -> Iterator[bytes]:
        """Learn of one run; returns inputs that have one element more: in this one what has been known, and what is new
        in all, the latest first.
        """
        known = list(self._known)[::-1]
        new = [each for each in dict.fromkeys(elements_of(data, extents)) if each not in self._known]
        self._known.update(dict.fromkeys(new))
        for old in list(self._known)[:-MAX_ELEMENTS]:
            del self._known[old]
        hosts, places = list(self._hosts.items())[::-1], _places(data, comparisons)
        if places and len(data) <= MAX_HOST:
            self._hosts[data] = places
            for each in list(self._hosts)[:-MAX_HOSTS]:
                del self._hosts[each]
        return chain(_added([(data, places)], new + known), _added(hosts, new))

    def added(self, data: bytes, comparisons: Sequence[Comparison]) -> Iterator[bytes]:
        """Data with one element more at the end of a part that was read to its end."""
        return _added([(data, _places(data, comparisons))], list(self._known)[::-1])


def _added(hosts: Sequence[tuple[bytes, list[_Place]]], elements: Sequence[bytes]) -> Iterator[bytes]:
    for element in elements:
        for data, places in hosts:
            for at, enclosing in places:
                yield from grown(data, enclosing, at, element)


def _places(data: bytes, comparisons: Sequence[Comparison]) -> list[_Place]:
    ends: dict[_Place, None] = {}
    for operator, end, _ in reversed(comparisons):
        if operator == READS and isinstance(end, End) and end.size == len(data) and not end.taken:
            ends.setdefault((end.at, end.enclosing))
    return list(ends)[:_MAX_PLACES]
