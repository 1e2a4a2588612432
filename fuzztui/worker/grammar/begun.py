"""Lines, or other pieces of a text, that begin as a program has asked of those that are there: a continued line, a
comment, an item of a list.

What a piece that is there was asked for says little about that piece, which is right as it is, but there may be others.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of, readable
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.scalars import text_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

_FILLERS: Final = ("1", "a", "")
_MAX_MARK: Final = 3
_MAX_MARKS: Final = 4
_MAX_SIGNS: Final = 2
_MAX_PLACES: Final = 8
_MAX_TEXT: Final = 2048


def begun_pieces(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """Inputs of total size up to `max_len` with one piece more that begins with a sign which a piece was to begin with,
    behind each that is there, the last first.
    """
    room = max_len - sum(map(size, arguments))
    for index, value in enumerate(arguments):
        text = readable(value)
        if not text or len(text) > _MAX_TEXT:
            continue
        marks, signs = _marks(comparisons, text), _splitting(comparisons, text)
        for filler, sign, mark in product(_FILLERS, signs, marks):
            new = sign + mark + filler
            for at in _ends(text, sign) if len(new) <= room else ():
                changed: Any = text[:at] + new + text[at:]
                changed = bytes_of(changed) if type(value) is bytes else changed
                yield (*arguments[:index], changed, *arguments[index + 1 :])


def _marks(comparisons: Sequence[Comparison], text: str) -> list[str]:
    found: dict[str, None] = {}
    for operator, left, right in comparisons:
        if operator == "startswith" and 1 < len(text_of(left)) < len(text):
            for each in map(text_of, elements_of(right) or (right,)):
                if 0 < len(each) <= _MAX_MARK and not any(map(str.isalnum, each)):
                    found.setdefault(each)
    return list(found)[:_MAX_MARKS]


def _splitting(comparisons: Sequence[Comparison], text: str) -> list[str]:
    """Signs at which the text as a whole was split, or nearly that."""
    found: dict[str, None] = {}
    for operator, left, right in comparisons:
        sign = text_of(left) if operator == "in" else ""
        if 0 < len(sign) < _MAX_MARK and not sign.isalnum() and 2 * len(text_of(right)) > len(text):
            found.setdefault(sign)
    return list(found)[:_MAX_SIGNS]


def _ends(text: str, sign: str) -> list[int]:
    """Where pieces end, the last first."""
    found = [len(text)] if not text.endswith(sign) else []
    at = len(text)
    while (at := text.rfind(sign, 0, at)) >= 0 and len(found) < _MAX_PLACES:
        found.append(at)
    return found
