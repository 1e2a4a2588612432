"""The forms in which a target may have read an operand from an argument.

An encoder turns an operand into the bytes or the text that it may have been read from, or into None if it cannot have
been read that way. Two operands of a comparison that were read alike are encoded alike.
"""

import struct
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, Final, Literal, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.scalars import Scalar

__builtins__ = PRIVATE_BUILTINS

ByteOrder: TypeAlias = Literal["big", "little"]

Encoder: TypeAlias = Callable[[Any], Any]
"""operand -> bytes or str, or None"""


def encoders(argument: type, operand: Scalar) -> tuple[Encoder, ...]:
    """Encoders of operands of one type into pieces of arguments of the type `argument`, the most likely ones first."""
    return _ENCODERS.get((argument, type(operand)), ())


def pieces(argument: type, operand: Scalar) -> tuple[tuple[Any, Encoder], ...]:
    """What an operand may have been read from in arguments of the type `argument`, in the order of `encoders`, each
    with its encoder. Hot: programs compare with the same constants in all inputs, so the latest are remembered.
    """
    kind = type(operand)
    key = (argument, kind, struct.pack("<d", operand) if isinstance(operand, float) else operand)
    found = _PIECES.get(key)
    if found is None:
        made = [(encode(operand), encode) for encode in encoders(argument, operand)]
        found = tuple([(piece, encode) for piece, encode in made if piece is not None])
        if not isinstance(operand, bytes | str) or len(operand) <= _MAX_REMEMBERED_TEXT:
            if len(_PIECES) >= _MAX_REMEMBERED:
                _PIECES.clear()
            _PIECES[key] = found
    return found


_PIECES: Final[dict[tuple[type, type, object], tuple[tuple[Any, Encoder], ...]]] = {}

_MAX_REMEMBERED: Final = 1024
_MAX_REMEMBERED_TEXT: Final = 32
"""Operands whose pieces are remembered, and their characters: longer ones are of one input mostly."""


def spelled(argument: type) -> Encoder:
    """The encoder of numbers into text as Python writes them."""
    return _SPELLED[argument]


def float_of(number: Any) -> float | None:
    """The number as a float, if it is a number and there is one so large."""
    if isinstance(number, float):
        return number
    return float(number) if isinstance(number, int) and number.bit_length() <= 1023 else None


def int_of(number: Any) -> int | None:
    """The number without its fraction, if it is a finite one."""
    if isinstance(number, int):
        return number
    return int(number) if isinstance(number, float) and isfinite(number) else None


def decimal_of(text: Any) -> int | None:
    """The number that stands there in ASCII digits."""
    if not isinstance(text, bytes | str) or not text.isascii() or not text.isdigit():
        return None
    return int(text) if len(text) <= 500 else None


def numbers_in(text: str) -> dict[int | float, str]:
    """The numbers that are spelled out in a text, and how the first of each is: `1e3`, `0x1F`, `1_000`, `+7`."""
    found: dict[int | float, str] = {}
    word = ""
    for char in (*text[:_MAX_NUMBERED], " "):
        if char in _NUMERIC:
            word += char
            continue
        if word and len(word) <= _MAX_NUMBER and not word.isalpha():
            number = _number(word)
            if number is not None:
                found.setdefault(number, word)
        word = ""
    return found


def _number(word: str) -> int | float | None:
    for read in (_int_of_any_base, float):
        try:
            return read(word)
        except ValueError:
            continue
    return None


def _int_of_any_base(word: str) -> int:
    return int(word, 0)


_NUMERIC: Final = frozenset("0123456789abcdefxoABCDEFXO+-._")
_MAX_NUMBER: Final = 40
_MAX_NUMBERED: Final = 4096


def _same(text: Any) -> Any:
    return text


CASES: Final = 4
"""Of a text: the first encoders of one differ in this alone."""


