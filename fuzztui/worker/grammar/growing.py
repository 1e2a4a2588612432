"""Lists whose parts are preceded by their lengths, and which are preceded by their number: one part more, or another.

All in digits: `*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n` has two parts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.counted import Counted, counted, recounted, spelled
from fuzztui.worker.grammar.elements import in_turns, marks_of
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
_MAX_WORD: Final = 24
_FILLER: Final = "a"
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
        for changed in in_turns([_filled(value, parts, comparisons), _grown(value, parts)]):
            if count < MAX_GROWN and len(changed) - len(value) <= room:
                count += 1
                yield (*arguments[:index], changed, *arguments[index + 1 :])


def _filled(value: Any, parts: Sequence[Counted], comparisons: Sequence[Comparison]) -> Iterator[Any]:
    """Parts with what their texts were compared with, the last ones first."""
    wanted = _wanted_of(comparisons)
    for part in reversed(parts):
        text = value[part.begin : part.stop]
        text = text if isinstance(text, str) else text.decode("latin-1")
        for other in wanted.get(text, ()):
            new: Any = other if isinstance(value, str) else other.encode("utf-8", "surrogatepass")
            yield from recounted(value, part.begin, part.stop, new)
            several = [
                each for each in reversed(parts) if value[each.begin : each.stop] == value[part.begin : part.stop]
            ]
            if len(several) > 1 and part is several[0]:
                yield _everywhere(value, several, new)


def _everywhere(value: Any, parts: Sequence[Counted], new: Any) -> Any:
    """With all of these parts, the last first, replaced: what has one name is one thing."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    for part in parts:
        length: Any = spelled(text, len(new), part.base)
        length = length if isinstance(value, str) else length.encode()
        value = value[: part.start] + length + value[part.end : part.begin] + new + value[part.stop :]
    return value


def _wanted_of(comparisons: Sequence[Comparison]) -> dict[str, dict[str, None]]:
    """By a short text what it was compared with, at most so many."""
    found: dict[str, dict[str, None]] = {}
    for operator, left, right in comparisons:
        if operator in ("==", "!=", "of", "in"):
            for one, other in ((left, right), (right, left)):
                text = _text(one)
                if text is not None and len(text) <= _MAX_WORD:
                    alternatives = found.setdefault(text, {})
                    for each in map(_text, (other, *elements_of(other))):
                        # A single sign is mostly what lies around parts, and none of them.
                        if each and each != text and (not text or len(each) > 1) and len(alternatives) < _MAX_TEXTS:
                            alternatives.setdefault(each)
    return found


def _text(operand: object) -> str | None:
    scalar = scalar_of(operand)
    text = scalar.decode("latin-1") if isinstance(scalar, bytes) else scalar
    return text if isinstance(text, str) else None


def _grown(value: Any, parts: Sequence[Counted]) -> Iterator[Any]:
    """A part repeated, and a number before it that counts no part raised by as many; or left as it is, at the end of a
    text that may have less than the number says.
    """
    text = value if isinstance(value, str) else value.decode("latin-1")
    own = {part.start for part in parts if part.stop > part.begin}
    for part in parts[-_MAX_PARTS:]:
        begin = part.start - 1 if part.start and not text[part.start - 1].isalnum() else part.start
        signs = text[part.end : part.begin]
        stop = part.stop + len(signs) if signs.isspace() and text.startswith(signs, part.stop) else part.stop
        same = value[begin:stop]
        filler: Any = text[begin : part.start] + spelled(text, 1, part.base) + text[part.end : part.begin] + _FILLER
        filler += text[part.stop : stop]
        filler = filler if isinstance(value, str) else filler.encode("latin-1")
        others = dict.fromkeys((filler, same))
        if stop == len(text):
            yield from (value + other * more for more in range(1, _MAX_MORE + 1) for other in others)
        for start, end in _numbers(text, part.start):
            if start in own and text[start - 1 : start] == text[part.start - 1 : part.start]:
                continue
            for more in range(1, _MAX_MORE + 1):
                number = str(int(text[start:end]) + more)
                made: Any = number if isinstance(value, str) else number.encode()
                for other in others:
                    yield value[:start] + made + value[end:stop] + other * more + value[stop:]


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
