"""The methods of a `FuzzedDataProvider` the other way round: from a value to the bytes that are read as it."""

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.numbers import LARGEST, REGULAR, SPECIAL, UNIT, is_wide
from fuzztui.worker.guidance.plain import scalar
from fuzztui.worker.mutate.sequence import RandomBits

__builtins__ = PRIVATE_BUILTINS

_SIZES: Final = 2**64
_ASCII, _PAIRS, _WIDE = b"\1", b"\2", b"\0"
_LETTERS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
"""64 characters, with which a text is filled so that each part of it is found again."""

_MOST_ELEMENTS: Final = 4096
_MOST_PARTS: Final = 8

FILLED: Final = 64
"""Bytes or characters that are put where there may be any number."""


class Codec(ABC):
    """One way of reading a value. `raw` is what it has read, which is less than it wants where the input ended."""

    from_back = False

    @abstractmethod
    def wanted(self, raw: bytes, /) -> int:
        """Bytes that it reads where there are enough; the first of those there are may tell."""

    @abstractmethod
    def pieces(self, value: Any, raw: bytes, /) -> Iterator[bytes]:
        """What is read as a value, or as the values next to it; nothing where there is no such. At least as long as
        the value needs: the rest is padded.
        """

    def padded(self, raw: bytes, /) -> bytes:
        """As many bytes as are wanted, read as the same value, if there is such a form."""
        return raw + bytes(self.wanted(raw) - len(raw))

    def filled(self, raw: bytes, random: RandomBits, /) -> bytes:
        """The same, with random ones in place of what is missing; no more than `FILLED` if any number is wanted."""
        return raw + _drawn(random, self.wanted(raw) - len(raw))

    def views(self, value: Any, /) -> Sequence[Any]:
        """What a comparison may have for an operand, of which `pieces` takes any."""
        return (value,)


def _drawn(random: RandomBits, size: int) -> bytes:
    return random.getrandbits(8 * size).to_bytes(size, "little") if size > 0 else b""


class Octets(Codec):
    """Bytes, at most `count`."""

    def __init__(self, count: int) -> None:
        self.count = count

    def with_count(self, count: int) -> "Octets":
        """The same, with another count."""
        return Octets(count)

    def wanted(self, _raw: bytes, /) -> int:
        return self.count

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        if isinstance(value, bytes):
            yield value[: self.count]

    def filled(self, raw: bytes, random: RandomBits, /) -> bytes:
        return raw + _drawn(random, min(self.count, max(FILLED, len(raw))) - len(raw))


