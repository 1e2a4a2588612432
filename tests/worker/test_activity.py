"""What a look from outside finds a worker doing, at moments that are known: the words that a profile is made of."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fuzztui.engine.crew.profile import cost_now
from fuzztui.engine.show.costs import Cost
from fuzztui.protocol.messages import Found, Yields
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.loop import PythonExecutor
from fuzztui.worker.mutate.sizes import Arguments
from tests.worker.world import World, inhabited

SOURCE = """
class Failing(Exception):
    def __str__(self):
        describe()
        return "no"

def look():
    pass

def describe():
    pass

def fuzz(data):
    look()
    if data == b"bad":
        raise Failing
    return b"k" in data and len(data) > 9
"""


class Looks:
    """The costs that were seen in the target, in a failure's own words, in mutations, and after the loop."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.in_target: Counter[Cost | None] = Counter()
        self.in_failure: Counter[Cost | None] = Counter()
        self.in_mutation: Counter[Cost | None] = Counter()
        self.after: Counter[Cost | None] = Counter()
        self.world = world
        self._patch = patch
        world.namespace["look"] = self._at(self.in_target)
        world.namespace["describe"] = self._at(self.in_failure)

    def executor(self, *, says_mutating: bool = True) -> PythonExecutor:
        executor = self.world.executor(says_mutating=says_mutating)
        mutator = executor._mutator
        mutate, take_yields = mutator.mutate_bytes, mutator.take_yields
        in_mutation, after = self._at(self.in_mutation), self._at(self.after)

        def mutating(data: bytes) -> Any:
            in_mutation()
            return mutate(data)

        def summing(entry: Arguments, executions: int, part: float) -> Yields:
            after()
            return take_yields(entry, executions, part)

        self._patch.setattr(mutator, "mutate_bytes", mutating)
        self._patch.setattr(mutator, "take_yields", summing)
        return executor

    def _at(self, looks: "Counter[Cost | None]") -> Callable[[], None]:
        return lambda: looks.update([cost_now(self.world.memory)])


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Looks]:
    with inhabited(SOURCE) as world:
        yield Looks(world, monkeypatch)


def test_an_execution_is_the_targets_a_mutation_is_the_mutators_and_the_rest_of_the_loop_is_bookkeeping(
    looks: Looks,
) -> None:
    executor = looks.executor()
    looks.world.fuzz(executor, b"e", 5000)  # until nothing is left to be found, which would be measured
    looks.in_target.clear()
    looks.in_mutation.clear()
    looks.after.clear()
    looks.world.fuzz(executor, b"e", 20)
    assert looks.in_target[Cost.TARGET] >= 19
    assert looks.in_target.keys() <= {Cost.TARGET, Cost.MEASURING}
    assert looks.in_mutation.keys() == {Cost.MUTATION}
    assert looks.after == {Cost.BOOKKEEPING: 1}


def test_a_mutation_is_not_told_from_the_rest_where_no_profile_is_wanted(looks: Looks) -> None:
    looks.world.fuzz(looks.executor(says_mutating=False), b"e", 20)
    assert looks.in_mutation.keys() == {Cost.BOOKKEEPING}


def test_what_is_executed_to_learn_what_an_input_covers_and_to_trim_it_is_measuring(looks: Looks) -> None:
    executor = looks.executor()
    results = looks.world.fuzz(executor, b"k" * 30, 50)
    assert any(isinstance(each, Found) for each in results)
    assert looks.in_target[Cost.MEASURING] > 2
    assert looks.in_target[Cost.TARGET] > 0
    assert looks.in_target.keys() == {Cost.MEASURING, Cost.TARGET}


def test_what_is_executed_with_its_comparisons_traced_is_tracing(looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[Counter[Cost | None]] = []
    comparisons = Tracing.comparisons

    def tracing(self: Tracing, arguments: Arguments) -> object:
        before = Counter(looks.in_target)
        try:
            return comparisons(self, arguments)
        finally:
            traced.append(looks.in_target - before)

    monkeypatch.setattr(Tracing, "comparisons", tracing)
    looks.world.fuzz(looks.executor(), b"entry", 20, trace=True)
    assert traced
    assert all(each == {Cost.TRACING: 1} for each in traced)
    assert looks.in_target[Cost.TRACING] == len(traced)


def test_a_failure_is_the_targets_until_it_has_been_raised_and_describing_it_is_reporting(looks: Looks) -> None:
    executor = looks.executor()
    looks.world.fuzz(executor, b"entry", 5)
    crash = executor.run(b"bad")
    assert crash is not None
    looks.in_failure.clear()
    looks.world.reports.crash(crash, b"bad")
    assert looks.in_failure
    assert looks.in_failure.keys() == {Cost.REPORTING}


def test_a_worker_without_a_call_is_waiting(looks: Looks) -> None:
    looks.world.fuzz(looks.executor(says_mutating=False), b"entry", 5, trace=True)
    assert cost_now(looks.world.memory) is Cost.WAITING
