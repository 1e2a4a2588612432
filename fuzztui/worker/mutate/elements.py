"""Elements that a program looked for and did not find, made for formats of tag, length and value.

A traced lookup tells the key that was missing, a comparison with nothing the value that was wanted. Neither stands in
the input, so there is nothing to replace: the element has to be put in, with its header, and the lengths of all that
encloses it have to grow. By chance that takes some ten million tries, and no step on the way covers anything new.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
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

_FILLERS: Final = (b"\xff", b"\x01")
"""Values where none is wanted: the one is negative where bytes are signed, and large where they are not."""


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
        if type(value) is bytes and is_binary(value):
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
    for value in (*wanted, *_FILLERS):
        if len(value) <= _MAX_VALUE:
            for tag in tags:
                element = tag + bytes((len(value),)) + value
                for at in places:
                    yield from insertions(data, skipped + at, element)


def _tags(key: Scalar) -> list[bytes]:
    if isinstance(key, int):
        if not 0 <= key < 2**11:
            return []
        return [*[_varint(key << 3 | wire_type) for wire_type in _WIRE_TYPES], *([bytes((key,))] if key < 256 else [])]
    if not isinstance(key, bytes | str) or not 0 < len(key) < 128:
        return []
    text = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
    return [bytes((len(text),)) + text]


def _varint(number: int) -> bytes:
    return bytes((number,)) if number < 128 else bytes((number & 127 | 128, number >> 7))


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
