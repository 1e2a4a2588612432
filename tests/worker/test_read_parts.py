"""Parts of binary data as a program has read them, whatever else would divide the data up to their end."""

import random
import struct
from itertools import islice
from typing import Any

import pytest

from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.reads import fields_of
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from fuzztui.worker.structure.moved import moved
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.parts import Group, Layout, Part, written
from fuzztui.worker.structure.read_parts import extents_of, lengthened, read_group
from fuzztui.worker.structure.slices import Read, Slice, Slices
from tests.worker.world import inhabited

DOCUMENTS = """
import random
import struct
def document(data, at):
    size, = struct.unpack_from("<i", data, at)
    end = at + size
    if end > len(data) or data[end - 1]: raise ValueError
    at += 4
    while at < end - 1:
        kind = data[at]
        at = data.index(0, at + 1) + 1
        at = document(data, at) if kind == 3 else at + 2
    return end
def fuzz(data):
    return document(data, 0)
"""


def test_parts_are_what_numbers_count_up_to_where_something_has_been_read() -> None:
    data = b"\x12\0\0\0\x02a\0xx\x03b\0\x05\0\0\0\0\0"
    with inhabited(DOCUMENTS) as world:
        world.probes.trace_comparisons(True)
        assert world.function(data) == len(data)
        group = read_group(data, world.probes.trace.slices(len(data)))
    layout = Layout(0, 4, "little", 0, 4)
    inner = Part(layout, b"\x02a\0xx\x03b\0", b"", Group(b"\0"))
    assert group == Group(b"", (Part(layout, b"", b"", Group(b"", (inner,), b"\0")),))
    assert written(group) == data


@pytest.mark.parametrize(
    ("data", "ranges", "numbers", "bodies"),
    [
        (b"\2ab\1c", [(1, 3), (4, 5)], [(0, 1), (3, 4)], [b"ab", b"c"]),
        (b"\2ab\1c", [(1, 3)], [(0, 1), (3, 4)], [b"ab"]),  # nothing has been read behind the second
        (b"\0\2ab", [(0, 2)], [], [b"ab"]),
        (b"\0\1a", [(0, 2)], [], None),
        (b"\0\2ab\0\3cde", [(0, 2), (2, 9)], [(1, 2)], None),
        (b"\0\4ab", [(0, 2), (2, 4)], [], [b"ab"]),
    ],
)
def test_a_number_counts_what_has_been_taken_behind_it(
    data: bytes, ranges: list[tuple[int, int]], numbers: list[tuple[int, int]], bodies: list[bytes] | None
) -> None:
    group = read_group(data, Slices(tuple([Slice(*each, each[1], 0) for each in ranges]), (), numbers))
    assert (None if group is None else [written(part.body) for part in group.parts]) == bodies


@pytest.mark.parametrize(
    ("size", "compared", "bodies"),
    [
        (4, (">", 6, 7), [b"\2\2ab"]),
        (4, ("<", 2, 6), [b"\2\2ab"]),
        (5, ("<=", 7, 7), [b"\2\2ab\7"]),
        (5, ("<", 2, 7), None),  # any loop up to the end of all compares that
        (4, ("==", 6, 7), None),
    ],
)
def test_a_byte_counts_up_to_an_end_that_was_worked_out(
    size: int, compared: Comparison, bodies: list[bytes] | None
) -> None:
    data = bytes((9, size)) + b"\2\2ab\7"
    group = read_group(data, Slices((), [compared], ((0, 1), (1, 2), (2, 3), (3, 4), (6, 7))))
    assert (None if group is None else [written(part.body) for part in group.parts]) == bodies


def test_numbers_of_a_layout_are_told_one_by_one() -> None:
    numbers = [(field.begin, field.end) for field in fields_of(">IH2Bx4sQ") if not field.is_text]
    assert numbers == [(0, 4), (4, 6), (6, 7), (7, 8), (13, 21)]
    assert [(field.begin, field.end) for field in fields_of("BIH")] == [(0, 1), (4, 8), (8, 10)]
    trace, data = ComparisonTrace(), b"\0\1\0\2ab"
    trace.method(struct.unpack)(">HH", trace.cut(data, 0, 4))
    trace.method(struct.Struct("<H").unpack_from)(data, 4)
    assert trace.slices(len(data)).numbers == ((0, 2), (2, 4), (4, 6))
    assert list(trace.slices(len(data)).ranges) == [(0, 4), (4, 6)]


