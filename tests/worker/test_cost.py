"""What a find costs grows with what it covers, not with the size of the program."""

from fuzztui.worker.coverage.seen import BLOCK, SeenCells
from fuzztui.worker.guidance.ration import Ration
from fuzztui.worker.instrumentation.probes import ProbeMap


def test_new_cells_are_those_that_are_set_and_have_not_been_seen() -> None:
    probes = ProbeMap()
    probes.register("m", "m.py", [1] * (3 * BLOCK + 7))
    seen = SeenCells(probes)
    seen.keep([0, 5, BLOCK, 3 * BLOCK])
    new = {1, BLOCK - 1, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 6}
    for cell in new:
        probes.cells[cell] = 1
    probes.cells[5] = 0  # cleared for an execution that has not covered it
    assert seen.new_of(seen.set_cells()) == new
    assert seen.new_cells() == new


def test_what_one_execution_alone_had_covered_is_met_again_and_not_new() -> None:
    for find in (SeenCells.new_cells, lambda seen: seen.new_of(seen.set_cells())):
        probes = ProbeMap()
        probes.register("m", "m.py", [1] * 10)
        seen = SeenCells(probes)
        seen.keep([0, 1])
        seen.watch([1])
        seen.cells[1] = seen.cells[2] = 1
        assert find(seen) == {2}
        assert seen.take_met_again() == {"m": [1]}
        assert seen.seen == bytes((1, 1)) + bytes(8)


def test_few_looks_find_what_is_new_in_a_large_map() -> None:
    looks = 0

    class Counted(bytearray):
        def __getitem__(self, key):  # type: ignore[no-untyped-def]  # as a bytearray has it
            nonlocal looks
            looks += 1
            return super().__getitem__(key)

    probes = ProbeMap()
    probes.register("m", "m.py", [1] * 100_000)
    seen = SeenCells(probes)
    seen.keep(range(0, 100_000, 2))
    probes.cells[99] = 1
    vars(seen)["seen"] = Counted(seen.seen)
    assert seen.new_cells() == {99}
    assert looks <= 100_000 // BLOCK + 1


def test_a_ration_allows_what_was_granted_at_once_and_then_as_much_as_executions_bring() -> None:
    ration = Ration(at_once=100, per_execution=0.5)
    assert [ration.allows(40, 0) for _ in range(3)] == [True, True, False]
    assert not ration.allows(40, 39)
    assert ration.allows(40, 40)
    assert not ration.allows(40, 40)


def test_what_is_larger_than_the_ration_is_allowed_once() -> None:
    ration = Ration(at_once=100, per_execution=0.5)
    assert ration.allows(1000, 0)
    assert not ration.allows(1000, 3000)
    assert ration.allows(1000, 3800)
