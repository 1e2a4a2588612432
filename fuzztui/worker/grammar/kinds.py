"""Values of another kind behind keys that a program has found: a table, a list, a truth value, a text, a number. What a
program asks of a value's kind is no comparison, and where one was wanted that has keys of its own, none is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_KINDS: Final = 40
"""Inputs that the keys of one entry lead to."""

_VALUES: Final = ("{}", "[]", "true", '"a"', "1", "1.5", "[1, 1]", "[{}]")
_VALUE: Final = r"""\{[^{}\n]*\}|\[[^\[\]\n]*\]|"[^"\n]*"|[^\n,;\])}]*"""
_MAX_KEYS: Final = 6
_MAX_KEY: Final = 64
_MAX_TEXT: Final = 2048


def of_other_kinds(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_KINDS` inputs of total size up to `max_len`, the last keys first; none of texts in JSON, which are
    changed as such.
    """
    keys = _found(comparisons)
    if keys:
        yield from edited_texts(arguments, max_len, MAX_KINDS, _MAX_TEXT, lambda text: _changed(text, keys))


def _found(comparisons: Sequence[Comparison]) -> list[str]:
    found: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        if operator == "in" and type(left) is str and type(right) is tuple and 0 < len(left) <= _MAX_KEY:
            if left in right:
                found.setdefault(left)
            if len(found) == _MAX_KEYS:
                break
    return list(found)


def _changed(text: str, keys: Sequence[str]) -> Iterator[str]:
    if text.lstrip()[:1] in ("{", "[") and "=" not in text:
        return
    for key in keys:
        # Behind a key there is a sign, and a value up to another one.
        for place in list(re.finditer(rf"(?<!\w){re.escape(key)}[\"']?[ \t]*[=:][ \t]*({_VALUE})", text))[-1:]:
            for value in _VALUES:
                if place[1] != value:
                    yield text[: place.start(1)] + value + text[place.end(1) :]
