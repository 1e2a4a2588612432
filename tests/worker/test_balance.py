"""Sums over an input are made right by another number in it, also in what is made from an input that has them right."""

import pytest

from fuzztui.worker.mutate.balance import (
    MAX_BALANCED,
    REMAINDER,
    balanced,
    balanced_inputs,
    unbalanced,
)
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.repair import Broken, attempts, conditions_of, failed, holds, is_conditional
from tests.worker.world import inhabited


def test_only_sums_that_are_wrong_are_unbalanced_the_last_first() -> None:
    comparisons: list[Comparison] = [(REMAINDER, 5, 0), (REMAINDER, 0, 0), ("==", 7, 0), (REMAINDER, 9, 255)]
    assert unbalanced(comparisons) == [(9, 255), (5, 0)]
    assert unbalanced([(REMAINDER, -1, 0), (REMAINDER, 2**40, 0)]) == []


def test_a_byte_or_two_of_them_take_what_lacks() -> None:
    assert b"\x01\x02\xfd" in set(balanced(b"\x01\x02\x00", 3, 0))
    wrong = b"\x12\x34\x00\x00\x00\x01"
    assert b"\x12\x34\xed\xca\x00\x01" in set(balanced(wrong, 0x1235, 0xFFFF))
    assert b"\x45\x10\xba\xef" in set(balanced(b"\x45\x10", 0x4510, 0xFFFF))
    assert b"\x03\xfd" in set(balanced(b"\x03", 3, 0))
    assert "12-07" in set(balanced("12-04", 94, 97))
    assert len(list(balanced(bytes(1000), 70000, 1))) <= MAX_BALANCED


def test_each_argument_is_tried() -> None:
    made = set(balanced_inputs((b"\x01", 5, "9"), [(REMAINDER, 3, 0)]))
    assert (b"\xfe", 5, "9") in made
    assert (b"\x01", 5, "6") in made


def test_a_sum_that_is_right_is_a_condition() -> None:
    right: list[Comparison] = [(REMAINDER, 0, 0)]
    assert is_conditional((b"x",), right)
    assert not is_conditional((b"x",), [(REMAINDER, 1, 0)])
    broken = failed([(REMAINDER, 7, 0)], conditions_of(right))
    assert broken == Broken(7, 0, is_sum=True)
    assert failed(right, conditions_of(right)) is None
    assert (b"\xf9",) in [each.arguments for each in attempts((b"\x00",), Broken(7, 0, is_sum=True))]
    assert holds(Broken(7, 0, is_sum=True), 0, right)
    assert not holds(Broken(7, 0, is_sum=True), 0, [*right, (REMAINDER, 7, 0)])
    assert failed([(REMAINDER, 7, 0)], conditions_of([(REMAINDER, 5, 0)])) is None
    assert not holds(Broken(7, 0, is_sum=True), 0, [])


SOURCES = {
    "bytes that sum up to nothing": """
def fuzz(data):
    if len(data) < 6 or sum(data) & 0xFF: return
    if data[:4] == b"kind" and data[4] == 200: raise LookupError
""",
    "words whose sum is all ones": """
def check(data):
    total = sum(int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total
def fuzz(data):
    if check(data) != 0xFFFF: return
    if data[:2] == b"\\x45\\x10": raise LookupError
""",
    "digits with a remainder": """
def fuzz(data):
    text = data.decode("latin-1")
    if not text.isdigit() or len(text) < 5: return
    if int(text) % 97: return
    if text.startswith("31337"): raise LookupError
""",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_bug_behind_a_sum_is_found(source: str) -> None:
    with inhabited(source) as world:
        assert world.search(b"", 10_000) is not None
