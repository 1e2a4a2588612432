"""Bits of an input that are to be changed so that a comparison turns out the other way."""

import zlib
from collections.abc import Callable

import pytest

from fuzztui.worker.mutate.balance import REMAINDER
from fuzztui.worker.mutate.influences import (
    SIZE,
    Trace,
    answer,
    conditions,
    flipped,
    is_asked,
    is_turned,
    lacking,
    once_each,
    outcome,
    questions,
    solved,
)
from fuzztui.worker.mutate.operands import Comparison

Program = Callable[[bytes], Trace]


def turned(program: Program, data: bytes) -> bytes | None:
    """What is found to turn the last comparison of a program that has been given some data."""
    base = program(data)
    question = questions(base, 1)[0]
    influences = {}
    for bit in range(8 * len(data)):
        other = program(flipped(data, (bit,)))
        operands = answer(other, question.place, question.member) if is_asked(base, other, question.place) else None
        if operands is not None and operands != (question.left, question.right):
            influences[bit] = operands
    for bits in solved(data, question, influences):
        changed = flipped(data, bits)
        if outcome(program(changed)[question.place]) != outcome(base[question.place]):
            return changed
    return None


def ones_complement(data: bytes) -> int:
    total = sum(data[::2]) * 256 + sum(data[1::2])
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@pytest.mark.parametrize(
    ("program", "data"),
    [
        (lambda data: [("!=", data[0] >> 4, 11)], b"\x05\0"),
        (lambda data: [("!=", (data[0] << 8 | data[1]) >> 4 & 0xFFF, 0xABC)], b"\x12\x34"),
        (lambda data: [("!=", int.from_bytes(data, "little") >> 3 & 0x1FF, 0x155)], b"\x12\x34"),
        (lambda data: [("==", len(data) + 12 - data[1], 7)], b"ab\0"),
        (lambda data: [("<", 12 * data[0] + 40, 100)], b"\0"),
        (lambda data: [(">=", data[0] - data[1], -5)], b"\x10\x02"),
        (lambda data: [("not in", data[1] ^ 0x5A, (3, 77))], b"\0\0"),
        (lambda data: [("!=", bytes(byte << 4 & 255 | byte >> 4 for byte in data), b"PK")], b"\0\0"),
        (lambda data: [(REMAINDER, ones_complement(data), 0)], b"\x45\xec\0\x18\3\3\3\3"),
        (lambda data: [("!=", zlib.crc32(data[4:]), int.from_bytes(data[:4], "big"))], b"\0\0\0\0body"),
    ],
)
def test_what_is_made_of_some_bits_becomes_what_it_is_compared_with(program: Program, data: bytes) -> None:
    assert turned(program, data) is not None


def test_what_depends_on_no_bits_has_no_answer() -> None:
    assert turned(lambda data: [("!=", len(data), 5)], b"abc") is None


def test_only_what_depends_on_the_number_is_changed() -> None:
    made = turned(lambda data: [("==", data[2] >> 4, 9)], b"ab\x13cd")
    assert made == b"ab\x93cd"


def test_a_comparison_behind_one_that_turned_out_otherwise_is_not_asked() -> None:
    base: Trace = [("==", 1, 1), ("<", 5, 9)]
    assert is_asked(base, [("==", 1, 1), ("<", 7, 9)], 1)
    assert not is_asked(base, [("==", 2, 1), ("<", 7, 9)], 1)
    assert not is_asked(base, [("==", 1, 1)], 1)


def test_of_a_trace_each_comparison_is_kept_once_and_no_carries() -> None:
    comparisons: Trace = [("same", 1, 2), ("!=", 1, 2), (">", 70000, 65535), (REMAINDER, 7, 0), ("!=", 7, 0)]
    assert once_each(comparisons) == [("!=", 1, 2), ("!=", 7, 0)]


@pytest.mark.parametrize(
    ("base", "other", "more"),
    [
        ([("!=", 7, 7)], [("!=", 7, 15)], 8),
        ([(">", 6, 7)], [(">", 16, 7)], 9),
        ([("!=", 3, 3)], [("!=", 3, 11)], 8),
        ([("!=", 7, 7)], [("!=", 7, 3)], 0),
        ([("!=", 5, 5)], [("!=", 6, 9)], 0),
        ([("!=", 700, 700)], [("!=", 700, 800)], 0),
        ([("in", 7, (7,))], [("in", 7, (9,))], 0),
    ],
)
def test_a_number_that_tells_of_more_bytes_than_there_are_tells_how_many_lack(
    base: Trace, other: Trace, more: int
) -> None:
    assert lacking(base, other, 7) == more


def test_of_texts_of_different_sizes_it_is_asked_how_long_they_are() -> None:
    def program(data: bytes) -> Trace:
        return [("!=", data[1 : 1 + data[0]], b"PK")]

    data = b"\x00PKab"
    base = program(data)
    (question,) = questions(base, 1)
    assert (question.member, question.left, question.right) == (SIZE, 0, 2)
    assert is_turned(base, program(b"\x02PKab"), question)
    assert is_turned(base, program(b"\x02abPK"), question), "then it is asked what they are"
    assert not is_turned(base, program(b"\x01PKab"), question)


@pytest.mark.parametrize(
    ("comparison", "equality"),
    [
        (("startswith", b"\x89ABC", b"\x89PNG"), ("==", b"\x89ABC", b"\x89PNG")),
        (("startswith", b"abcdef", b"xy"), ("==", b"ab", b"xy")),
        (("endswith", b"abcdef", b"xy"), ("==", b"ef", b"xy")),
        (("==", "abc", "xyz"), ("==", b"abc", b"xyz")),
    ],
)
def test_texts_and_their_ends_are_compared_like_numbers(comparison: Comparison, equality: Comparison) -> None:
    assert once_each([comparison]) == [equality]


def test_tuples_are_compared_one_by_one_up_to_what_differs_and_bytes_are_searched_like_tuples() -> None:
    assert once_each([("==", (0, 9, 1), (0, 3, 1))]) == [("==", 0, 0), ("==", 9, 3)]
    assert once_each([("in", 126, b"\0~")]) == [("in", 126, (0, 126))]
    assert turned(lambda data: once_each([("==", (data[0] >> 5, data[0] & 31), (3, 9))]), b"\x65") == b"\x69"
    assert turned(lambda data: once_each([("in", 126, data[1:])]), b"abc") in (b"a~c", b"ab~")


def test_a_sum_is_put_right_by_a_field_that_nothing_else_needs() -> None:
    def program(data: bytes) -> Trace:
        checked = ones_complement(data)
        return [("!=", checked, 0), *([("!=", data[0], 17)] if not checked else [])]

    data = b"\x03\x04\xfc\xfb"
    base = program(data)
    single = {bit: program(flipped(data, (bit,))) for bit in range(8 * len(data))}
    (condition,) = conditions(data, base, single).values()
    changed = b"\x11\x04\xfc\xfb"
    right = condition.put_right(changed, program(changed), frozenset(range(8)))
    assert right is not None
    assert right[0] == 17
    assert program(right) == [("!=", 0, 0), ("!=", 17, 17)]
