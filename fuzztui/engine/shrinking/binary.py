"""Bytes, towards readable ones."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Literal

from fuzztui.engine.shrinking.search import Search, first_of
from fuzztui.engine.shrinking.sequence import lower_counts, lower_numbers, shrink_sequence, with_less_behind

PLAIN: Final = (
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\t\r"
)
"""Readable bytes, the plainest first."""

_RANK: Final = [*range(256)]
for _place, _byte in enumerate([*PLAIN, *(byte for byte in range(256) if byte not in PLAIN)]):
    _RANK[_byte] = _place
_BYTES: Final = sorted(range(256), key=_RANK.__getitem__)

_BRACKETS: Final = {
    bytes([opening]): bytes([closing]) for opening, closing in (b"()", b"[]", b"{}", b"<>", b'""', b"''")
}

_NUMBER: Final = re.compile(rb"[0-9]{1,18}")

WIDTHS: Final = (1, 2, 4)
"""Bytes of a length."""

LOW_BITS: Final = (0x0F, 0x1F)
"""Of a byte whose other bits say what there is so much of, as in MessagePack and CBOR."""

MOST_GROUPS: Final = 4
"""Groups of seven bits of one."""


def shrink(value: bytes) -> Search[bytes]:
    """The shortest and plainest bytes that fail."""
    return shrink_sequence(value, PLAIN, _plainer, _BRACKETS, (_numbers, _lower_lengths, _counts))


def _numbers(value: bytes) -> Search[bytes]:
    return lower_numbers(value, _NUMBER, lambda number: b"%d" % number)


def _counts(value: bytes) -> Search[bytes]:
    return lower_counts(value, _NUMBER, lambda number: b"%d" % number)


def _plainer(element: bytes) -> Iterator[bytes]:
    """All bytes that are plainer, but of many readable ones first those that stand for their like."""
    rank = _RANK[element[0]]
    likely = [byte for byte in b"0aA \n" if _RANK[byte] < rank]
    yield from (bytes([byte]) for byte in likely)
    yield from (bytes([byte]) for byte in _BYTES[:rank] if byte not in likely)


def _lower_lengths(value: bytes) -> Search[bytes]:
    """A number that may be a length lowered, together with the removal of as many bytes behind it."""
    while True:
        found = yield from first_of(value, _with_lower_length(value))
        if found == value:
            return value
        value = found


def _with_lower_length(value: bytes) -> Iterator[bytes]:
    for at in range(len(value)):
        for end, number, write in _numbers_at(value, at):
            yield from with_less_behind(value, at, end, number, write)


def _numbers_at(value: bytes, at: int) -> Iterator[tuple[int, int, Callable[[int], bytes]]]:
    """Where a number that begins there ends, the number, and how such a one is written: of one, two and four bytes in
    either order, of the low bits of one byte, and in groups of seven bits with the lowest first (LEB128).
    """
    for width in WIDTHS:
        orders: tuple[Literal["big", "little"], ...] = ("big", "little") if width > 1 else ("big",)
        for order in orders:
            if at + width <= len(value):
                number = int.from_bytes(value[at : at + width], order)
                yield at + width, number, partial(int.to_bytes, length=width, byteorder=order)
    for mask in LOW_BITS:
        high = value[at] & ~mask & 0xFF
        if high:
            yield at + 1, value[at] & mask, partial(_with_high_bits, high)
    groups = value[at : at + MOST_GROUPS]
    last = next((place for place, byte in enumerate(groups) if byte < 0x80), 0)
    if last:
        number = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(groups[: last + 1]))
        yield at + last + 1, number, _in_groups


def _with_high_bits(high: int, number: int) -> bytes:
    return bytes([high | number])


def _in_groups(number: int) -> bytes:
    groups = bytearray()
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
