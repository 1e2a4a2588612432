"""Texts in which what was opened is closed again: brackets, quotes, and tags of markup, the innermost first. A program
that reads to the end of what it has entered comes no further without.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.grammar.markup import unclosed
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_CLOSED: Final = 8
"""Inputs that what is open in one entry leads to."""

_MAX_TEXT: Final = 2048
_MAX_OPEN: Final = 32
"""What is deeper was not made to be closed."""

_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_QUOTES: Final = "\"'`"


def closed_texts(arguments: Arguments, max_len: int) -> Iterator[Arguments]:
    """At most `MAX_CLOSED` inputs of total size up to `max_len`: with all that is open closed at the end, before a line
    end if that is the last, and with the innermost alone.
    """
    yield from edited_texts(arguments, max_len, MAX_CLOSED, _MAX_TEXT, _closed)


def _closed(text: str) -> Iterator[str]:
    end = len(text.rstrip("\r\n"))
    tags = [f"</{name}>" for name in reversed(unclosed(text))]
    for lacking in dict.fromkeys((*_ways(_open_signs(text)), *_ways(tags))):
        for at in dict.fromkeys((end, len(text))):
            yield text[:at] + lacking + text[at:]


def _ways(lacking: Sequence[str]) -> list[str]:
    return ["".join(lacking), lacking[0]] if 0 < len(lacking) <= _MAX_OPEN else []


def _open_signs(text: str) -> list[str]:
    """What closes the brackets and quotes that are open at the end, in the order in which it has to come."""
    lacking: list[str] = []
    for sign in text:
        if lacking and sign == lacking[-1]:
            lacking.pop()
        elif lacking and lacking[-1] in _QUOTES:
            continue
        elif sign in _CLOSING:
            lacking.append(_CLOSING[sign])
        elif sign in _QUOTES:
            lacking.append(sign)
    return lacking[::-1]
