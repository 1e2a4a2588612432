"""Lists whose parts are preceded by their lengths, and which are preceded by their number: one part more, or another.

All in digits: `*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n` has two parts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.counted import Counted, counted, recounted
from fuzztui.worker.grammar.elements import marks_of
from fuzztui.worker.grammar.marked import with_copies
from fuzztui.worker.mutate.operands import Comparison, elements_of
from fuzztui.worker.mutate.scalars import scalar_of
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_GROWN: Final = 80
"""Inputs that the counted parts of one entry lead to."""

_MAX_PARTS: Final = 8
_MAX_MORE: Final = 3
_MAX_TEXTS: Final = 16
_MAX_SIZE: Final = 1024


def grown_lists(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_GROWN` inputs of total size up to `max_len`: counted parts filled with what nothing was compared
    with, and lists with more parts.
    """
    room = max_len - sum(map(size, arguments))
    count = 0
    for index, value in enumerate(arguments):
        if (type(value) is not bytes and type(value) is not str) or len(value) > _MAX_SIZE:
            continue
        marks = marks_of(comparisons)
        if marks:
            text = value if isinstance(value, str) else value.decode("latin-1")
            for copied in with_copies(text, marks):
                if count < MAX_GROWN and len(copied) - len(value) <= room:
                    count += 1
                    made: Any = copied if isinstance(value, str) else copied.encode("latin-1")
                    yield (*arguments[:index], made, *arguments[index + 1 :])
        parts = counted(value)
        if not parts:
            continue
        for changed in (*_filled(value, parts, comparisons), *_grown(value, parts)):
            if count < MAX_GROWN and len(changed) - len(value) <= room:
                count += 1
                yield (*arguments[:index], changed, *arguments[index + 1 :])


def _filled(value: Any, parts: Sequence[Counted], comparisons: Sequence[Comparison]) -> Iterator[Any]:
    """Empty parts with what an empty text was compared with."""
    empty = [part for part in parts if part.begin == part.stop][:_MAX_PARTS]
    for text in _wanted_of_nothing(comparisons) if empty else ():
        new: Any = text if isinstance(value, str) else text.encode("utf-8", "surrogatepass")
        for part in empty:
            yield from recounted(value, part.begin, part.stop, new)


def _wanted_of_nothing(comparisons: Sequence[Comparison]) -> list[str]:
    found: dict[str, None] = {}
    for operator, left, right in comparisons:
        if operator in ("==", "!=", "of", "in"):
            for one, other in ((left, right), (right, left)):
                if one in ("", b""):
                    for each in (scalar_of(other), *map(scalar_of, elements_of(other))):
                        text = each.decode("latin-1") if isinstance(each, bytes) else each
                        if isinstance(text, str) and text:
                            found.setdefault(text)
    return list(found)[:_MAX_TEXTS]


def _grown(value: Any, parts: Sequence[Counted]) -> Iterator[Any]:
    """A part repeated, and a number before it that counts no part raised by as many."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    own = {part.start for part in parts if part.stop > part.begin}
    for part in parts[-_MAX_PARTS:]:
        begin = part.start - 1 if part.start and not text[part.start - 1].isalnum() else part.start
        signs = text[part.end : part.begin]
        stop = part.stop + len(signs) if signs.isspace() and text.startswith(signs, part.stop) else part.stop
        for start, end in _numbers(text, part.start):
            if start in own and text[start - 1 : start] == text[part.start - 1 : part.start]:
                continue
            for more in range(1, _MAX_MORE + 1):
                number = str(int(text[start:end]) + more)
                made: Any = number if isinstance(value, str) else number.encode()
                yield value[:start] + made + value[end:stop] + value[begin:stop] * more + value[stop:]


def _numbers(text: str, before: int) -> Iterator[tuple[int, int]]:
    """The last numbers before a place, of at most three digits."""
    count, at = 0, before
    while at > 0 and count < _MAX_MORE:
        at -= 1
        if text[at].isdigit() and text[at].isascii():
            end = at + 1
            while at and text[at - 1].isdigit() and text[at - 1].isascii():
                at -= 1
            if end - at <= _MAX_MORE:
                count += 1
                yield at, end
