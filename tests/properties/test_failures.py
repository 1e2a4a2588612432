"""What becomes of a failing input: the call in words, the entry in the test's database, the minimal one."""

import ast
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, core, given, note, reproduce_failure, seed, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase, choices_from_bytes
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.reflection import function_digest
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.version import __version__

from fuzztui.engine.crew.findings import users_stack
from fuzztui.worker.hypothesis.checks import remarks_of
from fuzztui.worker.hypothesis.examples import SECONDARY, Examples
from fuzztui.worker.hypothesis.execution import PropertyTest
from fuzztui.worker.hypothesis.explaining import Explaining
from fuzztui.worker.hypothesis.shrinking import Enough, shrink
from fuzztui.worker.hypothesis.variants import NO_VARIANTS, Variants

pytestmark = pytest.mark.filterwarnings(f"ignore::{HypothesisWarning.__module__}.{HypothesisWarning.__name__}")


def failing(test: PropertyTest) -> tuple[Any, ...]:
    """The first input that fails, as it was drawn."""
    for number in range(5_000):
        try:
            test.run((number,))
        except AssertionError:
            return test.drawn
    raise AssertionError("nothing fails")


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.values: list[int] = []

    @rule(n=st.integers(0, 50))
    def add(self, n: int) -> None:
        self.values.append(n)
        assert sum(self.values) < 60


@settings(database=None)
@given(numbers=st.lists(st.integers()), name=st.text())
def check_numbers(numbers: list[int], name: str) -> None:
    note(f"{len(numbers)} of them")
    assert sum(numbers) < 1000 or len(name) < 2


@given(st.data())
def check_data(data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 10_000), label="low")
    high = data.draw(st.integers(low, low + 100))
    assert low + high < 500


# Minimal ----------------------------------------------------------------------------------------------------------


def attempts(test: PropertyTest, limit: int = 100_000) -> Callable[[Any, Callable[[], object]], bool]:
    count = iter(range(limit))

    def attempt(_plain: Any, call: Callable[[], object]) -> bool:
        if next(count, None) is None:
            raise Enough
        try:
            call()
        except AssertionError:
            return True
        return False

    return attempt


@pytest.mark.parametrize(
    ("function", "minimal"),
    [(check_numbers, (True, 1000, False, "00")), (check_data, (200, 300))],
)
def test_input_becomes_what_hypothesis_would_find(function: Any, minimal: tuple[Any, ...]) -> None:
    test = PropertyTest(function)
    assert shrink(test, failing(test), attempts(test))[1:] == minimal


@st.composite
def counted(draw: st.DrawFn) -> list[int]:
    return [draw(st.integers(0, 10_000)) for _ in range(draw(st.integers(0, 5)))]


def test_number_that_says_how_much_is_drawn_becomes_smaller_with_that() -> None:
    @given(counted())
    def check(numbers: list[int]) -> None:
        assert 7741 not in numbers[1:]

    test = PropertyTest(check)
    assert shrink(test, (0, 5, 9987, 12, 1517, 7741, 3), attempts(test))[1:] == (2, 0, 7741)


def test_machine_is_made_minimal_too() -> None:
    test = PropertyTest(Machine.TestCase)
    before = failing(test)
    after = shrink(test, before, attempts(test))
    assert after != before
    assert len(after) <= len(before)
    with pytest.raises(AssertionError):
        test.run(after)


def test_search_that_is_ended_gives_the_simplest_so_far() -> None:
    test = PropertyTest(check_numbers)
    before = failing(test)
    some = shrink(test, before, attempts(test, 15))
    assert len(some) <= len(before)
    with pytest.raises(AssertionError):
        test.run(some)
    assert shrink(test, before, attempts(test, 0)) == before


# Words ------------------------------------------------------------------------------------------------------------


def test_call_is_told_as_hypothesis_prints_it_with_decorators_to_copy() -> None:
    printed, *notes, example, reproduce = Explaining(check_numbers, {}, NO_VARIANTS)((0, True, 1000, False, "ab"))
    assert re.fullmatch(r"(Failing test case|Falsifying example): check_numbers\(\n.*\n\)", printed, re.DOTALL)
    assert "numbers=[1000]" in printed
    assert notes == ["1 of them"]
    assert example == "@example(numbers=[1000], name='ab')"
    assert reproduce.startswith("@reproduce_failure(")


class Held:
    @given(numbers=st.lists(st.integers()), text=st.text())
    def check(self, numbers: list[int], text: str) -> None:
        raise AssertionError


