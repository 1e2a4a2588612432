import ctypes
import json
import struct
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from fuzztui.worker.guidance.complaints import Complaint, Missing, Number, Other, Short, complaints
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
        (lambda: next(iter(b"")), [Short(None, 1)]),
        (lambda: (ctypes.c_uint32 * 2).from_buffer_copy(b"abc"), [Short(3, 5)]),
        (lambda: _unpacked(["a"]), [Number(1, 1)]),
        (lambda: _rest(["a"]), [Number(1, 2)]),
        (lambda: _unpacked(["a", "b", "c"]), [Number(None, -1)]),
        (lambda: CALL(), [Number(None, 1, "_one")]),
        (lambda: CALL(1, 2, 3), [Number(None, -2, "_one")]),
        (lambda: ["a"][3], [Number(None, 1), Number(None, 2), Number(None, 3)]),
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
