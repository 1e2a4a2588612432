"""An input as the fields that a `FuzzedDataProvider` has read from it, and the other inputs that have other fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.codecs import Between, Codec, Number, Octets, Text, codec_of
from fuzztui.worker.atheris.log import REMAINING, Read
from fuzztui.worker.atheris.numbers import ALL_REMAINING
from fuzztui.worker.mutate.sequence import RandomBits

__builtins__ = PRIVATE_BUILTINS

MOST_FIELDS: Final = 256
"""That are told apart; the bytes of further ones stay as they are, in the middle."""

MOST_PADDING: Final = 4096
"""Bytes put into a field so that the next one is where it should be."""

GROWN: Final = 24
"""Characters, and up to seven more, of a text that may have any number."""

_NEAR: Final = 4
"""A count may be so much more or less than the number that was read for it."""


class Field(NamedTuple):
    """What one value was read from."""

    codec: Codec
    raw: bytes
    value: Any
    sequence: int = -1
    """The list that the value is an element of, by the number of its read; -1 for none."""


class Fields:
    """The fields of one input, in the order in which they were read."""

    def __init__(self, fields: Sequence[Field], middle: bytes = b"", around: tuple[bytes, bytes] = (b"", b"")) -> None:
        """`middle`: what lies between those from the front and those from the back; `around`: before and behind all."""
        self.fields: Final = tuple(fields)
        self._middle = middle
        self.around: Final = around

    @property
    def is_complete(self) -> bool:
        """Whether each field got all that was wanted."""
        return all(field.codec.wanted(field.raw) <= len(field.raw) for field in self.fields)

    @property
    def counts(self) -> dict[int, tuple[int, int]]:
        """The texts whose number of characters was read, with the field that it was read from, and how much more."""
        found = {}
        for index, field in enumerate(self.fields):
            codec = field.codec
            if isinstance(codec, Text | Octets) and (count := self._count_of(index, codec.count)) is not None:
                found[index] = count
        return found

    def filled(self, random: RandomBits, *, grown: bool) -> bytes:
        """The input with random bytes in fields that got too few, up to the first one that takes all there is.

        `grown`: texts whose number of characters was read have more of them.
        """
        fields = list(self.fields)
        if grown:
            for index, (number, more) in self.counts.items():
                codec: Any = fields[index].codec
                source = fields[number].codec
                most = source.high + more if isinstance(source, Between) else ALL_REMAINING
                count = min(GROWN + random.getrandbits(3), most)
                for field in self.pieces_of(number, count - more):
                    fields[number] = field
                    fields[index] = fields[index]._replace(codec=codec.with_count(count))
        for index, field in enumerate(fields):
            codec, raw = field.codec, field.raw
            if codec.wanted(raw) > len(raw):
                fields[index] = field._replace(raw=codec.filled(raw, random))
                if codec.wanted(raw) > len(fields[index].raw):
                    fields[index + 1 :] = [each._replace(raw=b"") for each in fields[index + 1 :]]
                    break
        return self.assembled(fields) or b""

    def with_value(self, index: int, value: Any) -> Iterator[bytes]:
        """Inputs in which a field is read as another value, best first: with the number changed that was read for its
        length, as the last one that there is, and padded to the length that it has.
        """
        field = self.fields[index]
        codec = field.codec
        is_sized = isinstance(codec, Text | Octets)
        if isinstance(codec, Text | Octets) and len(value) != codec.count:
            count = self._count_of(index, codec.count)
            if count is not None:
                other = codec.with_count(len(value))
                for piece in other.pieces(value, field.raw):
                    for number in self.pieces_of(count[0], len(value) - count[1]):
                        yield from self.with_pieces({index: field._replace(codec=other, raw=piece), count[0]: number})
        for piece in codec.pieces(value, field.raw):
            changed = {index: field._replace(raw=piece)}
            if is_sized and codec.wanted(piece) > len(piece):
                yield from self.with_pieces(changed, end=index)
            yield from self.with_pieces(changed)

    def with_elements(self, start: int, count: int, values: Sequence[Any]) -> Iterator[bytes]:
        """Inputs in which other elements, of another number too, are read for a list that begins with a field."""
        old = self.fields[start : start + count]
        pieces = [next(old[0].codec.pieces(value, b""), None) for value in values]
        if None in pieces:
            return
        new = [old[0]._replace(raw=piece) for piece in pieces if piece is not None]
        fields = [*self.fields[:start], *new, *self.fields[start + count :]]
        number = self._count_of(start, count) if len(values) != count else None
        if number is not None:
            for field in self.pieces_of(number[0], len(values) - number[1]):
                fields[number[0]] = field
                break
        whole = self.assembled(fields)
        if whole is not None:
            yield whole

    def with_pieces(self, changed: Mapping[int, Field], end: int | None = None) -> Iterator[bytes]:
        """The input with other fields in these places, and nothing for those behind `end`; none if that cannot be."""
        fields = [changed.get(index, field) for index, field in enumerate(self.fields)]
        if end is not None:
            fields[end + 1 :] = [field._replace(raw=b"") for field in fields[end + 1 :]]
        whole = self.assembled(fields)
        if whole is not None:
            yield whole

    def pieces_of(self, index: int, value: Any) -> Iterator[Field]:
        """The field with another value."""
        field = self.fields[index]
        for piece in field.codec.pieces(value, field.raw):
            yield field._replace(raw=piece)

    def assembled(self, fields: Sequence[Field]) -> bytes | None:
        """The input in which these fields are read. Those before the last one that has bytes are padded to what they
        want, for else they would take them; None where that is too much.
        """
        pieces = [field.raw for field in fields]
        last = max((index for index, piece in enumerate(pieces) if piece), default=0)
        for index in range(last):
            codec, piece = fields[index].codec, pieces[index]
            missing = codec.wanted(piece) - len(piece)
            if missing > MOST_PADDING:
                return None
            if missing > 0:
                pieces[index] = codec.padded(piece)
        front = [piece for field, piece in zip(fields, pieces, strict=True) if not field.codec.from_back]
        back = [piece for field, piece in zip(fields, pieces, strict=True) if field.codec.from_back]
        before, after = self.around
        return b"".join((before, *front, self._middle, *reversed(back), after))

    def _count_of(self, index: int, count: int) -> tuple[int, int] | None:
        """The field that a count was probably read from, and how much more the count was; the nearest one before."""
        near: tuple[int, int] | None = None
        for other in range(index - 1, -1, -1):
            field = self.fields[other]
            if isinstance(field.codec, Between | Number) and type(field.value) is int:
                more = count - field.value
                if more == 0:
                    return other, 0
                if near is None and abs(more) <= _NEAR:
                    near = other, more
        return near


def fields_of(data: bytes, reads: Sequence[Read]) -> Fields | None:
    """The fields that were read from an input, or from a part of it; None if there are none.

    Where several providers have read, those of the one with most bytes.
    """
    known = {id(read.data): read.data for read in reads if read.data in data}
    whole = max(known.values(), key=len, default=None)
    if whole is None:
        return None
    fields: list[Field] = []
    front, back = 0, len(whole)
    is_cut = False
    remaining = -1
    for number, read in enumerate(reads):
        if read.data is not whole:
            continue
        if read.method == REMAINING:
            remaining = read.value
            continue
        if len(fields) >= MOST_FIELDS:
            is_cut = True
            break
        fields += _fields_of_read(read, number, remaining, MOST_FIELDS - len(fields))
        front, back = (front, read.start) if read.from_back else (read.end, back)
    if not fields:
        return None
    at = data.find(whole)
    return Fields(fields, whole[front:back] if is_cut else b"", (data[:at], data[at + len(whole) :]))


def _fields_of_read(read: Read, number: int, remaining: int, most: int) -> list[Field]:
    raw = read.data[read.start : read.end]
    codec, count = codec_of(read.method, read.arguments, read.value)
    if count is None:
        if isinstance(codec, Text | Octets) and codec.count == remaining:
            codec.count = ALL_REMAINING
        return [Field(codec, raw, read.value)]
    fields = []
    for value in read.value[:most]:
        size = codec.wanted(raw)
        if codec.from_back:
            raw, piece = raw[: max(0, len(raw) - size)], raw[max(0, len(raw) - size) :]
        else:
            piece, raw = raw[:size], raw[size:]
        fields.append(Field(codec, piece, value, number))
    return fields
