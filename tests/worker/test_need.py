from fuzztui.worker.guidance.eagerness import Eagerness
from fuzztui.worker.guidance.need import LEAST, MEMORY, Need
from tests.worker.world import inhabited

BY_CHANCE = "\n".join(
    [
        "from zlib import crc32",
        "def fuzz(data):",
        "    number = crc32(data) & 63",
        *(f"    if number == {each}: return {each}" for each in range(64)),
    ]
)
"""Any change takes some branch, and no comparison tells which."""


def need(mutated: int, others: int, times: int = 100) -> float:
    """After so many calls, each with so many finds by mutation and in all other ways."""
    known = Need()
    for _ in range(times):
        known.note(mutated, others)
    return known.value


def test_looking_further_has_all_of_its_time_at_first() -> None:
    assert Need().value == 1.0
    assert need(0, 0) == 1.0


def test_it_has_all_of_its_time_where_mutation_finds_little() -> None:
    assert need(0, 1) == 1.0
    assert need(1, 2) == 1.0


def test_it_has_less_where_mutation_finds_as_much_as_all_else_and_little_where_it_finds_most() -> None:
    assert LEAST < need(1, 1) < 0.5
    assert need(4, 1) == LEAST
    assert need(1, 0) == LEAST


def test_a_few_finds_decide_nothing() -> None:
    assert need(1, 0, times=4) == 1.0


def test_what_was_found_long_ago_does_not_count() -> None:
    known = Need()
    known.note(10 * MEMORY, 0)
    assert known.value == LEAST
    known.note(0, 10 * MEMORY)
    assert known.value == 1.0


def test_all_that_looks_further_has_less_of_its_time() -> None:
    search = Eagerness()
    search.count(0, 0, 0, 0.25)
    assert [search.looking, search.walking, search.worth, search.freshness] == [0.25] * 4
    search.count(0, 0, 0)
    assert [search.looking, search.walking, search.worth, search.freshness] == [1.0] * 4


def test_it_is_learned_from_what_calls_find() -> None:
    with inhabited(BY_CHANCE) as world:
        executor = world.executor()
        begun = executor._need._mutated + executor._need._others
        for _ in range(2):
            world.fuzz(executor, b"entry", 2000, seconds=0.5)
        assert executor._need._mutated + executor._need._others > begun + 10
        executor._need.note(1000, 0)
        world.fuzz(executor, b"", 10, seconds=0.5)
        assert executor._guidance.exploring.eagerness.worth == LEAST
