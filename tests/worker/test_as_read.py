"""Binary data as a program has read them: what is replaced in them keeps lengths, offsets and sums right."""

import random
import zlib

import pytest

from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.structure.as_read import (
    Number,
    Put,
    Reading,
    _range_of_change,
    as_read,
    keeps,
    kept_right,
    put_right,
    reading_of,
    replaced,
)
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.read_sums import read_sums
from fuzztui.worker.structure.readings import Readings
from fuzztui.worker.structure.slices import Slice, Slices


def slices_of(data: bytes, *ranges: tuple[int, int], numbers: list[tuple[int, int]] | None = None) -> Slices:
    return Slices(tuple([Slice(begin, end, end, 0) for begin, end in ranges]), (), numbers or [])


def reading(data: bytes, *ranges: tuple[int, int], numbers: list[tuple[int, int]] | None = None) -> Reading:
    made = reading_of(data, slices_of(data, *ranges, numbers=numbers), ())
    assert made is not None
    return made


# Sums


def header(name: bytes, kind: bytes) -> bytes:
    """16 bytes: a name, a sum in octal digits over all with spaces for them, a kind."""
    front = name.ljust(8, b"\0")
    return front + b"%06o\0" % (sum(front) + sum(kind) + 7 * 32) + kind


def of_headers(data: bytes) -> tuple[Slices, list[int]]:
    ranges = [part for at in range(0, len(data), 16) for part in ((at, at + 16), (at, at + 8), (at + 8, at + 15))]
    return slices_of(data, *ranges), [int(data[at + 8 : at + 14], 8) for at in range(0, len(data), 16)]


def test_the_sum_in_each_of_several_headers_is_put_right() -> None:
    data = header(b"one", b"a") + header(b"two", b"b") + header(b"three", b"c")
    slices, values = of_headers(data)
    found = reading_of(data, slices, values)
    assert found is not None
    assert len(found.sums) == 3
    changed = data[:31] + b"z" + data[32:]
    assert put_right(found, changed) == header(b"one", b"a") + header(b"two", b"z") + header(b"three", b"c")
    assert list(as_read(found, iter([(changed,)]))) == [(put_right(found, changed),)]


def frame(body: bytes) -> bytes:
    return b"\xff" + bytes((len(body),)) + body + zlib.crc32(body).to_bytes(4, "little")


def of_frames(*bodies: bytes) -> Reading:
    data, at = b"".join(map(frame, bodies)), 0
    ranges: list[tuple[int, int]] = []
    numbers: list[tuple[int, int]] = []
    for body in bodies:
        end = at + 2 + len(body)
        numbers += [(at, at + 1), (at + 1, at + 2)]
        ranges += [(at + 2, end), (end, end + 4)]
        at = end + 4
    made = reading_of(data, slices_of(data, *ranges, numbers=numbers), [zlib.crc32(body) for body in bodies])
    assert made is not None
    return made


def test_a_sum_behind_what_it_is_of_covers_what_has_been_put_in() -> None:
    found = of_frames(b"abc", b"defg")
    assert replaced(found, 3, 4, b"1234") == frame(b"a1234c") + frame(b"defg")
    assert replaced(found, 12, 13, b"") == frame(b"abc") + frame(b"dfg")


def test_what_is_put_between_parts_belongs_to_neither() -> None:
    found = of_frames(b"abc", b"defg")
    assert replaced(found, 9, 9, frame(b"!"), (8, 10)) == frame(b"abc") + frame(b"!") + frame(b"defg")


def test_a_sum_need_not_cover_the_length_between_what_it_is_of() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + bytes((len(body),)) + body + zlib.crc32(kind + body).to_bytes(4, "big")

    data = chunk(b"ab", b"cde") + chunk(b"gh", b"ij")
    ranges = [(0, 2), (3, 6), (6, 10), (10, 12), (13, 15), (15, 19)]
    slices = slices_of(data, *ranges, numbers=[(2, 3), (12, 13)])
    found = reading_of(data, slices, [zlib.crc32(b"abcde"), zlib.crc32(b"ghij")])
    assert found is not None
    assert [each.hole for each in found.sums] == [(12, 13), (2, 3)]
    assert replaced(found, 4, 4, b"xyz") == chunk(b"ab", b"cxyzde") + chunk(b"gh", b"ij")
    assert replaced(found, 11, 12, b"!") == chunk(b"ab", b"cde") + chunk(b"g!", b"ij")
    assert replaced(found, 0, 10, b"") == chunk(b"gh", b"ij")
    data = chunk(b"ab", b"")
    empty = reading_of(data, slices_of(data, (0, 2), (3, 3), (3, 7), numbers=[(2, 3)]), [zlib.crc32(b"ab")])
    assert empty is not None
    assert replaced(empty, 3, 3, b"xyz") == chunk(b"ab", b"xyz"), "there may be nothing yet"
    assert put_right(empty, b"ab\3xyz" + data[3:]) == chunk(b"ab", b"xyz"), "a length may have been changed with it"
    assert put_right(found, b"ab\5cdexy" + found.data[6:]) == chunk(b"ab", b"cdexy") + chunk(b"gh", b"ij")
    assert put_right(found, b"ab\4cde" + found.data[6:])[:3] == b"ab\4", "or by itself"


@pytest.mark.parametrize(("at", "stop"), [(0, 1), (2, 3)])
def test_one_byte_that_is_the_sum_of_anything_is_no_sum(at: int, stop: int) -> None:
    data = b"\x05\x05\x05abc"
    assert read_sums(data, slices_of(data, (at, stop), (1, 2), (3, 6)), [5]) == ()


