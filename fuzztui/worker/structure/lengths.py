"""Numbers of an input that say how long something is that the program has read, wherever they stand before it, in
binary or in digits.

Between a length and what it counts there may be other fields, and it may count from where the header begins that it
stands in.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.structure.measures import Form, Measured
from fuzztui.worker.structure.read_parts import by_chance, extents_of, fields_within
from fuzztui.worker.structure.slices import Slices
from fuzztui.worker.structure.sums import HEX_DIGITS

__builtins__ = PRIVATE_BUILTINS

MAX_LENGTHS: Final = 48
"""Of one input."""

_FARTHEST: Final = 64
"""Bytes between a length and what it counts."""

_FARTHEST_BYTE: Final = 4
"""The same for a length of one byte, which is there by chance more often."""

_FEW: Final = 2
_FARTHEST_FEW: Final = 8
"""The same where there are fewer bytes, or none."""

_WIDEST: Final = 4
"""Bytes of a number in binary."""

_MAX_DIGITS: Final = 12
_MAX_HEADER: Final = 16
"""Bytes from where something begins to the number that says how long it is in all."""

_MAX_SLICES: Final = 128
_MAX_NUMBERS: Final = 512
BLANK: Final = b"\0 "
"""What digits may stand between."""

_BASES: Final = (("o", 8, b"01234567"), ("d", 10, b"0123456789"), ("x", 16, HEX_DIGITS))


class Length(NamedTuple):
    """One of them."""

    at: int
    stop: int
    """Of the number."""
    begin: int
    end: int
    """Of what it counts."""
    order: ByteOrder = "big"
    digits: str = ""
    """How it is spelled, as `format` has it; empty where it stands in binary."""
    form: Form | None = None
    """How many bytes it stands for, if that is not what it says."""

    def write(self, made: bytearray, at: int, delta: int) -> None:
        """Put the number right, which stands at some place now, where what it counts is larger by so much."""
        stop = at + self.stop - self.at
        field = bytes(made[at:stop])
        if self.digits:
            text = field.strip(BLANK)
            number = int(text, BASES[self.digits]) + delta if text else -1
            spelled = in_digits(field, number, self.digits) if number >= 0 else None
        else:
            number = int.from_bytes(field, self.order)
            if self.form is None:
                number += delta
            else:
                changed = self.form.number(number, self.form.size(number) + delta)
                number = number if changed is None else changed
            spelled = number.to_bytes(stop - at, self.order) if 0 <= number < 256 ** (stop - at) else None
        if spelled is not None:
            made[at:stop] = spelled


def in_digits(field: bytes, number: int, digits: str) -> bytes | None:
    """A field with another number, with as many digits, and the same blanks before and behind, if there is room; None
    if there is none at all.
    """
    text = field.strip(BLANK)
    before = len(field) - len(field.lstrip(BLANK))
    spelled = format(number, digits).encode().rjust(len(text), b"0")
    more = len(spelled) - len(text)
    if more > len(field) - len(text):
        return None
    rest = field[before + len(text) + max(0, more - before) :]
    return field[: max(0, before - more)] + spelled + rest


def forms_of_digits(field: bytes, number: int) -> list[str]:
    """In which digits a field is this number, as `format` has them."""
    text = field.strip(BLANK)
    if not 0 < len(text) <= len(field) <= _MAX_DIGITS:
        return []
    return [digits for digits, base, signs in _BASES if not text.strip(signs) and int(text, base) == number]


def lengths_of(data: bytes, slices: Slices) -> list[Length]:
    """At most `MAX_LENGTHS`, of which no two stand in the same bytes, those right before what they count first."""
    counted = dict.fromkeys([(each.begin, each.end) for each in slices.taken if not each.is_uncounted])
    right_before = [Length(each.at, each.begin, each.begin, each.end, each.order) for each in extents_of(data, slices)]
    found = [each for each in right_before if (each.begin, each.end) in counted]
    known = {(each.begin, each.end) for each in found}
    numbers = dict.fromkeys([*slices.ranges, *slices.numbers])
    others = [each for each in counted if each not in known and each[1] <= len(data)]
    texts = {(each.begin, each.end) for each in slices.taken if each.is_uncounted}
    fields = [each for each in numbers if each not in texts]
    by_value = _by_value(data, fields, fields_within(slices)) if others else {}
    for begin, end in others[:_MAX_SLICES]:
        choices = [each for each in by_value.get(end - begin, ()) if _may_tell(each.at, each.stop, begin)]
        if end - begin < _FEW:  # zeros are many: what was read as a number, near by
            choices = [each for each in choices if each.stop - each.at > 1 and (each.at, each.stop) in numbers]
            choices = [each for each in choices if begin - each.stop <= _FARTHEST_FEW]
        choices.sort(key=lambda each: (begin - each.stop, each.at))
        made = [each._replace(begin=begin, end=end) for each in choices]
        found += [each for each in made if _is_free(each, found)][:1]
    chance = by_chance(slices, {(each.begin, each.end) for each in found})
    found = [each for each in found if (each.begin, each.end) not in chance]
    # What was not taken as a whole is counted only by what counts nothing that was.
    likely = sorted(right_before, key=lambda each: each.end != len(data))
    to_the_end = sum([each.end == len(data) for each in likely])
    for each in (*likely[:to_the_end], *_totals(data, slices, fields), *likely[to_the_end:]):
        if (each.begin, each.end) not in chance and _is_free(each, found):
            found.append(each)
    return found[:MAX_LENGTHS]


BASES: Final = {digits: base for digits, base, _ in _BASES}


def with_measured(lengths: Sequence[Length], measured: Sequence[Measured]) -> list[Length]:
    """Some lengths, and what is known by now to be measured besides."""
    found = [each for each in lengths if each.form is None]
    known = {(each.begin, each.end) for each in found}
    for at, stop, begin, end, order, form in measured:
        made = Length(at, stop, begin, end, order, "", form)
        if (begin, end) not in known and _is_free(made, found):
            found.append(made)
    return found


def _may_tell(at: int, stop: int, begin: int) -> bool:
    return stop <= begin <= stop + (_FARTHEST if stop - at > 1 else _FARTHEST_BYTE)


def _is_free(length: Length, found: Collection[Length]) -> bool:
    return not any(length.at < each.stop and each.at < length.stop for each in found)


def _by_value(
    data: bytes, numbers: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]
) -> dict[int, list[Length]]:
    """What may be numbers, of nothing yet, by what they are; of `others` none is in digits."""
    found: dict[int, list[Length]] = {}
    for index, (at, stop) in enumerate([*numbers[:_MAX_NUMBERS], *others[:_MAX_NUMBERS]]):
        width, field = stop - at, data[at:stop]
        if stop > len(data):
            continue
        for order in BYTE_ORDERS[: 1 + (width > 1)] if width <= _WIDEST else ():
            found.setdefault(int.from_bytes(field, order), []).append(Length(at, stop, stop, stop, order))
        text = field.strip(BLANK) if index < len(numbers) else b""
        for digits, base, signs in _BASES if 0 < len(text) <= width <= _MAX_DIGITS else ():
            if not text.strip(signs):
                found.setdefault(int(text, base), []).append(Length(at, stop, stop, stop, digits=digits))
    return found


def _totals(data: bytes, slices: Slices, numbers: Sequence[tuple[int, int]]) -> Iterator[Length]:
    """Numbers that count from where something was read that they stand in, up to where something else ends."""
    size = len(data)
    ends = {size, *[end for begin, end in slices.ranges if begin < end]}
    wholes = dict.fromkeys([(0, size), *slices.ranges])
    for at, stop in numbers[:_MAX_NUMBERS]:
        if not 1 < stop - at <= _WIDEST or stop > size:
            continue
        for order in BYTE_ORDERS:
            number = int.from_bytes(data[at:stop], order)
            for begin, end in [*wholes][:_MAX_SLICES]:
                if begin <= at <= begin + _MAX_HEADER and stop < begin + number <= end and begin + number in ends:
                    yield Length(at, stop, begin, begin + number, order)
