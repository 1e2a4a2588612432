"""Lists that a program made of a text and compared as a whole: the pieces that it wanted, joined by the text's signs.

So are numbers, as those of a version.

By which sign a text was split is not known where code in C has done that. It stands between the pieces where there are
several; else those that most formats have are tried.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

_SIGNS: Final = (",", ";", "\t", "|", " ", "\n", ":", "/", "&")
_MAX_SIGN: Final = 3
_MAX_LISTS: Final = 16
_MAX_PLACES: Final = 16
_MOST_PIECES: Final = 32


class _Place(NamedTuple):
    """Where a list stands in a text, or the first pieces of one."""

    start: int
    stop: int
    pieces: int
    signs: tuple[str, ...]
    """Between these."""


def wanted_lists(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """Inputs of total size up to `max_len` in which one list stands in the place of another."""
    room = max_len - sum(map(size, arguments))
    count = 0
    for operator, left, right in comparisons:
        if operator not in ("==", "!="):
            continue
        one, other = _texts(left), _texts(right)
        for old, new in ((one, other), (other, one)):
            if old is None or not new or old == new or count >= _MAX_LISTS:
                continue
            for index, value in enumerate(arguments):
                if type(value) is not bytes and type(value) is not str:
                    continue
                for changed in _replaced(value, old, new):
                    if len(changed) - len(value) <= room:
                        count += 1
                        yield (*arguments[:index], changed, *arguments[index + 1 :])


def _texts(operand: object) -> list[str] | None:
    """The texts and numbers among the elements of a sequence, as they are spelled, unless it is long; None for anything
    else.
    """
    if type(operand) is not tuple and type(operand) is not list:
        return None
    found = [each.decode("latin-1") if isinstance(each, bytes) else each for each in elements_of(operand)]
    found = [str(each) if type(each) is int else each for each in found]
    return [each for each in found if isinstance(each, str)] if len(found) <= _MOST_PIECES else None


def _replaced(value: Any, old: Sequence[str], new: Sequence[str]) -> Iterator[Any]:
    text = value if isinstance(value, str) else value.decode("latin-1")
    found = max(_places(text, old), key=lambda place: place.pieces, default=None)
    if found is None or (found.pieces == 1 < len(old) and all(map(str.isdigit, old))):
        return  # a single digit stands in many places
    for sign in found.signs or _SIGNS:
        changed = text[: found.start] + sign.join(new) + text[found.stop :]
        yield changed if isinstance(value, str) else changed.encode("utf-8" if not changed.isascii() else "ascii")


def _places(text: str, old: Sequence[str]) -> Iterator[_Place]:
    """Where the first pieces of a list stand one behind the other, with signs between them."""
    if not old:  # a text was split into nothing, as a blank line is
        yield _Place(0, 0, 0, ())
        return
    start = text.find(old[0])
    for _ in range(_MAX_PLACES):
        if start < 0:
            return
        signs: dict[str, None] = {}
        at, pieces = start + len(old[0]), 1
        for piece in old[1:]:
            found = text.find(piece, at + (not piece), at + _MAX_SIGN + len(piece))  # a sign stands before nothing, too
            if found < 0 or any(map(str.isalnum, text[at:found])):
                break
            signs.setdefault(text[at:found])
            at = found + len(piece)
            pieces += 1
        yield _Place(start, at, pieces, tuple(signs))
        start = text.find(old[0], start + 1)
