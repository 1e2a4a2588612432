"""Numbers cut out of the bits of others lead to these."""

import pytest

from fuzztui.worker.guidance.bits import Bits
from fuzztui.worker.guidance.reads import End
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate.operands import READS
from tests.worker.world import inhabited


def test_a_mask_and_a_shift_are_undone() -> None:
    bits = Bits()
    bits.note(0x2, ">>", 0x25, 4)
    bits.note(0x5, "&", 0x25, 15)
    assert list(bits.sources(2, 7)) == [(0x25, 0x75)]
    assert list(bits.sources(5, 9)) == [(0x25, 0x29)]
    assert list(bits.sources(5, 16)) == [], "the mask does not let it through"
    assert list(bits.sources(5, -1)) == []


def test_operations_in_a_row_are_undone_one_after_the_other() -> None:
    bits = Bits()
    bits.note(0b1011, ">>", 0b1011_010, 3)
    bits.note(0b011, "&", 0b1011, 7)
    assert list(bits.sources(3, 6)) == [(0b1011, 0b1110), (0b1011_010, 0b1110_010)]


def test_a_shift_beyond_all_bits_is_not_undone() -> None:
    bits = Bits()
    bits.note(0, ">>", 5, 2**40)
    assert list(bits.sources(0, 1)) == []


def test_comparisons_are_kept_of_what_was_cut_out_too() -> None:
    trace = ComparisonTrace()
    kind = trace.bits("&", 0x31, 15, False)
    trace.compare("==", kind, 4)
    assert trace.comparisons == [("==", 0x31, 0x34), ("==", 1, 4)] or trace.comparisons == [
        ("==", 1, 4),
        ("==", 0x31, 0x34),
    ]


def test_what_repairs_an_equality_comes_before_it() -> None:
    trace = ComparisonTrace()
    size = trace.bits(">>", 0x0C, 3, False)
    trace.compare("same ==", 6, size)
    assert trace.comparisons[0] == ("same", 0x0C, 0x34)


@pytest.mark.parametrize(("flags", "wanted"), [(0x10, 0x12), (0x13, 0x11)])
def test_a_flag_that_decides_a_branch_is_set_or_cleared(flags: int, wanted: int) -> None:
    trace = ComparisonTrace()
    assert trace.bits("&", flags, 2, True) == flags & 2
    assert trace.comparisons == [("==", flags, wanted)]


def test_other_operands_are_computed_with_as_they_are() -> None:
    trace = ComparisonTrace()
    assert trace.bits("&", {1, 2}, {2}, True) == {2}
    assert trace.comparisons == []


SOURCE = """
MASK = 0x70
def fuzz(data):
    head = data[0]
    kind, size = head >> 3 & 3, head & 7
    if head & MASK: return 1
    if kind == 2: return 2
    if size == 5: return 3
"""


def test_instrumented_code_tells_what_it_cuts_out() -> None:
    with inhabited(SOURCE) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            found = tracing.comparisons((b"\x0a.",))
    assert ("==", 0x0A, 0x7A) in found
    assert ("==", 0x0A, 0x12) in found
    assert ("==", 0x0A, 0x0D) in found


def test_a_loop_of_so_many_turns_may_have_fewer() -> None:
    source = """
def fuzz(data):
    count = data[0]
    for _ in range(count): pass
    for _ in range(int(count)): pass
    for _ in range(len(data)): pass
    for _ in range(0, count): pass
"""
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            found = tracing.comparisons((b"\x28...",))
    here = End(4, 1, taken=1)
    assert found == [(READS, here, b"\1"), (READS, here, b"\2"), ("of", 40, (1, 2))]


def test_another_function_of_that_name_is_called_as_it_is() -> None:
    trace = ComparisonTrace()
    assert trace.turns(len) is len
    assert trace.turns(range)(3) == range(3)
    assert trace.comparisons == [("of", 3, (1, 2))]
