"""Texts that a program splits, with as many pieces as it wants.

A program that splits a text compares the number of its pieces with the one that it needs. That number stands nowhere in
the input: so many pieces have to be there. Where the program makes a set of them, or has them in an order, they have to
differ: so each goes on from the one before, too, as 1, 2, 3.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_MADE: Final = 120
"""Inputs that the numbers of pieces of one entry lead to."""

_MAX_PIECES: Final = 16
_MAX_NUMBERS: Final = 6
_MAX_SIGN: Final = 3
_MAX_ALIKE: Final = 4
_MAX_DIGITS: Final = 64
"""Of a number that others follow: Python reads no number of thousands of digits."""

_USUAL: Final = (" ", ",", ";", ":", "\n", "\t", "|", "/")

_WORD: Final = re.compile(r"[^\W_]+", re.ASCII)
_AFTER_LAST: Final = {"z": "a", "Z": "A", "9": "0"}


def wanted_pieces(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_MADE` inputs of total size up to `max_len` in which a text that was split has another number of
    pieces.
    """
    numbers = _numbers(comparisons)
    if not numbers:
        return
    split = list(_split(comparisons))
    room = max_len - sum(map(size, arguments))
    seen: set[Any] = set()
    for turn in range(_MAX_ALIKE):
        for index, value in enumerate(arguments):
            if type(value) is not bytes and type(value) is not str:
                continue
            for changed in _with_pieces(value, split, numbers, turn):
                if changed not in seen and len(changed) - len(value) <= room:
                    seen.add(changed)
                    yield (*arguments[:index], changed, *arguments[index + 1 :])
                    if len(seen) == MAX_MADE:
                        return


def _with_pieces(
    value: Any, split: Sequence[tuple[Any, Any]], numbers: Sequence[tuple[int, int]], turn: int
) -> Iterator[Any]:
    """A value with other numbers of pieces: in the first turn where what was split stands first, in the next ones where
    it stands last, last but one, and so on.
    """
    for text, sign in (*split, *((value, sign) for sign in _USUAL)):
        piece: Any = _like(value, text)
        mark: Any = _like(value, sign)
        if piece is None or mark is None or piece not in value:
            continue
        at = value.find(piece) if not turn or not piece else _last(value, piece, turn)
        if at < 0 or (turn and not piece):
            continue
        # Where a text is split at any blanks, the sign is not told.
        parts = piece.split(mark) if piece.strip() else []
        for old, new in numbers:
            # The first piece may be a word with which the others are counted apart.
            apart = len(parts or [value[:0]]) - old
            if apart not in (0, 1):
                continue
            for made in _made(parts or [value[:0]], new + apart):
                yield value[:at] + mark.join(made) + value[at + len(piece) :] if piece else mark.join(made)


def _last(value: Any, piece: Any, turn: int) -> int:
    """Where a piece stands for the so-manyth time from the end; -1 if it does not stand so often beside the first."""
    at, first = len(value) + len(piece), value.find(piece)
    for _ in range(turn):
        at = value.rfind(piece, 0, max(0, at - 1 + len(piece)))
        if at <= first:
            return -1
    return at


def _made(parts: list[Any], count: int) -> Iterator[list[Any]]:
    if count <= len(parts):
        yield parts[:count]
        yield parts[-count:]
        return
    more = count - len(parts)
    blank = parts[0][:0]
    filler: Any = "1" if isinstance(blank, str) else b"1"
    if not any(parts):
        yield [filler] * count
        yield _counting(filler, count)
    yield [*parts, *[parts[-1]] * more]
    for each in dict.fromkeys((parts[0], filler, blank)):
        yield [*parts, *[each] * more]
    if any(parts):
        first = parts[0]
        yield [*parts[:-1], *_counting(parts[-1], more + 1)]
        yield [first, *_counting(next_of(first), count - 1)]  # what is there may be the same already
    yield [*[parts[0]] * more, *parts]


def _counting(piece: Any, count: int) -> list[Any]:
    """So many pieces, each the next one of the one before."""
    return list(accumulate(repeat(piece, count), lambda last, _: next_of(last)))


def next_of(piece: Any) -> Any:
    """A piece whose first word is the next one: the number that follows, or with the letter that follows at its end."""
    text = piece if isinstance(piece, str) else piece.decode("latin-1")
    found = _WORD.search(text)
    if found is None:
        return piece
    word = found[0]
    if word.isdigit():
        if len(word) > _MAX_DIGITS:
            return piece
        word = str(int(word) + 1).rjust(len(word), "0")
    else:
        word = word[:-1] + (_AFTER_LAST.get(word[-1]) or chr(ord(word[-1]) + 1))
    made = text[: found.start()] + word + text[found.end() :]
    return made if isinstance(piece, str) else made.encode("latin-1")


def _numbers(comparisons: Sequence[Comparison]) -> list[tuple[int, int]]:
    """Small numbers that were compared, and what they should be."""
    found: dict[tuple[int, int], None] = {}
    for operator, left, right in comparisons:
        if operator not in ("==", "!=", "in", "not in", "of", *ORDERINGS) or type(left) is not int:
            continue
        wanted = right if type(right) is tuple else (right,)
        for each in wanted:
            if type(each) is int:
                for new in (each, *((each + 1, each - 1) if operator in ORDERINGS else ())):
                    if 0 <= left <= _MAX_PIECES and 0 < new <= _MAX_PIECES and left != new:
                        found.setdefault((left, new))
    return list(found)[-_MAX_NUMBERS:][::-1]


def _split(comparisons: Sequence[Comparison]) -> Iterator[tuple[Any, Any]]:
    """Texts that signs were looked for in, the last ones first."""
    for operator, left, right in reversed(comparisons):
        if operator == "in":
            sign, text = scalar_of(left), scalar_of(right)
            if isinstance(sign, bytes | str) and type(text) is type(sign) and 0 < len(sign) <= _MAX_SIGN and text:
                yield text, sign


def _like(value: Any, text: Any) -> Any:
    """A text of the type of a value; None if there is none."""
    if type(text) is type(value):
        return text
    try:
        return text.encode("latin-1") if isinstance(text, str) else text.decode("latin-1")
    except UnicodeEncodeError:
        return None