def test_example_of_a_method_is_told_though_its_object_has_no_literal_form() -> None:
    words = Explaining(Held().check, {}, NO_VARIANTS)((0, True, 1, False, "a,  # b\n    text=('"))
    assert "self=<" in words[0]
    (example,) = [each for each in words if each.startswith("@example(")]
    assert ast.parse(example[1:], mode="eval").body.keywords[1].value.value == "a,  # b\n    text=('"  # type: ignore[attr-defined]
    assert example.startswith("@example(numbers=[1], text=")


@pytest.mark.parametrize("end", [lambda: pytest.fail("no"), sys.exit])
def test_failure_that_is_no_exception_of_the_usual_kind_is_told_alike(end: Callable[[], object]) -> None:
    @given(st.integers())
    def check(n: int) -> None:
        end()

    assert "n=7" in Explaining(check, {}, NO_VARIANTS)((0, 7))[0]


def test_steps_of_a_machine_are_told() -> None:
    test = PropertyTest(Machine.TestCase)
    words = "\n".join(Explaining(Machine.TestCase, {}, NO_VARIANTS)(failing(test)))
    assert re.search(r"state\.add\(n=\d+\)", words)
    assert "@example" not in words


def test_what_is_drawn_within_the_test_has_no_example_but_a_blob() -> None:
    words = Explaining(check_data, {}, NO_VARIANTS)((0, 400, 450))
    assert any(re.search(r"Draw 1 \(low\): 400", each) for each in words)
    assert not any("@example" in each for each in words)
    assert words[-1].startswith("@reproduce_failure(")


def test_parameters_are_those_that_were_chosen() -> None:
    variants = Variants([{"name": "ab"}, {"name": "cd"}], ["a", "b"], 0)

    @given(numbers=st.lists(st.integers()))
    def check(numbers: list[int], name: str) -> None:
        raise AssertionError

    words = Explaining(check, {"name": "ab"}, variants)((0, 1, True, 5, False))
    assert "name='cd'" in words[0]
    assert words[-2] == "@example(numbers=[5])"


# Before the call --------------------------------------------------------------------------------------------------


def test_what_a_test_is_called_with_is_told_without_calling_it() -> None:
    @given(n=st.integers(), word=st.text())
    def check(n: int, word: str) -> None:
        raise SystemExit("called")

    test = PropertyTest(check)
    drawn = test.drawn_before((5,))
    told = Explaining(check, {}, NO_VARIANTS).foretold(drawn)
    with pytest.raises(SystemExit):
        test.run((5,))
    assert test.drawn == drawn
    call, example, reproduce = told
    assert f"n={drawn[1]}" in call
    assert example == f"@example(n={drawn[1]!r}, word={drawn[2]!r})"
    assert reproduce.startswith("@reproduce_failure(")


def test_it_is_told_once_in_an_execution() -> None:
    test = PropertyTest(check_numbers)
    told: list[Any] = []
    test.foretell = told.append
    for _ in range(2):
        test.run((7,))
    assert told == [test.drawn]


def test_of_what_draws_more_in_the_test_only_the_call_is_told_and_of_a_machine_nothing() -> None:
    foretold = Explaining(check_data, {}, NO_VARIANTS).foretold(PropertyTest(check_data).drawn_before((5,)))
    assert [each.splitlines()[1:] for each in foretold] == [["    data=data(...),", ")"]]
    assert Explaining(Machine.TestCase, {}, NO_VARIANTS).foretold((0,)) == ()


def test_parameters_are_told_as_they_were_chosen() -> None:
    variants = Variants([{"name": "ab"}, {"name": "cd"}], ["a", "b"], 0)

    @given(numbers=st.lists(st.integers()))
    def check(numbers: list[int], name: str) -> None:
        raise SystemExit("called")

    call, example, _ = Explaining(check, {"name": "ab"}, variants).foretold((0, 1, True, 5, False))
    assert "name='cd'" in call
    assert example == "@example(numbers=[5])"


