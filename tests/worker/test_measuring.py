"""An input that is measured runs the plain code of its modules, and one that is looked at tells what it compares."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzztui.protocol.messages import Compared, Layout, Measured, Result
from fuzztui.worker.coverage.arcs import ArcTracer
from fuzztui.worker.coverage.measuring import Measuring
from tests.worker.world import World, inhabited

SOURCE = """\
import functools

def fuzz(data):
    for number, byte in enumerate(data):
        if byte == 33 and (
            len(data) > 2
        ):
            raise ValueError
        elif data.startswith(b"key") or data[-1:] in (b"x", b"y"):
            keep.append(lambda: (number,
                                 byte))
            keep[-1]()
    return {each: each for each in data if each > 40}

keep = []
"""

INPUTS = [b"", b"abc", b"k!", b"key", b"zzy"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    file = tmp_path / "harness.py"
    file.write_text(SOURCE)
    with inhabited(SOURCE, file=str(file)) as made:
        yield made


def measuring(world: World) -> Measuring:
    made = Measuring(world.probes, lambda file: Path(file).read_bytes(), world.sent.append)
    for module in world.probes.modules:
        made.follow(module.file)
    return made


def plainly(world: World, data: bytes) -> set[tuple[int, int]]:
    """The arcs that the plain program takes."""
    file = world.probes.modules[0].file
    names = {"__name__": "plain"}
    exec(compile(SOURCE, file, "exec"), names)
    tracer = ArcTracer({file})
    with tracer.tracing():
        names["fuzz"](data)  # type: ignore[operator]
    return set(tracer.take()[file])


def last(sent: list[Result]) -> Measured:
    (found,) = [each for each in sent if isinstance(each, Measured)]
    return found


@pytest.mark.parametrize("data", INPUTS)
@pytest.mark.mostly_soak(2)
def test_arcs_are_those_of_the_plain_program(world: World, data: bytes) -> None:
    executor = world.executor(measuring=measuring(world))
    assert executor.measure(data, 0) is None
    (arcs,) = last(world.sent).arcs.values()
    assert {(line, to) for line, to, _ in arcs} == plainly(world, data)
    assert sys.gettrace() is None


def test_what_there_is_to_cover_is_told_once_before(world: World) -> None:
    executor = world.executor(measuring=measuring(world))
    executor.measure(b"a", 0)
    executor.measure(b"b", 1)
    kinds = [type(each) for each in world.sent]
    assert kinds == [Layout, Measured, Measured]


def test_a_measured_input_covers_nothing_and_probes_work_as_before(world: World) -> None:
    executor = world.executor(measuring=measuring(world))
    executor.run(b"a")
    before = executor.covered()
    executor.measure(b"key", 0)
    executor.run(b"a")
    assert executor.covered() == before
    assert executor.run(b"key") is None
    assert executor.covered() != before


def test_functions_made_by_plain_code_get_their_probes_back(world: World) -> None:
    executor = world.executor(measuring=measuring(world))
    executor.measure(b"key", 0)
    keep = world.namespace["keep"]
    plain_names = {name for each in keep for name in each.__code__.co_names}
    assert keep
    assert "_@c" in plain_names


def test_a_failing_input_tells_its_arcs_and_then_how_it_fails(world: World) -> None:
    executor = world.executor(measuring=measuring(world))
    crash = executor.measure(b"a!b", 0)
    assert crash is not None
    (arcs,) = last(world.sent).arcs.values()
    assert (6, 8) in {(line, to) for line, to, _ in arcs}


def test_a_file_that_is_another_one_now_is_not_described(world: World) -> None:
    executor = world.executor(measuring=Measuring(world.probes, lambda file: None, world.sent.append))
    executor.measure(b"a", 0)
    assert not any(isinstance(each, Layout) for each in world.sent)


def compared(world: World, data: bytes, *lines: int) -> list[tuple[str, str, str]]:
    executor = world.executor()
    executor.compare(data, 0, world.probes.modules[0].file, lines)
    (found,) = [each for each in world.sent if isinstance(each, Compared)]
    world.sent.clear()
    return [(one.operator, one.left, one.right) for one in found.operands]


def test_only_what_the_lines_compare_is_told(world: World) -> None:
    assert compared(world, b"ab", 5) == [("==", "97", "33"), ("==", "98", "33")]
    assert compared(world, b"ab", 13) == [(">", "97", "40"), (">", "98", "40")]
    assert compared(world, b"ab", 4) == []
    assert ("startswith", "b'ab'", "b'key'") in compared(world, b"ab", 9)


def test_the_same_operands_in_two_lines_are_told_of_each(world: World) -> None:
    assert compared(world, b"!", 5) == [("==", "33", "33")]


def test_tokens_are_what_inputs_can_hold(world: World) -> None:
    executor = world.executor()
    executor.compare(b"a", 0, world.probes.modules[0].file, [9])
    (found,) = [each for each in world.sent if isinstance(each, Compared)]
    tokens = {token for one in found.operands for token in one.tokens}
    assert {b"key", b"x", b"y", b"a"} <= tokens
    assert os.fsencode("key") in tokens


def test_nothing_is_traced_afterwards(world: World) -> None:
    compared(world, b"ab", 5)
    assert world.namespace["_@m"] is None
