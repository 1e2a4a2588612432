"""Numbers that say how long something is, wherever they stand before it and in whatever form."""

import pytest

from fuzztui.worker.structure.lengths import Length, in_digits, lengths_of
from fuzztui.worker.structure.slices import Slice, Slices


def taken(*ranges: tuple[int, int], numbers: tuple[tuple[int, int], ...] = ()) -> Slices:
    return Slices(tuple([Slice(begin, end, end, 0) for begin, end in ranges]), (), numbers)


def test_a_length_may_stand_some_bytes_before_what_it_counts() -> None:
    data = b"\0\3kindabc"
    assert lengths_of(data, taken((0, 2), (6, 9))) == [Length(0, 2, 6, 9)]
    assert lengths_of(b"\3kindabc", taken((0, 1), (5, 8))) == [Length(0, 1, 5, 8)]
    assert lengths_of(b"\3longkindabc", taken((0, 1), (9, 12))) == [], "a byte that is far away"


def test_a_number_may_say_that_there_is_nothing_yet() -> None:
    slices = Slices((Slice(0, 6, 6, 0), Slice(2, 6, 6, 0, is_uncounted=True), Slice(6, 6, 6, 0)), (), [(0, 2)])
    assert lengths_of(b"\0\0kind.", slices) == [Length(0, 2, 6, 6)]
    assert lengths_of(b"\0\0" + bytes(4) + b".", slices) == [Length(0, 2, 6, 6)], "a text counts nothing"
    assert lengths_of(b"\0kind", taken((0, 1), (1, 5), (5, 5))) == []


def test_the_number_that_is_nearest_counts() -> None:
    data = b"\0\3\0\3abc"
    assert lengths_of(data, taken((0, 2), (2, 4), (4, 7))) == [Length(2, 4, 4, 7)]


def test_digits_count_in_the_base_that_is_right() -> None:
    data = b" 12\0x" + bytes(10)
    assert lengths_of(data, taken((0, 4), (5, 15))) == [Length(0, 4, 5, 15, "big", "o")]
    assert lengths_of(b"a;" + bytes(10), taken((0, 1), (2, 12))) == [Length(0, 1, 2, 12, "big", "x")]


def test_a_length_may_count_from_where_the_head_begins() -> None:
    data = b"\7\6\0abc" + b"rest"
    slices = taken((0, 6), (6, 10), numbers=((1, 3),))
    assert lengths_of(data, slices) == [Length(1, 3, 0, 6, "little")]


def test_what_was_taken_is_counted_before_what_ends_where_something_was_read() -> None:
    data = b"\4\0csum" + b"body"
    slices = taken((0, 2), (6, 10), numbers=((2, 6),))
    assert lengths_of(data, slices) == [Length(0, 2, 6, 10, "little")]
    assert lengths_of(data, taken((0, 2), numbers=((2, 6),))) == [Length(0, 2, 2, 6, "little")]


def test_all_that_is_left_has_been_counted_by_nothing() -> None:
    slices = Slices((Slice(0, 2, 2, 0), Slice(4, 7, 7, 0, is_uncounted=True)), (), ())
    assert lengths_of(b"\0\3..abc", slices) == []


@pytest.mark.parametrize(
    ("field", "number", "expected"),
    [
        (b"0012\0", 255, b"0377\0"),
        (b"  7\0", 8, b" 10\0"),
        (b"7\0", 8, b"10"),
        (b"7", 8, None),
        (b"0010 ", 1, b"0001 "),
    ],
)
def test_digits_stay_where_they_are_and_take_the_place_of_blanks(
    field: bytes, number: int, expected: bytes | None
) -> None:
    assert in_digits(field, number, "o") == expected


def test_a_number_without_room_stays_as_it_is() -> None:
    made = bytearray(b"\xff9")
    Length(0, 1, 2, 3).write(made, 0, 1)
    Length(1, 2, 2, 3, digits="d").write(made, 1, 1)
    assert made == b"\xff9"
    Length(0, 1, 2, 3).write(made, 0, -255)
    assert made == b"\x009"
