"""Sums over an input, made what the program wants them to be by another number in one place.

A checksum that is part of what it sums up is compared with a constant, mostly with zero: neither side stands in the
input. What lacks to the constant is added to a number that does, subtracted from it, or combined with it by xor.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

REMAINDER: Final = "remainder"
"""Operator of a sum over the input, and what it has to be."""

MAX_BALANCED: Final = 160
"""Values that one sum leads to."""

_ENDS: Final = 3
_MAX_PLACES: Final = 24
_ORDERS: Final[tuple[Literal["big", "little"], ...]] = ("big", "little")
_LARGEST: Final = 2**32
_DIGITS: Final = re.compile(r"[0-9]+")


def unbalanced(comparisons: Sequence[Comparison]) -> list[tuple[int, int]]:
    """Sums, and what each should be, the last ones first."""
    found: dict[tuple[int, int], None] = {}
    for operator, left, right in reversed(comparisons):
        if operator == REMAINDER and type(left) is int and type(right) is int and left != right:
            found.setdefault((left, right))
    return [(got, wanted) for got, wanted in found if 0 <= got < _LARGEST and 0 <= wanted < _LARGEST]


def balanced_inputs(arguments: tuple[Any, ...], comparisons: Sequence[Comparison]) -> Iterator[tuple[Any, ...]]:
    """Inputs in which the last of these sums may be right."""
    for got, wanted in unbalanced(comparisons)[:_ENDS]:
        for index in range(len(arguments) - 1, -1, -1):
            value = arguments[index]
            if type(value) is bytes or type(value) is str:
                for changed in balanced(value, got, wanted):
                    yield (*arguments[:index], changed, *arguments[index + 1 :])


def balanced(value: Any, got: int, wanted: int) -> Iterator[Any]:
    """The value with one number changed by what lacks: near its ends first, as bytes, as two, and in digits; and with
    one more.
    """
    count = 0
    seen = {value}
    ways = _in_digits(value, got, wanted) if isinstance(value, str) else _in_bytes(value, got, wanted)
    for changed in ways:
        if changed not in seen:
            seen.add(changed)
            yield changed
            count += 1
            if count == MAX_BALANCED:
                return


def _in_bytes(value: bytes, got: int, wanted: int) -> Iterator[bytes]:
    size = len(value)
    last = range(size - 1, max(-1, size - 1 - _ENDS), -1)
    places = [*last, *range(min(size, _MAX_PLACES))]
    for at in places:
        for new in _changes(value[at], got, wanted, 256):
            yield value[:at] + bytes((new,)) + value[at + 1 :]
    if max(got, wanted) > 0xFF:
        for order in _ORDERS:
            yield value + ((wanted - got) % 65536).to_bytes(2, order)
        for at in (size - 2, *range(0, min(size - 1, _MAX_PLACES), 2), *range(1, min(size - 1, _MAX_PLACES), 2)):
            for order in _ORDERS if at >= 0 else ():
                for new in _changes(int.from_bytes(value[at : at + 2], order), got, wanted, 65536):
                    yield value[:at] + new.to_bytes(2, order) + value[at + 2 :]
    else:
        yield value + bytes(((wanted - got) % 256,))
    for changed in _in_digits(value.decode("latin-1"), got, wanted):
        yield changed.encode("latin-1")


def _in_digits(text: str, got: int, wanted: int) -> Iterator[str]:
    for match in list(_DIGITS.finditer(text))[::-1][:_ENDS]:
        width = match.end() - match.start()
        for new in _changes(int(match[0][-9:]), got, wanted, 10 ** min(width, 9)):
            yield text[: match.start()] + f"{new:0{width}d}" + text[match.end() :]


def _changes(number: int, got: int, wanted: int, modulus: int) -> tuple[int, ...]:
    lacking = wanted - got
    return (number + lacking) % modulus, (number - lacking) % modulus, (number ^ got ^ wanted) % modulus
