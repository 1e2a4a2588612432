"""Numbers in an input that say where in it something stands, kept right where what lies before that grows.

A number is taken for one if the program has taken a slice of the input which begins there.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_OFFSETS: Final = 16
"""Of one input."""

_LARGEST: Final = 1024
"""Bytes of an input in which offsets are looked for."""

_MAX_TARGETS: Final = 24
"""Places to which offsets are looked for."""

_MAX_PLACES: Final = 4
"""Where one number stands."""


class Offset(NamedTuple):
    """A number that says where something stands."""

    at: int
    width: int
    order: ByteOrder
    target: int


def offsets_of(data: bytes, slices: Slices) -> tuple[Offset, ...]:
    """At most `MAX_OFFSETS` in data, the widest first, none over another. Small numbers stand in many a byte: in one
    byte there are only those that the program has jumped to.
    """
    found: list[Offset] = []
    if len(data) > _LARGEST:
        return ()
    targets = [begin for begin in dict.fromkeys(begin for begin, _ in slices.ranges) if 0 < begin <= len(data)]
    jumps = slices.jumps()
    read = [*slices.ranges, *slices.numbers]
    for width in (4, 2, 1):
        for target in targets[:_MAX_TARGETS] if width > 1 else jumps[:_MAX_TARGETS]:
            for offset in fields_of(data, target, (width,)):
                if any(offset.at < each.at + each.width and each.at < offset.at + width for each in found):
                    continue
                if not _crosses(offset.at, offset.at + width, read):
                    found.append(offset)
                    if len(found) == MAX_OFFSETS:
                        return tuple(found)
    return tuple(found)


def _crosses(at: int, stop: int, read: Sequence[tuple[int, int]]) -> bool:
    """Whether part of that was read with what stands before it, or behind, or as a number of its own: no number is
    there then, but for one that is made of its bytes.
    """
    for begin, end in read:
        is_part = at <= begin and end <= stop and 1 < end - begin < stop - at
        if is_part or begin < at < end < stop or at < begin < stop < end:
            return True
    return False


def fields_of(data: bytes, number: int, widths: Collection[int] = (4, 2, 1)) -> Iterator[Offset]:
    """Where a number stands in data, in so many bytes."""
    for width in widths:
        if number < 256**width:
            for order in BYTE_ORDERS[: 1 + (width > 1 and number > 0)]:
                piece = number.to_bytes(width, order)
                at, places = data.find(piece), 0
                while at >= 0 and places < _MAX_PLACES:
                    yield Offset(at, width, order, number)
                    at, places = data.find(piece, at + (1 if number else width)), places + 1


def pointing(data: bytes, offset: Offset, target: int) -> bytes:
    """Data in which an offset says something else; as they are, if it has no room for that."""
    at, width, order, _ = offset
    if not 0 <= target < 256**width:
        return data
    return data[:at] + target.to_bytes(width, order) + data[at + width :]


def shifted(data: bytes, made: bytes, offsets: Sequence[Offset]) -> bytes:
    """What was made of data by changing one range of it, with offsets that say where what lies behind that stands now.
    Those that have been changed themselves stay as they are.
    """
    delta = len(made) - len(data)
    if not delta or not offsets:
        return made
    most = min(len(data), len(made))
    start = next((at for at in range(most) if data[at] != made[at]), most)
    rest = most - start
    kept = next((at for at in range(rest) if data[-1 - at] != made[-1 - at]), rest)
    stop = len(data) - kept
    for offset in offsets:
        at, width, order, target = offset
        if target >= stop and (at + width <= start or at >= stop):
            moved = offset if at < stop else Offset(at + delta, width, order, target)
            made = pointing(made, moved, target + delta)
    return made
