"""Parts of an input as the program has read them: a number, and so many bytes behind it that something has been read up
to their end.

Whatever divides an input up to its end may do so by chance. What a program has taken for numbers, and where it has
read on, is told by the slices that it took; no layout has to be the same for all parts.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.structure.calls import calls_of, ranges_of_several_sizes
from fuzztui.worker.structure.editing import followed
from fuzztui.worker.structure.parts import MAX_DEPTH, Group, Layout, Part, written
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

_WIDTHS: Final = (1, 2, 3, 4, 8)
_MAX_NUMBERS: Final = 256
_MAX_PARTS: Final = 48


class Extent(NamedTuple):
    """What a number counts."""

    at: int
    """Where the number stands."""
    begin: int
    end: int
    order: ByteOrder
    counted: int
    """Bytes that it counts besides."""


def read_group(data: bytes, slices: Slices) -> Group | None:
    """Data as parts within each other; None if the program has read none."""
    parts = extents_of(data, slices)
    return _group(data, 0, len(data), parts, 0) if parts else None


def read_lengths(data: bytes, slices: Slices) -> list[tuple[int, int]]:
    """(begin, end) of the numbers that count these parts."""
    return [(each.at, each.begin) for each in extents_of(data, slices)]


def extents_of(data: bytes, slices: Slices) -> list[Extent]:
    """What the numbers count that have been read, outer ones first."""
    known_data, known_slices, found = _LATEST[0]
    if known_slices is not slices or known_data != data:
        found = _extents_of(data, slices)
        _LATEST[0] = data, slices, found
    return [*found]


_LATEST: Final[list[tuple[bytes, Slices, list[Extent]]]] = [(b"", Slices(), [])]
"""What was asked last, since it is asked for parts, for lengths, and for what encloses a place."""


def _extents_of(data: bytes, slices: Slices) -> list[Extent]:
    numbers = dict.fromkeys([*slices.ranges, *slices.numbers])
    taken = frozenset([*slices.ranges, *ranges_of_several_sizes(calls_of(slices.reads, len(data)))])
    places = frozenset([len(data), *[place for each in numbers for place in each]])
    texts = {(each.begin, each.end) for each in slices.taken if each.is_uncounted and each.end < len(data)}
    fields = [each for each in numbers if each not in texts and each[1] <= len(data)]
    ends = _ends(slices.compared, len(data))
    several = [list(_counted(data, *each, taken, places, ends)) for each in fields[:_MAX_NUMBERS]]
    within = [each for each in fields_within(slices) if each not in numbers and each[1] <= len(data)]
    # What a number within others counts is known only by its having been taken.
    sure = frozenset([(each.begin, each.end) for each in slices.taken if not each.is_uncounted])
    others = [[each for each in _counted(data, *field, sure, places) if each[1]] for field in within[:_MAX_NUMBERS]]
    # Numbers of one program mostly count alike.
    common = Counter(_style(extent) for each in [*several, *others] for extent, _ in each)
    found: list[Extent] = []
    for candidates in (several, others):
        chosen = [max(each, key=lambda extent: (extent[1], common[_style(extent[0])])) for each in candidates if each]
        chance = by_chance(slices, {(extent.begin, extent.end) for extent, is_sure in chosen if is_sure})
        found = _apart([extent for extent, _ in chosen if (extent.begin, extent.end) not in chance], found)
    return found


def _ends(compared: Sequence[Comparison], size: int) -> frozenset[object]:
    """Where something may have been found to end within something else: who passes on where to read, and up to where,
    takes no slices. That a loop has come to the end of all tells nothing.
    """
    found = {left for operator, left, _ in compared if operator in (">", "<=")}
    return frozenset(found | {right for operator, _, right in compared if operator in ("<", ">=") and right != size})


def by_chance(slices: Slices, counted: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Which of the slices that seem to be counted are as long as all that was read from the same line, of which others
    are not counted.
    """
    by_kind: dict[int, set[tuple[int, int]]] = {}
    for read in slices.reads:
        if read.begin < read.end:
            by_kind.setdefault(read.kind, set()).add((read.begin, read.end))
    found: set[tuple[int, int]] = set()
    for ranges in by_kind.values():
        seeming = ranges.intersection(counted)
        if seeming and len(seeming) < len(ranges) and len({end - begin for begin, end in ranges}) == 1:
            found |= seeming
    return found


