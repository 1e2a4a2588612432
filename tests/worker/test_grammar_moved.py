"""Numbers and dates in texts are moved by what lacks to what has been worked out of them."""

from datetime import date

import pytest

from fuzztui.worker.grammar.moved import MAX_MOVED, iso_date, moved_in_texts, ordinal, places, times
from fuzztui.worker.mutate.operands import Comparison


@pytest.mark.parametrize("day", [1, 2, 59, 60, 365, 366, 730_120, 738_945, 738_946, 3_652_058, 3_652_059])
def test_days_are_counted_as_datetime_counts_them(day: int) -> None:
    made = date.fromordinal(day)
    assert ordinal(made.year, made.month, made.day) == day
    assert iso_date(day) == made.isoformat()


def test_numbers_and_dates_are_found_the_last_first() -> None:
    found = places("a1;2024-02-29;007")
    assert [(each.value, each.is_date) for each in found] == [(7, False), (ordinal(2024, 2, 29), True), (1, False)]


@pytest.mark.parametrize(
    ("value", "comparison", "made"),
    [
        (b"2024-01-31;2024-02-05", ("<", 5, 28), b"2024-01-31;2024-02-28"),
        ("2024-01-31;2024-02-05", ("==", 2, 0), "2024-01-29;2024-02-03"),  # all together: a weekday, and the same span
        (b"3 and 4", ("==", 12, 20), b"3 and 12"),
        (b"x=07", ("!=", 1, 3), b"x=09"),
        (b"9999-12-30", ("<", 0, 5), b"9999-12-25"),
        (b"2024-01-31", ("==", 0, 86_400), b"2024-02-01"),  # a day in seconds
        (b"a 09:30-10:15 b", ("==", 45, 90), b"a 09:30-11:00 b"),
        (b"a 09:30-10:15 b", ("==", 45, 90), b"a 08:45-10:15 b"),
        ("08:00-09:00 09:00-10:00", ("<", 20, 80), "08:00-09:00 10:00-11:00"),  # the last ones together
        ("00:00:59", ("==", 59, 61), "00:01:01"),
        ("00:59:59,500", ("==", 0, 1_000), "01:00:00,500"),
    ],
)
def test_what_lacks_is_added_where_a_number_stands(
    value: bytes | str, comparison: Comparison, made: bytes | str
) -> None:
    assert (made,) in list(moved_in_texts((value,), [comparison], 100))


def test_a_number_is_moved_with_another_one_that_was_right_and_would_not_be_so_any_longer() -> None:
    comparisons: list[Comparison] = [("==", 2, 2), (">", 2, 9)]
    made = [each for (each,) in moved_in_texts(("1;1;total 2",), comparisons, 100)]
    assert {"1;9;total 10", "9;1;total 10", "1;8;total 9"} <= set(made)
    assert "1;9;total 10" not in [each for (each,) in moved_in_texts(("1;1;total 2",), comparisons[1:], 100)]


def test_times_of_day_are_found_the_last_first_in_their_smallest_unit() -> None:
    found = times("[09:30] 23:59:58 1:30:00 01:02:03.004 12:60")
    assert [each.value for each in found] == [3_723_004, 86_398, 570]
    assert not times("123:00 1:00:00 00:00:00:00")


def test_inputs_are_bounded_in_number_and_length() -> None:
    comparisons: list[Comparison] = [("==", 0, number * 1000) for number in range(1, 50)]
    text = b" ".join(b"%d" % number for number in range(40))
    assert len(list(moved_in_texts((text,), comparisons, 1000))) == MAX_MOVED
    assert all(len(each) <= 3 for (each,) in moved_in_texts((b"1 2",), comparisons, 3))  # type: ignore[arg-type]
    assert not list(moved_in_texts((1, b"none"), comparisons, 100))


def test_a_part_of_a_time_is_moved_alone_after_all_else_and_times_of_one_unit_together() -> None:
    made = [text for (text,) in moved_in_texts(("00:10,00:20:00 7",), [("==", 1, 4)], 100)]
    assert made.index("00:10,00:20:00 10") < made.index("00:13,00:20:00 7") < made.index("03:10,00:20:00 7")
    assert "00:13,00:20:03 7" not in made
