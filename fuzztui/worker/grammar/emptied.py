"""Values of a text made empty: what is there is right, and what is not is hardly ever looked at. A word is left out, or
gives way to quotes with nothing in them, if the program knows such.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of, readable
from fuzztui.worker.mutate.sizes import Arguments, size

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
    room = max_len - sum(map(size, arguments))
    quoted = [2 * quote for quote in _QUOTES if quote in signs]
    count = 0
    for index, value in enumerate(arguments):
        text = readable(value)
        if not text or len(text) > _MAX_TEXT:
            continue
        for start, stop in [match.span() for match in _VALUE.finditer(text)][::-1]:
            for new in (*quoted, ""):
                if len(new) - (stop - start) <= room:
                    changed: Any = text[:start] + new + text[stop:]
                    changed = bytes_of(changed) if type(value) is bytes else changed
                    yield (*arguments[:index], changed, *arguments[index + 1 :])
                    count += 1
                    if count == MAX_EMPTIED:
                        return
