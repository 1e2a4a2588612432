"""Runs of elements: what a program has read turn by turn from the same line."""

from fuzztui.worker.structure.readings import Readings
from fuzztui.worker.structure.runs import Run, runs_of
from fuzztui.worker.structure.slices import Read, Slice, Slices
from tests.worker.world import inhabited


def reads(*told: tuple[int, int, str]) -> list[Read]:
    """(begin, end, from where), where what is called from within is told by signs behind."""
    return [Read(begin, end, hash(site), hash(site), len(site)) for begin, end, site in told]


def test_what_was_read_from_one_line_again_and_again_is_a_run_of_elements() -> None:
    found = runs_of(reads((0, 1, "h"), (1, 2, "a"), (2, 4, "ab"), (4, 5, "a"), (5, 6, "ac"), (6, 9, "z")))
    assert [(run.begins, run.end, run.turns) for run in found] == [((1, 4), 6, 2)]
    assert list(found[0].elements()) == [(1, 4), (4, 6)]


def test_a_loop_whose_condition_reads_is_a_run_and_the_read_that_gets_nothing_is_no_turn() -> None:
    source = """
import io
def fuzz(data):
    stream = io.BytesIO(data)
    stream.read(1)
    while stream.read(1):
        stream.read(2)
"""
    with inhabited(source) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            tracing.comparisons((b"\xff\1ab\2cd\3ef",))
    (run,) = runs_of(tracing.slices.reads)
    assert list(run.elements()) == [(1, 4), (4, 7), (7, 10)]


def test_a_run_within_a_turn_is_one_of_its_own() -> None:
    outer, inner = "o", "oi"
    found = runs_of(
        reads((0, 1, outer), (1, 2, inner), (2, 3, inner), (3, 4, outer), (4, 5, inner), (5, 6, inner), (6, 7, inner))
    )
    assert [(run.begins, run.end) for run in found] == [((4, 5, 6), 7), ((0, 3), 7), ((1, 2), 3)]


def test_one_turn_is_a_run_where_it_is_known_that_there_may_be_several() -> None:
    told = reads((0, 1, "h"), (1, 2, "a"), (2, 4, "ab"))
    assert runs_of(told) == []
    kind = hash((hash("a"), "calls"))
    assert runs_of(told, [kind]) == [Run(kind, (1,), 4, 1)]


def test_what_reads_byte_by_byte_within_a_turn_is_a_run_of_its_own_and_the_turn_begins_with_it() -> None:
    number = [(0, 1, "ab"), (1, 2, "ab"), (2, 5, "ac")], [(5, 6, "ab"), (6, 7, "ac")], [(7, 8, "ab"), (8, 9, "ab")]
    found = runs_of(reads(*number[0], *number[1], *number[2], (9, 10, "ac")))
    assert [(run.begins, run.end) for run in found] == [((0, 5, 7), 10), ((0, 1), 2), ((7, 8), 9)]
    assert len({run.kind for run in found}) == 2


def test_elements_that_were_not_read_in_the_order_in_which_they_stand_are_runs_of_as_many_turns() -> None:
    found = runs_of(reads((8, 9, "a"), (2, 3, "a"), (4, 5, "a")))
    assert {(run.begins, run.turns) for run in found} == {((8,), 3), ((2, 4), 3)}


def test_what_lies_far_behind_belongs_to_no_turn() -> None:
    (run,) = runs_of(reads((0, 2, "a"), (90, 92, "ab"), (2, 4, "a"), (92, 94, "ab")))
    assert run.end == 4


NESTED = """
import struct
def value(data, at):
    kind = data[at]
    at += 1
    if kind == 9:
        count, at = data[at], at + 1
        for _ in range(count): at = value(data, at)
        return at
    data[at:at + 1].isalpha()
    return at + 1
def fuzz(data):
    if data[0] != 7: raise ValueError
    return value(data, 1)
"""


def test_runs_of_one_loop_are_of_one_kind_however_deep_it_was_called_from_within_itself() -> None:
    data = b"\x07\x09\x02\x09\x03\x01a\x01b\x01c\x09\x02\x01d\x01e"
    with inhabited(NESTED) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            tracing.comparisons((data,))
        found = [(run.kind, [data[slice(*each)] for each in run.elements()]) for run in runs_of(tracing.slices.reads)]
    assert sorted(len(elements) for _, elements in found) == [2, 2, 3]
    assert [b"\x01d", b"\x01e"] in [elements for _, elements in found]
    assert len({kind for kind, _ in found}) == 1


def test_fields_of_one_layout_are_no_turns() -> None:
    source = "import struct\ndef fuzz(data): return struct.unpack_from('<BBH', data, 2)"
    with inhabited(source) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            tracing.comparisons((b"\0\1abcd",))
        assert [(read.begin, read.end) for read in tracing.slices.reads] == [(2, 6)]
        assert len(tracing.slices.numbers) == 3


def test_what_later_inputs_show_to_be_a_loop_is_one_in_earlier_ones_too() -> None:
    readings = Readings()
    told = reads((0, 1, "h"), (1, 2, "a"), (2, 4, "ab"))
    one = readings.learn(b"\1abc", Slices((Slice(1, 2, 2, 0),), (), (), told))
    assert one is not None
    assert one.runs == ()
    assert readings.take_revised() == []
    told = [*told, *reads((4, 5, "a"), (5, 7, "ab"))]
    readings.learn(b"\2abcdef", Slices((Slice(1, 2, 2, 0),), (), (), told))
    (revised,) = readings.take_revised()
    assert revised is readings.get(b"\1abc")
    assert [run.begins for run in revised.runs] == [(1,)]
    assert readings.take_revised() == []
