"""Values of a text made empty: what is there is right, and what is not is hardly ever looked at. A word is left out, or
gives way to quotes with nothing in them, if the program knows such.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_EMPTIED: Final = 60
"""Inputs that one entry leads to."""

_MAX_TEXT: Final = 1024
_QUOTES: Final = ("'", '"')
_VALUE: Final = re.compile(r""""[^"\n]+"|'[^'\n]+'|\w+""")


def emptied_values(arguments: Arguments, max_len: int, signs: Sequence[str]) -> Iterator[Arguments]:
    """At most `MAX_EMPTIED` inputs of total size up to `max_len` without one of its values, the last first. `signs`:
    those that the program compares something with.
    """
    quoted = [2 * quote for quote in _QUOTES if quote in signs]
    yield from edited_texts(arguments, max_len, MAX_EMPTIED, _MAX_TEXT, lambda text: _emptied(text, (*quoted, "")))


def _emptied(text: str, fillers: Sequence[str]) -> Iterator[str]:
    for start, stop in [match.span() for match in _VALUE.finditer(text)][::-1]:
        for filler in fillers:
            yield text[:start] + filler + text[stop:]
