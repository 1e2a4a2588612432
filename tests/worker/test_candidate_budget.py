from collections.abc import Iterator

from fuzztui.worker.guidance.candidate_budget import CandidateBudget
from fuzztui.worker.mutate.sizes import Arguments


def _inputs(*lengths: int) -> Iterator[Arguments]:
    return ((b"x" * length,) for length in lengths)


def _lengths(inputs: Iterator[Arguments]) -> list[int]:
    return [len(value) for (value,) in inputs if isinstance(value, bytes)]


def _experienced(entries: int = 100, length: int = 20) -> CandidateBudget:
    """One that gives 50 inputs of 20 bytes, or 3 of an entry's own length."""
    budget = CandidateBudget(50, 3)
    for _ in range(entries):
        list(budget.apply((b"x" * length,), _inputs()))
    return budget


def test_an_average_entry_gets_all_it_suggests() -> None:
    assert _lengths(_experienced().apply((b"x" * 20,), _inputs(*[20] * 50))) == [20] * 50


def test_a_short_entry_does_too() -> None:
    assert _lengths(_experienced().apply((b"x",), _inputs(*[2] * 50))) == [2] * 50


def test_the_empty_entry_that_a_search_begins_with_is_not_cut_short() -> None:
    assert _lengths(CandidateBudget(50, 3).apply((b"",), _inputs(*[10] * 50))) == [10] * 50


def test_a_long_entry_gets_a_few_of_its_own_length() -> None:
    assert _lengths(_experienced().apply((b"x" * 1000,), _inputs(*[990] * 50))) == [990] * 3


def test_long_is_what_is_longer_than_others() -> None:
    """Where all entries are long, none is short of suggestions."""
    assert _lengths(_experienced(length=1000).apply((b"x" * 1000,), _inputs(*[1000] * 50))) == [1000] * 50


def test_inputs_much_longer_than_their_entry_come_last() -> None:
    assert _lengths(_experienced().apply((b"x" * 20,), _inputs(700, 21, 20, 81, 80))) == [21, 20, 80, 700, 81]


def test_they_get_what_the_others_leave() -> None:
    assert _lengths(_experienced().apply((b"x" * 20,), _inputs(900, 20, 20, 900, 20))) == [20, 20, 20, 900]


def test_all_arguments_and_no_numbers_count() -> None:
    budget = CandidateBudget(2, 1)
    suggested = iter([(b"x" * 20, "öö", 7, 1.5)] * 3)
    assert len(list(budget.apply((b"12" * 6, "3456" * 3, 10**9, 2.5), suggested))) == 2


def test_nothing_is_asked_for_before_it_is_wanted() -> None:
    asked = []

    def suggested() -> Iterator[Arguments]:
        for number in range(10):
            asked.append(number)
            yield (b"x",)

    inputs = _experienced().apply((b"x" * 20,), suggested())
    next(inputs)
    assert asked == [0]
