"""Inputs taken apart into parts that are preceded by their lengths, nested and with sums, and written again.

Written again, each length counts what it counts, in as many bytes as that takes, and each sum is right.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.structure.sums import WIDTHS, may_fill, sum_of

__builtins__ = PRIVATE_BUILTINS

MAX_DEPTH: Final = 5
MAX_PARTS: Final = 64
_MAX_BLANK: Final = 4
"""Parts in a row of which each has the length zero: more are zeros."""


class Layout(NamedTuple):
    """How the parts of one sequence are written: some bytes, a length, some bytes, what it counts, padding, a sum."""

    before: int
    """Bytes before the length: a tag, a type; -1 for a tag of BER, which tells itself how long it is."""
    width: int
    """Bytes of the length; 0 for seven bits a byte, low ones first, and -1 for DER's short and long form."""
    order: ByteOrder
    between: int
    """Bytes between the length and what it counts."""
    counted: int
    """Bytes that the length counts besides, since it counts itself or what stands around it."""
    pad: int = 1
    """What follows begins at a multiple of so many bytes, from where the counted part began."""
    check: "Check | None" = None


class Check(NamedTuple):
    """The sum of a part."""

    function: Callable[[bytes], int]
    width: int
    order: ByteOrder
    behind: bool
    """Whether it stands behind the part, or right before what the length counts."""
    covers: int
    """Bits: 1 for what is before the length, 2 for the length, 4 for what is between, 8 for what is counted."""
    skips: int = 0
    """First bytes of what is before the length that it does not cover, as those by which frames are told."""


class Group(NamedTuple):
    """A sequence of parts, with what stands before and behind them."""

    head: bytes
    parts: "tuple[Part, ...]" = ()
    tail: bytes = b""


class Part(NamedTuple):
    """One of them."""

    layout: Layout
    before: bytes
    between: bytes
    body: Group


_Read: TypeAlias = tuple[int, int]
"""A length and where it ends."""


def written(group: Group) -> bytes:
    """The bytes of a group."""
    head, parts, tail = group
    return head + b"".join([written_part(part) for part in parts]) + tail if parts else head


def written_part(part: Part) -> bytes:
    """The bytes of a part, its length and its sum with it. Hot: the most common layouts come first."""
    layout, before, between, body = part
    _, width, order, _, extra, pad, check = layout
    counted = written(body) if body[1] else body[0]
    size = len(counted)
    count = size + extra
    length = count.to_bytes(width, order) if width > 0 and 0 <= count < 128 else spelled(count, layout)
    if check is None and pad == 1:
        return before + length + between + counted
    padding = bytes(-size % pad)
    if check is None:
        return before + length + between + counted + padding
    if not check.behind:
        between = between[: len(between) - check.width]
    pieces = (before[check.skips :], length, between, counted)
    covered = b"".join([piece for bit, piece in enumerate(pieces) if check.covers >> bit & 1])
    modulus = 1 << 8 * check.width
    value = (check.function(covered) % modulus).to_bytes(check.width, check.order)
    if check.behind:
        return before + length + between + counted + padding + value
    return before + length + between + value + counted + padding


def spelled(length: int, layout: Layout) -> bytes:
    """A length; the low bytes of one that is too large."""
    width = layout.width
    length = max(length, 0)
    if width > 0:
        return (length & (1 << 8 * width) - 1).to_bytes(width, layout.order)
    if width < 0:
        if length < 128:
            return bytes((length,))
        digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
        return bytes((128 | len(digits),)) + digits
    out = bytearray()
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    out.append(length)
    return bytes(out)


_LONGEST_TAG: Final = 4
_LOW_TAG: Final = 0x1F
_GOES_ON: Final = 0x80


def tag_end(data: bytes, at: int, layout: Layout) -> int:
    """Where what stands before the length of the part at a place ends."""
    if layout.before >= 0:
        return at + layout.before
    end = at + 1
    if data[at:end] and data[at] & _LOW_TAG == _LOW_TAG:
        while data[end : end + 1] and data[end] & _GOES_ON and end - at < _LONGEST_TAG - 1:
            end += 1
        end += 1
    return end


