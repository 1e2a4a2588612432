"""Numbers that a program has cut out of the bits of others, and what these would have to be for another one.

`head >> 4` and `head & 15` stand nowhere in an input; `head` does.
"""

from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

MAX_KNOWN: Final = 64
"""Numbers that are remembered, the latest."""

_MAX_STEPS: Final = 3
"""Operations in a row, as in `head >> 3 & 7`."""

_MOST: Final = 4
_WIDEST: Final = 64
"""Bits: what is shifted further would take as much memory as the source says."""

_LARGEST: Final = 2**_WIDEST


class Bits:
    """What one execution has cut out of what."""

    def __init__(self) -> None:
        self._known: list[tuple[int, str, int, int]] = []
        """(result, operator, number, mask or how far)"""

    def __bool__(self) -> bool:
        return bool(self._known)

    def clear(self) -> None:
        """Another execution begins."""
        self._known.clear()

    def note(self, result: int, operator: str, number: int, constant: int) -> None:
        """`result` is `number operator constant`, where the operator is `&` or `>>`."""
        if 0 <= number < _LARGEST and 0 <= constant < (_LARGEST if operator == "&" else _WIDEST):
            self._known.append((result, operator, number, constant))
            del self._known[:-MAX_KNOWN]

    def sources(self, result: int, wanted: int, steps: int = _MAX_STEPS) -> Iterator[tuple[int, int]]:
        """(a number that the result may have been cut out of, what it would have to be for what is wanted)"""
        if wanted < 0 or not steps:
            return
        found: dict[tuple[int, int], None] = {}
        for made, operator, number, constant in reversed(self._known):
            if made != result:
                continue
            if operator == "&":
                if wanted & ~constant:
                    continue
                changed = number & ~constant | wanted
            else:
                changed = wanted << constant | number & (1 << constant) - 1
            if changed < _LARGEST and (number, changed) not in found:
                found[number, changed] = None
                yield number, changed
                yield from self.sources(number, changed, steps - 1)
                if len(found) == _MOST:
                    return
