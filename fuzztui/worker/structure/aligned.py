"""Random changes of binary data between the places at which a program has read. Hot code.

What lies between two such places is an element of some kind, or several, or part of one: what one input has of these is
put into another, or left out, and lengths are kept right. A count, or a length in a form of its own, is mostly one of
the numbers right before: sometimes one of these grows as well.
"""

from collections.abc import Callable, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.structure.as_read import Number, Put, Reading, cuts, replaced

__builtins__ = PRIVATE_BUILTINS

_SMALL: Final = 5
"""Numbers below this are tried most."""


class Aligned:
    """What changes are made of."""

    def __init__(
        self, getrandbits: Callable[[int], int], mutate_bytes: Callable[[bytes], bytes], ints: Sequence[int]
    ) -> None:
        """`mutate_bytes`: changes a piece; `ints`: numbers of the program, which may become more."""
        self._getrandbits = getrandbits
        self._mutate_bytes = mutate_bytes
        self._ints = ints

    def changed(self, reading: Reading, other: Reading) -> bytes:
        """Data with one such change, where pieces may be of another input."""
        bits = self._getrandbits(30)
        choice = bits & 15
        if not bits >> 26 & 3 and reading.calls:
            return self._exchanged(reading, other, bits >> 4)
        if choice < 3:
            puts = self._number(reading) + (self._number(reading) if bits & 16 else [])
            return replaced(reading, 0, 0, b"", None, puts)
        if choice < 4:
            return self._pointed(reading, other, bits >> 4)
        start, stop = self._range(reading)
        while choice >= 9 and reading.sums and self._getrandbits(3) and cuts(reading, start, stop):
            start, stop = self._range(reading)
        if choice < 9:
            start = stop = self._place(reading)
            new = self._piece(other if bits & 32 else reading)
        elif choice < 11:
            new = b""
        elif choice < 14:
            new = self._piece(other if bits & 32 else reading)
        else:
            new = self._mutate_bytes(reading.data[start:stop])
        puts = self._number(reading) if not bits & 3 << 8 else []
        delta = len(new) - (stop - start)
        while delta and len(puts) < 3 and self._getrandbits(1):
            puts += self._counting(reading, start, delta)
        around = None if bits & 64 else (start - 1, stop + 1)
        return replaced(reading, start, stop, new, around, puts)

    def _exchanged(self, reading: Reading, other: Reading, bits: int) -> bytes:
        """With what one call has read in the place of what another one of the same function has."""
        function, begin, end = reading.calls[(bits >> 8) % len(reading.calls)]
        source = other if bits & 1 else reading
        likewise = [each for each in source.calls if each.function == function]
        if not likewise:
            return reading.data
        call = likewise[bits % len(likewise)]
        return replaced(reading, begin, end, source.data[call.begin : call.end])

    def _range(self, reading: Reading) -> tuple[int, int]:
        """Between two places: that of what was read as one, with some of what stands before it, or two that are mostly
        near each other.
        """
        places, spans = reading.places, reading.spans
        bits = self._getrandbits(30)
        if spans and bits & 1 << 29:
            first, last = spans[(bits >> 12) % len(spans)]
            return places[max(0, first - min(bits & 7, bits >> 3 & 7))], places[last]
        first = (bits >> 12) % (len(places) - 1)
        steps = 1 + min(bits & 15, bits >> 4 & 15, bits >> 8 & 15)
        return places[first], places[min(first + steps, len(places) - 1)]

    def _place(self, reading: Reading) -> int:
        """Any, or mostly the end of what was read as one, or one before that."""
        places, spans = reading.places, reading.spans
        bits = self._getrandbits(20)
        if spans and bits & 3:
            first, last = spans[(bits >> 4) % len(spans)]
            return places[first] if bits & 12 == 12 else places[max(0, last - (bits >> 2 & 3 == 2))]
        return places[(bits >> 4) % len(places)]

    def _piece(self, reading: Reading) -> bytes:
        start, stop = self._range(reading)
        return reading.data[start:stop]

    def _counting(self, reading: Reading, start: int, delta: int) -> list[Put]:
        """A number that is larger by one, or by so much: one before a place, mostly right before it, or any."""
        numbers = reading.numbers
        bits = self._getrandbits(24)
        before = len(numbers)
        if bits & 3 << 22:
            before = next((at for at in range(before - 1, -1, -1) if numbers[at].at < start), -1) + 1
        if not before:
            return []
        number = numbers[before - 1 - min(bits & 1023, bits >> 10 & 1023) % before]
        by = delta if bits & 1 << 20 else 1 if delta > 0 else -1
        return [Put(number, _value(reading.data, number) + by)]

    def _number(self, reading: Reading) -> list[Put]:
        """Another number: a small one, one of the program's, one that is elsewhere, or a place."""
        numbers = reading.numbers
        if not numbers:
            return []
        bits = self._getrandbits(30)
        number = numbers[bits % len(numbers)]
        old = _value(reading.data, number)
        choice, bits = bits >> 8 & 7, bits >> 11
        if choice < 2:
            value = bits % _SMALL
        elif choice < 3:
            value = old + (1 if bits & 1 else -1)
        elif choice < 5:
            value = _value(reading.data, numbers[bits % len(numbers)])
        elif choice < 6 and self._ints:
            value = self._ints[bits % len(self._ints)]
        elif choice < 7:
            value = reading.places[bits % len(reading.places)]
        else:
            value = self._getrandbits(8 * min(number.width, 2))
        return [Put(number, value)]

    def _pointed(self, reading: Reading, other: Reading, bits: int) -> bytes:
        """With a piece behind all, and its place in one of the numbers."""
        numbers = reading.numbers
        if not numbers:
            return reading.data
        size = len(reading.data)
        piece = self._piece(other if bits & 1 else reading)
        number = numbers[(bits >> 1) % len(numbers)]
        return replaced(reading, size, size, piece, (size - 1, size + 1), [Put(number, size)])


def _value(data: bytes, number: Number) -> int:
    at, width, order = number
    return int.from_bytes(data[at : at + width], order)