def fields_within(slices: Slices) -> list[tuple[int, int]]:
    """(begin, end) of what may be numbers that were taken out of a short slice without texts, or byte by byte."""
    found: dict[tuple[int, int], None] = {}
    texts = [(each.begin, each.end) for each in slices.taken if each.is_uncounted]
    for begin, end in slices.ranges:
        if 1 < end - begin <= _LONGEST_HEAD and not any(begin <= at and stop <= end for at, stop in texts):
            for at in range(begin, end):
                found |= dict.fromkeys([(at, at + width) for width in _WITHIN if at + width <= end])
    bytes_read = [begin for begin, end in slices.numbers if end == begin + 1]
    single = frozenset(bytes_read)
    for begin in bytes_read:
        for width in range(2, _WITHIN[0] + 1):
            if begin + width - 1 not in single:
                break
            found[begin, begin + width] = None
    return [*found]


_LONGEST_HEAD: Final = 16
"""Bytes of a slice that may hold several numbers."""

_WITHIN: Final = (4, 3, 2, 1)
"""Bytes of such a number."""


def _style(extent: Extent) -> tuple[int, ByteOrder, int]:
    return extent.begin - extent.at, extent.order, extent.counted


def lengthened(data: bytes, slices: Slices, made: Iterator[bytes]) -> Iterator[bytes]:
    """What was made of data, and before that, where it is of another size, with the lengths right that the program has
    read around the place that has changed.
    """
    group: Group | None = None
    for number, changed in enumerate(made):
        group = group if number else read_group(data, slices)
        if group is not None and len(changed) != len(data):
            followed_by = followed(group, data, changed)
            right = changed if followed_by is None else written(followed_by)
            if right not in (changed, data):
                yield right
        yield changed


def grown_parts(made: bytes, begin: int, end: int, by: int, extents: Sequence[Extent]) -> bytes:
    """With the numbers larger by so much, where they have room, that count what stood between two places of the data
    before these became so much larger.
    """
    for at, first, stop, order, _ in extents:
        if at < begin and first <= begin and end <= stop:
            number = int.from_bytes(made[at:first], order) + by
            if 0 <= number < 256 ** (first - at):
                made = made[:at] + number.to_bytes(first - at, order) + made[first:]
    return made


def _counted(
    data: bytes,
    begin: int,
    end: int,
    taken: Collection[tuple[int, int]],
    places: Collection[int],
    ends: Collection[object] = (),
) -> Iterator[tuple[Extent, bool]]:
    """What the number that stands there may count, and whether just that has been taken. `ends`: see `_ends`."""
    width = end - begin
    if width not in _WIDTHS:
        return
    for order in BYTE_ORDERS[: 1 + (width > 1)]:
        number = int.from_bytes(data[begin:end], order)
        for counted in (0, width) if width > 1 else (0,):
            stop = end + number - counted
            is_sure = (end, stop) in taken
            # A single byte is often something else, and so is the number one.
            is_likely = (width > 1 or stop in ends) and stop in places and (counted or number > 1)
            if end <= stop <= len(data) and (is_sure or (is_likely and end < stop)):
                yield Extent(begin, end, stop, order, counted), is_sure


def _apart(found: Sequence[Extent], known: Sequence[Extent] = ()) -> list[Extent]:
    """Those that are known, and those that lie beside or within each other and these, the outer ones first."""
    kept = [*known]
    for each in sorted(found, key=lambda extent: (extent.at, -extent.end)):
        crossing = [
            other
            for other in kept
            if not (each.end <= other.at or other.end <= each.at or _is_within(each, other) or _is_within(other, each))
        ]
        if not crossing and len(kept) < _MAX_PARTS:
            kept.append(each)
    return sorted(kept, key=lambda extent: (extent.at, -extent.end))


def _is_within(extent: Extent, other: Extent) -> bool:
    return other.begin <= extent.at and extent.end <= other.end


def _group(data: bytes, begin: int, end: int, extents: Sequence[Extent], depth: int) -> Group:
    """What lies there, with these parts in it."""
    parts: list[Part] = []
    at = begin
    while extents and depth < MAX_DEPTH:
        first, *others = extents
        inner = [each for each in others if each.end <= first.end]
        layout = Layout(0, first.begin - first.at, first.order, 0, first.counted)
        body = _group(data, first.begin, first.end, inner, depth + 1)
        parts.append(Part(layout, data[at : first.at], b"", body))
        at, extents = first.end, others[len(inner) :]
    return Group(b"", tuple(parts), data[at:end]) if parts else Group(data[begin:end])
