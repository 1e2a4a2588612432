"""What stands in brackets of one input put into those of another, beside what stands there: a statement into a block, a
member into a list.

A text that is read sign by sign is never split, so nothing tells where its statements end; brackets do.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.grammar.elements import readable
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_MADE: Final = 60
"""Inputs that one leads to."""

_MAX_KNOWN: Final = 8
_MAX_CONTENT: Final = 64
_MAX_PLACES: Final = 4
_MAX_TEXT: Final = 1024

_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
BETWEEN: Final = (";", ",", " ", "\n")
"""Signs that may have to stand between contents."""


class Contents:
    """Of brackets of inputs that have come somewhere, each with its bracket, the latest last."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], None] = {}

    def add(self, arguments: Arguments) -> None:
        """Those of one input."""
        for each in contents_of(arguments):
            self._known.pop(each, None)
            self._known[each] = None
        for each in list(self._known)[:-_MAX_KNOWN]:
            del self._known[each]

    def latest(self) -> list[tuple[str, str]]:
        """The latest first."""
        return list(reversed(self._known))


def contents_of(arguments: Arguments) -> list[tuple[str, str]]:
    """(an opening bracket, what stands behind it up to the one that closes it, or up to the end), outermost first."""
    found: dict[tuple[str, str], None] = {}
    for value in arguments:
        text = readable(value)
        if text and len(text) <= _MAX_TEXT:
            blocks = [each for each in _blocks(text) if 0 < each[1] - each[0] <= _MAX_CONTENT]
            found.update(dict.fromkeys([(text[start - 1], text[start:end]) for start, end in blocks]))
    return list(found)


def with_contents(
    arguments: Arguments, max_len: int, known: Sequence[tuple[str, str]], signs: Sequence[str]
) -> Iterator[Arguments]:
    """At most `MAX_MADE` inputs of total size up to `max_len`, with known contents of brackets at the beginning or the
    end of what stands in such brackets. `signs`: those that the program knows, which may have to stand between.
    """
    between = ["", *[sign for sign in BETWEEN if sign in signs]]
    if known:
        yield from edited_texts(
            arguments, max_len, MAX_MADE, _MAX_TEXT, lambda text: _with_contents(text, known, between)
        )


def _with_contents(text: str, known: Sequence[tuple[str, str]], between: Sequence[str]) -> Iterator[str]:
    blocks = _blocks(text)[:_MAX_PLACES]
    for sign in between:
        for opening, content in known:
            for start, end in blocks:
                if text[start - 1] == opening and content not in text[start:end]:
                    yield text[:start] + content + sign + text[start:]
                    yield text[:end] + sign + content + text[end:]


def _blocks(text: str) -> list[tuple[int, int]]:
    """(begin, end) of what stands in brackets, the outermost first."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for at, sign in enumerate(text):
        if sign in _PAIRS:
            opened.append(at)
        elif opened and sign == _PAIRS[text[opened[-1]]]:
            found.append((opened.pop() + 1, at))
    found += [(at + 1, len(text)) for at in opened]
    return sorted(found)
