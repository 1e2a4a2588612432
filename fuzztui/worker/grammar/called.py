"""Texts with more words, or fewer, behind the name of a function that was called with another number of arguments than
it takes: Python says so, and many programs leave it to that.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.mutate.operands import NUMBER_OF_ARGUMENTS, Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_CALLED: Final = 120
"""Inputs that the numbers of arguments of one entry lead to."""

_FILLERS: Final = ("1", "a")
_MAX_FILLERS: Final = 6
_MAX_PLACES: Final = 4
_MAX_SIGNS: Final = 4
_MAX_TEXT: Final = 2048

_WORD: Final = re.compile(r"\w+")
_ARGUMENT: Final = re.compile(r"\W*\w+")


def with_called(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, fillers: Sequence[str], signs: Sequence[str]
) -> Iterator[Arguments]:
    """At most `MAX_CALLED` inputs of total size up to `max_len`, the last calls first; `fillers`: what may be an
    argument; `signs`: what texts were split at.
    """
    calls = [(right, left) for operator, left, right in reversed(comparisons) if operator == NUMBER_OF_ARGUMENTS]
    if calls:
        words = list(dict.fromkeys((_FILLERS[0], *reversed(fillers), *_FILLERS)))[:_MAX_FILLERS]
        between = list(dict.fromkeys((" ", *signs, ",")))[:_MAX_SIGNS]
        yield from edited_texts(
            arguments, max_len, MAX_CALLED, _MAX_TEXT, lambda text: _called(text, calls, words, between)
        )


def _called(
    text: str, calls: Sequence[tuple[object, object]], fillers: Sequence[str], signs: Sequence[str]
) -> Iterator[str]:
    words = list(_WORD.finditer(text))
    for name, more in calls:
        if type(name) is not str or type(more) is not int:
            continue
        own = [word for word in words if word[0].lower() in name.lower()]
        places = [word.end() for word in sorted(own, key=lambda word: (len(word[0]), word.start()), reverse=True)]
        places = places[:_MAX_PLACES] or [len(text)]
        for filler in fillers if more > 0 else ():
            for sign in signs:
                for at in places:
                    yield text[:at] + (sign + filler) * more + text[at:]
        for at in places if more < 0 else ():
            for found in list(_ARGUMENT.finditer(text, at))[: 1 - more]:
                yield text[: found.start()] + text[found.end() :]
