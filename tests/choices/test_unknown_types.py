"""Types that only Hypothesis knows are drawn by it; the rest of what a target takes is as it always is."""

import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzztui.target.errors import HarnessError, Uncallable
from fuzztui.target.load import LoadedTarget, load
from fuzztui.target.typed.families import drawn as family
from fuzztui.target.values import decode, encode, plain_of, show, stored
from fuzztui.worker.hypothesis.drawing import drawn
from fuzztui.worker.hypothesis.execution import PropertyTest

HEAD = """
import enum, socket, threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Protocol, runtime_checkable
import annotated_types
import fuzztui

SEEN = []

class Point:
    def __init__(self, x: int, y: int) -> None:
        if x < 0:
            raise ValueError("x")
        self.x, self.y = x, y

class Bare:
    def __init__(self, x) -> None: ...

@dataclass
class Line:
    name: str
    points: list[Point]

@dataclass
class Tree:
    root: Point
    inner: "list[Tree]"

def number(data: bytes) -> int:
    return len(data)

Small = Annotated[int, annotated_types.Interval(ge=3, le=5)]
"""

FIRST = range(1, 41)
"""Seeds of inputs that have no choices yet."""

Make = Callable[[str], LoadedTarget]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A loaded target of a function's source."""
    path = sys.path[:]

    def made(source: str) -> LoadedTarget:
        file = tmp_path / f"fuzz_unknown_{len(list(tmp_path.iterdir()))}.py"
        file.write_text(HEAD + textwrap.dedent(source))
        return load(str(file), "fuzz_it")

    yield made
    sys.path[:] = path
    for name in [each for each in sys.modules if each.startswith("fuzz_unknown")]:
        del sys.modules[name]


def seen(target: LoadedTarget) -> list[Any]:
    assert target.left is not None
    found: list[Any] = target.left.namespace["SEEN"]
    return found


def run_all(target: LoadedTarget) -> list[Any]:
    """What the function was called with, of inputs that say nothing."""
    whole, remarks = drawn(target)
    assert whole.parameters == ("choices",)
    assert "drawn by Hypothesis" in remarks[0]
    for seed in FIRST:
        whole.function((seed,))
    return seen(target)


@pytest.mark.parametrize(
    ("annotation", "check"),
    [
        ("Point", lambda value: value.x >= 0),
        ("list[Point]", lambda value: all(each.x >= 0 for each in value)),
        ("Line", lambda value: all(each.x >= 0 for each in value.points)),
        ("dict[str, Point]", lambda value: all(each.x >= 0 for each in value.values())),
        ("Point | None", lambda value: value is None or value.x >= 0),
        ("Tree", lambda value: value.root.x >= 0 and type(value.inner) is list),
        ("Callable[[int], str]", lambda value: type(value(3)) is str),
        ("tuple[Point, ...]", lambda value: type(value) is tuple),
        ("Iterator[int]", lambda value: all(type(each) is int for each in value)),
        ("slice", lambda value: type(value) is slice),
    ],
)
def test_values_of_a_type_that_nobody_else_knows_are_drawn(make: Make, annotation: str, check: Any) -> None:
    target = make(f"def fuzz_it(x: {annotation}) -> None: SEEN.append((x, {annotation!r}))")
    values = [value for value, _ in run_all(target)]
    assert len(values) > 3
    if annotation != "Callable[[int], str]":  # which draws, and so can be called within an execution alone
        assert all(map(check, values))
        assert len({repr(vars(value) if hasattr(value, "__dict__") else value) for value in values}) > 1


def test_parameters_that_are_known_keep_their_bounds_and_what_builds_them(make: Make) -> None:
    target = make(
        "def fuzz_it(p: Point, n: Small, k: Annotated[int, fuzztui.via(bytes, number)]) -> None:\n"
        "    SEEN.append((n, k))"
    )
    values = run_all(target)
    assert {n for n, _ in values} == {3, 4, 5}
    assert all(type(k) is int and k >= 0 for _, k in values)


