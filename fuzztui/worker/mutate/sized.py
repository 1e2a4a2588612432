"""Changes of length in formats whose parts are preceded by their length."""

from collections.abc import Callable, Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MAX_LOOK_BACK: Final = 64
"""Bytes before a change among which lengths are looked for; each costs some 40 ns."""

_CONTROLS: Final = bytes(range(9))

_BEGINNING: Final = 4096
"""Bytes that are looked at first: to look through a megabyte takes a millisecond, and mostly its beginning tells."""

_SHORT: Final = 8
"""Bytes of an input that may be the beginning of binary data, whatever is in it."""

_OF_SEVERAL: Final = bytes(range(128, 256))
"""Bytes of signs that take several, the last of which the beginning may cut in two."""

_MAX_LOOKED_THROUGH: Final = 1024
"""Bytes of data in which all lengths are found at once: of a megabyte they would take a hundred."""

LEAST_MASK: Final = 15
_LENGTH_MASKS: Final = (LEAST_MASK, 31, 63, 127)
"""Low bits of a byte that may be a length, beside others that tell of what."""

_MAX_EXCEPTIONS: Final = 4
"""Lengths that are doubted one by one."""


def is_binary(data: bytes) -> bool:
    """Whether there may be lengths in it: control characters that texts do not have, or what is no UTF-8. Hot."""
    if len(data) > _BEGINNING and is_binary(data[:_BEGINNING].rstrip(_OF_SEVERAL)):
        return True
    if data.translate(None, _CONTROLS) != data:
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def may_be_binary(data: bytes) -> bool:
    """Whether it is binary, or so short that it may become so."""
    return len(data) <= _SHORT or is_binary(data)


def replace_sized(data: bytes, start: int, end: int, new: bytes) -> bytes:
    """`data[start:end]` replaced by `new`, and every byte adjusted that seems to count a part which encloses the range.

    A byte seems to be a length if as many bytes follow it and the range lies among them; a zero only right before the
    range, where it may be the length of a part that is empty. Where parts are nested, so are their lengths, and all of
    them have to change.
    """
    delta = len(new) - (end - start)
    size = len(data)
    head = bytearray(data[:start])
    for at in range(max(0, start - _MAX_LOOK_BACK), start):
        count = head[at]
        if end <= at + 1 + count <= size and (count or at + 1 == start) and 0 <= count + delta < 256:
            head[at] = count + delta
    return bytes(head) + new + data[end:]


def shortening(data: bytes) -> Callable[[int, int], bytes]:
    """A function from a range to `replace_sized(data, start, end, b"")`, for many ranges of the same data."""
    if len(data) > _MAX_LOOKED_THROUGH:
        return lambda start, end: replace_sized(data, start, end, b"")
    size = len(data)
    lengths: list[tuple[int, int]] | None = None  # found when they are needed: many data are cut but once

    def without(start: int, end: int) -> bytes:
        nonlocal lengths
        if lengths is None:
            lengths = [(at, count) for at, count in enumerate(data) if count and at + count < size]
        piece, last = end - start, end - 1
        head: bytearray | None = None
        for at, count in lengths:
            if at >= start:
                break
            if at + count >= last and at >= start - _MAX_LOOK_BACK:
                if head is None:
                    head = bytearray(data[:start])
                head[at] = count - piece
        return (data[:start] if head is None else bytes(head)) + data[end:]

    return without


def replace_headed(data: bytes, start: int, end: int, new: bytes) -> Iterator[bytes]:
    """The same where the byte right before the range seems to hold its kind in the high bits and its length in the low
    ones.
    """
    head, size = data[start - 1] if start else 0, end - start
    for mask in _LENGTH_MASKS:
        if head & ~mask & 255 and head & mask == size and len(new) <= mask:
            changed = bytes(((head & ~mask) | len(new),)) + new
            yield replace_sized(data, start - 1, end, changed)


def insertions(data: bytes, at: int, new: bytes) -> Iterator[bytes]:
    """`data` with `new` inserted, and what may be the lengths of enclosing parts adjusted: all of them first, then all
    but one. What ends where `new` begins may enclose it or stand before it, so there is each of these with and without
    the innermost part of that kind.
    """
    size, delta = len(data), len(new)
    lengths = [
        before
        for before in range(max(0, at - _MAX_LOOK_BACK), at)
        if at <= before + 1 + data[before] <= size and (data[before] or before + 1 == at) and data[before] + delta < 256
    ]
    ends_here = [before for before in lengths if before + 1 + data[before] == at and data[before]]
    enclosing = [lengths, *([[each for each in lengths if each != ends_here[-1]]] if ends_here else [])]
    for chosen in enclosing:
        for left_out in (None, *chosen[:_MAX_EXCEPTIONS]):
            head = bytearray(data[:at])
            for before in chosen:
                if before != left_out:
                    head[before] += delta
            yield bytes(head) + new + data[at:]


def edges(data: bytes) -> list[int]:
    """Where parts that are preceded by their length may begin or end, in ascending order; both ends of all are. Hot."""
    size = len(data)
    found = {0, size}
    add = found.add
    for begin, count in enumerate(data, 1):
        if begin + count <= size:
            add(begin)
            add(begin + count)
    return sorted(found)
