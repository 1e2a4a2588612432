"""What stands beside a layer of binary data and tells of it: how long it is when it is decoded, and a sum over that.

Once what has been decoded is another, such fields have to say so.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, NamedTuple
from zlib import adler32, crc32

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS

__builtins__ = PRIVATE_BUILTINS

_FARTHEST: Final = 8
"""Bytes between a field and the layer."""

_FARTHEST_BYTE: Final = 2
"""The same for a field of one byte, which is there by chance more often."""

_LONGEST: Final = 4
"""Bytes of a number in seven bits a byte."""

_FEW: Final = 4
"""Bytes: a number that says that there are fewer stands in many a place, and mostly before these."""

_MAX_SHIFT: Final = 4
"""Low bits of such a number that tell something else."""

_MASKS: Final = (15, 31, 63, 127)
"""Low bits of a byte that may be a number."""

_LARGEST_MASK: Final = 127
_FIRST_SIGN: Final = 32
"""The first byte that is a sign of a text."""

_SUMS: Final[tuple[Callable[[bytes], int], ...]] = (crc32, adler32)


class Told(NamedTuple):
    """One such field."""

    begin: int
    end: int
    """Where it stands in the data."""
    spelled: Callable[[bytes], bytes]
    """What it has to be, by what is decoded."""


def told_of(data: bytes, begin: int, end: int, made: bytes) -> list[Told]:
    """The fields that tell of what has been decoded of a range of the data: at most one that is its length, the nearest
    one, and one that is a sum over it.
    """
    return [*islice(_lengths(data, begin, end, made), 1), *islice(_sums(data, begin, end, made), 1)]


def with_told(data: bytes, begin: int, end: int, piece: bytes, made: bytes, told: list[Told]) -> bytes:
    """The data with another piece in place of a range, and what tells of it."""
    places = [(begin, end, piece), *[(each.begin, each.end, each.spelled(made)) for each in told]]
    for start, stop, new in sorted(places, reverse=True):
        data = data[:start] + new + data[stop:]
    return data


def _lengths(data: bytes, begin: int, end: int, made: bytes) -> Iterator[Told]:
    size = len(made)
    numbers = [(start, _sevens(data[start:begin])) for start in range(begin - 1, max(-1, begin - 1 - _LONGEST), -1)]
    yield from [Told(start, begin, _shifted(0, 0)) for start, number in numbers if number == size]
    for start in (begin - 1, begin - 2) if size else (begin - 1,):
        head = data[start] if start >= 0 else 0
        for mask in _MASKS if head > _LARGEST_MASK or head < _FIRST_SIGN else ():  # what is no sign of a text
            if head > mask and head & mask == size:
                yield Told(start, start + 1, _in_low_bits(head, mask))
    for start, number in numbers:
        for shift in range(1, _MAX_SHIFT + 1) if number is not None else ():
            if number is not None and number >> shift == size:
                yield Told(start, begin, _shifted(shift, number & (1 << shift) - 1))
    for gap in range(_FARTHEST + 1 if size else 1):
        for width in (4, 2, 1) if gap <= _FARTHEST_BYTE else (4, 2):
            for start in (begin - gap - width, *([end + gap] if size >= _FEW else [])):
                for order in BYTE_ORDERS[: 1 + (width > 1)]:
                    if size < 256**width and start >= 0 and data[start : start + width] == size.to_bytes(width, order):
                        yield Told(start, start + width, _fixed(len, width, order == "little"))


def _sums(data: bytes, begin: int, end: int, made: bytes) -> Iterator[Told]:
    for function in _SUMS if made else ():  # that of nothing is zero, which stands in many a place
        for order in BYTE_ORDERS:
            piece = function(made).to_bytes(4, order)
            for start in (data.rfind(piece, max(0, begin - 4 - _FARTHEST), begin), data.find(piece, end)):
                if 0 <= start <= end + _FARTHEST:
                    yield Told(start, start + 4, _fixed(function, 4, order == "little"))


def _fixed(function: Callable[[bytes], int], width: int, is_little: bool) -> Callable[[bytes], bytes]:
    return lambda made: (function(made) % 256**width).to_bytes(width, BYTE_ORDERS[is_little])


def _in_low_bits(head: int, mask: int) -> Callable[[bytes], bytes]:
    return lambda made: bytes((head & ~mask | min(len(made), mask),))


def _shifted(shift: int, rest: int) -> Callable[[bytes], bytes]:
    def spelled(made: bytes) -> bytes:
        number = len(made) << shift | rest
        out = bytearray()
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        return bytes((*out, number))

    return spelled


def _sevens(piece: bytes) -> int | None:
    """A number in seven bits a byte, low ones first, that is just this piece."""
    if piece[-1] > 127 or any(byte < 128 for byte in piece[:-1]):
        return None
    return sum([(byte & 127) << 7 * at for at, byte in enumerate(piece)])
