# The methods are called what Atheris calls them.
# ruff: noqa: N802

"""`FuzzedDataProvider`: the bytes of an input, read as typed values, bit for bit as Atheris reads them.

What the harness of another fuzzer makes of an input must not change, or its corpus and its crashers say nothing here.
Texts, numbers, flags and floats are taken from the front; choices and integers of a small range from the back, so that
they stay where they are while the texts before them grow.
"""

import re
from collections.abc import Callable
from typing import Any, Final, SupportsFloat, SupportsIndex, SupportsInt, TypeAlias, TypeVar

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.atheris.log import LOG
from fuzztui.worker.atheris.numbers import LARGEST, REGULAR, SPECIAL, UNIT, is_wide

__builtins__ = PRIVATE_BUILTINS

T = TypeVar("T")

Count: TypeAlias = SupportsInt | SupportsIndex
"""From 0 to `ALL_REMAINING`; no float, though it could be made one."""

Real: TypeAlias = SupportsFloat | SupportsIndex

MOST_ELEMENTS: Final = 2**26
"""Of a list that is made: half a gigabyte of references. Where one is longer, Atheris runs out of time or memory."""

_SIZES: Final = 2**64
_LOW_BITS: Final = bytes(byte & 0x7F for byte in range(256))
_NO_SURROGATE: Final = bytes(byte - 0xD8 if 0xD8 <= byte < 0xE0 else byte for byte in range(256))
_PLANE: Final = bytes(0x10 if byte & 0x10 else byte & 0x0F for byte in range(256))
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class FuzzedDataProvider:
    """Takes values off both ends of an input until nothing is left; then they are zero, empty or the lowest.

    TypeError for an argument of a wrong type and for a count that is negative or has more than 64 bits.
    """

    # Mangled, since a subclass may have attributes of any other name.
    __slots__ = ("__back", "__data", "__front")

    def __init__(self, data: bytes, /) -> None:
        if type(data) is not bytes:
            if not isinstance(data, bytes):
                raise _wrong("FuzzedDataProvider", "bytes", data)
            data = bytes.__getitem__(data, slice(None))
        self.__data = data
        self.__front = 0
        self.__back = len(data)

    def remaining_bytes(self) -> int:
        """How many bytes are left."""
        return self.__back - self.__front

    def buffer(self) -> bytes:
        """The bytes that are left, which stay there."""
        return self.__data[self.__front : self.__back]

    # From the front -----------------------------------------------------------------------------------------------

    def ConsumeBytes(self, count: Count, /) -> bytes:
        """At most so many bytes."""
        return self.__take(_size("ConsumeBytes", count))

    def ConsumeUnicode(self, count: Count) -> str:
        """A text of at most so many characters, lone surrogates among them."""
        return self.__text(_size("ConsumeUnicode", count), surrogates=True)

    def ConsumeString(self, count: Count, /) -> str:
        """The same as `ConsumeUnicode`."""
        return self.__text(_size("ConsumeString", count), surrogates=True)

    def ConsumeUnicodeNoSurrogates(self, count: Count, /) -> str:
        """A text of at most so many characters, all of which can be encoded."""
        return self.__text(_size("ConsumeUnicodeNoSurrogates", count), surrogates=False)

    def ConsumeInt(self, size: Count, /) -> int:
        """A signed integer of so many bytes."""
        return int.from_bytes(self.__take(_size("ConsumeInt", size)), "little", signed=True)

    def ConsumeUInt(self, size: Count, /) -> int:
        """An unsigned integer of so many bytes."""
        return int.from_bytes(self.__take(_size("ConsumeUInt", size)), "little")

    def ConsumeBool(self) -> bool:
        """The lowest bit of a byte."""
        return self.__bool()

    def ConsumeProbability(self) -> float:
        """From 0 to 1, of eight bytes."""
        return self.__probability()

    def ConsumeFloatInRange(self, low: Real, high: Real, /) -> float:
        """From `low` to `high`; RuntimeError if there is nothing between."""
        return self.__float_between(_real("ConsumeFloatInRange", low), _real("ConsumeFloatInRange", high))

    def ConsumeRegularFloat(self) -> float:
        """A finite number."""
        return self.__float_between(-LARGEST, LARGEST)

    def ConsumeFloat(self) -> float:
        """A number of any kind: a special one for eleven values of the first byte, a finite one for the others."""
        return self.__float()

    # From the back ------------------------------------------------------------------------------------------------

    def ConsumeIntInRange(self, low: int, high: int, /) -> int:
        """From `low` to `high`; RuntimeError if there is nothing between. Of more than 64 bits, from the front."""
        _check_integers("ConsumeIntInRange", low, high)
        return self.__int_between(low, high)

    def PickValueInList(self, values: list[T], /) -> T:
        """An element; IndexError if there is none."""
        if not isinstance(values, list):
            raise _wrong("PickValueInList", "a list", values)
        count = len(values)
        if not count:
            self.__back = max(self.__front, self.__back - 1)
            raise IndexError("list index out of range")
        return values[self.__int_between(0, count - 1)]

    # Lists --------------------------------------------------------------------------------------------------------

    def ConsumeIntList(self, count: Count, size: Count, /) -> list[int]:
        """So many signed integers of so many bytes each."""
        count, size = _size("ConsumeIntList", count), _size("ConsumeIntList", size)
        _check_length(count)
        raw = self.__take(count * size)
        values = [int.from_bytes(raw[at : at + size], "little", signed=True) for at in range(0, len(raw), size or 1)]
        return values + [0] * (count - len(values))

    def ConsumeIntListInRange(self, count: Count, low: int, high: int, /) -> list[int]:
        """So many integers from `low` to `high`."""
        count = _size("ConsumeIntListInRange", count)
        _check_integers("ConsumeIntListInRange", low, high)
        return self.__list(count, lambda: self.__int_between(low, high))

    def ConsumeProbabilityList(self, count: Count, /) -> list[float]:
        """So many numbers from 0 to 1."""
        return self.__list(_size("ConsumeProbabilityList", count), self.__probability)

    def ConsumeFloatListInRange(self, count: Count, low: Real, high: Real, /) -> list[float]:
        """So many numbers from `low` to `high`."""
        name = "ConsumeFloatListInRange"
        count, lowest, highest = _size(name, count), _real(name, low), _real(name, high)
        return self.__list(count, lambda: self.__float_between(lowest, highest))

    def ConsumeRegularFloatList(self, count: Count, /) -> list[float]:
        """So many finite numbers."""
        count = _size("ConsumeRegularFloatList", count)
        return self.__list(count, lambda: self.__float_between(-LARGEST, LARGEST))

    def ConsumeFloatList(self, count: Count, /) -> list[float]:
        """So many numbers of any kind."""
        return self.__list(_size("ConsumeFloatList", count), self.__float)

    # No method of the above calls another one: a subclass may have overridden it. -----------------------------------

    def __take(self, count: int) -> bytes:
        start = self.__front
        end = start + count
        if end > self.__back:
            end = self.__back
        self.__front = end
        return self.__data[start:end]

    def __text(self, count: int, *, surrogates: bool) -> str:
        start, back = self.__front, self.__back
        if not count or start == back:
            return ""
        self.__front = start + 1
        form = self.__data[start]
        if start + 1 == back:
            return ""
        if form & 1:
            return self.__take(count).translate(_LOW_BITS).decode("ascii")
        if form & 2:
            return _of_pairs(self.__take(2 * count % _SIZES), surrogates)
        raw = self.__take(4 * count % _SIZES)
        text = _spread(raw[0::4], raw[1::4], raw[2::4].translate(_PLANE), len(raw) // 4)
        return text if surrogates or text.isascii() else _SURROGATE.sub(_lowered, text)

    def __bool(self) -> bool:
        front = self.__front
        if front == self.__back:
            return False
        self.__front = front + 1
        return self.__data[front] & 1 == 1

    def __probability(self) -> float:
        return float(int.from_bytes(self.__take(8), "little")) / UNIT

    def __float_between(self, low: float, high: float) -> float:
        if low > high:
            raise RuntimeError("ConsumeFloatInRange: min must be <= max")
        start = low
        if is_wide(low, high):
            width = high / 2 - low / 2
            if self.__bool():
                start += width
        else:
            width = high - low
        return start + width * self.__probability()

    def __float(self) -> float:
        front = self.__front
        if front == self.__back:
            return 0.0
        self.__front = front + 1
        kind = self.__data[front]
        if kind < len(SPECIAL):
            self.__take(REGULAR)
            return SPECIAL[kind]
        return self.__float_between(-LARGEST, LARGEST)

    def __int_between(self, low: int, high: int) -> int:
        span = high - low
        if span < 0:
            raise RuntimeError("ConsumeIntInRange: min must be <= max")
        bits = span.bit_length()
        if bits > 64:  # and so many whole bytes as fit
            return low + int.from_bytes(self.__take(bits // 8), "little", signed=True) % (span + 1)
        back = self.__back
        start = back - (bits + 7 >> 3)
        if start < self.__front:
            start = self.__front
        self.__back = start
        return low + int.from_bytes(self.__data[start:back], "little") % (span + 1)

    def __list(self, count: int, read: Callable[[], T]) -> list[T]:
        _check_length(count)
        values: list[T] = []
        left = -1
        while len(values) < count:
            values.append(read())
            before, left = left, self.__back - self.__front
            if left == before:  # the last one took nothing: nor will those that follow
                values += values[-1:] * (count - len(values))
        return values


LOG.watch(FuzzedDataProvider)


def _of_pairs(raw: bytes, surrogates: bool) -> str:
    """A text of code units of two bytes, none of which are joined."""
    count = len(raw) // 2
    if not surrogates:
        units = bytearray(raw[: 2 * count])
        units[1::2] = units[1::2].translate(_NO_SURROGATE)
        return units.decode("utf-16-le")
    text = raw[: 2 * count].decode("utf-16-le", "surrogatepass")
    return text if len(text) == count else _spread(raw[0::2], raw[1::2], b"", count)


def _spread(low: bytes, high: bytes, plane: bytes, count: int) -> str:
    """A text of so many code points: decoded in four bytes each, a pair of surrogates stays a pair."""
    wide = bytearray(4 * count)
    wide[0::4] = low[:count]
    wide[1::4] = high[:count]
    if plane:
        wide[2::4] = plane[:count]
    return wide.decode("utf-32-le", "surrogatepass")


def _lowered(match: re.Match[str]) -> str:
    return chr(ord(match[0]) - 0xD800)


def _size(method: str, value: Any) -> int:
    if type(value) is int:
        if 0 <= value < _SIZES:
            return value
    elif not isinstance(value, float) and (hasattr(type(value), "__int__") or hasattr(type(value), "__index__")):
        try:
            size = int(value)
        except Exception:  # whatever the value's own conversion raises
            size = -1
        if 0 <= size < _SIZES:
            return size
    raise _wrong(method, "a count from 0 to 2**64 - 1", value)


def _real(method: str, value: Any) -> float:
    if type(value) is float:
        return value
    if hasattr(type(value), "__float__") or hasattr(type(value), "__index__"):
        try:
            return float(value)
        except Exception:  # noqa: S110 - whatever the value's own conversion raises
            pass
    raise _wrong(method, "a number that a float can hold", value)


def _check_integers(method: str, low: object, high: object) -> None:
    if not isinstance(low, int) or not isinstance(high, int):
        raise _wrong(method, "an int", high if isinstance(low, int) else low)


def _check_length(count: int) -> None:
    if count > MOST_ELEMENTS:
        raise RuntimeError("Could not allocate list object!")


def _wrong(method: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"{method}(): incompatible function arguments: want {wanted}, not {type(value).__name__}")
