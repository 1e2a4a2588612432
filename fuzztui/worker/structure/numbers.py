"""Numbers that a program read where nothing stood: put behind all else, or spelled out in a blank field.

What is read from a slice beyond the end, or from a field of zeros or spaces, is zero: it stands nowhere in the input,
so that nothing can be put in its place.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison, scalars_of
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

_NO_SLICES: Final = Slices()

_MAX_NUMBERS: Final = 4
_LARGEST: Final = 2**32
_SHORT: Final = 64
"""Bytes of data behind which more is likely to be wanted."""

_LONGEST: Final = 64
"""Bytes that are put behind with the number of them."""

_BLANK: Final = re.compile(rb"\0{4,}| {4,}")
_ALIGNED: Final = 4
"""Where fields within a blank are tried: at multiples of so many bytes, from its start and from that of the data."""

_MAX_PLACES: Final = 24


def put_in(data: bytes, comparisons: Sequence[Comparison], slices: Slices = _NO_SLICES) -> Iterator[bytes]:
    """Data with what zero was compared with, behind the end or in a blank, there also with so many bytes behind all.

    What was compared last comes first, and before all blanks those that have been read as fields.
    """
    numbers = _wanted(comparisons)
    for number in numbers if len(data) < _SHORT else ():
        for width in (1, 2, 4):
            if number < 256**width:
                for order in BYTE_ORDERS[: 1 + (width > 1)]:
                    yield data + number.to_bytes(width, order)
    yield from _in_fields(data, numbers, slices)
    for at, room in _blanks(data):
        for number in numbers:
            for text in dict.fromkeys((b"%o" % number, b"%d" % number, b"%x" % number)):
                if 1 < len(text) <= room:
                    filled = data[:at] + text + data[at + len(text) :]
                    yield filled
                    if number <= _LONGEST:  # it may be the size of what is behind
                        yield filled + b"\1" * number


def _wanted(comparisons: Sequence[Comparison]) -> list[int]:
    found: dict[int, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator not in ("==", "!=", "of", "in", "not in", *ORDERINGS):
            continue
        for one, others in ((left, right), (right, left)):
            if type(one) is int and one == 0:
                for other in scalars_of(others):
                    if type(other) is int:
                        for new in (other, other + 1) if operator in ORDERINGS else (other,):
                            if 0 < new < _LARGEST:
                                found.setdefault(new)
    return list(found)[:_MAX_NUMBERS]


def _in_fields(data: bytes, numbers: Sequence[int], slices: Slices) -> Iterator[bytes]:
    """The same in blank fields that have been read, narrow ones first, of which no part was read by itself."""
    ranges = [(begin, end) for begin, end in slices.ranges if 1 < end - begin <= _LONGEST]
    blank = [(begin, end) for begin, end in ranges if not data[begin:end].strip(b"\0 ")]
    leaves = [(a, b) for a, b in blank if not any(a <= c < d <= b and (a, b) != (c, d) for c, d in ranges)]
    leaves.sort(key=lambda field: field[1] - field[0])
    for number in numbers:
        for text in dict.fromkeys((b"%o" % number, b"%d" % number, b"%x" % number)):
            for begin, end in leaves[:_MAX_PLACES]:
                if len(text) <= end - begin:
                    yield data[:begin] + text + data[begin + len(text) :]


def _blanks(data: bytes) -> list[tuple[int, int]]:
    """(where a field may begin, how many blank bytes follow)"""
    found: dict[int, int] = {}
    for match in _BLANK.finditer(data):
        start, stop = match.span()
        aligned = range(start + -start % _ALIGNED, stop, _ALIGNED)
        for at in (start, *aligned, *range(start + _ALIGNED, stop, _ALIGNED)):
            found.setdefault(at, stop - at)
    return list(found.items())[:_MAX_PLACES]
