import ctypes
import json
import struct
from collections import deque
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from fuzztui.worker.guidance.complaints import (
    Complaint,
    Ended,
    Missing,
    Number,
    Other,
    Short,
    complaints,
    numbers_there,
)
from fuzztui.worker.structure.moved import moved
from fuzztui.worker.structure.slices import Slices
from tests.worker.world import inhabited


def _one(_first: object) -> None: ...


def _unpacked(values: Any) -> object:
    first, second = values
    return first, second


def _rest(values: Any) -> object:
    first, second, third, *rest = values
    return first, second, third, rest


def _said(action: Callable[[], object]) -> list[Complaint]:
    try:
        action()
    except Exception as error:
        return list(complaints(error))
    raise AssertionError("nothing was refused")


CALL: Any = _one


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda: {"a": 1}["b"], [Missing("b")]),
        (lambda: next(iter(b"")), [Short(None, 1), Ended()]),
        (lambda: tuple(b"1")[2], [Ended()]),
        (lambda: [].pop(), [Ended()]),
        (lambda: deque().pop(), [Ended()]),
        (lambda: deque("a")[1], [Ended()]),
        (lambda: (ctypes.c_uint32 * 2).from_buffer_copy(b"abc"), [Short(3, 5)]),
        (lambda: _unpacked(["a"]), [Number(1, 1)]),
        (lambda: _rest(["a"]), [Number(1, 2)]),
        (lambda: _unpacked(["a", "b", "c"]), [Number(None, -1)]),
        (lambda: CALL(), [Number(None, 1, "_one")]),
        (lambda: CALL(1, 2, 3), [Number(None, -2, "_one")]),
        (lambda: ["a"][3], [Number(None, 1), Number(None, 2), Number(None, 3), Ended()]),
        (lambda: int("x y"), [Other("x y", "1"), Other("x y", "10")]),
        (lambda: int(b"", 16), [Other(b"", b"1"), Other(b"", b"10")]),
        (lambda: float("it's"), [Other("it's", "1"), Other("it's", "10")]),
        (lambda: datetime.strptime("x", "%Y/%H"), [Other("x", "2024/12")]),
        (lambda: datetime.fromisoformat("?"), [Other("?", "2024-02-29"), Other("?", "2024-02-29T12:30:15")]),
        (lambda: b"ab\xffc".decode(), [Other(b"\xff", b"a")]),
        (lambda: json.loads("{"), []),
        (lambda: "abc"[5], [Short(None, 1)]),
        (lambda: struct.unpack_from(">I", b"abcdef", 4), [Short(6, 2)]),
        (lambda: struct.unpack(">I", b"ab"), []),
        (lambda: int("9" * 500 + "x"), []),
    ],
)
def test_what_python_refuses_it_says_what_would_do(action: Callable[[], object], said: list[Complaint]) -> None:
    assert _said(action) == said


def test_nothing_is_asked_of_the_targets_own_exceptions() -> None:
    class LyingError(KeyError):
        def __str__(self) -> str:
            raise RuntimeError("code of the target's")

    assert list(complaints(LyingError("a"))) == []
    assert list(complaints(ValueError())) == []
    assert list(complaints(ValueError(7))) == []
    assert list(complaints(KeyError("a", "b"))) == []
    assert list(complaints(None)) == []


def test_what_a_program_has_put_into_an_exception_itself_does_no_harm() -> None:
    changed = UnicodeDecodeError("utf-8", b"a", 0, 1, "why")
    changed.args = ("utf-8", "text", None)
    assert list(complaints(changed)) == []
    for message in ("time data '' does not match format '\\udc80%Y'", f"Invalid isoformat string: {'-' * 350}1"):
        assert list(complaints(ValueError(message))) in ([], [Other("", "\udc802024")])


CAUGHT = """
def fuzz(data):
    words = data.decode().split()
    table = {"known": {}}
    try:
        name, value = words
        table["known"][name]
    except (KeyError, ValueError) as error:
        return type(error).__name__
"""


