"""Numbers that say how long something is, wherever they stand before it and in whatever form."""

import pytest

from fuzztui.worker.structure.lengths import MAX_LENGTHS, Length, in_digits, lengths_of, with_measured
from fuzztui.worker.structure.measures import Form, Measured
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


def test_lengths_are_bounded() -> None:
    data = b"\0\1x" * 100
    ranges = [each for at in range(0, 300, 3) for each in ((at, at + 2), (at + 2, at + 3))]
    assert len(lengths_of(data, taken(*ranges))) == MAX_LENGTHS


def test_what_is_measured_besides_is_what_no_length_counts_and_stands_elsewhere() -> None:
    known, form = Length(0, 1, 4, 8), Form(0, 255, 4, 1, 0)
    other = Measured(1, 2, 8, 12, "big", form)
    again, covering = Measured(2, 3, 4, 8, "big", form), Measured(0, 1, 12, 16, "big", form)
    made = with_measured([known], [again, covering, other])
    assert made == [known, Length(1, 2, 8, 12, "big", "", form)]
    assert with_measured(made, [other]) == made, "once"
    assert with_measured(made, []) == [known], "what was measured before is measured anew"
