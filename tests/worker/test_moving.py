"""Numbers are moved by what lacks to one that the program has worked out of them, alone and together."""

import math
from typing import Any

import pytest

from fuzztui.worker.mutate.moving import MAX_MOVED, moved_numbers


@pytest.mark.parametrize(
    ("arguments", "comparison", "wanted"),
    [
        ((1, 28, 1000), ("==", 27, 1000), (1, 1001, 1000)),
        ((1, 28, 1000), ("!=", 1000, 27), (1, 1001, 1000)),
        ((7, 500), ("==", 493, 0), (500, 500)),  # what is worked out falls where the number grows
        ((3, 4), (">", 7, 50), (3, 48)),
        ((3, 4), ("<=", 50, 7), (3, 47)),
        ((1.5, 2.0), ("==", 3.5, 10.0), (8.0, 2.0)),
        ((1.5, 2.0), ("<", 3.5, 10), (8.0, 2.0)),
        ((3, 4), ("==", ("a", 7, 1), ("a", 50, 1)), (46, 4)),  # one of a row
    ],
)
def test_number_is_moved_by_what_lacks_elsewhere(arguments: Any, comparison: Any, wanted: Any) -> None:
    assert wanted in list(moved_numbers(arguments, [comparison]))


@pytest.mark.parametrize(
    ("arguments", "comparison"),
    [
        ((True, "a", b"b"), ("==", 1, 2)),
        ((1, 2), ("==", 5, 5)),
        ((1, 2), ("==", "a", "b")),
        ((1, 2), ("in", 1, (2, 3))),
        ((1, 2), ("==", (1, 2), (1, 2, 3))),
        ((1.0,), ("==", float("nan"), 2.0)),
        ((float("inf"),), ("==", 1.0, 2.0)),
        ((1,), ("==", 1.0, 2.0)),  # it would be of another type
    ],
)
def test_nothing_is_moved_where_no_number_lacks(arguments: Any, comparison: Any) -> None:
    assert not list(moved_numbers(arguments, [comparison]))


@pytest.mark.parametrize(
    ("arguments", "comparison", "wanted"),
    [
        (("r", 4, 531, "s", 0, 9), ("==", 9, 4), ("r", 9, 536, "s", 0, 9)),  # neighbors
        ((0, 2, "a", 2, 4, "b", 7), ("==", 7, 4), (0, 2, "a", 5, 7, "b", 10)),  # all behind a place
        ((0, 2, "a", 2, 4, "b", 7), ("==", 5, 2), (3, 5, "a", 2, 4, "b", 7)),  # all before one
        ((4.0, 5.0, 0.5), (">", 0.5, 10), (13.5, 14.5, 10.0)),  # all
        ((1, 9), ("==", 10, 16), (1, 12)),  # what counts twice
        ((0, 2, "a", 2, 3, 900), (">", 2, 60), (0, 60, "a", 60, 90, 900)),  # a ratio is kept
        ((1.0, 3.0), ("==", 2.0, 5.0), (2.5, 7.5)),
    ],
)
def test_numbers_are_moved_together_and_scaled(arguments: Any, comparison: Any, wanted: Any) -> None:
    assert wanted in list(moved_numbers(arguments, [comparison]))


@pytest.mark.parametrize("other", [10**400, -(10**400), 2**255, 1e308, -1e308, 5e-324])
@pytest.mark.parametrize("operator", ["==", "<"])
def test_numbers_of_any_size_are_compared_with_no_error_and_stay_numbers(operator: str, other: Any) -> None:
    for one in (3, 2.5, -(2**250)):
        for changed in moved_numbers((7, 1e300, 10**500, -0.0, 2**256), [(operator, one, other)]):
            assert [type(each) for each in changed] == [int, float, int, float, int]
            assert all(math.isfinite(each) for each in changed if isinstance(each, float))


def test_of_many_numbers_the_outer_ones_are_moved_and_each_input_is_another() -> None:
    numbers = tuple(range(1000, 1100))
    moved = list(moved_numbers(numbers, [("==", at, 10 * at + 1) for at in range(50)]))
    assert len(moved) == len(set(moved)) == MAX_MOVED
    changed = {at for each in moved for at in range(100) if each[at] != numbers[at]}
    assert {0, 99} <= changed
    assert 50 not in changed
    assert numbers not in moved


def test_what_was_compared_last_comes_first() -> None:
    first = next(moved_numbers((1, 2), [("==", 5, 6), ("==", 5, 1005)]))
    assert first == (1001, 2)
