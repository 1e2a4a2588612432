"""Bytes and texts: fewer elements, then plainer ones. Both are sequences that are cut and joined alike."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeVar

from fuzztui.engine.shrinking import integer
from fuzztui.engine.shrinking.search import Search, first_of, until_nothing_changes, within

S = TypeVar("S", bytes, str)

WINDOWED: Final = 128
"""Elements of a value of which parts at every place are left out: their number grows with the square."""

SHORT: Final = 4
"""Elements of chunks that are tried in every size."""

ENCLOSED: Final = 64
"""Elements of a value of which parts at both ends, or near each other, are left out."""

ENCLOSING: Final = 16
"""Elements of such a part at an end."""

FARTHEST: Final = 64
"""Elements between two that are left out together, and behind a length that is lowered."""


def chunks_left_out(value: S) -> Search[S]:
    """Without every chunk that is not needed: half of the value, then quarters, down to single elements."""
    size = len(value)
    while size:
        value = yield from _without_chunks(value, size)
        size >>= 1
    return value


def _without_chunks(value: S, size: int) -> Search[S]:
    end = len(value)
    while end > 0:
        # From the back, since what stands in front decides more often how the rest is read.
        cut = _cutting(value, size)
        at = yield from within(first_of(0, iter(range(end, 0, -size))), cut)
        if at == 0:
            return value
        value = cut(at)
        end = at - size
    return value


def _cutting(value: S, size: int) -> Callable[[int], S]:
    """Leaves out so many elements in front of a position."""
    return lambda at: value[: max(0, at - size)] + value[at:]


def windows_left_out(value: S) -> Search[S]:
    """Without a part of any length at any place, in a value that is short enough for that."""
    if len(value) > WINDOWED:
        return value
    sizes = range(min(FARTHEST, len(value)) // 2, 1, -1)
    parts = ((start, start + size) for size in sizes for start in range(len(value) - size, -1, -1))
    return (yield from first_of(value, (value[:start] + value[end:] for start, end in parts)))


def ends_left_out(value: S) -> Search[S]:
    """Without pairs of elements that need each other, such as brackets: as far apart from both ends, or near."""
    length = len(value)

    def pairs() -> Iterator[S]:
        for first in range(length):
            mirror = length - 1 - first
            near = range(first + 1, min(length, first + FARTHEST))
            for second in chain([mirror] if first < mirror else [], near):
                yield value[:first] + value[first + 1 : second] + value[second + 1 :]

    return (yield from first_of(value, pairs()))


def both_ends_left_out(value: S) -> Search[S]:
    """Without parts of any two lengths at both ends, as of what encloses the rest."""
    if len(value) > ENCLOSED:
        return value
    lengths = range(min(ENCLOSING, len(value) // 2), 0, -1)
    pairs = ((first, last) for first in lengths for last in lengths if first + last < len(value))
    return (yield from first_of(value, (value[first : len(value) - last] for first, last in pairs)))


def near_parts_left_out(value: S) -> Search[S]:
    """Without two short parts that are close to each other."""
    if len(value) > ENCLOSED:
        return value

    def without() -> Iterator[S]:
        for first in range(len(value)):
            for size in range(SHORT - 1, 0, -1):
                for gap in range(1, SHORT + 1):
                    second = first + size + gap
                    for other in range(SHORT - 1, 0, -1):
                        if size + other > 2 and second + other <= len(value):  # single ones have been left out already
                            yield value[:first] + value[first + size : second] + value[second + other :]

    return (yield from first_of(value, without()))


def hoisted(value: S, brackets: "dict[S, S]") -> Search[S]:
    """With bracketed parts in place of those that they stand in; `brackets`: opening -> closing ones."""
    while True:
        found = yield from first_of(value, _with_hoisted(value, brackets))
        if found == value:
            return value
        value = found


def _with_hoisted(value: S, brackets: "dict[S, S]") -> Iterator[S]:
    parts = [(0, len(value)), *_bracketed(value, brackets)]
    for start, end in parts:
        inner = [part for part in parts if start <= part[0] and part[1] <= end and part != (start, end)]
        for inner_start, inner_end in inner[-FARTHEST:]:  # the innermost first, which leave out the most
            yield value[:start] + value[inner_start:inner_end] + value[end:]


def _bracketed(value: S, brackets: "dict[S, S]") -> list[tuple[int, int]]:
    """Where bracketed parts begin and end, the longest first."""
    parts: list[tuple[int, int]] = []
    opened: list[tuple[S, int]] = []
    for at in range(len(value)):
        element = value[at : at + 1]
        if opened and element == brackets[opened[-1][0]]:
            parts.append((opened.pop()[1], at + 1))
        elif element in brackets:
            opened.append((element, at))
    return sorted(parts, key=lambda part: part[0] - part[1])


def replaced(value: S, plain: S) -> Search[S]:
    """Chunks, then single elements, replaced by the plainest one: so many of them, or a single one."""
    size = len(value)
    while size:
        start = 0
        while start < len(value):
            before, chunk, after = value[:start], value[start : start + size], value[start + size :]
            lengths = (1, len(chunk)) if 1 < len(chunk) <= FARTHEST else (len(chunk),)
            fillings = [plain[:1] * length for length in lengths]
            value = yield from first_of(value, (before + one + after for one in fillings if one != chunk))
            start += size if size > SHORT else 1
        size = max(SHORT, size >> 1) if size > SHORT else size - 1
    return value


def all_alike_replaced(value: S, plainer: Callable[[S], Iterator[S]]) -> Search[S]:
    """Elements that occur more than once made plainer together, as the two ends of a name are."""
    for at in range(len(value)):
        element = value[at : at + 1]
        if value.count(element) > 1:
            value = yield from first_of(value, (value.replace(element, other) for other in plainer(element)))
    return value


def plainer_elements(value: S, plainer: Callable[[S], Iterator[S]]) -> Search[S]:
    """Each element made as plain as it can be; `plainer`: elements that are plainer than one, the plainest first."""
    for at in range(len(value)):
        before, after = value[:at], value[at + 1 :]
        alternatives = (before + other + after for other in plainer(value[at : at + 1]))
        value = yield from first_of(value, alternatives)
    return value


def lower_numbers(value: S, number: "re.Pattern[S]", write: Callable[[int], S]) -> Search[S]:
    """Decimal numbers in the value, towards 0; of those in a row only the digits of one at a time change."""
    start = 0
    while (match := number.search(value, start)) is not None:
        before, after = value[: match.start()], value[match.end() :]
        whole = _around(before, after, write)
        found = yield from within(integer.shrink(int(match.group())), whole)
        if found != int(match.group()):
            value = whole(found)
            start = match.start() + len(write(found))
        else:
            start = match.end()
    return value


def lower_counts(value: S, number: "re.Pattern[S]", write: Callable[[int], S]) -> Search[S]:
    """Decimal numbers that may say how much follows lowered, together with the removal of as much behind them."""
    while True:
        found = yield from first_of(value, _with_lower_count(value, number, write))
        if found == value:
            return value
        value = found


def _with_lower_count(value: S, number: "re.Pattern[S]", write: Callable[[int], S]) -> Iterator[S]:
    for match in number.finditer(value):
        yield from with_less_behind(value, match.start(), match.end(), int(match.group()), write)


def with_less_behind(value: S, at: int, end: int, number: int, write: Callable[[int], S]) -> Iterator[S]:
    """With a number that stands between `at` and `end` lowered, and as many elements left out somewhere behind it."""
    rest: int = len(value) - end
    if not 0 < number <= rest:
        return
    less: int
    for less in dict.fromkeys((number, number // 2 or 1, 1)):
        before = value[:at] + write(number - less)
        for gap in dict.fromkeys((0, number - less, *range(1, min(FARTHEST, rest - less + 1)))):
            start = end + gap
            if start + less <= len(value):
                yield before + value[end:start] + value[start + less :]


def _around(before: S, after: S, write: Callable[[int], S]) -> Callable[[int], S]:
    return lambda number: before + write(number) + after


def shrink_sequence(
    value: S,
    plain: S,
    plainer: Callable[[S], Iterator[S]],
    brackets: "dict[S, S]",
    more: Sequence[Callable[[S], Search[S]]],
) -> Search[S]:
    """The shortest and plainest sequence that fails.

    `plain`: elements in order of plainness; `plainer`: those that are plainer than one; `brackets`: opening -> closing
    ones; `more`: passes that only this kind of sequence has.
    """
    value = yield from first_of(value, iter([value[:0]] if value else []))
    shorten: list[Callable[[S], Search[S]]] = [lambda sequence: hoisted(sequence, brackets), chunks_left_out]
    simplify: list[Callable[[S], Search[S]]] = [
        lambda sequence: replaced(sequence, plain),
        lambda sequence: all_alike_replaced(sequence, plainer),
        lambda sequence: plainer_elements(sequence, plainer),
        windows_left_out,
        ends_left_out,
        both_ends_left_out,
        near_parts_left_out,
    ]
    return (yield from until_nothing_changes(value, list(chain(shorten, more, simplify))))
