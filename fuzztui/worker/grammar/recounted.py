"""Pieces of a text once more, or left out, together with a number in digits that says how many there are.

A count of lines, or of other pieces, stands anywhere: in a head, in the last line. Where a number was what it had to
be it may be one, and one piece more or less is refused unless the number is another one, too.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.edited import edited_texts
from fuzztui.worker.grammar.elements import in_turns
from fuzztui.worker.grammar.moved import Place, places
from fuzztui.worker.grammar.pieces import next_of
from fuzztui.worker.grammar.statements import ends_of
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_RECOUNTED: Final = 60
"""Inputs that the counts of one entry lead to."""

_LARGEST: Final = 99
_MAX_PLACES: Final = 3
_MAX_PIECES: Final = 6
_MAX_TEXT: Final = 2048


def recounted(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_RECOUNTED` inputs of total size up to `max_len`, the last pieces first."""
    right = {left for operator, left, _ in comparisons if operator in ("==", "!=") and _is_small(left)}
    equal = {one for operator, one, other in comparisons if operator in ("==", "!=") and one == other and one in right}
    if equal:
        yield from edited_texts(
            arguments,
            max_len,
            MAX_RECOUNTED,
            _MAX_TEXT,
            lambda text: _recounted(text, equal, ends_of(text, comparisons)),
        )


def _is_small(number: object) -> bool:
    return type(number) is int and 0 <= number <= _LARGEST


def _recounted(text: str, equal: set[object], ends: Sequence[str]) -> Iterator[str]:
    counts = [place for place in places(text) if place.value in equal and not place.is_date][:_MAX_PLACES]
    yield from in_turns([_of_one(text, place, end) for end in ends for place in counts])


def _of_one(text: str, count: Place, end: str) -> Iterator[str]:
    """With pieces between such signs."""
    there = text.split(end)
    own = text.count(end, 0, count.start)
    start = count.start - sum(len(each) + len(end) for each in there[:own])
    for more in (1, -1):
        new = str(count.value + more).rjust(count.stop - count.start, "0")
        pieces = [*there]
        pieces[own] = there[own][:start] + new + there[own][start + count.stop - count.start :]
        for at in (
            [at for at in range(len(there) - 1, -1, -1) if at != own][:_MAX_PIECES] if count.value + more >= 0 else []
        ):
            if more < 0:
                yield end.join([*pieces[:at], *pieces[at + 1 :]])
                continue
            for piece in dict.fromkeys((next_of(there[at]), there[at])):
                yield end.join([*pieces[: at + 1], piece, *pieces[at + 1 :]])
