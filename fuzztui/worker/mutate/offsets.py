"""Offsets: numbers in an input that tell where something else in it begins."""

from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder

__builtins__ = PRIVATE_BUILTINS

_MAX_PLACES: Final = 128
"""Bytes from the start on among which offsets are looked for."""

_LEAST: Final = 4
"""Smaller numbers are counts more often than offsets."""


def pointed(data: bytes, at: int, width: int, order: ByteOrder, piece: bytes) -> bytes:
    """Data with a piece behind its end, and the offset of that in a field of so many bytes at a place."""
    size = len(data)
    return data[:at] + (size & (1 << 8 * width) - 1).to_bytes(width, order) + data[at + width :] + piece


def inserted(data: bytes, at: int, new: bytes) -> bytes:
    """Data with something put in at a place, and all numbers raised by its size that may be offsets of what lies
    behind.
    """
    head = bytearray(data)
    for place, width, order, offset in _offsets(data, at):
        head[place : place + width] = (offset + len(new)).to_bytes(width, order)
    return bytes(head[:at]) + new + bytes(head[at:])


def _offsets(data: bytes, least: int) -> Iterator[tuple[int, int, ByteOrder, int]]:
    """(place, bytes, order, offset) of fields that hold an offset which is not smaller; wide ones first, none twice."""
    size = len(data)
    least = max(least, _LEAST)
    place = 0
    while place < min(size - 1, _MAX_PLACES):
        for width, order in _FORMS:
            field = data[place : place + width]
            if len(field) == width and least <= int.from_bytes(field, order) <= size:
                yield place, width, order, int.from_bytes(field, order)
                place += width
                break
        else:
            place += 1


_FORMS: Final = tuple((width, order) for width in (4, 2) for order in BYTE_ORDERS)
