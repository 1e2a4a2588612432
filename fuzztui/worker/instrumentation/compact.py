"""Takes instructions out of compiled code for good: what follows moves up. Pure: code in, code out.

A jump over instructions costs about as much as a simple one of them, and in code that has been covered there is a
probe in every few lines. What has to follow the move are the distances of jumps, the table of exceptions and the table
of positions, whose forms are described in CPython's `Objects/exception_handling_notes.txt` and `Objects/locations.md`.
"""

import opcode
from collections.abc import Iterator, Sequence
from itertools import accumulate
from types import CodeType
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

Jump: TypeAlias = tuple[int, int, int, int]
"""Where a jump's prefixes begin, where it stands itself, where it ends (behind its caches), and its target, in bytes.
"""

_EXTENDED: Final = opcode.opmap["EXTENDED_ARG"]

_NO_COLUMNS: Final = 13
_LONG: Final = 14
_NOTHING: Final = 15
"""Forms of an entry of the table of positions; smaller ones are short."""

_ONE_LINE: Final = 10
"""The first of three forms for a position within the line, and the two after it."""


def compact(code: CodeType, raw: bytearray, left_out: Sequence[tuple[int, int]], jumps: Sequence[Jump]) -> CodeType:
    """The code of which `raw` are the instructions, without these spans of them, in order. No jump of those that stay
    leads into the midst of a span; `jumps`: all of the code.
    """
    kept = bytearray(b"\1") * (len(raw) // 2)
    for start, end in left_out:
        kept[start // 2 : end // 2] = bytes((end - start) // 2)
    place = [0, *accumulate(kept)]  # of each unit: how many stay before it
    for first, last, end, target in jumps:
        if kept[last // 2]:
            _put_distance(raw, first, last, abs(place[target // 2] - place[end // 2]))
    moved = bytearray()
    at = 0
    for start, end in left_out:
        moved += raw[at:start]
        at = end
    moved += raw[at:]
    return code.replace(
        co_code=bytes(moved),
        co_exceptiontable=b"".join(_moved_handlers(code.co_exceptiontable, place)),
        co_linetable=b"".join(_moved_positions(code.co_linetable, kept)),
    )


def _put_distance(raw: bytearray, first: int, last: int, distance: int) -> None:
    """Write a shorter distance into a jump and the prefixes that it had for the longer one."""
    for at in range(last, first - 1, -2):
        raw[at + 1] = distance & 0xFF
        distance >>= 8


# The table of exceptions ----------------------------------------------------------------------------------------------


def _moved_handlers(table: bytes, place: Sequence[int]) -> Iterator[bytes]:
    at = 0
    while at < len(table):
        numbers = []
        for _ in range(4):
            number = table[at] & 0x3F
            while table[at] & 0x40:
                at += 1
                number = number << 6 | table[at] & 0x3F
            at += 1
            numbers.append(number)
        start, length, target, depth = numbers
        first, last = place[start], place[start + length]
        if last > first:
            made = bytearray()
            for number in (first, last - first, place[target], depth):
                made += _big_varint(number)
            made[0] |= 0x80
            yield bytes(made)


def _big_varint(number: int) -> bytes:
    parts = [number & 0x3F]
    while number := number >> 6:
        parts.append(number & 0x3F | 0x40)
    return bytes(reversed(parts))


# The table of positions -----------------------------------------------------------------------------------------------


def _moved_positions(table: bytes, kept: bytearray) -> Iterator[bytes]:
    """Entries of as many units as stay; the line of one of which nothing stays is counted on from by the next."""
    at = unit = skipped = 0
    while at < len(table):
        form, length = table[at] >> 3 & 0x0F, (table[at] & 7) + 1
        end = at + 1
        while end < len(table) and not table[end] & 0x80:
            end += 1
        stays = kept.count(1, unit, unit + length)
        unit += length
        if stays and not skipped:
            yield bytes((table[at] & 0xF8 | stays - 1,)) + table[at + 1 : end]
        elif form == _NOTHING:
            if stays:
                yield bytes((0xF8 | stays - 1,))
        else:
            line, rest = _read(form, table[at + 1 : end])
            skipped += line
            if stays:
                yield bytes((0x80 | (_LONG if rest else _NO_COLUMNS) << 3 | stays - 1,)) + _signed(skipped) + rest
                skipped = 0
        at = end


def _read(form: int, data: bytes) -> tuple[int, bytes]:
    """By how much the line of an entry differs from the one before it, and the columns as the long form has them."""
    if form < _ONE_LINE:
        column = form << 3 | data[0] >> 4
        return 0, b"\0" + _varint(column + 1) + _varint(column + (data[0] & 0x0F) + 1)
    if form < _NO_COLUMNS:
        return form - _ONE_LINE, b"\0" + _varint(data[0] + 1) + _varint(data[1] + 1)
    number = shift = at = 0
    while data[at] & 0x40:
        number |= (data[at] & 0x3F) << shift
        shift += 6
        at += 1
    number |= data[at] << shift
    return -(number >> 1) if number & 1 else number >> 1, data[at + 1 :]


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= 0x40:
        parts.append(number & 0x3F | 0x40)
        number >>= 6
    parts.append(number)
    return bytes(parts)


def _signed(number: int) -> bytes:
    return _varint(-number << 1 | 1 if number < 0 else number << 1)
