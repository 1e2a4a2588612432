import pytest

from fuzztui.worker.guidance.eagerness import FRESH, LEAST_FRESH, Eagerness
from fuzztui.worker.guidance.exploring import Exploring
from fuzztui.worker.guidance.legs import Legs
from fuzztui.worker.guidance.need import LEAST, MEMORY, Need
from fuzztui.worker.loop import PythonExecutor
from tests.worker.world import World, inhabited

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


def test_ever_so_many_finds_of_one_way_are_no_error() -> None:
    assert need(0, 30_000) == 1.0
    assert need(30_000, 0) == LEAST


def test_all_that_looks_further_has_less_of_its_time() -> None:
    search = Eagerness()
    search.count(0, 0, 0)
    search.need = 0.25
    assert [search.looking, search.walking, search.worth, search.freshness] == [0.25] * 4
    search.count(0, 0, 1000 * FRESH)
    assert search.freshness == LEAST_FRESH, "none has less than that"
    search.count(1, 1, 1000 * FRESH)
    search.need = 1.0
    assert [search.looking, search.walking, search.worth, search.freshness] == [1.0] * 4


def test_so_have_keys_that_are_sought() -> None:
    with inhabited(BY_CHANCE) as world:
        exploring = world.executor()._guidance.exploring
        exploring.begin_call(1.0, 0, 0)
        sought = []
        for exploring.eagerness.need in (1.0, 0.5):
            exploring._sought = 0.0
            exploring.begin_call(1.0, 0, 0)
            sought.append(exploring._sought)
        assert sought[0] == 2 * sought[1] > 0


def executed(executor: PythonExecutor, world: World, seconds: float = 0.5) -> float:
    """The need in a call."""
    world.fuzz(executor, b"", 10, seconds=seconds)
    return executor._guidance.exploring.eagerness.need


def test_it_is_learned_from_what_turns_find(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited(BY_CHANCE) as world:
        executor = world.executor()
        noted: list[tuple[int, int]] = []
        monkeypatch.setattr(executor._need, "note", lambda mutated, others: noted.append((mutated, others)))
        monkeypatch.setattr(Legs, "settle", lambda _self, _found, _executions: (7, 2))
        world.fuzz(executor, b"entry", 2000, seconds=0.5)
        assert noted == [(7, 2)]
        monkeypatch.setattr(Exploring, "is_hurried", True)
        world.fuzz(executor, b"entry", 2000, seconds=0.5)
        assert noted == [(7, 2)], "there is nothing but mutation then"


def test_it_holds_on_islands_and_not_where_a_run_has_to_be_repeatable() -> None:
    with inhabited(BY_CHANCE) as world:
        executor = world.executor()
        executor._need.note(1000, 0)
        assert executed(executor, world, 3600.0) == 1.0
        assert executed(executor, world) == LEAST
        world.fuzz(executor, b"", 10, seconds=0.5, island=1)
        assert executor._guidance.exploring.eagerness.need == LEAST
