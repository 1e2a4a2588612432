"""Elements of markup where others of their kind stand: one with the same name in the place of another, and one beside
another that differs from it in a key that is lacking.

What is read alike is spelled alike: a value may be what another value is, and a member has the form of its neighbours.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.copied import lacking_beside
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

_MAX_AROUND: Final = 3
"""Elements around a key, the innermost first, of which one may be what has that key."""

Span: TypeAlias = tuple[int, int]
"""(start, stop) in a text."""


def in_place_of_the_same(
    text: str, places: Sequence[tuple[str, Span]], known: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """The text with known elements, (name, whole), in the places of those that have the same name."""
    for there, (start, stop) in places:
        for name, whole in known:
            if there == name and text[start:stop] != whole:
                yield text[:start] + whole + text[stop:]


def with_other_keys(
    text: str, values: Sequence[Span], places: Sequence[Span], comparisons: Sequence[Comparison]
) -> Iterator[str]:
    """The text with one element more, behind one that has a key in it which the program knows: the same with a key in
    that one's place which it has looked for beside it in vain. `values`: where keys may stand; `places`: the elements.
    """
    for there, lacking in lacking_beside(comparisons):
        for start, stop in values:
            if text[start:stop] != there:
                continue
            around = sorted([each for each in places if each[0] <= start and stop <= each[1]], key=_length)
            for first, end in around[:_MAX_AROUND]:
                for key in lacking:
                    yield text[:end] + text[first:start] + key + text[stop:end] + text[end:]


def _length(span: Span) -> int:
    return span[1] - span[0]
