"""Inputs in which what was wanted somewhere stands somewhere else, and the offset of the one says where the other is.

Where a program follows a number to a place in the input, and does not find there what it wants, to put that there
destroys what else the place belongs to. It may stand before it or behind all, if the number says so.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.offsets import pointed
from fuzztui.worker.mutate.operands import Comparison, scalars_of
from fuzztui.worker.structure.offsets import Offset, fields_of, offsets_of, pointing, shifted
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_RELOCATED: Final = 160
"""Inputs that one entry leads to."""

MAX_DISENTANGLED: Final = 8

_LONGEST: Final = 32
"""Bytes that are wanted."""

_MAX_WANTED: Final = 6
_MAX_FIELDS: Final = 12
_MAX_PLACES: Final = 3
_MAX_JUMPS: Final = 4
_MAX_RANGES: Final = 32
"""Slices of which it is looked at which lie over each other."""

_ROOM: Final = 24
"""Bytes that are put behind all for what is pointed to."""


def relocated(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_RELOCATED` inputs, those of what was compared last first."""
    return islice(_all_relocated(data, comparisons, slices), MAX_RELOCATED)


def _all_relocated(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    seen = {data}
    offsets = offsets_of(data, slices)
    for begin, wanted in _wanted(data, comparisons, slices):
        for made in _led_to(data, begin, wanted, offsets):
            if made not in seen:
                seen.add(made)
                yield made


def disentangled(data: bytes, slices: Slices) -> Iterator[bytes]:
    """At most `MAX_DISENTANGLED` inputs in which slices that lie over each other have bytes of their own: each can be
    changed alone. To the program they may be what they were.
    """
    return islice(dict.fromkeys(_all_disentangled(data, slices)), MAX_DISENTANGLED)


def _all_disentangled(data: bytes, slices: Slices) -> Iterator[bytes]:
    offsets = offsets_of(data, slices)
    ranges = [*slices.ranges][:_MAX_RANGES]
    over = dict.fromkeys(
        (begin, end)
        for begin, end in ranges
        for other, other_end in ranges
        if begin < other < end < other_end or other < begin < other_end < end
    )
    for begin, end in [*over][:_MAX_JUMPS]:
        yield shifted(data, data[:end] + data[begin:end] + data[end:], offsets)
    for begin in slices.jumps()[:_MAX_JUMPS]:
        width = next((each.asked - begin for each in slices.taken if each.begin == begin), 1)
        for field in islice(fields_of(data, begin), _MAX_PLACES):
            one = (1).to_bytes(max(1, min(width, _ROOM)), field.order)
            for room in (one + bytes(_ROOM), data[begin : begin + _ROOM]):
                yield pointed(data, field.at, field.width, field.order, room)


def _wanted(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> list[tuple[int, bytes]]:
    """(where a slice begins, what it was compared with), of what was compared last first."""
    places: dict[bytes, int] = {}
    for begin, end in slices.ranges:
        if begin < end <= begin + _LONGEST:
            places.setdefault(data[begin:end], begin)
    found: dict[tuple[int, bytes], None] = {}
    for operator, left, right in reversed(comparisons):
        for one, others in ((left, right), (right, left)) if operator in ("==", "!=", "of", "in", "not in") else ():
            if type(one) is bytes and one in places:
                for other in scalars_of(others):
                    if type(other) is bytes and other != one and 1 < len(other) <= _LONGEST:
                        found.setdefault((places[one], other))
    return list(found)[:_MAX_WANTED]


def _led_to(data: bytes, begin: int, wanted: bytes, offsets: Sequence[Offset]) -> Iterator[bytes]:
    fields = list(islice(fields_of(data, begin), _MAX_FIELDS))
    at = data.find(wanted)
    for _ in range(_MAX_PLACES):
        if at >= 0:
            for field in fields:
                yield pointing(data, field, at)
            at = data.find(wanted, at + 1)
    for field in fields:
        yield pointed(data, field.at, field.width, field.order, wanted)
    # What points there may mean what is put in, or what stood there before.
    put_in = data[:begin] + wanted + data[begin:]
    behind = [each for each in offsets if each.target > begin]
    yield shifted(data, put_in, behind)
    for field in fields:
        yield shifted(data, put_in, [*behind, field])
    yield shifted(data, put_in, [*behind, *fields])