def test_what_is_known_to_be_a_length_is_no_sum() -> None:
    data = b"\x03\x01\x02" + b"\0" * 8
    slices = slices_of(data, (0, 1), (1, 3))
    assert len(read_sums(data, slices, [3])) == 1
    assert read_sums(data, slices, [3], [(0, 1)]) == ()


# Lengths, offsets and other numbers


def test_lengths_around_a_place_grow_and_those_of_what_ends_there_do_not() -> None:
    data = b"\x05\x02ab\x01c"
    found = reading(data, (1, 6), (2, 4), (5, 6), numbers=[(0, 1), (1, 2), (4, 5)])
    assert replaced(found, 4, 4, b"\x01x", (1, 6)) == b"\x07\x02ab\x01x\x01c"
    assert replaced(found, 3, 3, b"x") == b"\x06\x03axb\x01c"


def test_offsets_move_with_what_they_point_to_but_not_from_where_something_grows_before_its_first_element() -> None:
    data = b"\x0c\x24" + b"x" * 10 + b"abcde" + b"y" * 19 + b"!"
    found = reading(data, (12, 17), (36, 37), numbers=[(0, 1), (1, 2)])
    assert replaced(found, 12, 12, b"__")[:2] == b"\x0e\x26"
    assert replaced(found, 12, 12, b"__", (12, 17))[:2] == b"\x0c\x26"
    assert replaced(found, 14, 14, b"__", (12, 17))[:2] == b"\x0c\x26"
    assert replaced(found, 2, 4, b"", (1, 5))[:2] == b"\x0a\x22"


def test_numbers_are_other_ones_besides() -> None:
    data = b"\x02\0abcd"
    found = reading(data, (2, 4), (4, 6), numbers=[(0, 2)])
    puts = [Put(Number(0, 2, "little"), 3)]
    assert replaced(found, 6, 6, b"ef", (2, 6), puts) == b"\x03\0abcdef"
    assert replaced(found, 0, 1, b"", None, [Put(Number(0, 2, "little"), 9)]) == b"\0abcd", "what is gone is not put"


def test_data_of_which_nothing_was_read_have_no_reading() -> None:
    assert reading_of(b"\0\1\2", slices_of(b"\0\1\2"), ()) is None
    readings = Readings()
    assert readings.learn(b"plain text", slices_of(b"plain text", (0, 5))) is None, "texts are no binary data"
    assert readings.learn(b"\0" * 5000, slices_of(b"\0", (0, 5))) is None, "what is long is left alone"
    assert readings.learn(b"\0\1\2", slices_of(b"\0\1\2", (0, 1))) is readings.get(b"\0\1\2") is not None


def test_what_was_changed_in_lengths_and_sums_alone_is_what_it_was() -> None:
    found = of_frames(b"abc", b"defg")
    data = found.data
    assert kept_right(found, data[:1] + b"\x09" + data[2:]) == data, "a length"
    assert kept_right(found, data[:6] + b"?" + data[7:]) == data, "a sum"
    assert kept_right(found, data[:2] + b"A" + data[3:6] + b"?" + data[7:]) == frame(b"Abc") + frame(b"defg")
    assert kept_right(found, data[:5] + b"!" + data[5:]) == frame(b"abc!") + frame(b"defg")
    assert kept_right(found, data[:4] + b"?" + data[8:]) == data, "from what a sum is of into the sum"
    assert kept_right(found, data[:4] + b"?" + data[13:]) == data, "from one frame into the other"


def test_values_that_are_sums_and_lengths_are_kept() -> None:
    found = of_frames(b"abc", b"defg")
    sums = [zlib.crc32(b"abc"), zlib.crc32(b"defg")]
    assert keeps(found, [*sums, 3, 4])
    assert keeps(found, [sums[0].to_bytes(4, "little")])
    assert not keeps(found, [*sums, 12345])
    assert keeps(found._replace(sums=()), [3, 4])
    assert not keeps(found._replace(sums=()), [3, 5])


def test_lengths_that_have_been_read_are_kept_right_where_there_are_no_sums() -> None:
    structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 100), 100)
    data = b"\xff\3headabc\xfe\xfd"  # the length stands before a head, and counts what follows it
    slices = slices_of(data, (1, 2), (2, 6), (6, 9), (9, 11))
    structure.remember((data,), [], slices)
    right = list(structure.kept_right((data,), iter([(b"\xff\3headabcde\xfe\xfd",)])))
    assert right[0] == (b"\xff\5headabcde\xfe\xfd",)
    assert right[-1] == (b"\xff\3headabcde\xfe\xfd",), "and as it is: lengths may be there by chance"
    assert structure.keeps((data,), [3])
    assert not structure.keeps((data,), [3, 7])


def test_a_sum_in_digits_is_kept_as_the_number_that_it_is_too() -> None:
    data = header(b"one", b"a")
    slices, values = of_headers(data)
    found = reading_of(data, slices, values)
    assert found is not None
    assert keeps(found, values)
    assert not keeps(found, [values[0] + 1])


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (b"abcdef", b"abXdef", (2, 3, 3)),
        (b"abcdef", b"abcdef", (6, 6, 6)),
        (b"abcdef", b"", (0, 6, 0)),
        (b"", b"ab", (0, 0, 2)),
        (b"aaaa", b"aaaaa", (4, 4, 5)),
        (b"abcdef", b"Xbcdef", (0, 1, 1)),
        (b"abcdef", b"abcdeX", (5, 6, 6)),
    ],
)
def test_the_range_of_a_change_is_what_both_do_not_begin_or_end_with(
    one: bytes, other: bytes, wanted: tuple[int, int, int]
) -> None:
    assert _range_of_change(one, other) == wanted
