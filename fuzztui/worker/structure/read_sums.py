"""Sums of parts of an input, as a program has read them: a field that it has taken, and what else it has taken that
this is a sum of.

There may be one in each of several headers or frames, wherever these stand.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.structure.slices import Slices
from fuzztui.worker.structure.sums import FILLERS, HEX_DIGITS, HEX_WIDTHS, TOTALS, WIDTHS, may_fill, sum_of

__builtins__ = PRIVATE_BUILTINS

MAX_SUMS: Final = 16
"""Of one input."""

_MAX_FIELDS: Final = 32
_MAX_COVERED: Final = 48
"""Slices that may be a sum, and such that it may be of."""

_LARGEST: Final = 1024
"""Bytes of an input that is looked at."""

_SMALL: Final = 256
"""Smaller numbers are there by chance more often."""

_MAX_DIGITS: Final = 12
_BLANK: Final = b"\0 "


class ReadSum(NamedTuple):
    """One of them."""

    at: int
    end: int
    """Of the field."""
    begin: int
    stop: int
    """Of what it covers."""
    function: Callable[[bytes], int]
    order: ByteOrder
    filler: bytes
    """Stands in each byte of the field while the sum is computed, where that covers the field."""
    hole: tuple[int, int] = (0, 0)
    """Where something stands among what it covers that it does not cover, as the length between a kind and a body."""
    digits: str = ""
    """How it is spelled, as `format` has it; empty where it stands in binary."""

    def write(self, data: bytearray) -> None:
        """Put it right."""
        at, end, begin, stop = self[:4]
        width = end - at
        if begin <= at and end <= stop:
            covered = bytes(data[begin:at]) + self.filler * width + bytes(data[end:stop])
        else:
            covered = bytes(data[begin:stop])
            if any(self.hole):
                covered = bytes(data[begin : self.hole[0]]) + bytes(data[self.hole[1] : stop])
        number = self.function(covered)
        if self.digits:
            number %= 16**width if self.digits in _HEX else number + 1
            text, field = format(number, self.digits).encode(), bytes(data[at:end])
            rest = field[len(field.rstrip(_BLANK)) :][: max(0, width - len(text))]
            data[at:end] = text.rjust(width - len(rest), b"0")[:width] + rest
        else:
            data[at:end] = (number % 256**width).to_bytes(width, self.order)


def read_sums(
    data: bytes,
    slices: Slices,
    values: Collection[int],
    others: Collection[tuple[int, int]] = (),
    totals: Collection[int] = (),
) -> tuple[ReadSum, ...]:
    """At most `MAX_SUMS`, of what is inside of others first. `values`: what was compared with itself; `others`: fields
    that are known to be lengths; `totals`: what sums have come out as, where they had to.
    """
    found: list[ReadSum] = []
    if not (values or totals) or len(data) > _LARGEST:
        return ()
    ranges = [each for each in slices.ranges if each[0] < each[1] <= len(data)]
    numbers = [each for each in slices.numbers if each[1] <= len(data)]
    covered = list(dict.fromkeys([*ranges[:_MAX_COVERED], *_joined(ranges[:_MAX_COVERED]), (0, len(data))]))
    fields = dict.fromkeys([*ranges, *numbers])
    for begin, end in others:
        fields = {each: None for each in fields if each[1] <= begin or end <= each[0]}
    for at, end, digits in list(_fields(data, [*fields], values))[:_MAX_FIELDS]:
        if not any(at < each.end and each.at < end for each in found):
            made = _sums_at(data, at, end, digits, covered)
            if end - at > 1 and not digits:  # what is covered behind a length may be nothing yet
                made = chain(_with_hole(data, at, end, [*slices.ranges][:_MAX_COVERED], others), made)
            found += islice(made, 1)
    for total in totals:
        found += _of_totals(data, total, covered, [*others, *fields], found)
    found.sort(key=lambda each: each.stop - each.begin)
    return tuple(found[:MAX_SUMS])


def _joined(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What was taken one behind the other."""
    for begin, end in ranges:
        for other, stop in ranges:
            if other == end:
                yield begin, stop


