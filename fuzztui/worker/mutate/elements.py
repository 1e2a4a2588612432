"""Elements that a program looked for and did not find, made for formats of tag, length and value.

A traced lookup tells the key that was missing, a comparison with nothing the value that was wanted. Neither stands in
the input, so there is nothing to replace: the element has to be put in, with its header, and the lengths of all that
encloses it have to grow. By chance that takes some ten million tries, and no step on the way covers anything new.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.mutate.encodings import in_sevens
from fuzztui.worker.mutate.operands import ALONE, Comparison
from fuzztui.worker.mutate.scalars import Scalar, scalar_of
from fuzztui.worker.mutate.sized import edges, insertions, is_binary
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_ELEMENTS: Final = 600
"""Inputs that one entry's missing elements lead to."""

_MAX_KEYS: Final = 4
_MAX_VALUES: Final = 4
_MAX_PLACES: Final = 16
_MAX_LOOKED_AT: Final = 256
_MAX_VALUE: Final = 64
"""Bounds, so that an entry's share of tries is a few hundred."""

_WIRE_TYPES: Final = (2, 0, 1, 5)
"""Low bits of a protobuf tag, texts and messages first, then integers, then numbers of 8 and 4 bytes."""

_INTEGERS: Final = (1, 255, 2**16 - 1, 2**32 - 1)
"""Integers where none is wanted; as zigzag numbers, the odd ones are negative."""

_MAX_COUNTS: Final = 6
"""Bytes before an element among which the number of members is looked for."""

_FILLERS: Final = (b"\xff", b"\x01", b"")
"""Values where none is wanted: the first is negative where bytes are signed, and large where they are not, and what is
made of elements itself has none.
"""


def missing_elements(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_ELEMENTS` inputs of total size up to `max_len` with one element more that the program looked for and
    did not find, best first.
    """
    keys, values = (
        [scalar for operator, left, _ in comparisons if operator == kind and (scalar := scalar_of(left)) is not None]
        for kind in ALONE
    )
    others = sum(map(size, arguments))
    count = 0
    for index, value in enumerate(arguments if keys else ()):
        if type(value) is bytes and (is_binary(value) or (not value and type(keys[0]) is int)):
            for changed in elements(value, keys, values):
                if others - len(value) + len(changed) <= max_len:
                    yield (*arguments[:index], changed, *arguments[index + 1 :])
                    count += 1
                    if count == MAX_ELEMENTS:
                        return


def elements(data: bytes, keys: Sequence[Scalar], values: Sequence[Scalar]) -> Iterator[bytes]:
    """`data` with one element more, of one of the keys and one of the values or a filler, enclosing lengths adjusted.

    A key is an integer, as it is or in the tag of a protobuf field, or a text. An element goes where a part may begin
    or end, in a long input near its end.
    """
    tags = [tag for key in keys[:_MAX_KEYS] for tag in _tags(key)]
    wanted = [packed for value in values[:_MAX_VALUES] for packed in _packed(value)]
    places = edges(data[-_MAX_LOOKED_AT:])[::-1][:_MAX_PLACES]
    skipped = max(0, len(data) - _MAX_LOOKED_AT)
    bodies = [value for value in (*wanted, *_FILLERS) if len(value) <= _MAX_VALUE]
    numbers = [key for key in keys[:_MAX_KEYS] if isinstance(key, int)]
    yield from in_turns(
        [
            *[_with_body(data, tags, body, places, skipped) for body in bodies],
            _with_integers(data, numbers, values, places, skipped),
            _with_heads(data, [key for key in keys[:_MAX_KEYS] if isinstance(key, str)], values),
        ]
    )


def _with_body(data: bytes, tags: Sequence[bytes], body: bytes, places: Sequence[int], skipped: int) -> Iterator[bytes]:
    for at in places:
        for tag in tags:
            yield from insertions(data, skipped + at, tag + bytes((len(body),)) + body)


def _with_integers(
    data: bytes, keys: Sequence[int], values: Sequence[Scalar], places: Sequence[int], skipped: int
) -> Iterator[bytes]:
    """The same with integers in seven bits a byte, which no length precedes; negative ones as zigzag has them, too."""
    wanted = [number for value in values[:_MAX_VALUES] if isinstance(value, int) for number in (value, zigzag(value))]
    for number in (*wanted, *_INTEGERS):
        for key in keys:
            if 0 <= key < 2**11 and number >= 0:
                element = in_sevens(key << 3) + in_sevens(number)
                for at in places[: _MAX_PLACES // 2]:
                    yield from insertions(data, skipped + at, element)


def _with_heads(data: bytes, keys: Sequence[str], values: Sequence[Scalar]) -> Iterator[bytes]:
    """The same where one byte holds kind and length of what follows it, and another before it the number of members:
    as many as there are then.
    """
    bases = heads_of_texts(data)
    texts = [(key.encode("utf-8", "surrogatepass"), key) for key in keys if 0 < len(key) < 32]
    for text, _ in texts:
        for base in bases:
            head = bytes((base | len(text),)) + text
            members = [
                bytes((base | len(value),)) + value if isinstance(scalar, bytes | str) and len(value) < 32 else value
                for scalar in values[:_MAX_VALUES]
                for value in _packed(scalar)
            ]
            for member in (*members, b"\x01", b"\xff", bytes((base,)), b"\x90", b"\x80"):
                for at in (len(data), *range(len(data) - 1, max(0, len(data) - 8), -1)):
                    for count in (*range(min(1, max(0, at - _MAX_COUNTS))), *range(max(0, at - _MAX_COUNTS), at)):
                        if data[count] & 31 < 23:
                            grown = data[:count] + bytes((data[count] + 1,)) + data[count + 1 : at]
                            yield grown + head + member + data[at:]


def heads_of_texts(data: bytes) -> list[int]:
    """High bits of bytes that seem to hold the length of a text behind them; else those of formats that have such."""
    found: dict[int, None] = {}
    for at, byte in enumerate(data[:_MAX_LOOKED_AT]):
        text = data[at + 1 : at + 1 + (byte & 31)]
        if byte & 31 and len(text) == byte & 31 and byte & 0xE0 and text.isascii() and text.decode().isprintable():
            found.setdefault(byte & 0xE0)
    return list(found)[:2] or [0xA0, 0x60]


def zigzag(number: int) -> int:
    """Signed numbers as unsigned ones, small ones first."""
    return number << 1 if number >= 0 else ~number << 1 | 1


def _tags(key: Scalar) -> list[bytes]:
    if isinstance(key, int):
        if not 0 <= key < 2**11:
            return []
        first, *others = [in_sevens(key << 3 | wire_type) for wire_type in _WIRE_TYPES]
        return [first, *([bytes((key,))] if key < 256 else []), *others]
    if not isinstance(key, bytes | str) or not 0 < len(key) < 128:
        return []
    text = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
    return [bytes((len(text),)) + text]


def _packed(value: Scalar) -> list[bytes]:
    if isinstance(value, str):
        return [value.encode("utf-8", "surrogatepass")]
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, int) and -(2**31) <= value < 2**32:
        width = 1 if -128 <= value < 256 else 4
        unsigned = value % 256**width
        return [unsigned.to_bytes(width, order) for order in ("big", "little")[: 1 if width == 1 else 2]]
    return []
