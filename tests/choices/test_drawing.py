"""A property test as an executor has it, without a coordinator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fuzztui.protocol.messages import Crashed, Done, Found, Remark, Result
from fuzztui.target.choices.value import CHOICES, Choices
from fuzztui.target.values import decode
from fuzztui.worker.choices.drawing import CHECKS, OTHERWISE
from fuzztui.worker.hypothesis.execution import PropertyTest, loaded
from fuzztui.worker.loop import PythonExecutor
from fuzztui.worker.mutate.choices.record import arguments_of
from tests.worker import world as worlds
from tests.worker.world import World, inhabited

NOTHING = b"fuzztui choices v1\nseed 0\n"

NAMES = """
from hypothesis import assume, given, strategies as st

def start(options):
    if options.get("mode") == "fast":
        if options.get("level") == 7301:
            raise RuntimeError("too fast")
    return 1

@given(st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=8)), max_size=4))
def fuzz(options):
    start(options)
"""

SUMS = """
from hypothesis import assume, given, strategies as st

@given(st.lists(st.integers(0, 100_000), min_size=3, max_size=9))
def fuzz(numbers):
    assume(numbers[0] % 2)
    if sum(numbers) % 10_000 == 7301:
        raise RuntimeError("that sum")
"""


@contextmanager
def drawing(source: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, PropertyTest]]:
    """A world whose function `fuzz` is a property test."""
    monkeypatch.setattr(worlds, "CAPACITY", 1 << 16)
    monkeypatch.setattr(worlds, "MAX_LEN", 4096)
    with inhabited(source, (CHOICES,)) as world:
        target = loaded(world.function)
        world._target = target
        test: Any = target.test
        yield world, test


def search(world: World, executor: PythonExecutor, calls: int) -> list[Result]:
    """What so many calls send, each of which takes the next entry of the corpus."""
    entries, results, traced = [NOTHING], list[Result](), set[bytes]()
    for number in range(calls):
        entry = entries[number % len(entries)]
        sent = world.fuzz(executor, entry, 200, trace=entry not in traced)
        traced.add(entry)
        results += sent
        entries += [each.data for each in sent if isinstance(each, Found)]
        if any(isinstance(each, Crashed) for each in sent):
            break
    return results


@pytest.mark.parametrize("source", [NAMES, SUMS], ids=["names", "sums"])
def test_bugs_behind_keys_and_sums_are_found_and_reported_as_they_were_drawn(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with drawing(source, monkeypatch) as (world, test):
        results = search(world, world.executor(), 60)
        crash, *_ = [each for each in results if isinstance(each, Crashed)]
        (choices,) = decode(crash.data, (CHOICES,))
        assert isinstance(choices, Choices)
        with pytest.raises(RuntimeError):
            test.run(choices.plain)
        assert test.drawn == choices.plain


def test_entries_are_kept_as_they_were_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(NAMES, monkeypatch) as (world, test):
        found = [each for each in search(world, world.executor(), 4) if isinstance(each, Found)]
        assert found
        for each in found:
            (choices,) = decode(each.data, (CHOICES,))
            assert isinstance(choices, Choices)
            test.run(choices.plain)
            assert test.drawn == choices.plain


def test_the_lean_way_is_taken_once_it_has_been_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(NAMES, monkeypatch) as (world, test):
        results = search(world, world.executor(), 2)
        assert test.is_lean
        assert not [each for each in results if isinstance(each, Remark)]


def test_a_lean_way_that_does_otherwise_is_not_taken_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(SUMS, monkeypatch) as (world, test):
        made = test._make_lean

        def broken() -> Any:
            data = made()
            vars(data)["draw_integer"] = lambda *_, **__: 1 / 0
            return data

        test._make_lean = broken
        results = search(world, world.executor(), 2)
        assert not test.is_lean
        assert [each.sentence for each in results if isinstance(each, Remark)] == [OTHERWISE]
        assert {each.failure.type for each in results if isinstance(each, Crashed)} <= {"RuntimeError"}


def test_checks_count_as_executions_and_a_small_call_has_few(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(SUMS, monkeypatch) as (world, test):
        executor = world.executor()
        for _ in range(CHECKS):
            *_, done = world.fuzz(executor, NOTHING, 20)
            assert isinstance(done, Done)
            assert done.executions <= 20
            if test.is_lean:
                break
        assert test.is_lean


def test_discarded_executions_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(SUMS, monkeypatch) as (world, _):
        results = search(world, world.executor(), 3)
        executions = sum(each.executions for each in results if isinstance(each, Done))
        assert 0 < world.memory.refused < executions


@pytest.mark.parametrize(("condition", "count"), [("False", 1), ("numbers", 0)])
def test_that_no_execution_comes_to_a_verdict_is_told_once(
    condition: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with drawing(SUMS.replace("numbers[0] % 2", condition).replace("raise ", "return None and "), monkeypatch) as (
        world,
        _,
    ):
        sent = search(world, world.executor(), 8)
        told = [each.sentence for each in sent if isinstance(each, Remark)]
        assert [each.startswith("none of the first 1,") for each in told] == [True] * count


def test_however_slow_a_test_is_each_call_checks_one_input_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing(SUMS, monkeypatch) as (world, test):
        executor = world.executor()
        for _ in range(CHECKS):
            world.fuzz(executor, NOTHING, 200, seconds=0.0)
        assert test.is_lean


def test_of_a_slow_test_hardly_anything_is_looked_at_deeper(monkeypatch: pytest.MonkeyPatch) -> None:
    executions = []
    for seconds in (3600.0, 0.0):
        with drawing(SUMS, monkeypatch) as (world, test):
            executor = world.executor()
            while test.status != "valid":
                test.run((test.executions,))
            executions.append(executor._guidance.trace(arguments_of(test.drawn), 400, seconds))
    assert executions[0] > 5 > 3 > executions[1]
