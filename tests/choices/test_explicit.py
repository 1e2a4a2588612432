"""The `@example`s of a property test are inputs: choices where they can be, else what stands there."""

from typing import Any

import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from fuzztui.target.choices.form import read, stored
from fuzztui.target.errors import HarnessError, MalformedInput
from fuzztui.target.values import show
from fuzztui.worker.hypothesis.execution import PropertyTest, loaded
from fuzztui.worker.hypothesis.explaining import Explaining
from fuzztui.worker.hypothesis.variants import NO_VARIANTS, Variants

called: list[Any] = []
has_way_back = hasattr(st.integers(), "_invert")


class Box:
    def __init__(self, size: int) -> None:
        self.size = size


def seeds_of(test: Any) -> list[Any]:
    return [seed for (seed,) in loaded(test).seeds]


@example(numbers=[5, -7], name="ü")
@example(numbers=[], name="last")
@given(numbers=st.lists(st.integers()), name=st.text())
def check_numbers(numbers: list[int], name: str) -> None:
    called.append((numbers, name))
    assert name != "last"


@example([3], Box(1))
@example([4], Box(2))
@given(st.lists(st.integers()), st.integers().map(Box))
def check_boxes(numbers: list[int], box: Box) -> None:
    called.append((numbers, box.size))
    assume(numbers != [4])
    raise KeyError(box.size)


@pytest.mark.skipif(not has_way_back, reason="this Hypothesis knows no way back from values")
def test_values_that_can_be_drawn_become_choices() -> None:
    seeds = seeds_of(check_numbers)
    assert seeds == [(0, True, 5, True, -7, False, "ü"), (0, False, "last")]
    test = PropertyTest(check_numbers)
    called.clear()
    test.run(seeds[0])
    with pytest.raises(AssertionError):
        test.run(seeds[1])
    assert called == [([5, -7], "ü"), ([], "last")]
    assert test.drawn == seeds[1]


def test_others_are_executed_as_they_stand_in_the_order_of_the_source() -> None:
    assert seeds_of(check_boxes) == [(-1,), (-2,)]
    test = PropertyTest(check_boxes)
    called.clear()
    with pytest.raises(KeyError):
        test.run((-1,))
    assert test.drawn == (-1,)
    test.run((-2,))
    assert called == [([3], 1), ([4], 2)]
    assert test.discarded == 1
    test.run((-3,))  # no longer there
    assert test.discarded == 2


def test_example_that_cannot_be_drawn_is_executed_all_the_same() -> None:
    @example(12)
    @given(st.integers(0, 9))
    def check(n: int) -> None:
        assert n < 10

    assert seeds_of(check) == [(-1,)]
    with pytest.raises(AssertionError):
        PropertyTest(check).run((-1,))


def test_expected_failure_is_one_only_where_it_fails() -> None:
    @example(5).xfail(raises=ValueError)
    @example(6).xfail(raises=ValueError)
    @example(7).xfail(raises=ValueError)
    @given(st.integers())
    def check(n: int) -> None:
        if n == 5:
            raise ValueError
        if n == 7:
            raise KeyError

    assert seeds_of(check) == [(-1,), (-2,), (-3,)]
    test = PropertyTest(check)
    test.run((-1,))
    with pytest.raises(AssertionError, match="xfail does not fail"):
        test.run((-2,))
    with pytest.raises(KeyError):
        test.run((-3,))


def test_examples_that_the_settings_leave_out_are_none() -> None:
    @settings(phases=[Phase.generate])
    @example(5)
    @given(st.integers())
    def check(n: int) -> None: ...

    assert seeds_of(check) == []


def test_example_that_does_not_fit_is_the_harness_fault() -> None:
    @example(m=1)
    @given(n=st.integers())
    def check(n: int) -> None: ...

    with pytest.raises(HarnessError, match="an @example of check gives values for m, and @given draws n"):
        PropertyTest(check)


def test_each_set_of_parameters_has_all_examples() -> None:
    variants = Variants([{"size": 1}, {"size": 2}], ["a", "b"], 0)

    @example(n=Box(5))
    @example(n=Box(6))
    @given(n=st.integers().map(Box))
    def check(size: int, n: Box) -> None:
        raise KeyError(size * 10 + n.size)

    test = PropertyTest(variants.varied(check), keywords=variants.fixed)
    found = []
    for seed in test.seeds():
        with pytest.raises(KeyError) as raised:
            test.run(seed)
        found.append(raised.value.args[0])
    assert found == [15, 16, 25, 26]
    words = Explaining(check, {}, variants)((-4,))
    assert "size=2" in words[0]
    assert words[-1] == "it is @example 2 of the test"


def test_what_fails_is_told_with_its_call_and_no_decorator_that_stands_there_already() -> None:
    own = Explaining(check_numbers, {}, NO_VARIANTS)
    for words, value, sentence in (
        (Explaining(check_boxes, {}, NO_VARIANTS)((-1,)), "numbers=[3]", "it is @example 1 of the test"),
        (own(seeds_of(check_numbers)[1]), "name='last'", "it is @example 2 of the test"),
    ):
        assert value in words[0]
        assert words[-1] == sentence
        assert not any(each.startswith("@") for each in words)


def test_file_names_the_example() -> None:
    data = stored(((-12,),))
    assert data == b"fuzztui choices v1\nexample 12\n"
    assert read(data).plain == (-12,)
    assert show((read(data),)) == "@example 12"
    for wrong, why in (
        (data + b"True\n", "line 3: 'True', want nothing more: an example has no choices"),
        (data.replace(b"12", b"0"), "line 2: 'example 0', want 'seed' or 'example' and a number"),
    ):
        with pytest.raises(MalformedInput) as raised:
            read(wrong)
        assert str(raised.value) == why
    with pytest.raises(TypeError):
        stored(((-1, True),))