def _fields(data: bytes, ranges: Sequence[tuple[int, int]], values: Collection[int]) -> Iterator[tuple[int, int, str]]:
    """(begin, end, digits) of what may be a sum."""
    for begin, end in ranges:
        field, width = data[begin:end], end - begin
        numbers = {int.from_bytes(field, order) for order in BYTE_ORDERS} if width in WIDTHS else set()
        if any(number in values and may_fill(number, width) for number in numbers):
            yield begin, end, ""
        if width in HEX_WIDTHS and not field.strip(HEX_DIGITS) and int(field, 16) in values:
            yield begin, end, "x" if field == field.lower() else "X"
            continue
        text = field.strip(_BLANK)
        if 2 < len(text) <= width <= _MAX_DIGITS and text.isdigit():
            for digits, base in (("o", 8), ("d", 10)):
                number = int(text, base) if base > 8 or not text.strip(b"01234567") else 0
                if number >= _SMALL and number in values:
                    yield begin, end, digits


def _sums_at(data: bytes, at: int, end: int, digits: str, covered: Sequence[tuple[int, int]]) -> Iterator[ReadSum]:
    """Those that a field may be."""
    width, field = end - at, data[at:end]
    for begin, stop in covered:
        is_within = begin <= at and end <= stop
        is_near = is_within or stop == at or begin == end
        if not is_within and begin < end and at < stop:
            continue  # they overlap
        for filler in FILLERS if is_within else FILLERS[:1]:
            piece = data[begin:at] + filler * width + data[end:stop] if is_within else data[begin:stop]
            if len(piece) - piece.count(0) < _FEWEST or (width == 1 and not is_near):
                continue
            if digits in _HEX:
                if made := sum_of(bytes.fromhex(field.decode()), piece):
                    yield ReadSum(at, end, begin, stop, made[0], "big", filler, digits=digits)
            elif digits:
                if sum(piece) == int(field.strip(_BLANK), _BASES[digits]):
                    yield ReadSum(at, end, begin, stop, sum, "big", filler, digits=digits)
            elif made := sum_of(field, piece):
                yield ReadSum(at, end, begin, stop, *made, filler)


def _with_hole(
    data: bytes, at: int, end: int, ranges: Sequence[tuple[int, int]], lengths: Collection[tuple[int, int]]
) -> Iterator[ReadSum]:
    """Sums of two slices, between which stands a length."""
    for begin, first_end in ranges:
        for second, stop in ranges:
            is_outside = stop <= at or end <= begin
            if (first_end, second) in lengths and is_outside and begin < first_end:
                made = sum_of(data[at:end], data[begin:first_end] + data[second:stop])
                if made is not None:
                    yield ReadSum(at, end, begin, stop, *made, FILLERS[0], (first_end, second))


def _of_totals(
    data: bytes,
    total: int,
    covered: Sequence[tuple[int, int]],
    known: Sequence[tuple[int, int]],
    sums: Collection[ReadSum],
) -> Iterator[ReadSum]:
    """Numbers that make the sum of something come out as this, of which they are a part: one in each, which is best
    nothing that has been read by itself, and a large one.
    """
    for begin, stop in covered:
        for function, width, of_all, wanted in TOTALS if stop - begin >= _FEWEST else ():
            if wanted != total or of_all(data[begin:stop]) != total or not any(data[begin:stop]):
                continue
            places = [at for at in range(begin, stop - width + 1, width) if not _overlaps(at, at + width, sums)]
            unread = [at for at in places if not any(at < end and first < at + width for first, end in known)]
            if places:
                at = max(unread or places, key=lambda place: data[place : place + width])
                yield ReadSum(at, at + width, begin, stop, function, "big", FILLERS[0])


def _overlaps(at: int, end: int, sums: Collection[ReadSum]) -> bool:
    return any(at < each.end and each.at < end for each in sums)


_BASES: Final = {"o": 8, "d": 10}
_HEX: Final = frozenset("xX")

_FEWEST: Final = 2
"""Bytes other than zero in what a sum is of: the sum of one is this byte."""
