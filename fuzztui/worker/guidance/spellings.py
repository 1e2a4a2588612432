"""Texts that a program has read numbers from in another base than ten, and what others would be read from.

Such a number does not stand in the input as anything that tells it: `11` may be three, or seventeen.
"""

from collections.abc import Iterator
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

MAX_NOTED: Final = 256
"""Numbers of one traced execution."""

MAX_OTHERS: Final = 8
"""Of those that one was looked up among."""

_MAX_TEXT: Final = 64
_BITS: Final = 256
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASES: Final = {"0x": 16, "0o": 8, "0b": 2}


class Spellings:
    """Those of one traced execution."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[str | bytes, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._texts)

    def clear(self) -> None:
        """Forget all."""
        self._texts.clear()

    def note(self, number: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        """A number that `int` has read."""
        text, base = arguments[0] if arguments else None, arguments[1] if len(arguments) > 1 else options.get("base")
        if type(number) is not int or type(base) is not int or base == 10 or len(self._texts) >= MAX_NOTED:
            return
        if (type(text) is str or type(text) is bytes) and len(text) <= _MAX_TEXT:
            self._texts[number] = text, base

    def of(self, number: int, others: object) -> Iterator[tuple[str | bytes, str | bytes]]:
        """(the text that a number was read from, the one that it would be if it were another) for each of `others`."""
        known = self._texts.get(number)
        if known is None:
            return
        text, base = known
        for other in (others if isinstance(others, tuple) else (others,))[:MAX_OTHERS]:
            if type(other) is int and other != number and other.bit_length() <= _BITS:
                spelled = in_base(other, base, text if isinstance(text, str) else text.decode("latin-1"))
                yield text, spelled if isinstance(text, str) else spelled.encode()


def in_base(number: int, base: int, like: str) -> str:
    """A number in digits of a base, or for 0 of the one that a prefix tells, written like another: with its prefix, its
    zeros, and in its case.
    """
    prefix = like[:2] if like[:2].lower() in _BASES else ""
    base = base or _BASES.get(prefix.lower(), 10)
    digits, left = "", abs(number)
    while left or not digits:
        left, last = divmod(left, base)
        digits = _DIGITS[last] + digits
    if like != like.lower():
        digits = digits.upper()
    width = len(like) - len(prefix) if like[len(prefix) :].startswith("0") else 0
    return ("-" if number < 0 else "") + prefix + digits.rjust(width, "0")
