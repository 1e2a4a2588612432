"""The provider reads what Atheris reads: recorded answers of Atheris 3.0, and what these do not show."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from fuzztui.target.tracebacks import users_places
from fuzztui.worker.atheris import numbers
from fuzztui.worker.atheris.numbers import ALL_REMAINING
from fuzztui.worker.atheris.provider import FuzzedDataProvider

VECTORS = Path(__file__).with_name("data") / "provider-vectors.jsonl"
"""[data in hex, [[call, what it gives or raises, bytes left], ...], what is left in the end in hex]; floats in hex."""

NAMES = {"sys": sys, "atheris": numbers, "inf": math.inf, "nan": math.nan}


def answer(fdp: FuzzedDataProvider, call: str) -> Any:
    try:
        value = eval(f"fdp.{call}", {**NAMES, "fdp": fdp})
    except Exception as error:
        return type(error).__name__
    if isinstance(value, list) and value and isinstance(value[0], float):
        return [each.hex() for each in value]
    return value.hex() if isinstance(value, float) else ascii(value)


@pytest.mark.parametrize("line", VECTORS.read_text("utf-8").splitlines())
def test_recorded_answers(line: str) -> None:
    data, calls, rest = json.loads(line)
    fdp = FuzzedDataProvider(bytes.fromhex(data))
    for call, expected, left in calls:
        assert (call, answer(fdp, call), fdp.remaining_bytes()) == (call, expected, left)
    assert fdp.buffer().hex() == rest


def test_subclass_has_attributes_of_its_own_and_lists_do_not_call_what_it_overrides() -> None:
    class Enhanced(FuzzedDataProvider):
        def __init__(self, data: bytes, name: str) -> None:
            super().__init__(data)
            self._data = self._front = name

        def ConsumeInt(self, size: Any, /) -> int:  # noqa: N802
            return -super().ConsumeInt(size)

    fdp = Enhanced(b"\1\2\3", "mine")
    assert (fdp.ConsumeInt(1), fdp.ConsumeIntList(2, 1), fdp._data) == (-1, [2, 3], "mine")
    with pytest.raises(AttributeError):
        FuzzedDataProvider(b"").name = 1  # type: ignore[attr-defined]


def test_constructor_wants_bytes_whatever_their_class_does() -> None:
    class Odd(bytes):
        def __getitem__(self, key: Any) -> Any:
            raise AssertionError

    assert FuzzedDataProvider(Odd(b"ab")).ConsumeBytes(2) == b"ab"
    for wrong in (bytearray(b"x"), memoryview(b"x"), "x", None):
        with pytest.raises(TypeError, match="want bytes, not"):
            FuzzedDataProvider(wrong)  # type: ignore[arg-type]


class Sized:
    def __init__(self, size: object) -> None:
        self.size = size

    def __index__(self) -> Any:
        if isinstance(self.size, Exception):
            raise self.size
        return self.size


@pytest.mark.parametrize("count", [2, True + True, Sized(2), ALL_REMAINING, sys.maxsize])
def test_counts(count: Any) -> None:
    assert FuzzedDataProvider(b"ab").ConsumeBytes(count) == b"ab"


@pytest.mark.parametrize("count", [-1, 2**64, 2.0, "2", b"2", memoryview(b"2"), None, 2j, Sized(KeyError()), Sized(-1)])
def test_wrong_counts_take_nothing(count: Any) -> None:
    fdp = FuzzedDataProvider(b"ab")
    for method in (fdp.ConsumeBytes, fdp.ConsumeUnicode, fdp.ConsumeInt, fdp.ConsumeProbabilityList):
        with pytest.raises(TypeError, match="incompatible function arguments"):
            method(count)
    assert fdp.remaining_bytes() == 2


def test_long_list_of_what_is_not_there() -> None:
    assert FuzzedDataProvider(b"\1").ConsumeIntList(100_000, 1) == [1, *[0] * 99_999]
    assert FuzzedDataProvider(b"\1" * 9).ConsumeIntList(3, 0) == [0, 0, 0]
    for count in (ALL_REMAINING, 2**63, 2**40):
        with pytest.raises(RuntimeError, match="allocate"):
            FuzzedDataProvider(b"\1").ConsumeFloatList(count)


def test_error_shows_the_users_frames_only() -> None:
    with pytest.raises(IndexError) as caught:
        FuzzedDataProvider(b"").PickValueInList([])
    assert users_places(caught.value)[-1].startswith(f"{__file__}:")