def test_texts_of_a_layout_stand_where_they_were_unpacked() -> None:
    assert [field[:2] for field in fields_of("<2sB4pc") if field.is_text] == [(0, 2), (4, 7), (7, 8)]
    trace, data = ComparisonTrace(), b"\0\0\0\5kind\0body"
    unpacked: Any = trace.method(struct.unpack_from)(">I4s", data)
    trace.cut(unpacked[1], 1, 3)
    assert list(trace.slices(len(data)).ranges) == [(0, 8), (4, 8), (5, 7)]
    trace.clear()
    turns: Any = trace.method(struct.iter_unpack)("3sx", b"\0abx")
    trace.cut(next(turns)[0], 1, 2)
    assert list(trace.slices(4).ranges) == [(0, 4), (0, 3), (1, 2)]


def taken(data: bytes) -> Slices:
    """What a program takes of a document in a document."""
    ranges = [(0, 2), (2, len(data)), (4, 6), (6, len(data) - 1)]
    return Slices(tuple([Slice(begin, end, end, 0) for begin, end in ranges]))


def test_lengths_grow_around_what_is_put_into_a_part_or_before_one() -> None:
    data = b"\0\7ab\0\2cde"
    assert [*lengthened(data, taken(data), iter([b"\0\7ab\0\2cXde", b"\0\7abX\0\2cde", b"\0\7ab\0\2cdXe"]))] == [
        b"\0\10ab\0\3cXde",
        b"\0\7ab\0\2cXde",
        b"\0\10abX\0\2cde",
        b"\0\7abX\0\2cde",
        b"\0\10ab\0\3cdXe",
        b"\0\7ab\0\2cdXe",
    ]
    assert [*lengthened(b"abc", Slices(), iter([b"abcd"]))] == [b"abcd"]


def test_what_is_wanted_where_it_was_read_goes_in_with_the_lengths_around_it() -> None:
    def document(text: bytes) -> bytes:
        """Numbers that count themselves, too, in a form that nothing else knows."""
        inner = (8 + len(text)).to_bytes(8, "little") + text
        return (10 + len(inner)).to_bytes(8, "little") + b"ab" + inner + b"tail"

    data = document(b"cd")
    kept: list[Comparison] = [("==", b"cd", b"wanted")]
    ranges = [(0, 8), (20, 24), (10, 18), (18, 20)]
    slices = Slices(tuple([Slice(begin, end, end, 0) for begin, end in ranges]), kept)
    mutator = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    mutator.remember((data,), kept, slices)
    assert (document(b"wanted"),) in mutator.suggested((data,), kept, slices)
    first = islice(Following(200).followers(Plain((data,)), kept, iter(()), 40, slices), 2)
    assert (document(b"wanted"),) in first


def test_numbers_of_one_program_are_taken_to_count_alike() -> None:
    # The second number may count up to the end, too, if it counts itself.
    data = b"\x10\0\0\0\x03>\0\x05\0\0\0\0\n\x02\0\0"
    ranges = [(0, 4), (7, 11), (13, 14)]
    group = read_group(data, Slices(tuple([Slice(*each, each[1], 0) for each in ranges]), (), [(11, 12)]))
    assert group is not None
    assert [each.layout.counted for each in (group.parts[0], group.parts[0].body.parts[0])] == [4, 4]


def test_a_sum_that_would_stand_in_a_length_is_none() -> None:
    # The first byte is the exclusive or of all others, and of a blank in its place.
    data = b"\x10\0\0\0\x03>\0\x05\0\0\0\0\n\x02\0\0"
    ranges = [(0, 4), (7, 11), (13, 14)]
    slices = Slices(tuple([Slice(*each, each[1], 0) for each in ranges]), (), [(11, 12), (15, 16)])
    mutator = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    mutator.remember((data,), [("same", 16, 16)], slices)
    mutate = mutator.beside(lambda value: value, (data,), raw=True)
    nested = b"\x18\0\0\0\x03>\0\x0d\0\0\0\x03>\0\x05\0\0\0\0\0\n\x02\0\0"
    assert nested in {mutate(data) for _ in range(20_000)}


