"""Places where a program wanted something and there was nothing: a number between two signs, a word at the end."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import (
    LIKE,
    MEMBERSHIPS,
    Comparison,
    elements_of,
    examples_of,
    splitting_signs,
)
from fuzztui.worker.mutate.scalars import scalar_of, text_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_FILLED: Final = 90
"""Inputs that the blanks of one entry lead to."""

_MAX_WORDS: Final = 6
_MAX_PLACES: Final = 24
_MAX_BETWEEN: Final = 2
_MAX_SEARCHED: Final = 1024

_BETWEEN_WORDS: Final = re.compile(r"(?<=\w)[^\w\s](?=\w)")


_TELLING: Final = frozenset({"==", "!=", "of", "in", "not in", "startswith", "endswith", "matches", LIKE})


def filled_blanks(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_FILLED` inputs of total size up to `max_len`, with what nothing was compared with between two signs,
    the last ones first.
    """
    words = _with_separators(list(_wanted(comparisons, arguments)), comparisons, arguments)
    room = max_len - sum(map(size, arguments))
    count = 0
    for index in range(len(arguments) - 1, -1, -1):
        value: Any = arguments[index]
        if not words or (type(value) is not bytes and type(value) is not str):
            continue
        for at in _blanks(value):
            for word in words:
                new: Any = word if isinstance(value, str) else word.encode("utf-8", "surrogatepass")
                if len(new) <= room:
                    yield (*arguments[:index], value[:at] + new + value[at:], *arguments[index + 1 :])
                    count += 1
                    if count == MAX_FILLED:
                        return


def _with_separators(words: list[str], comparisons: Sequence[Comparison], arguments: Arguments) -> list[str]:
    """The words, and behind a sign that pieces of texts are split at, or one between words where none is known to be:
    what is blank may be so for want of one.
    """
    before = ["", *(splitting_signs(comparisons) or _between_words(arguments))] if words else []
    return [sign + word for word in words[:_MAX_WORDS] for sign in before][: _MAX_WORDS * 2]


def _between_words(arguments: Arguments) -> list[str]:
    texts = [each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in arguments]
    found = [sign for text in texts for sign in _BETWEEN_WORDS.findall(text[:_MAX_SEARCHED])]
    return list(dict.fromkeys(found))[:_MAX_BETWEEN]


def _wanted(comparisons: Sequence[Comparison], arguments: Arguments) -> dict[str, None]:
    """What an empty text was compared with, or was looked for among texts of which one is empty, the last first: but
    for what is an input's own, which the program has looked for among words of its own.
    """
    own = [each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in arguments]
    found: dict[str, None] = {}
    for operator, left, right in reversed(comparisons):
        is_empty = operator in _TELLING and scalar_of(left) in ("", b"")
        is_one_empty = operator in MEMBERSHIPS and type(right) is tuple and ("" in right or b"" in right)
        # A sign that nothing has in it was looked for to split it.
        is_searched = operator in MEMBERSHIPS and right in ("", b"") and len(text_of(left)) > 1
        if is_empty or is_one_empty or is_searched:
            others = examples_of(right).matches if operator == "matches" else (right, *elements_of(right))
            for each in map(scalar_of, others if is_empty else (left,)):
                text = each.decode("latin-1") if isinstance(each, bytes) else each
                if isinstance(text, str) and text and (not is_one_empty or not any(text in value for value in own)):
                    found.setdefault(text)
    return found


def _blanks(value: Any) -> list[int]:
    """Where signs, or a sign and an end, meet, the last first; then where no digit is, in short texts."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    places = range(len(text), -1, -1)
    between = [at for at in places if not text[max(0, at - 1) : at].isalnum() and not text[at : at + 1].isalnum()]
    others = [at for at in places[:_MAX_PLACES] if not text[max(0, at - 1) : at + 1].isdigit()]
    return list(dict.fromkeys([*between[: _MAX_PLACES // 2], *others]))[:_MAX_PLACES]
