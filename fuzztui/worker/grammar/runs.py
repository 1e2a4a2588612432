"""Numbers in a text that stand for so many places, as in a row of a board, `3p4`: with a letter in one of them, or with
one that is there in another place, so that the sum stays what it has to be.

A letter more makes a row too long, and a number less one too short; that both belong together nothing tells.
"""

import re
from collections.abc import Iterator, Sequence
from math import gcd
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.elements import bytes_of, readable
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.scalars import text_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_MADE: Final = 1500
"""Inputs that one entry leads to: there are so many places on a board, and so many letters."""

_MAX_SIGNS: Final = 16
_MAX_SEARCHED: Final = 32
_MAX_MOVED: Final = 8
_MAX_PLACES: Final = 40
"""For which one number may stand."""

_MAX_TEXT: Final = 256

_NUMBER: Final = re.compile(r"(?<!\d)\d{1,2}(?!\d)", re.ASCII)
_AROUND: Final = re.compile(r"(?<!\d)(\d{0,2})([^\W\d])(\d{0,2})(?!\d)", re.ASCII)
"""A letter with the numbers beside it."""


class Letters:
    """Letters among which single ones were looked up, or that were looked for, in any input; the latest last."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def add(self, comparisons: Sequence[Comparison]) -> None:
        """Those of one input."""
        for operator, left, right in comparisons:
            one = text_of(left)
            if len(one) != 1:
                continue
            found = [one] if operator == "lacks" else []
            if operator in ("in", "not in", "of"):
                others = text_of(right) or [each for each in map(text_of, elements_of(right)) if len(each) == 1]
                found = list(others) if len(others) <= _MAX_SEARCHED else []
            for each in found:
                if each.isalpha():
                    self._known.pop(each, None)
                    self._known[each] = None
        for each in list(self._known)[:-_MAX_SIGNS]:
            del self._known[each]

    def latest(self) -> list[str]:
        """The latest first."""
        return list(reversed(self._known))


def with_letters_in_runs(arguments: Arguments, max_len: int, letters: Sequence[str]) -> Iterator[Arguments]:
    """At most `MAX_MADE` inputs of total size up to `max_len`, neighbours with little in common."""
    room = max_len - sum(map(size, arguments))
    for index, value in enumerate(arguments):
        text = readable(value)
        if not text or len(text) > _MAX_TEXT:
            continue
        places = [*_places(text, letters), *_moved(text)]
        for start, stop, new in _scattered(places)[:MAX_MADE]:
            if len(new) - (stop - start) <= room:
                changed = text[:start] + new + text[stop:]
                made: Any = bytes_of(changed) if type(value) is bytes else changed
                yield (*arguments[:index], made, *arguments[index + 1 :])


def wanted_letters(comparisons: Sequence[Comparison]) -> list[str]:
    """Letters that the program wanted where it had nothing, or something else, alone or in a list."""
    found: dict[str, None] = {}
    for operator, left, right in comparisons:
        sides: tuple[object, ...] = ()
        if operator == "wants":
            sides = (left,)
        elif operator in ("==", "!=") and type(left) is tuple and type(right) is tuple and left != right:
            sides = (*left, *right)
        found.update(dict.fromkeys([each for each in map(text_of, sides) if len(each) == 1 and each.isalpha()]))
    return list(found)


def is_counted(comparisons: Sequence[Comparison]) -> bool:
    """Whether a number, which may be a sum of others, was what it had to be."""
    return any(
        operator in ("==", "!=") and type(left) is int and left == right and left > 1
        for operator, left, right in comparisons
    )


def _places(text: str, letters: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(start, stop, what stands there then) of each number, with a letter in each of its places."""
    for number in _NUMBER.finditer(text):
        for new in _with_letter(int(number[0]), letters):
            yield number.start(), number.end(), new


def _moved(text: str) -> Iterator[tuple[int, int, str]]:
    """The same of all the text, with a letter that is there in another place."""
    for around in list(_AROUND.finditer(text))[:_MAX_MOVED]:
        merged = int(around[1] or 0) + 1 + int(around[3] or 0)
        without = text[: around.start()] + str(merged) + text[around.end() :]
        for start, stop, new in _places(without, around[2]):
            yield 0, len(text), without[:start] + new + without[stop:]


def _with_letter(number: int, letters: Sequence[str]) -> Iterator[str]:
    for before in range(min(number, _MAX_PLACES)):
        for letter in letters:
            yield f"{before or ''}{letter}{number - 1 - before or ''}"


def _scattered(places: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """All of them, each far from the one before."""
    count = len(places)
    step = next((step for step in range(count * 5 // 8 + 1, count) if gcd(step, count) == 1), 1)
    return [places[at * step % count] for at in range(count)]
