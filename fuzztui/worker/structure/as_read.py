"""Binary data as a program has read them: where it has read from and up to, and which numbers say how much there is,
where something stands, and what the sum of something is.

A range of them is replaced so that all of these are right again. Nothing has to be divided up to the end for that.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.structure.calls import Call, calls_of
from fuzztui.worker.structure.lengths import BASES, BLANK, Length, lengths_of
from fuzztui.worker.structure.offsets import Offset, offsets_of
from fuzztui.worker.structure.read_sums import ReadSum, read_sums
from fuzztui.worker.structure.runs import Run, runs_of
from fuzztui.worker.structure.slices import Read, Slices

__builtins__ = PRIVATE_BUILTINS

MAX_PLACES: Final = 128
"""Of one input; of more the first ones and the last ones."""

_WIDEST: Final = 8
"""Bytes of a number."""


class Number(NamedTuple):
    """What was taken for one, or may have been."""

    at: int
    width: int
    order: ByteOrder


class Reading(NamedTuple):
    """Of one input."""

    data: bytes
    places: tuple[int, ...]
    """Where what was read begins and ends, in ascending order, the ends of all among them."""
    spans: tuple[tuple[int, int], ...]
    """Indices of the places between which what was read as one lies, or what a number counts."""
    numbers: tuple[Number, ...]
    """In ascending order."""
    lengths: tuple[Length, ...]
    offsets: tuple[Offset, ...]
    runs: tuple[Run, ...]
    sums: tuple[ReadSum, ...]
    """Those of what is inside of others first."""
    reads: tuple[Read, ...]
    """From where it was read, in order."""
    calls: tuple[Call, ...] = ()
    """What was read in one call each."""

    @property
    def is_sure(self) -> bool:
        """Whether it has sums that are hardly there by chance, as such of one byte are."""
        return any(each.end - each.at > 1 for each in self.sums)

    def with_loops(self, loops: Collection[int]) -> "Reading":
        """The same with runs of these loops, see `runs_of`."""
        runs = [each for each in runs_of(self.reads, loops) if each.end <= len(self.data)]
        return self._replace(runs=tuple(runs))


class Put(NamedTuple):
    """A number that is written over another one."""

    number: Number
    value: int


def reading_of(
    data: bytes, slices: Slices, values: Collection[int], loops: Collection[int] = (), totals: Collection[int] = ()
) -> Reading | None:
    """How data were read; None if they were not. `values`: what was compared with itself; `loops`: see `runs_of`;
    `totals`: what sums have come out as, where they had to.
    """
    size = len(data)
    numbers = [each for each in dict.fromkeys([*slices.ranges, *slices.numbers]) if each[0] < each[1] <= size]
    places = sorted({0, size, *[place for each in numbers for place in each]})
    if len(places) <= 2:
        return None
    if len(places) > MAX_PLACES:
        places = places[: MAX_PLACES // 2] + places[-MAX_PLACES // 2 :]
    lengths = lengths_of(data, slices)
    found = read_sums(data, slices, values, [(each.at, each.stop) for each in lengths], totals)
    order: ByteOrder = "big"
    orders = [each.order for each in lengths if each.stop - each.at > 1 and not each.digits] + [
        each.order for each in found
    ]
    if orders:
        order = max(orders, key=orders.count)
    at = {place: index for index, place in enumerate(places)}
    calls = calls_of(slices.reads, size)
    counted = [(each.begin, each.end) for each in lengths] + [(each.begin, each.end) for each in calls]
    parts = dict.fromkeys([*slices.ranges, *counted])
    return Reading(
        data,
        tuple(places),
        tuple([(at[begin], at[end]) for begin, end in parts if begin < end and begin in at and end in at]),
        tuple([Number(begin, end - begin, order) for begin, end in sorted(numbers) if end - begin <= _WIDEST]),
        tuple(lengths),
        tuple([each for each in offsets_of(data, slices) if each.target]),
        (),
        found,
        tuple([each._replace(frames=()) for each in slices.reads]),
        calls,
    ).with_loops(loops)


def replaced(
    reading: Reading,
    start: int,
    stop: int,
    new: bytes,
    around: tuple[int, int] | None = None,
    puts: Sequence[Put] = (),
) -> bytes:
    """The data with a range replaced, with lengths, offsets and sums put right. `around`: what a part has to hold for
    this to belong to it, if not just the range: in one place parts may end and begin; `puts`: numbers that are other
    ones besides. Hot.
    """
    data, _, _, _, lengths, offsets, _, sums, *_ = reading
    delta = len(new) - (stop - start)
    made = bytearray(data[:start] + new + data[stop:])
    first, last = around or (start, stop)
    if delta:
        for length in lengths:
            at, after, begin, end, *_ = length
            if begin <= first and last <= end and begin <= start and stop <= end:
                at = _shifted(at, after - at, start, stop, delta)
                if at >= 0:
                    length.write(made, at, delta)
        for at, width, order, target in offsets:
            if target >= stop and not target == start == first < last:  # where something begins that grows
                _put(made, _shifted(at, width, start, stop, delta), width, order, target + delta)
    for (at, width, order), value in puts:
        _put(made, _shifted(at, width, start, stop, delta), width, order, value)
    for each in sums:
        at, begin, end = _shifted(each.at, each.end - each.at, start, stop, delta), each.begin, each.stop
        if begin <= first and last <= end and begin <= start and stop <= end:
            end += delta
        elif begin >= stop:
            begin, end = begin + delta, end + delta
        elif end > start:
            continue  # what it covered is there no more
        low, high = each.hole
        if any(each.hole):
            low = _shifted(low, high - low, start, stop, delta)
            high += low - each.hole[0]
        if at >= 0 and low >= 0:
            each._replace(at=at, end=at + each.end - each.at, begin=begin, stop=end, hole=(low, high)).write(made)
    return bytes(made)


def as_read(reading: Reading, inputs: Iterator[Arguments]) -> Iterator[Arguments]:
    """What was made of an input, with lengths and sums right, and, if the sums may be there by chance, as it is; where
    none are known just that.
    """
    if not reading.sums:
        yield from inputs
        return
    for changed in inputs:
        value = changed[0]
        right = put_right(reading, value) if isinstance(value, bytes) else reading.data
        if right != reading.data:
            yield (right,)
        if right != value and not reading.is_sure:
            yield changed


def put_right(reading: Reading, changed: bytes) -> bytes:
    """Changed data with lengths, offsets and sums right around the range that has changed: lengths that were changed
    with the size count from what they were.
    """
    data = reading.data
    start, stop, end = _range_of_change(data, changed)
    for at, after, *_ in reading.lengths if len(changed) != len(data) else ():
        if at <= start < after:
            changed = changed[:at] + data[at:after] + changed[after:]
            start, stop, end = _range_of_change(data, changed)
    return replaced(reading, start, stop, changed[start:end])


def kept_right(reading: Reading, changed: bytes) -> bytes:
    """The same where lengths and sums that were changed themselves are what they were, too. The data as they were where
    a change of the size reaches from what one sum is of to something else: none is known to be there any longer.
    """
    data, sums = reading.data, reading.sums
    if len(changed) == len(data):
        made = bytearray(changed)
        for at, after in chain([each[:2] for each in reading.lengths], [(each.at, each.end) for each in sums]):
            made[at:after] = data[at:after]
        if made != data:
            for each in sums:
                each.write(made)
        return bytes(made)
    start, stop, _ = _range_of_change(data, changed)
    return data if cuts(reading, start, stop) else put_right(reading, changed)


def cuts(reading: Reading, start: int, stop: int) -> bool:
    """Whether a range reaches from what a sum is of, or from the sum, to something else, so that it is of nothing when
    there is something of another size. Hot.
    """
    for each in reading.sums:
        at, end, begin, last = each[:4]
        first, after = min(at, begin), max(end, last)
        is_clear = stop <= first or after <= start or (start <= first and after <= stop)
        if not is_clear and not (begin <= start and stop <= last):
            return True
    return False


def keeps(reading: Reading, values: Collection[object]) -> bool:
    """Whether each of these values, that have to be equal to others, is one of the sums and lengths of data: nothing
    else has to be put right then.
    """
    data = reading.data
    kept: set[object] = {end - begin for _, _, begin, end, *_ in reading.lengths}
    fields = [(each.at, each.stop, each.digits) for each in reading.lengths]
    fields += [(each.at, each.end, each.digits) for each in reading.sums]
    for at, end, digits in fields:
        field = data[at:end]
        kept |= {field, field.decode("latin-1"), *[int.from_bytes(field, order) for order in BYTE_ORDERS]}
        if digits in BASES:
            kept.add(int(field.strip(BLANK), BASES[digits]))
    return kept.issuperset(values)


def _range_of_change(data: bytes, changed: bytes) -> tuple[int, int, int]:
    """(where it begins, where it ends in the data, where it ends now)"""
    most = min(len(data), len(changed))
    start = _common(data, changed, most)
    kept = _common(data[::-1], changed[::-1], most - start)
    return start, len(data) - kept, len(changed) - kept


def _common(one: bytes, other: bytes, most: int) -> int:
    """Bytes that both begin with, of so many. Halving takes a tenth of the time that looking at each takes."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            most = middle - 1
    return low


def _shifted(at: int, width: int, start: int, stop: int, delta: int) -> int:
    """Where a field stands now; -1 if it was replaced."""
    if at >= stop:
        return at + delta
    return at if at + width <= start else -1


def _put(made: bytearray, at: int, width: int, order: ByteOrder, value: int) -> None:
    if at >= 0:
        made[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, order)