def test_what_a_program_catches_tells_what_it_lacked() -> None:
    with inhabited(CAUGHT) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            one = list(tracing.comparisons((b"alone",)))
            two = list(tracing.comparisons((b"a b",)))
    assert ("like", "alone", "alone a") in one
    assert ("like", "alone", "alone 1") in one
    assert ("lacks", "a", ()) in two
    assert not [each for each in two if each[0] == "like"]


MORE = """
def fuzz(data):
    try:
        first, second, third = data.decode().split(",")
    except ValueError:
        return
    if second == third and int(first) == 3:
        raise RuntimeError
"""


def test_as_many_pieces_are_made_as_are_unpacked() -> None:
    with inhabited(MORE) as world:
        assert world.search(b"", 3000) is not None


BACKWARDS = """
class Table:
    def __init__(self): self.known = {}
def fuzz(data):
    table, at = Table(), 0
    try:
        while at < len(data):
            kind, size, body = data[at], data[at + 1], data[at + 2 : at + 2 + data[at + 1]]
            if kind == 1:
                table.known[at + 30_000] = body
            elif kind == 2 and table.known[at + 60_000 - int.from_bytes(body, "big")] == b"ab":
                raise LookupError
            at += 2 + size
    except (KeyError, IndexError):
        return
"""


def test_a_number_that_leads_back_to_something_is_moved_to_where_that_is() -> None:
    entry = b"\x01\x02ab\x01\x03abc\x02\x02\x75\x30"
    with inhabited(BACKWARDS) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            comparisons = tracing.comparisons((entry,))
            assert ("in", 30_009, (30_000, 30_004)) in comparisons
            made = list(moved(entry, comparisons, tracing.slices))
    assert entry[:-2] + (30_009).to_bytes(2, "big") in made
    assert entry[:-2] + (30_005).to_bytes(2, "big") in made


def test_what_was_there_where_a_number_was_looked_up_in_vain() -> None:
    def looked_up() -> KeyError:
        inner = SimpleNamespace(table={7: 1, 8: 2}, words={"a": 1}, empty={}, deeper=SimpleNamespace(table={9: 1}))
        table = {1: 1, 2: len(vars(inner))}
        try:
            raise AssertionError(table[5])
        except KeyError as error:
            return error

    error = looked_up()
    assert sorted(numbers_there(error, 5)) == [(1, 2), (7, 8)]
    assert list(numbers_there(error, 7)) == [(1, 2)]
    assert list(numbers_there(error, "a")) == []
    assert list(numbers_there(None, 5)) == []
    assert list(numbers_there(KeyError(5), 5)) == []


def test_a_number_moves_to_the_last_of_those_that_were_there_where_one_was_looked_up_last() -> None:
    def made(*comparisons: tuple[str, object, object]) -> set[bytes]:
        return set(moved(b"\x20", comparisons, Slices((), (), [(0, 1)])))

    assert made(("in", 9, (1, 2, 3, 14)), ("in", 5, (5,)), ("in", 5, "5"), ("in", 7, ("a",))) == set()
    assert made(("in", 9, (1, 2, 3, 14)), ("in", 5, (5,)), ("in", 5, "5")) == {
        bytes((0x20 + by,)) for by in (5, -6, -7, -5, 6, 7)
    }


def test_to_look_for_tables_runs_no_code_of_the_targets() -> None:
    def asked(_self: object) -> object:
        raise LookupError("asked")

    class Key:
        def __hash__(self) -> int:
            return 5

        def __eq__(self, _other: object) -> bool:
            raise LookupError("asked")

    def looked_up() -> KeyError:
        made: object = type("Made", (), {"__dict__": property(asked)})()
        table, keys = {7: 1}, {Key(): 1}
        try:
            raise AssertionError(table[len(keys) + 4], made)
        except KeyError as error:
            return error

    assert list(numbers_there(looked_up(), 5)) == [(7,)]