def _cases(text: type[bytes] | type[str]) -> tuple[Encoder, ...]:
    """As it is, and as it may have been before the program changed its case."""
    return (_same, text.lower, text.upper, text.capitalize)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _latin1(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _from_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def _from_latin1(data: bytes) -> str:
    return data.decode("latin-1")


def _after(first: Encoder, then: Encoder) -> Encoder:
    def encode(operand: Any) -> Any:
        between = first(operand)
        return None if between is None else then(between)

    return encode


def _packed_int(layout: str) -> Encoder:
    width = struct.calcsize(layout)
    lowest, modulus = -(256**width // 2), 256**width
    pack = struct.Struct(layout).pack

    def encode(number: int | float) -> bytes | None:  # signed and unsigned ones alike
        return pack(number % modulus) if isinstance(number, int) and lowest <= number < modulus else None

    return encode


def _three_bytes(order: ByteOrder) -> Encoder:
    def encode(number: int | float) -> bytes | None:
        whole = isinstance(number, int) and -(2**23) <= number < 2**24
        return (int(number) & 0xFFFFFF).to_bytes(3, order) if whole else None

    return encode


def _packed_float(layout: str) -> Encoder:
    pack = struct.Struct(layout).pack

    def encode(number: int | float) -> bytes | None:
        as_float = float_of(number)
        if as_float is None:
            return None
        try:
            return pack(as_float)
        except OverflowError:  # beyond the range of 32 bits
            return None

    return encode


def _formatted(layout: str) -> Encoder:
    def encode(number: int | float) -> str | None:
        return format(number, layout) if isinstance(number, int) and number >= 0 else None

    return encode


def _without_point(number: int | float) -> str | None:
    return (
        str(int(number)) if isinstance(number, float) and number.is_integer() and abs(number) < 2.0**64 else str(number)
    )


def _character(number: int | float) -> str | None:
    return chr(number) if isinstance(number, int) and 0 <= number < 0x110000 else None


def _as_bytes(texts: tuple[Encoder, ...]) -> Iterator[Encoder]:
    return (_after(encoder, _utf8) for encoder in texts)


_SPELLED: Final[dict[type, Encoder]] = {str: str, bytes: _after(str, _utf8)}

BYTE_ORDERS: Final[tuple[ByteOrder, ...]] = ("big", "little")

_INT_TEXTS: Final[tuple[Encoder, ...]] = (
    str,
    *map(_formatted, ("x", "X", "02x", "02X", "04x", "04X", "08x", "08X", "o", "b")),
    _character,
)
_FLOAT_TEXTS: Final[tuple[Encoder, ...]] = (str, _without_point)

_ENCODERS: Final[dict[tuple[type, type], tuple[Encoder, ...]]] = {
    (bytes, bytes): _cases(bytes),
    (bytes, str): tuple(_after(case, encode) for encode in (_utf8, _latin1) for case in _cases(str)),
    (bytes, int): (
        *map(_packed_int, (">Q", "<Q", ">I", "<I")),
        *map(_three_bytes, BYTE_ORDERS),
        *map(_packed_int, (">H", "<H", "B")),
        *_as_bytes(_INT_TEXTS),
    ),
    (bytes, float): (*map(_packed_float, ("<d", ">d", "<f", ">f")), *_as_bytes(_FLOAT_TEXTS)),
    (str, str): _cases(str),
    (str, bytes): tuple(_after(case, decode) for decode in (_from_utf8, _from_latin1) for case in _cases(bytes)),
    (str, int): _INT_TEXTS,
    (str, float): _FLOAT_TEXTS,
}


def in_sevens(number: int, *, is_high_first: bool = False) -> bytes:
    """A number, zero or more, of seven bits a byte: the high bit of each tells that another one follows."""
    sevens = [number & 127]
    while number > 127:
        number >>= 7
        sevens.append(number & 127)
    if is_high_first:
        sevens.reverse()
    return bytes([*[each | 128 for each in sevens[:-1]], sevens[-1]])