def test_numbers_that_were_read_are_moved_by_what_lacks_and_what_they_count_then_is_put_behind() -> None:
    # A document of eight bytes has another in it that ends at the eleventh, behind which an end was to come.
    data = b"\x08\0\0\0\x03\0\x05\0\0\0\0"
    slices = Slices((Slice(0, 4, 4, 0), Slice(6, 10, 10, 0)), (), [(4, 5)])
    made = [*moved(data, [("!=", 11, 7)], slices)]
    assert b"\x0c\0\0\0\x03\0\x05\0\0\0\0\0" in made
    assert b"\x04\0\0\0\x03\0\x05\0\0\0\0" in made
    assert not [*moved(data, [("!=", "11", 7), ("==", 5, 5)], slices)]
    assert not [*moved(data, [("!=", 11, 7)], Slices())]
    compared: list[Comparison] = [("!=", 11, 7)]
    slices = slices._replace(compared=compared)
    assert (made[0],) in Following(200).followers(Plain((data,)), compared, iter(()), 40, slices)
    mutator = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    assert (made[0],) in mutator.suggested((data,), compared, slices)


def test_a_blank_field_is_filled_where_an_input_has_come_further() -> None:
    data = b"\1name" + bytes(16) + b"tail"
    slices = Slices((Slice(0, 5, 5, 0), Slice(5, 13, 13, 0), Slice(13, 21, 21, 0)))
    compared: list[Comparison] = [("==", 0, 73), ("in", "", ("name",))]
    made = [each[0] for each in Following(200).followers(Plain((data,)), compared, iter(()), 40, slices)]
    assert data[:5] + b"111" + data[8:] in made
    assert data[:13] + b"name" + data[17:] in made


def test_a_part_may_be_empty_where_nothing_was_taken_behind_a_length_of_zero() -> None:
    data = b"\0\1a"
    numbers = [(0, 1), (1, 2)]
    group = read_group(data, Slices((Slice(1, 1, 1, 0), Slice(2, 3, 3, 0)), (), numbers))
    assert group is not None
    assert [written(part.body) for part in group.parts] == [b"", b"a"]
    group = read_group(data, Slices((Slice(2, 3, 3, 0),), (), numbers))
    assert group is not None
    assert [written(part.body) for part in group.parts] == [b"a"], "it may be any zero"


def test_numbers_within_short_slices_and_of_single_bytes_count_what_was_taken_right_behind_them() -> None:
    data = b"\7\2ab\0\1c"
    taken = (Slice(0, 2, 2, 0), Slice(2, 4, 4, 0), Slice(6, 7, 7, 0))
    (first, second) = extents_of(data, Slices(taken, (), [(4, 5), (5, 6)]))
    assert (first.at, first.begin, first.end) == (1, 2, 4)
    assert (second.begin, second.end) == (6, 7)
    rests = tuple([each._replace(is_uncounted=True) for each in taken])
    assert extents_of(b"\7\2ab", Slices(rests[:2], (), ())) == [], "all that is left is as long by chance"


def test_a_number_before_one_of_several_heads_of_one_size_counts_it_by_chance() -> None:
    data = b"\2" + b"\7\1x" + b"\7\2yz"
    taken = tuple([Slice(begin, end, end, 0) for begin, end in ((1, 3), (3, 4), (4, 6), (6, 8))])
    reads = [Read(begin, end, site, site, 1) for begin, end, site in ((1, 3, 1), (3, 4, 2), (4, 6, 1), (6, 8, 2))]
    numbers = [(0, 1), (2, 3), (5, 6)]
    assert [each.at for each in extents_of(data, Slices(taken, (), numbers, reads))] == [2, 5]
    assert [each.at for each in extents_of(data, Slices(taken, (), numbers))] == [0, 5], "where that is not known"