class Text(Codec):
    """At most `count` characters, in one of three forms that its first byte tells."""

    def __init__(self, count: int, *, surrogates: bool) -> None:
        self.count = count
        self.surrogates = surrogates

    def with_count(self, count: int) -> "Text":
        """The same, with another count."""
        return Text(count, surrogates=self.surrogates)

    def wanted(self, raw: bytes, /) -> int:
        return 1 + self._width(raw) * self.count % _SIZES if self.count else 0

    def pieces(self, value: Any, raw: bytes, /) -> Iterator[bytes]:
        if not isinstance(value, str):
            return
        text = value[: self.count]
        if not text:
            yield b""
        elif self.surrogates or not any("\ud800" <= char < "\ue000" for char in text):
            largest = max(text)
            least = 1 if largest < "\x80" else 2 if largest < "\U00010000" else 4
            yield _encoded(text, max(least, self._width(raw)) if raw else least)

    def padded(self, raw: bytes, /) -> bytes:
        # Blanks, which many programs strip.
        return self._longer(raw, lambda count: b" " * count)

    def filled(self, raw: bytes, random: RandomBits, /) -> bytes:
        def letters(count: int) -> bytes:
            # From a random one on, so that all parts of a text are different.
            start = random.getrandbits(6)
            return (_LETTERS * (2 + count // 64))[start : start + count]

        return self._longer(raw, letters, FILLED) if self.count else raw

    def _width(self, raw: bytes) -> int:
        form = raw[0] if raw else 1
        return 1 if form & 1 else 2 if form & 2 else 4

    def _longer(self, raw: bytes, more: Callable[[int], bytes], most: int = _SIZES) -> bytes:
        raw = raw or _ASCII
        width = self._width(raw)
        units = (len(raw) - 1) // width
        raw = raw[: 1 + units * width]
        missing = min((self.wanted(raw) - 1) // width, max(units, most)) - units
        return raw + _encoded(more(max(0, missing)).decode("ascii"), width)[1:]


def _encoded(text: str, width: int) -> bytes:
    if width == 1:
        return _ASCII + text.encode("ascii")
    if width == 2:
        return _PAIRS + text.encode("utf-16-le", "surrogatepass")
    return _WIDE + text.encode("utf-32-le", "surrogatepass")


class Number(Codec):
    """An integer of `size` bytes."""

    def __init__(self, size: int, *, signed: bool) -> None:
        self.size = size
        self.signed = signed

    def wanted(self, _raw: bytes, /) -> int:
        return self.size

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        if isinstance(value, int) and (self.signed or value >= 0):
            bits = (value if value >= 0 else ~value).bit_length() + self.signed
            if bits <= 8 * self.size:
                yield value.to_bytes((bits + 7) // 8 or min(1, self.size), "little", signed=self.signed)

    def padded(self, raw: bytes, /) -> bytes:
        sign = b"\xff" if self.signed and raw and raw[-1] & 0x80 else b"\0"
        return raw + sign * (self.size - len(raw))

    def filled(self, raw: bytes, random: RandomBits, /) -> bytes:
        return raw + _drawn(random, min(self.size, max(FILLED, len(raw))) - len(raw))


class Between(Codec):
    """An integer of a range: the low bytes are the first, what is missing is zero."""

    def __init__(self, low: int, high: int) -> None:
        self.low = int(low)
        self.high = int(high)
        bits = (self.high - self.low).bit_length()
        self.from_back = bits <= 64
        self._size = (bits + 7) // 8 if self.from_back else bits // 8

    def wanted(self, _raw: bytes, /) -> int:
        return self._size

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        if not isinstance(value, int) or not self.low <= value <= self.high:
            return
        offset, span = value - self.low, self.high - self.low
        if self.from_back:
            yield offset.to_bytes(self._size, "little")
            return
        half = 1 << (8 * self._size - 1)
        for signed in (offset, offset - span - 1):
            if -half <= signed < half:
                yield signed.to_bytes(self._size, "little", signed=True)
                return

    def padded(self, raw: bytes, /) -> bytes:
        sign = b"\xff" if not self.from_back and raw and raw[-1] & 0x80 else b"\0"
        return raw + sign * (self._size - len(raw))


class Flag(Codec):
    """The lowest bit of a byte."""

    def wanted(self, _raw: bytes, /) -> int:
        return 1

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        if value is True or value is False or (type(value) is int and 0 <= value <= 1):
            yield bytes((value,))


class Share(Codec):
    """From 0 to 1, of eight bytes."""

    def wanted(self, _raw: bytes, /) -> int:
        return 8

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        yield from _nearest(value, _SIZES - 1, lambda number: float(number) / UNIT, _share_bytes)


class Range(Codec):
    """A float of a range: eight bytes, before which there is a flag if the range is too wide for a float."""

    def __init__(self, low: float, high: float) -> None:
        self._is_wide = is_wide(low, high)
        self._low = low
        self._width = high / 2 - low / 2 if self._is_wide else high - low

    def wanted(self, _raw: bytes, /) -> int:
        return 8 + self._is_wide

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        low, width = self._low, self._width

        def read(number: int) -> float:
            flag, share = divmod(number, _SIZES)
            return (low + width if flag else low) + width * (float(share) / UNIT)

        def write(number: int) -> bytes:
            flag, share = divmod(number, _SIZES)
            return bytes((flag,))[: self._is_wide] + _share_bytes(share)

        if isfinite(low) and isfinite(width):
            yield from _nearest(value, (_SIZES << self._is_wide) - 1, read, write)


class Real(Codec):
    """Any float: a first byte that tells a special one, or a finite one."""

    def __init__(self) -> None:
        self._regular = Range(-LARGEST, LARGEST)

    def wanted(self, _raw: bytes, /) -> int:
        return 1 + REGULAR

    def pieces(self, value: Any, _raw: bytes, /) -> Iterator[bytes]:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            return
        for kind, special in enumerate(SPECIAL):
            if struct.pack("<d", number) == struct.pack("<d", special):
                yield bytes((kind,))
                return
        for piece in self._regular.pieces(number, b""):
            yield b"\xff" + piece


def _share_bytes(number: int) -> bytes:
    return number.to_bytes(8, "little")


def _nearest(value: Any, most: int, read: Callable[[int], float], write: Callable[[int], bytes]) -> Iterator[bytes]:
    """What is read as a number, or as those next to it; `read` never falls, from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    below, above = -1, most
    if not value <= read(most):
        return
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if read(middle) >= value else (middle, above)
    yield write(above)
    if read(above) != value and below >= 0:
        yield write(below)


class Pick(Codec):
    """An element of a list, from whose index it is read; as an operand, a part of an element is good for all of it."""

    from_back = True

    def __init__(self, elements: list[Any]) -> None:
        self.count = len(elements)
        self._index = Between(0, self.count - 1)
        self._elements = elements[:_MOST_ELEMENTS]  # the program may change its list
        self._places: dict[tuple[type, Any], int] | None = None
        """Where each operand stands first, once that has been asked for: most lists are never."""

    def wanted(self, raw: bytes, /) -> int:
        return self._index.wanted(raw)

    def views(self, value: Any, /) -> Sequence[Any]:
        kind = type(value)
        parts = value[:_MOST_PARTS] if kind is tuple or kind is list else (value,)
        return [scalar(part) for part in parts]

    def pieces(self, value: Any, raw: bytes, /) -> Iterator[bytes]:
        if self._places is None:
            self._places = {}
            for place, element in enumerate(self._elements):
                for view in self.views(element):
                    if view.__hash__ is not None:
                        self._places.setdefault((type(view), view), place)
        index = self._places.get((type(value), value)) if value.__hash__ is not None else None
        if index is not None:
            yield from self.at(index, raw)

    def at(self, index: int, raw: bytes) -> Iterator[bytes]:
        """What is read as the element with an index."""
        return self._index.pieces(index, raw)


def codec_of(method: str, arguments: Sequence[Any], value: Any) -> tuple[Codec, int | None]:
    """How a method with these arguments, which were right, reads; of a list each element, with their number."""
    match method, arguments:
        case "ConsumeBytes", (count,):
            return Octets(int(count)), None
        case "ConsumeUnicode" | "ConsumeString", (count,):
            return Text(int(count), surrogates=True), None
        case "ConsumeUnicodeNoSurrogates", (count,):
            return Text(int(count), surrogates=False), None
        case "ConsumeInt" | "ConsumeUInt", (size,):
            return Number(int(size), signed=method == "ConsumeInt"), None
        case "ConsumeIntInRange", (low, high):
            return Between(low, high), None
        case "ConsumeBool", ():
            return Flag(), None
        case "ConsumeProbability", ():
            return Share(), None
        case "ConsumeFloatInRange", (low, high):
            return Range(float(low), float(high)), None
        case "ConsumeRegularFloat", ():
            return Range(-LARGEST, LARGEST), None
        case "ConsumeFloat", ():
            return Real(), None
        case "PickValueInList", (elements,):
            return Pick(elements), None
        case "ConsumeIntList", (_, size):
            return Number(int(size), signed=True), len(value)
        case "ConsumeIntListInRange", (_, low, high):
            return Between(low, high), len(value)
        case "ConsumeProbabilityList", _:
            return Share(), len(value)
        case "ConsumeFloatListInRange", (_, low, high):
            return Range(float(low), float(high)), len(value)
        case "ConsumeRegularFloatList", _:
            return Range(-LARGEST, LARGEST), len(value)
        case "ConsumeFloatList", _:
            return Real(), len(value)
    raise ValueError(f"unknown method {method}")
