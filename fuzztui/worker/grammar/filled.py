"""Pieces of a text that was split, several filled alike at once: the rows of a board, the numbers of a list.

What one of them has to be the others mostly have to be, too, and a program that looks at one after the other tells
nothing of how many are right.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.scalars import text_of
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_FILLED: Final = 40
"""Inputs that the pieces of one entry lead to."""

_MAX_SPLIT: Final = 4
_MAX_PIECES: Final = 64
_MAX_FILLERS: Final = 6
_MAX_SIGN: Final = 2
_MAX_NUMBER: Final = 10**6
_MAX_TEXT: Final = 2048


def filled_pieces(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_FILLED` inputs of total size up to `max_len`, in which all pieces of what was split, or all that are
    blank, are what one of them is, or a number that another was compared with.
    """
    split = _split(comparisons)
    numbers = _numbers(comparisons) if split else []
    if split:
        yield from edited_texts(arguments, max_len, MAX_FILLED, _MAX_TEXT, lambda text: _filled(text, split, numbers))


def _filled(text: str, split: Sequence[tuple[str, str]], numbers: Sequence[str]) -> Iterator[str]:
    seen = {text}
    for sign, whole in split:
        parts = whole.split(sign)
        if whole not in text or not 1 < len(parts) <= _MAX_PIECES:
            continue
        at = text.rfind(whole)
        fillers = list(dict.fromkeys([*numbers, *[part for part in reversed(parts) if part]]))[:_MAX_FILLERS]
        for filler in fillers:
            for made in ([part or filler for part in parts], [filler] * len(parts)):
                changed = text[:at] + sign.join(made) + text[at + len(whole) :]
                if changed not in seen:
                    seen.add(changed)
                    yield changed


def _split(comparisons: Sequence[Comparison]) -> list[tuple[str, str]]:
    """(sign, what has it in it), the last ones first."""
    found: dict[tuple[str, str], None] = {}
    for operator, left, right in reversed(comparisons):
        sign = text_of(left) if operator == "in" else ""
        if 0 < len(sign) <= _MAX_SIGN and not any(map(str.isalnum, sign)) and sign in text_of(right):
            found.setdefault((sign, text_of(right)))
    return list(found)[:_MAX_SPLIT]


def _numbers(comparisons: Sequence[Comparison]) -> list[str]:
    """Numbers that others were to be, as they are spelled, the last first."""
    found: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in ("==", "!=") and type(left) is int and type(right) is int and left != right:
            for number in (right, left):
                if 0 < number < _MAX_NUMBER:
                    found.setdefault(str(number))
    return list(found)[: _MAX_FILLERS // 2]