def test_an_input_is_a_sequence_of_choices_that_draws_the_same_again(make: Make) -> None:
    target = make("def fuzz_it(p: Point, name: str) -> None: SEEN.append((p.x, p.y, name))")
    whole, _ = drawn(target)
    assert whole.test is not None
    whole.function((3, 5, 6, "it"))
    choices = whole.test.drawn
    data = stored((choices,), whole.parameters)
    assert plain_of(decode(data, whole.parameters)) == (choices,)
    # As one has it who has not loaded the target.
    assert encode(decode(data, ("Point", "str"))) == data
    assert show(decode(data, ("Point", "str")))
    whole.function(choices)
    first, second = seen(target)
    assert first == second


def test_what_a_constructor_refuses_is_no_failure_and_counted(make: Make) -> None:
    target = make("def fuzz_it(p: Point) -> None: SEEN.append(p)")
    whole, _ = drawn(target)
    whole.function((0, -5, 1))
    assert (whole.refusals and whole.refusals.count, seen(target)) == (1, [])
    assert whole.refusals is not None
    assert whole.refusals.reason == "ValueError: x"
    whole.function((0, 5, 1))
    assert len(seen(target)) == 1


def test_a_failing_input_is_told_as_a_call(make: Make) -> None:
    whole, _ = drawn(make("def fuzz_it(line: Line, n: int) -> None: raise KeyError"))
    assert whole.test is not None
    assert whole.explain is not None
    with pytest.raises(KeyError):
        whole.function((0, "it", True, 5, 6, False, 9))
    (call,) = whole.explain(whole.test.drawn)
    assert " ".join(call.split()) == "fuzz_it(Line(name='it', points=[Point(x=5, y=6)]), 9)"


def test_a_type_that_hypothesis_does_not_know_either_is_a_mistake_of_usage(make: Make) -> None:
    with pytest.raises(Uncallable) as caught:
        drawn(make("def fuzz_it(x: list[Bare]) -> None: ..."))
    words = str(caught.value)
    assert "parameter x of fuzz_it is annotated Bare, of which neither fuzztui nor Hypothesis makes values" in words
    assert "\n" not in words
    assert "st.register_type_strategy, or annotate it Annotated[Bare, fuzztui.via(bytes, make)]" in words


def test_a_strategy_that_somebody_has_registered_is_taken(make: Make) -> None:
    source = """
        from hypothesis import strategies as st
        st.register_type_strategy(Bare, st.builds(Bare, st.just(1)))
        def fuzz_it(x: list[Bare]) -> None: SEEN.append(x)
    """
    assert any(run_all(make(source)))


@pytest.mark.parametrize("annotation", ["socket.socket", "threading.local", "list[threading.Thread]"])
def test_parts_of_the_running_system_are_never_drawn(make: Make, annotation: str) -> None:
    with pytest.raises(HarnessError, match="of which fuzztui makes no values"):
        make(f"def fuzz_it(x: {annotation}) -> None: ...")


def test_where_hypothesis_is_missing_the_extra_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "is_installed", lambda: False)
    with pytest.raises(HarnessError) as caught:
        make("def fuzz_it(x: list[Point]) -> None: ...")
    words = str(caught.value)
    assert "parameter x of fuzz_it is annotated Point, of which fuzztui makes no values: annotate it Anno" in words
    assert "install fuzztui[hypothesis] where the target runs" in words


def test_a_seed_cannot_be_given_for_what_is_drawn(make: Make) -> None:
    with pytest.raises(HarnessError, match=r"seed 1: x: a Point, of which Hypothesis makes the values"):
        make("@fuzztui.fuzz(seeds=[(Point(1, 2),)])\ndef fuzz_it(x: Point) -> None: ...")


@given(st.integers())
def failing(x: int) -> None:
    raise KeyError(x)


@given(st.integers().map(lambda x: [][x]))
def failing_to_draw(x: int) -> None: ...


@pytest.mark.parametrize("test", [failing, failing_to_draw])
def test_a_failure_is_the_same_by_whichever_way_a_test_is_executed(test: Any) -> None:
    made = PropertyTest(test)

    def places() -> list[str]:
        with pytest.raises(LookupError) as caught:
            made.run((0, 5))
        frames = traceback.extract_tb(caught.value.__traceback__)[1:]  # without that of this test
        return [f"{frame.name}:{frame.lineno}" for frame in frames if "hypothesis" not in frame.filename]

    whole = places()
    made.is_lean = True
    assert places() == whole
    assert len(whole) == 1
