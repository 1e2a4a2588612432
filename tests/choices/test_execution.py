"""Hypothesis tests, executed once for each sequence of choices."""

import inspect
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.core import StateForActualGivenExecution
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData

from fuzztui.target.choices.value import CHOICES, Choices
from fuzztui.target.errors import HarnessError, Uncallable
from fuzztui.worker.hypothesis.execution import PropertyTest, is_property_test, loaded
from tests.choices import properties
from tests.choices.properties import ALL

NAMES = [each.__name__ for each in ALL]


def failure(run: Callable[..., object], *arguments: object) -> str:
    try:
        run(*arguments)
    except (StopTest, UnsatisfiedAssumption):
        return ""
    except Exception as error:
        return repr(error)
    return ""


@pytest.mark.parametrize("test", ALL, ids=NAMES)
def test_what_was_drawn_draws_the_same_and_fails_alike_again(test: Any) -> None:
    made, generator = PropertyTest(test), random.Random(1)
    for _ in range(50):
        first = failure(made.run, (generator.getrandbits(40),))
        drawn = made.drawn
        assert failure(made.run, drawn) == first
        assert Choices(made.drawn) == Choices(drawn)


@pytest.mark.parametrize("test", ALL, ids=NAMES)
def test_hypothesis_itself_draws_the_same_of_these_choices(test: Any) -> None:
    made, generator = PropertyTest(test), random.Random(2)
    for _ in range(30):
        ours = failure(made.run, (generator.getrandbits(40),))
        data = ConjectureData.for_choices(made.drawn[1:])
        state: Any = StateForActualGivenExecution(
            made.stuff, made.inner, settings(deadline=None, database=None), random.Random(0), made.wrapped
        )
        theirs = failure(state.execute_once, data)
        assert Choices((0, *data.choices)) == Choices(made.drawn)
        assert not data.misaligned_at
        assert ours == theirs


@pytest.mark.parametrize("test", ALL, ids=NAMES)
def test_choices_that_do_not_fit_are_made_to(test: Any) -> None:
    made, generator = PropertyTest(test), random.Random(3)
    odd = (10**30, -1, "ü" * 50, b"\xff" * 9, float("nan"), float("inf"), True, False, "", b"", 0.5)
    for _ in range(50):
        failure(made.run, (1, *generator.choices(odd, k=12)))
        drawn = made.drawn
        failure(made.run, drawn)
        assert Choices(made.drawn) == Choices(drawn)


def test_what_is_drawn_beyond_follows_from_the_seed_alone() -> None:
    one, other = PropertyTest(properties.nested), PropertyTest(properties.nested)
    different = set()
    for seed in range(20):
        one.run((seed,))
        other.run((seed,))
        assert Choices(one.drawn) == Choices(other.drawn)
        different.add(repr(one.drawn))
    assert len(different) > 15


def test_executions_without_a_verdict_are_successes_and_counted() -> None:
    made = PropertyTest(properties.rejects)
    for seed in range(5):
        made.run((seed,))
    assert (made.executions, made.discarded) == (5, 5)


@pytest.mark.parametrize("way", [pytest.skip, pytest.xfail])
def test_a_skip_is_no_failure_and_neither_is_what_is_expected_to_fail(way: Callable[[str], object]) -> None:
    @given(st.integers())
    def skips(number: int) -> None:
        way("not here")

    made = PropertyTest(skips)
    made.run((0,))
    assert made.discarded == 1


def test_a_failure_leaves_as_it_was_raised() -> None:
    made = PropertyTest(properties.sums)
    with pytest.raises(AssertionError, match="abc"):
        made.run((0, True, 100, True, 1, True, 0, False, "abc"))
    assert made.drawn == (0, True, 100, True, 1, True, 0, False, "abc")


def test_a_test_of_an_object_gets_the_object() -> None:
    class Own:
        seen: list[object] = []  # noqa: RUF012

        @given(st.integers())
        def noted(self, number: int) -> None:
            self.seen.append((self, number))

        @given(number=st.integers())
        def with_more(self, number: int, fixture: str) -> None:
            self.seen.append((fixture, number))

    own = Own()
    PropertyTest(own.noted).run((0, 4))
    PropertyTest(own.with_more, keywords={"fixture": "given"}).run((0, 5))
    assert own.seen == [(own, 4), ("given", 5)]


def test_examples_are_set_up_and_torn_down_as_the_class_wants() -> None:
    class Own:
        calls: list[str] = []  # noqa: RUF012

        def setup_example(self) -> None:
            self.calls.append("up")

        def teardown_example(self, _token: object) -> None:
            self.calls.append("down")

        @given(st.integers())
        def noted(self, number: int) -> None:
            self.calls.append(str(number))

    own = Own()
    PropertyTest(own.noted).run((0, 4))
    assert own.calls == ["up", "4", "down"]


