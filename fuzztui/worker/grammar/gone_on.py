"""Texts that go on behind their end, or before what closes them, where a program wanted another element of what it had
made of one: a token, mostly.

It has taken the text apart by itself, as with a regular expression, so where the list of tokens has come to its end
nothing tells where in the text that is, nor what was wanted. A sign that it knows does so as soon as it is compared.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.mutate.operands import ENDED, Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_GONE_ON: Final = 80
"""Inputs that one entry leads to."""

_MAX_SIGNS: Final = 12
_MAX_WORDS: Final = 8
_MAX_PLACES: Final = 3
_MAX_TEXT: Final = 2048
_FILLERS: Final = ("1", "a")
_CLOSING: Final = ")]}>"


def gone_on(
    arguments: Arguments, comparisons: Sequence[Comparison], max_len: int, signs: Sequence[str], words: Sequence[str]
) -> Iterator[Arguments]:
    """At most `MAX_GONE_ON` inputs of total size up to `max_len` with one token more, directly or behind a blank:
    `signs` that the program compares with, a number, a name, and its `words`.
    """
    if any(operator == ENDED for operator, _, _ in comparisons):
        tokens = [*_FILLERS, *signs[:_MAX_SIGNS], *words[:_MAX_WORDS]]
        yield from edited_texts(arguments, max_len, MAX_GONE_ON, _MAX_TEXT, lambda text: _gone_on(text, tokens))


def _gone_on(text: str, tokens: Sequence[str]) -> Iterator[str]:
    places = [len(text)]
    while len(places) < _MAX_PLACES and text[places[-1] - 1 : places[-1]] in _CLOSING and places[-1]:
        places.append(places[-1] - 1)
    for token in tokens:
        for at in places:
            is_joined = text[at - 1 : at].isalnum() and token[:1].isalnum()
            for between in (" ", "") if is_joined else ("", " "):
                yield text[:at] + between + token + text[at:]
