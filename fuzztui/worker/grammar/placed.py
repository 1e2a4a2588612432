"""Words that a program wanted where it had something of another kind, or nothing, put in the place of each word.

A number, a flag or an empty list that was made of the input stands nowhere in it: what was compared with it cannot be
put in its place as operands are. There are few places, and few ways to spell a text: as it is, and in quotes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of, readable
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_PLACED: Final = 120
"""Inputs that the words which one entry lacks lead to."""

_MAX_WORDS: Final = 4
_MAX_PLACES: Final = 24
_MAX_WORD: Final = 24
_MAX_TEXT: Final = 2048

_EQUALITIES: Final = ("==", "!=", "of", "in", "not in")
_WORD: Final = re.compile(r"\w+|(?<=\W)(?=\W)|^(?=\W)|(?<=\W)$")
"""A word, or the place for one between two signs."""


def placed_words(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_PLACED` inputs of total size up to `max_len`, with a word that was wanted in the place of one that
    is there, the last ones first.
    """
    words = _wanted(comparisons)
    room = max_len - sum(map(size, arguments))
    count = 0
    for index in range(len(arguments) - 1, -1, -1):
        value = arguments[index]
        text = readable(value)
        if not words or text is None or len(text) > _MAX_TEXT:
            continue
        places = [match.span() for match in _WORD.finditer(text)][::-1][:_MAX_PLACES]
        lacking = [word for word in words if word not in text]
        for form in ("{}", '"{}"'):
            for word in lacking:
                new = form.format(word)
                for start, end in places:
                    if len(new) - (end - start) <= room:
                        changed: Any = text[:start] + new + text[end:]
                        changed = bytes_of(changed) if type(value) is bytes else changed
                        yield (*arguments[:index], changed, *arguments[index + 1 :])
                        count += 1
                        if count == MAX_PLACED:
                            return


def _wanted(comparisons: Sequence[Comparison]) -> list[str]:
    """Texts that something else than a text was compared with, the last ones first."""
    found: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator == "lacks" or (operator in _EQUALITIES and _is_other(right)):
            found.setdefault(_text(left))
        elif operator in _EQUALITIES and type(left) is int:
            for each in islice(elements_of(right), _MAX_WORDS) if type(right) is tuple else (right,):
                found.setdefault(_text(each))
    found.pop("", None)
    return list(found)[:_MAX_WORDS]


def _is_other(operand: object) -> bool:
    """Whether this is a number, or a container without any text."""
    if type(operand) is tuple:
        return all(type(each) is not str and type(each) is not bytes for each in operand)
    return type(operand) is int or type(operand) is float


def _text(operand: object) -> str:
    """An operand that is a word; empty if it is none."""
    scalar = scalar_of(operand)
    text = scalar.decode("latin-1") if isinstance(scalar, bytes) else scalar
    return text if isinstance(text, str) and 0 < len(text) <= _MAX_WORD and text.isprintable() else ""
