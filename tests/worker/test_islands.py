"""A worker goes to and fro between the search that it shares with others and islands, which begin with nothing."""

import pytest

from fuzztui.protocol.messages import Execute, Executed, Found, Result
from fuzztui.worker.coverage.seen import Seen, SeenCells
from fuzztui.worker.instrumentation.retire import FIRST_GAP
from fuzztui.worker.loop import PythonExecutor
from fuzztui.worker.serve import answer
from tests.worker.world import World, inhabited

LETTERS = """
def fuzz(data):
    if data[:1] == b"k":
        if data[1:2] == b"l":
            return 2
        return 1
    return 0
"""


def found(results: list[Result]) -> list[bytes]:
    return [each.data for each in results if isinstance(each, Found)]


def settled(world: World) -> PythonExecutor:
    """One that has found everything, and runs without most of its probes."""
    executor = world.executor()
    for _ in range(2 * FIRST_GAP):
        for entry in (b"entry", b"kl", b"kx"):
            world.fuzz(executor, entry, 400, trace=True)
    assert not found(world.fuzz(executor, b"kl", 200, trace=True))
    return executor


def test_what_has_been_seen_is_new_on_an_island() -> None:
    with inhabited(LETTERS) as world:
        executor = settled(world)
        assert found(world.fuzz(executor, b"entry", 400, trace=True, island=1))


def test_what_is_found_on_an_island_covers_all_that_it_covers() -> None:
    """Probes that had been retired are back."""
    with inhabited(LETTERS) as world:
        executor = settled(world)
        results: list[Result] = []
        for entry in (b"entry", b"kx"):
            results += world.fuzz(executor, entry, 400, trace=True, island=1)
        covered = {probe for each in results if isinstance(each, Found) for probe in each.edges["harness"]}
        answer(Execute([b"kl"], {}), executor, world.executions, world.reports)
        executed = next(each for each in world.sent if isinstance(each, Executed))
        assert covered >= set(executed.edges["harness"])


def covered(world: World, data: bytes) -> int:
    """Cells that an input sets with the probes that are there now."""
    cells = world.probes.cells
    before = bytes(cells)
    cells[:] = bytes(len(cells))
    world.function(data)
    count = cells.count(1)
    cells[:] = before
    return count


def test_probes_that_had_been_retired_are_back_at_once() -> None:
    with inhabited(LETTERS) as world:
        executor = settled(world)
        assert covered(world, b"kl") == 0
        world.fuzz(executor, b"entry", 1, island=1)
        assert covered(world, b"kl") > 0
        world.fuzz(executor, b"entry", 1)
        assert covered(world, b"kl") == 0


def test_the_next_island_begins_with_nothing_too() -> None:
    with inhabited(LETTERS) as world:
        executor = settled(world)
        for island in (1, 2):
            assert found(world.fuzz(executor, b"entry", 400, trace=True, island=island))


def test_what_has_been_seen_on_an_island_is_known_there() -> None:
    with inhabited(LETTERS) as world:
        executor = settled(world)
        for entry in (b"entry", b"kl", b"kx") * 2:
            world.fuzz(executor, entry, 400, trace=True, island=1)
        assert not found(world.fuzz(executor, b"kl", 200, island=1))


def test_the_shared_search_goes_on_where_it_was() -> None:
    with inhabited(LETTERS) as world:
        executor = settled(world)
        knowledge = executor._islands.knowledge
        entries = list(executor._mutator.entries)
        assert entries
        world.fuzz(executor, b"entry", 1, island=1)
        assert executor._guidance is not knowledge.guidance
        assert executor._mutator.entries != entries
        assert not found(world.fuzz(executor, b"kl", 200))
        assert executor._guidance is knowledge.guidance
        assert executor._suggestions is knowledge.suggestions
        assert executor._mutator.entries == entries


def test_executions_and_finds_of_an_island_do_not_age_the_shared_search(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[int, int]] = []
    with inhabited(LETTERS) as world:
        executor = settled(world)
        eagerness = executor._guidance.exploring.eagerness
        count = eagerness.count

        def counting(found: int, reached: int, executions: int) -> bool:
            result = count(found, reached, executions)
            counted.append((eagerness._barren, eagerness._same))
            return result

        monkeypatch.setattr(eagerness, "count", counting)
        world.fuzz(executor, b"kl", 1)
        for _ in range(5):
            world.fuzz(executor, b"entry", 400, trace=True, island=1)
        world.fuzz(executor, b"kl", 1)
        (before, same_before), (after, same_after) = counted
        assert after - before <= 2
        assert same_after - same_before <= 2


def test_probes_that_are_single_are_watched_in_their_own_search() -> None:
    with inhabited(LETTERS) as world:
        seen = SeenCells(world.probes)
        seen.keep([0, 1])
        seen.watch([1])
        shared = seen.exchange(Seen())
        seen.cells[1] = 1
        assert seen.new_cells() == {1}
        seen.exchange(shared)
        assert seen.take_met_again() == {}
        seen.cells[1] = 1
        assert seen.new_cells() == set()
        assert seen.take_met_again() == {"harness": [1]}


def test_time_is_divided_on_an_island_by_what_is_found_there() -> None:
    with inhabited(LETTERS) as world:
        executor = world.executor()
        shared = executor._legs
        world.fuzz(executor, b"entry", 10, island=1)
        assert executor._legs is not shared
        world.fuzz(executor, b"entry", 10)
        assert executor._legs is shared
