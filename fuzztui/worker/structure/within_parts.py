"""Inputs in which what was wanted of a name stands behind all others in the part that holds names, and the number that
says where the name begins in there says where this one does.

Several numbers may point to one name, so to put another one in its place changes what all of them mean.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.mutate.operands import Comparison, scalars_of
from fuzztui.worker.structure.offsets import Offset, pointing
from fuzztui.worker.structure.read_parts import Extent, extents_of, grown_parts
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_PUT: Final = 48
"""Inputs that one leads to."""

_LONGEST: Final = 32
"""Bytes that are wanted."""

_MAX_WANTED: Final = 8
_MAX_FIELDS: Final = 6
_WIDTHS: Final = (1, 2, 4)


def put_into_parts(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_PUT` inputs, each once, those of what was compared last first."""
    return islice(dict.fromkeys(_all(data, comparisons, slices)), MAX_PUT)


def _all(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    extents: list[Extent] | None = None
    for begin, end, wanted in _wanted(data, comparisons, slices):
        extents = extents_of(data, slices) if extents is None else extents
        for start, stop in _parts(begin, end, extents, slices):
            name = wanted + data[end : min(end + 1, stop)]
            known = data.find(name, start, stop)
            for field in _fields(data, begin - start, slices):
                if known >= 0:
                    yield pointing(data, field, known - start)
                else:
                    made = pointing(data, field, stop - start)
                    if made != data:
                        yield grown_parts(made[:stop] + name + made[stop:], stop, stop, len(name), extents)


def _wanted(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> list[tuple[int, int, bytes]]:
    """(where a slice begins, where it ends, what it, or what is made of several, was compared with)"""
    places = {data[begin:end]: (begin, end) for begin, end in slices.ranges if begin <= end <= begin + _LONGEST}
    found: dict[tuple[int, int, bytes], None] = {}
    for operator, left, right in reversed(comparisons):
        for ones, others in ((left, right), (right, left)) if operator in ("==", "!=", "of", "in", "not in") else ():
            texts = [each for each in scalars_of(others) if type(each) is bytes and 1 < len(each) <= _LONGEST]
            for one in scalars_of(ones) if texts else ():
                if type(one) is bytes and one in places:
                    found |= dict.fromkeys([(*places[one], each) for each in texts if each != one])
        if len(found) >= _MAX_WANTED:
            break
    return list(found)[:_MAX_WANTED]


def _parts(begin: int, end: int, extents: Sequence[Extent], slices: Slices) -> list[tuple[int, int]]:
    """Parts that a slice is not all of, the innermost first; not the whole, in which places count from the start."""
    known = dict.fromkeys([*slices.ranges, *[(each.begin, each.end) for each in extents]])
    around = [each for each in known if 0 < each[0] <= begin and end <= each[1] and each[1] - each[0] > end - begin]
    return sorted(around, key=lambda each: each[1] - each[0])[:2]


def _fields(data: bytes, number: int, slices: Slices) -> Iterator[Offset]:
    """What was read as this number, the last first."""
    read = [each for each in reversed([*slices.ranges, *slices.numbers]) if each[1] - each[0] in _WIDTHS]
    fields = [
        Offset(begin, end - begin, order, number)
        for begin, end in dict.fromkeys(read)
        for order in BYTE_ORDERS[: 1 + (end - begin > 1)]
        if int.from_bytes(data[begin:end], order) == number and end <= len(data)
    ]
    return islice(iter(fields), _MAX_FIELDS)
