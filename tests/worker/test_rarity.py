"""Workers say truly which probes a second execution has covered, and whether finds cover the same twice."""

from collections import Counter

from fuzztui.protocol.messages import Coverage, Done, Found, Fuzz
from fuzztui.worker.discoveries import TRIMMING_TRIES
from fuzztui.worker.loop import PythonExecutor
from fuzztui.worker.serve import answer
from tests.worker.world import World, inhabited

RARE = """
def note(where):
    pass

def fuzz(data):
    if len(data) > 3 and data[0] > 250:
        note("a")
        if data[1] > 250:
            note("b")
            if data[2] > 250:
                note("c")
    return len(data)
"""


def runs_of(world: World) -> dict[str, list[int]]:
    """By what it notes the numbers of the target's executions that come there."""
    runs: dict[str, list[int]] = {}
    world.namespace["note"] = lambda where: runs.setdefault(where, []).append(world.memory.executions)
    return runs


def messages(world: World, executor: PythonExecutor, calls: int, executions: int = 40) -> list[object]:
    told: list[object] = []
    for _ in range(calls):
        told += world.fuzz(executor, b"entry", executions)
    return told


def single_now(told: list[object]) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """Probes that were found, and those of them that have not been met again since."""
    found: set[tuple[str, int]] = set()
    single: set[tuple[str, int]] = set()
    for message in told:
        if isinstance(message, Found):
            edges = probes(message.edges)
            single = (single - edges) | (edges - found)
            found |= edges
        elif isinstance(message, Done):
            single -= probes(message.again)
    return found, single


def probes(coverage: Coverage) -> set[tuple[str, int]]:
    return {(name, index) for name, indices in coverage.items() for index in indices}


FOLLOW_UP = TRIMMING_TRIES + 4
"""Executions of one find: that which found it, and those that measure, trim and check it."""


def test_probe_is_single_exactly_as_long_as_one_execution_has_covered_it() -> None:
    """The target itself says in which executions it came there."""
    with inhabited(RARE) as world:
        runs = runs_of(world)
        executor = world.executor()
        told: list[object] = []
        lines = world.probes.modules[0].lines
        was_single: set[str] = set()
        was_common: set[str] = set()
        for _ in range(300):
            told += world.fuzz(executor, b"\xff\xfe\xf0y", 3 * FOLLOW_UP)
            found, single = single_now(told)
            for where, line in (("a", 7), ("b", 9), ("c", 11)):
                if not any(lines[index] == line for _, index in found):
                    continue
                numbers = runs.get(where, [])
                if any(lines[index] == line for _, index in single):
                    was_single.add(where)
                    assert numbers[-1] - numbers[0] <= FOLLOW_UP
                elif numbers:
                    was_common.add(where)
                    assert len(numbers) > 1
        assert was_common
        assert was_single | was_common == set(runs)


def test_edge_that_is_met_again_is_told_once() -> None:
    with inhabited("def fuzz(data):\n    if len(data) > 2:\n        return 1\n    return 0\n") as world:
        executor = world.executor()
        told = messages(world, executor, 30)
        again = Counter(probe for message in told if isinstance(message, Done) for probe in probes(message.again))
        found, single = single_now(told)
        assert again
        assert set(again.values()) == {1}
        assert set(again) <= found
        assert not single


EXACT = """
def fuzz(data):
    if data == b"magic":
        return 1
    return 0
"""


def test_edge_that_nothing_meets_again_stays_single() -> None:
    with inhabited(EXACT) as world:
        executor = world.executor()
        told: list[object] = list(world.fuzz(executor, b"magic", 3, trace=True))
        told += world.fuzz(executor, b"xxxxxxxxxxxxxxxxxxxxxx", 9)
        _, single = single_now(told)
        assert single


def test_probes_that_are_single_elsewhere_are_watched_too() -> None:
    with inhabited(EXACT) as world:
        executor = world.executor()
        every = {"harness": list(range(len(world.probes.cells)))}
        world.sent.clear()
        answer(Fuzz(b"xxxx", 3600.0, 20, every, False, every), executor, world.executions, world.reports)
        assert not any(isinstance(message, Found) for message in world.sent)
        done = world.sent[-1]
        assert isinstance(done, Done)
        assert done.again
        assert probes(done.again) < probes(every)


def test_probes_that_were_covered_by_many_are_not_watched() -> None:
    with inhabited(EXACT) as world:
        executor = world.executor()
        every = {"harness": list(range(len(world.probes.cells)))}
        world.sent.clear()
        answer(Fuzz(b"xxxx", 3600.0, 20, every, False), executor, world.executions, world.reports)
        done = world.sent[-1]
        assert isinstance(done, Done)
        assert done.again == {}


STEADY = """
def fuzz(data):
    total = 0
    for byte in data:
        if byte > 128:
            total += 1
    return total
"""

CHANCE = """
calls = [0]
def fuzz(data):
    calls[0] += 1
    if calls[0] % 2:
        return 1
    return len(data) > 3
"""


def test_find_that_covers_the_same_twice_is_stable() -> None:
    with inhabited(STEADY) as world:
        found = [message for message in messages(world, world.executor(), 30) if isinstance(message, Found)]
        assert any(message.is_checked for message in found)
        assert all(message.unstable == {} for message in found)


def test_find_that_covers_something_else_when_it_is_run_again_is_unstable_there() -> None:
    with inhabited(CHANCE) as world:
        told = messages(world, world.executor(), 30)
        found = [message for message in told if isinstance(message, Found) and message.is_checked]
        lines = world.probes.modules[0].lines
        unstable = {lines[index] for message in found for _, index in probes(message.unstable)}
        assert unstable
        assert unstable <= {4, 5, 6, 7}