def test_random_numbers_are_the_same_in_each_execution() -> None:
    seen = []

    @given(st.integers())
    def rolls(number: int) -> None:
        seen.append(random.random())

    made = PropertyTest(rolls)
    made.run((0, 1))
    random.random()
    made.run((0, 1))
    assert seen[0] == seen[1]


def test_async_test_that_nothing_runs_is_refused() -> None:
    @given(st.none())
    async def waits(_none: None) -> None: ...

    with pytest.raises(Uncallable, match="waits is async, and nothing runs it"):
        PropertyTest(waits)


@pytest.mark.parametrize("is_lean", [True, False])
def test_test_that_returns_a_value_is_refused_as_hypothesis_does(is_lean: bool) -> None:
    @given(st.none())  # type: ignore[arg-type]
    def asserts_nothing(_none: None) -> bool:
        return False

    test = PropertyTest(asserts_nothing)
    test.is_lean = is_lean
    with pytest.raises(Uncallable, match=r"asserts_nothing returned a value \(bool\)"):
        test.run((0,))


def test_code_of_a_test_is_its_authors_whatever_runs_it() -> None:
    @given(st.none())
    def waits(_none: None) -> None: ...

    line = waits.hypothesis.inner_test.__code__.co_firstlineno  # type: ignore[attr-defined]
    waits.hypothesis.inner_test = eval("lambda _none: None", {})  # type: ignore[attr-defined]  # as plugins for async tests do
    made, machine = PropertyTest(waits), PropertyTest(properties.Stateful)
    assert made.place == (__file__, line)
    assert made.provider.beyond.constants.texts.count("waits is async, and nothing runs it") == 1
    assert machine.place == (properties.__file__, inspect.getsourcelines(properties.Machine.add)[1])
    assert 77 in machine.provider.beyond.constants.ints


def test_what_is_no_property_test_is_said() -> None:
    def plain(number: int) -> None:
        pass

    @given(st.integers(5, 1))
    def hopeless(number: int) -> None:
        pass

    @given(number=st.integers())
    def lacking(number: int, fixture: str) -> None:
        pass

    with pytest.raises(HarnessError, match=r"lacking cannot be run: missing a required argument: 'fixture'"):
        PropertyTest(lacking)
    assert not is_property_test(plain)
    with pytest.raises(HarnessError, match=r"plain is no property test: want a function under @given"):
        PropertyTest(plain)
    with pytest.raises(HarnessError, match=r"hopeless cannot be run: .*min_value=5"):
        PropertyTest(hopeless)


def test_it_is_a_target_that_takes_choices() -> None:
    target = loaded(properties.bounded)
    assert target.parameters == (CHOICES,)
    assert target.test is not None
    target.function((5,))
    assert len(target.test.drawn) == 5


def test_a_text_is_spelled_in_its_alphabet() -> None:
    seen = []

    @given(st.text("abc"))
    def few(text: str) -> None:
        seen.append(text)

    made = PropertyTest(few)
    made.run((0, "a\ud800ü\U0010ffffc"))
    (text,) = seen
    assert len(text) == 5
    assert text[0] + text[-1] == "ac"
    assert set(text) <= set("abc")
    made.run(made.drawn)
    assert seen[0] == seen[1]


def test_half_of_what_is_drawn_beyond_is_brief() -> None:
    @given(st.lists(st.integers()))
    def numbers(value: list[int]) -> None:
        sizes.append(len(value))

    sizes: list[int] = []
    made = PropertyTest(numbers)
    for seed in range(400):
        made.run((seed,))
    assert sum(size <= 2 for size in sizes) > 100
    assert sum(size >= 8 for size in sizes) > 40


def test_failure_has_the_same_frames_by_both_ways() -> None:
    @given(st.integers(0, 3))
    def check(n: int) -> None:
        check_deeper(n)

    def check_deeper(n: int) -> None:
        raise KeyError(n)

    def refuse(n: int) -> int:
        raise OSError(n)

    @given(st.integers(0, 3).map(refuse))
    def draw(n: int) -> None: ...

    this = test_failure_has_the_same_frames_by_both_ways.__name__
    for function, expected in ((check, ["check", "check_deeper"]), (draw, ["refuse"])):
        test = PropertyTest(function)
        ways = []
        for test.is_lean, is_run in ((True, True), (False, True), (False, False)):
            with pytest.raises((KeyError, OSError)) as raised:
                test.run((0, 1)) if is_run else test.execute_with(ConjectureData.for_choices((1,)))
            names = [each.name for each in raised.traceback]
            ways.append(names[names.index(expected[0]) :])
            assert set(names[: len(names) - len(ways[-1])]) <= {this, "run", "execute_with"}
        assert ways[0] == ways[1] == ways[2]
        assert [name for name in ways[0] if name in ("check", "check_deeper", "refuse")] == expected
        assert ways[0][0] == expected[0]