def test_a_strategy_that_raises_is_told_of_as_far_as_it_goes() -> None:
    @given(st.integers().map(lambda n: 1 // (n - n)))
    def check(n: int) -> None: ...

    drawn = PropertyTest(check).drawn_before((5,))
    assert Explaining(check, {}, NO_VARIANTS).foretold(drawn) == ()


# The database -----------------------------------------------------------------------------------------------------


class Database:
    """A test, its database, and what stands there."""

    def __init__(self, **options: Any) -> None:
        self.database = InMemoryExampleDatabase()

        @settings(database=self.database, **options)
        @given(st.integers(), st.integers())
        def check(a: int, b: int) -> None: ...

        self.check: Any = check

    def choices(self, ending: bytes = b"", digest: str = "") -> list[tuple[Any, ...]]:
        inner = self.check.hypothesis.inner_test
        if digest:
            inner._hypothesis_internal_add_digest = digest.encode()
        found = [choices_from_bytes(each) for each in self.database.fetch(function_digest(inner) + ending)]
        return sorted(each for each in found if each is not None)


def test_failure_stands_under_the_secondary_key_the_shortest_of_a_bucket_alone() -> None:
    own = Database()
    examples = Examples(own.check)
    examples.note("one", (0, 1, 2, 3))
    examples.note("two", (0, 7))
    examples.note("one", (0, 1, 2, 3, 4))
    assert own.choices(SECONDARY) == [(1, 2, 3), (7,)]
    examples.note("one", (0, 5))
    assert own.choices(SECONDARY) == [(5,), (7,)]
    assert own.choices() == []


def test_minimal_one_stands_under_the_primary_key() -> None:
    own = Database()
    examples = Examples(own.check)
    examples.note("one", (0, 1, 2, 3))
    examples.settle((0, 1, 2, 3), (0, 1))
    assert own.choices() == [(1,)]
    assert own.choices(SECONDARY) == []


def test_each_set_of_parameters_has_a_key_of_its_own() -> None:
    own = Database()
    own.check.hypothesis.inner_test._hypothesis_internal_add_digest = b"t.py::check[a]"  # as Hypothesis' plugin does
    examples = Examples(own.check, ["t.py::check[a]", "t.py::check[b]"])
    examples.note("one", (0, 1, 5))
    assert own.choices(SECONDARY, "t.py::check[b]") == [(5,)]
    assert own.choices(SECONDARY, "t.py::check[a]") == []


def test_sets_of_parameters_share_a_key_where_hypothesis_gives_them_none() -> None:
    own = Database()
    Examples(own.check, ["t.py::check[a]", "t.py::check[b]"]).note("one", (0, 1, 5))
    assert own.choices(SECONDARY) == [(5,)]


def test_no_database_is_respected() -> None:
    examples = Examples(check_numbers)
    assert not examples.is_kept
    examples.note("one", (0, 1))
    examples.settle((0, 1), (0,))


@pytest.mark.parametrize(
    ("decorate", "why"),
    [
        (settings(database=InMemoryExampleDatabase()), ""),
        (settings(database=None), "the test's database of examples is None"),
        (settings(derandomize=True), "derandomize, .*random as ever"),
        (seed(5), "@seed, .*random as ever"),
        (settings(database=InMemoryExampleDatabase(), phases=[Phase.generate]), "the test's phases are without reuse"),
        (
            reproduce_failure(__version__, b"AAEA"),
            "@reproduce_failure stands at the test, and pytest runs nothing else",
        ),
    ],
)
def test_why_pytest_will_know_nothing_of_a_failure_is_told(decorate: Any, why: str) -> None:
    @given(st.integers())
    def check(n: int) -> None: ...

    check = decorate(check)
    assert Examples(check).is_kept == (not why)
    remarks = remarks_of(check)
    assert bool(remarks) == bool(why)
    assert all(re.match(why, each) for each in remarks)
    assert all("whatever is found lies in the target's own folder" in each for each in remarks)


@pytest.mark.parametrize(("deadline", "told"), [(50, True), (None, False), (timedelta(milliseconds=200), False)])
def test_deadline_that_has_no_effect_is_told(deadline: Any, told: bool) -> None:
    @settings(database=InMemoryExampleDatabase(), deadline=deadline)
    @given(st.integers())
    def check(n: int) -> None: ...

    sentence = "deadline=50 counts in pytest alone: what takes longer is no failure here"
    assert remarks_of(check) == ((sentence,) if told else ())


def test_seed_given_to_pytest_keeps_no_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Database()
    assert Examples(own.check).is_kept
    monkeypatch.setattr(core, "global_force_seed", 3)
    assert not Examples(own.check).is_kept
    assert remarks_of(own.check)[0].startswith("--hypothesis-seed, with which pytest reads no database of examples: ")


def test_stack_of_a_dying_process_has_no_frames_of_what_runs_the_test() -> None:
    stack = [
        "Fatal Python error: Aborted",
        "",
        "Thread 0x1 (most recent call first):",
        '  File "/p/beside.py", line 3 in wait',
        "Current thread 0x2 (most recent call first):",
        '  File "/p/subject.py", line 5 in deep',
        '  File "/p/test_it.py", line 9 in test_it',
    ]
    lean = '  File "/x/fuzztui/worker/hypothesis/execution.py", line 7 in _call'
    own = '  File "/lib/hypothesis/core.py", line 1187 in run'
    around = ['  File "/p/test_it.py", line 4 in test_it', '  File "/lib/_pytest/runner.py", line 2 in main']
    for way in (lean, own):
        assert users_stack("\n".join([*stack, way, *around])) == "\n".join(stack)
    assert users_stack("\n".join([*stack, *around])) == "\n".join([*stack, *around]), "no property test is at work"
