"""Texts that a program has put together of a word of the input and what it puts before or behind it: `f"do_{word}"`."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import eq
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.scalars import Scalar

__builtins__ = PRIVATE_BUILTINS

MAX_AFFIXED: Final = 64
"""Characters of an operand that may be put together of the input's and of the program's."""

MAX_FORMED: Final = 16
"""Characters of one that may have another form than others in the same table."""

_MAX_BEGINNINGS: Final = 2
"""The longest ones after which what follows is taken for the input's."""


def without_affixes(old: Any, news: Sequence[Scalar]) -> Iterator[tuple[Any, list[Scalar]]]:
    """(what is left of a text, what is left of those that begin or end as it does) without what the program may have
    put there. That ends where a word does, as in `do_` or `visitName`; where none ends, it is what all have in common.
    Nothing if they have nothing in common.
    """
    texts: list[Any] = [new for new in news if type(new) is type(old)]
    near = [each for each in texts if _is_near(old, each)]
    if not near or len(old) > MAX_AFFIXED:
        return
    beginnings = _beginnings(old, near) or [(0, [each for each in near if _ending(old, [each])])]
    for start, alike in beginnings:
        end = _ending(old[start:], [each[start:] for each in alike])
        if start or end:
            yield _within(old, start, end), [_within(each, start, end) for each in alike]
    if not any(alike for _, alike in beginnings):
        start = min(_common(old, each) for each in texts)
        end = min(_common(old[start:][::-1], each[start:][::-1]) for each in texts)
        if start or end:
            yield _within(old, start, end), [_within(each, start, end) for each in texts]


def out_of_form(old: Any, news: Sequence[Scalar]) -> Iterator[tuple[Any, list[Scalar]]]:
    """(a sign of a text, those that others have in its place) where all others are as long, and have something else
    there, such as letters in the place of a dash: the program may have put the rest there. Nothing of single signs, of
    long texts, or where there are none. Hot: hardly any are alike in that.
    """
    if not 1 < len(old) <= MAX_FORMED:
        return
    texts: list[Any] = [new for new in news if type(new) is type(old)]
    if old in texts or {*map(len, texts)} != {len(old)}:
        return
    for at in range(len(old)):
        sign, others = old[at : at + 1], list(dict.fromkeys([each[at : at + 1] for each in texts]))
        if len({*map(_kind, others)}) == 1 and _kind(sign) != _kind(others[0]):
            yield sign, others


def _kind(sign: Any) -> int:
    """Of a single character: a letter, a digit, or another sign."""
    return 0 if sign.isalpha() else 1 if sign.isdigit() else 2


def is_alike(old: Any, new: Any) -> bool:
    """Whether two texts begin or end alike, up to where a word does."""
    return _is_near(old, new) and bool(_beginnings(old, [new]) or _ending(old, [new]))


def _is_near(old: Any, new: Any) -> bool:
    """Whether two texts may begin or end alike. Hot: hardly any do."""
    return bool(new[:1] == old[:1] or new[-1:] == old[-1:])


def _beginnings(old: Any, texts: Sequence[Any]) -> list[tuple[int, list[Any]]]:
    """(length, the texts that begin so) of the longest ones that some have, each of other texts."""
    common = [_common(old, each) for each in texts]
    lengths = {
        at
        for each, most in zip(texts, common, strict=True)
        for at in range(1, most + 1)
        if _ends_word(old, at) or _ends_word(each, at)
    }
    found: list[tuple[int, list[Any]]] = []
    for length in sorted(lengths, reverse=True):
        alike = [each for each, most in zip(texts, common, strict=True) if most >= length]
        if not found or len(alike) > len(found[-1][1]):
            found.append((length, alike))
    return found[:_MAX_BEGINNINGS]


def _ending(old: Any, texts: Sequence[Any]) -> int:
    """Length of what they all end in, from where a word begins."""
    most = min((_common(old[::-1], each[::-1]) for each in texts), default=0)
    return next((at for at in range(most, 0, -1) if _begins_word(old, len(old) - at)), 0)


def _within(text: Any, start: int, end: int) -> Any:
    return text[start : len(text) - end]


def _common(one: Any, other: Any) -> int:
    """Length of what both begin with."""
    return sum(takewhile(bool, map(eq, one, other)))


def _ends_word(text: Any, at: int) -> bool:
    return _is_sign(text[at - 1 : at]) or _is_hump(text, at)


def _begins_word(text: Any, at: int) -> bool:
    return _is_sign(text[at : at + 1]) or _is_hump(text, at)


def _is_sign(one: Any) -> bool:
    return len(one) == 1 and not one.isalnum()


def _is_hump(text: Any, at: int) -> bool:
    return bool(text[at - 1 : at].islower() and text[at : at + 1].isupper())
