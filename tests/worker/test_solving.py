"""Comparisons of short binary inputs are solved one after the other, where no operand stands in the input."""

import math

import pytest

from fuzztui.protocol.memory import EXECUTIONS
from fuzztui.worker.guidance.solving import AHEAD, BARREN, LEAST, LEAST_EAGER, MAX_SIZE, PATIENCE, SHARE, Fix, Solving
from fuzztui.worker.mutate.sizes import Arguments
from tests.worker.world import MAX_LEN, inhabited

FIELDS = """
def fuzz(data):
    if len(data) < 4: return
    kind, number = data[1] >> 4, (data[1] & 15) << 8 | data[2]
    if kind != 11: return
    if number != 0xABC: return
    raise LookupError
"""

DATAGRAM = """
def folded(data):
    total = sum(data[::2]) * 256 + sum(data[1::2])
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

def fuzz(data):
    if len(data) < 10: return
    if folded(data[:8]) != 0: return
    if data[3] != 0xA7: return
    if data[5] != 0x5B: return
    raise LookupError
"""

RECORDS = """
def fuzz(data):
    if len(data) != 1 + 4 * data[0]: return
    for at in range(1, len(data), 4):
        if data[at] >> 4 != 6: return
    if data[0] < 3: return
    raise LookupError
"""

TRAILER = """
def fuzz(data):
    if data[-2:] != b"\\x07Z": return
    start = len(data) - 4 - data[-3]
    if data[-4] != start + 3: return
    if start < 9: return
    raise LookupError
"""


def as_it_is(data: bytes) -> bytes:
    return data


def wait(solving: Solving) -> None:
    """Until there is time."""
    for _ in range(math.ceil(LEAST / SHARE) + 1):
        solving.begin_call(1e6, 0)


def traced(source: str, entry: bytes, *, fix: Fix = as_it_is, budget: int = 20_000, calls: int = 4) -> list[bytes]:
    """What is executed because of an entry."""
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        executed: list[bytes] = []
        run = tracing.all_comparisons

        def noted(arguments: Arguments) -> list[tuple[str, object, object]]:
            executed.extend(value for value in arguments if isinstance(value, bytes))
            return run(arguments)

        tracing.all_comparisons = noted  # type: ignore[method-assign]
        solving = Solving(tracing, MAX_LEN)
        solving.add((entry,), fix)
        world.memory.words[EXECUTIONS] += BARREN
        for _ in range(calls):
            wait(solving)
            solving.solve(budget, 1e6)
        return executed


def fails(source: str, data: bytes) -> bool:
    namespace: dict[str, object] = {}
    exec(source, namespace)
    function = namespace["fuzz"]
    assert callable(function)
    try:
        function(data)
    except LookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("source", "entry"),
    [
        (FIELDS, bytes(4)),
        (DATAGRAM, b"\x45\0\0\x10\0\0\0\0\0\0\0\0"),
        (TRAILER, b"\0\0\0\x07Z"),
        (RECORDS, b"\x01\x60\0\0\0"),
    ],
    ids=["fields of bits", "a sum over half the input", "an offset from the end", "a number of records"],
)
def test_steps_lead_through_several_comparisons(source: str, entry: bytes) -> None:
    assert any(fails(source, data) for data in traced(source, entry))


def test_what_an_input_says_of_itself_is_put_right_in_all_that_is_made_of_it() -> None:
    def fix(data: bytes) -> bytes:
        return data[:3] + bytes((sum(data[:3]) & 255,))

    source = """
def fuzz(data):
    if sum(data[:3]) & 255 != data[3]: return
    if data[1] >> 2 != 0x2D: return
    raise LookupError
"""
    executed = traced(source, bytes(4), fix=fix)
    assert any(fails(source, data) for data in executed)
    assert all(data == fix(data) for data in executed if len(data) == 4)


@pytest.mark.parametrize("entry", [b"a text of words", b"\0" * (MAX_SIZE + 1)])
def test_texts_and_long_inputs_are_not_looked_at(entry: bytes) -> None:
    assert not traced(FIELDS, entry)


def test_an_input_is_looked_at_once() -> None:
    with inhabited(FIELDS) as world:
        tracing = world.tracing(lambda _: None)
        solving = Solving(tracing, MAX_LEN)
        used = []
        for _ in range(2):
            world.memory.words[EXECUTIONS] += BARREN
            wait(solving)
            solving.add((bytes(4),), as_it_is)
            used.append(solving.solve(1_000_000, 1e6))
        assert used[0] > 32
        assert used[1] == 0


def test_no_more_is_executed_than_may_be() -> None:
    assert 0 < len(traced(FIELDS, bytes(4), budget=20, calls=1)) <= 20


def test_in_the_midst_of_finds_there_is_no_time() -> None:
    with inhabited(FIELDS) as world:
        solving = Solving(world.tracing(lambda _: None), MAX_LEN)
        solving.add((bytes(4),), as_it_is)
        for found in range(1, 50):
            solving.begin_call(1.0, found)
            assert not solving.solve(1000, 1.0)
        world.memory.words[EXECUTIONS] += BARREN
        for _ in range(50):
            solving.begin_call(1.0, 49)
        assert 0 < solving._left <= AHEAD
        assert solving.solve(1000, 1.0)


def test_what_has_long_been_in_vain_has_less_time() -> None:
    with inhabited(FIELDS) as world:
        solving = Solving(world.tracing(lambda _: None), MAX_LEN)
        world.memory.words[EXECUTIONS] += BARREN
        given = []
        for in_vain in (0, PATIENCE + 1):
            solving._in_vain, solving._left = in_vain, 0.0
            solving.begin_call(1.0, 0)
            given.append(solving._left)
        assert given == [SHARE, SHARE * LEAST_EAGER]