def _length(data: bytes, at: int, stop: int, layout: Layout) -> _Read | None:
    width = layout.width
    if width > 0:
        end = at + width
        return (int.from_bytes(data[at:end], layout.order), end) if end <= stop else None
    if at >= stop:
        return None
    byte = data[at]
    if byte < 128:
        return byte, at + 1
    if width < 0:
        end = at + 1 + (byte & 127)
        return (int.from_bytes(data[at + 1 : end], "big"), end) if 1 < end - at <= 4 and end <= stop else None
    value = shift = 0
    while at < stop and shift < 21:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    return None


def parsed(
    data: bytes, start: int, stop: int, layout: Layout, *, whole: bool = True
) -> tuple[tuple[Part, ...], int] | None:
    """The parts from a place on that have this layout, and where the last one ends; None if there is none, or, if
    `whole`, it does not end at `stop`. A check has to hold. Hot: mostly the first or second length tells.
    """
    before, width, order, between, counted, pad, check = layout
    behind = check.width if check is not None and check.behind else 0
    found: list[tuple[int, int, int, int, int]] = []
    at = start
    blank = 0
    while at < stop:
        if width > 0:
            end = at + before + width
            length = int.from_bytes(data[at + before : end], order)
            if end > stop:
                break
        else:
            read = _length(data, at + before if before >= 0 else tag_end(data, at, layout), stop, layout)
            if read is None:
                break
            length, end = read
        begin = end + between
        close = begin + length - counted
        after = close + -(close - begin) % pad + behind
        blank = 0 if length else blank + 1
        if close < begin or after > stop or blank > _MAX_BLANK or len(found) == MAX_PARTS:
            break
        if check is not None and written_part(_part(layout, data, at, end, begin, close)) != data[at:after]:
            break
        found.append((at, end, begin, close, after))
        at = after
    if not found or (whole and at != stop):
        return None
    return tuple([_part(layout, data, *each[:4]) for each in found]), at


def _part(layout: Layout, data: bytes, at: int, end: int, begin: int, close: int) -> Part:
    return Part(layout, data[at : tag_end(data, at, layout)], data[end:begin], Group(data[begin:close]))


Marks: TypeAlias = frozenset[tuple[int, int]]


def marks_of(data: bytes, values: Collection[int]) -> Marks:
    """(place, width) of where the values stand in data, but for zero, which stands everywhere."""
    found: set[tuple[int, int]] = set()
    for value in values:
        for width in WIDTHS if value > 0 else ():
            for order in BYTE_ORDERS if may_fill(value, width) else ():
                piece = value.to_bytes(width, order)
                at = data.find(piece)
                while at >= 0:
                    found.add((at, width))
                    at = data.find(piece, at + 1)
    return frozenset(found)


def checks_of(data: bytes, start: int, stop: int, layout: Layout, marks: Marks) -> Iterator[Check]:
    """The checks that the first part from a place on may have, if its length is right: of what stands at the marks.

    None if the layout has padding, and there would be none.
    """
    first = tag_end(data, start, layout)
    read = _length(data, first, stop, layout)
    if read is None:
        return
    length, end = read
    begin = end + layout.between
    close = begin + length - layout.counted
    if close < begin or close > stop or (layout.pad > 1 and not (close - begin) % layout.pad):
        return  # without padding, it is found with none
    tag, counts = data[start:first], data[first:end]
    for width in WIDTHS:
        after = close + -(close - begin) % layout.pad
        for behind, place in ((True, after), (False, begin - width)):
            if (place, width) not in marks or place + width > stop or (not behind and layout.between < width):
                continue
            pieces = (tag, counts, data[end : begin if behind else place], data[begin:close])
            for covers, skips in _covers(len(tag)) if behind else [(each, 0) for each in _COVERS[-2:]]:
                covered = b"".join([piece for bit, piece in enumerate(pieces) if covers >> bit & 1])[skips:]
                made = sum_of(data[place : place + width], covered) if covered else None
                if made is not None:
                    yield Check(made[0], width, made[1], behind, covers, skips)
                    return


def _covers(size: int) -> list[tuple[int, int]]:
    """(what a sum may cover, first bytes that it does not) where so many bytes stand before the length."""
    skipping = [(each, skips) for skips in range(1, min(size, _MAX_SKIPPED + 1)) for each in _COVERS if each & 1]
    return [*[(each, 0) for each in _COVERS], *skipping]


_MAX_SKIPPED: Final = 2

_COVERS: Final = (15, 13, 14, 12, 8)
"""All, all but the length, and so on: what programs compute a part's sum over."""
