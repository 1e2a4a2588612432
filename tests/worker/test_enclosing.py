"""Lengths of what encloses a place: found close before each part, and right in what is made."""

import pytest

from fuzztui.worker.mutate import enclosing
from fuzztui.worker.mutate.enclosing import MAX_FIELDS, fields, grown

X = b"x"


@pytest.mark.parametrize(
    ("head", "size", "new", "expected"),
    [
        (b"\x03", 3, b"new", b"\x06"),
        (b"\x00\x00\x00\x03", 3, b"new", b"\x00\x00\x00\x06"),
        (b"\x03\x00\x00\x00", 3, b"new", b"\x06\x00\x00\x00"),
        (b"\x01\x2c", 300, b"n", b"\x01\x2d"),
        (b"\x2c\x01", 300, b"n", b"\x2d\x01"),
        (b"\x00\xff", 255, b"n", b"\x01\x00"),
        (b"\x81\x90", 144, b"n", b"\x81\x91"),
        (b"\x81\xff", 255, b"n", b"\x82\x01\x00"),
        (b"\x7f", 127, b"n", b"\x81\x80"),
        (b"\xac\x02", 300, b"n", b"\xad\x02"),
        (b"\x82\x2c", 300, b"n", b"\x82\x2d"),
        (b"\x00\x05ab", 3, b"n", b"\x00\x06ab"),
        (b"\x00\x07", 5, b"n", b"\x00\x08"),
    ],
    ids=[
        *("one byte", "four bytes", "four bytes, low ones first", "two bytes", "two bytes, low ones first", "a carry"),
        *("long form", "a longer form", "short form that gets long", "seven bits", "seven bits, high ones first"),
        *("what stands between is counted", "the length itself is counted"),
    ],
)
def test_the_length_of_a_part_grows_with_it(head: bytes, size: int, new: bytes, expected: bytes) -> None:
    data = b"T" + head + X * size + b"end"
    start = 1 + len(head)
    made = list(grown(data, [(start, start + size)], start + 1, new))
    assert b"T" + expected + X + new + X * (size - 1) + b"end" in made
    assert len(made) == len(set(made)) <= MAX_FIELDS


def test_all_lengths_grow_also_by_what_inner_ones_get_longer() -> None:
    inner = b"\x04\x7f" + X * 127
    outer = b"\x30\x81\x81" + inner
    assert b"\x30\x81\x83\x04\x81\x80" + X * 128 in grown(outer, [(5, 132), (3, 132)], 132, X)


def test_lengths_around_one_that_gets_longer_are_spelled_as_that_is() -> None:
    made = set(grown(b"\x30\x04\x04\x02ab", [(4, 6), (2, 6)], 6, X * 130))
    assert b"\x30\x81\x87\x04\x81\x84ab" + X * 130 in made
    assert b"\x30\x86\x04\x84ab" + X * 130 in made, "in a byte, too"


def test_what_stands_there_may_give_way_and_parts_become_smaller() -> None:
    assert list(grown(b"\x05\x02\x03abcd", [(3, 6), (1, 6)], 3, b"", 3)) == [b"\x02\x02\x00d"]
    assert list(grown(b"\x01\x02\x03", [], 1, b"!", 1)) == [b"\x01!\x03"]


def test_a_length_of_nothing_stands_right_before() -> None:
    made = set(grown(b"\x00\x01\x00\x00", [(4, 4)], 4, b"ab"))
    assert made >= {b"\x00\x01\x00\x02ab", b"\x00\x01\x02\x00ab"}
    assert not fields(b"\x00\x01\x05", (3, 3))


def test_where_a_length_has_no_room_nothing_is_made() -> None:
    data = b"\xff\x00" + X * 255
    assert set(grown(data, [(2, 257)], 2, X)) == {b"\x00\x01" + X * 256}
    assert list(grown(b"T\xff" + X * 255, [(2, 257)], 2, X)) == []


@pytest.mark.parametrize(
    ("length", "farthest"),
    [(b"\x2c\x01\x00\x00", 16), (b"\x00\x00\x01\x2c", 16), (b"\x01\x2c", 16)],
    ids=["four bytes, low ones first", "four bytes", "two bytes"],
)
def test_a_length_stands_close_before_what_it_counts(length: bytes, farthest: int) -> None:
    for gap in range(farthest + 3):
        data = b"\xff" + length + b"\xff" * gap + X * 300
        found = fields(data, (len(data) - 300, len(data)))
        assert (1 + len(length) in [each.stop for each in found]) == (gap <= farthest), gap


def test_a_length_of_one_byte_stands_closer() -> None:
    stops = [
        [each.stop for each in fields(b"\xff\x07" + b"\xff" * gap + X * 7, (2 + gap, 9 + gap))] for gap in range(8)
    ]
    assert [2 in each for each in stops] == [True] * 5 + [False] * 3


def test_the_lengths_of_a_part_are_looked_for_once_and_those_in_long_data_are_not_remembered() -> None:
    enclosing._LATEST.clear()
    for room in (0, enclosing._MAX_REMEMBERED):
        data = b"\x00\x03abc" + X * room
        first, again = fields(data, (2, 5)), fields(data, (2, 5))
        assert first == again
        assert (first is again) == (room == 0)
    assert len(enclosing._LATEST) == 1
    for number in range(3 * enclosing._MAX_LATEST):
        fields(b"\x00\x03abc%d" % number, (2, 5))
    assert len(enclosing._LATEST) <= enclosing._MAX_LATEST
