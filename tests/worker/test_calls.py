"""What one call of a function has read is of the same kind as what another one has, and can stand in its place."""

import random
import sys

from fuzztui.worker.guidance.frames import Frames
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.structure.aligned import Aligned
from fuzztui.worker.structure.as_read import Reading
from fuzztui.worker.structure.exchanged import MAX_PIECES, Exchanges
from fuzztui.worker.structure.readings import Readings
from tests.worker.world import inhabited

READERS = {
    "labels, and pointers back": (
        b"N\xff\1\2ab\0\4\1c\xc0\2xy\2\xc0\2!!",
        b"N\xff\1\2ab\0\4\1c\xc0\2xy\4\2ab\0!!",
        (b"\2ab\0", b"\1c\xc0\2", b"\xc0\2"),
        """
def fuzz(data):
    if data[:2] != b"N\\xff" or data[2] != 1: return None
    first, at = piece(data, 3)
    size = data[at]
    second, end = piece(data, at + 1)
    if end != at + 1 + size or data[end:end + 2] != b"xy": return None
    size = data[end + 2]
    third, at = piece(data, end + 3)
    if at != end + 3 + size or data[at:] != b"!!": return None
    return first, second, third

def piece(data, at):
    found = b""
    while data[at]:
        if data[at] >= 0xC0:
            return found + piece(data, data[at + 1] + 1)[0], at + 2
        found += data[at + 1 : at + 1 + data[at]] + b"."
        at += 1 + data[at]
    return found, at + 1
""",
    ),
}


def reading_of(source: str, *inputs: bytes) -> list[Reading]:
    """How inputs are read by a program with a function `fuzz`."""
    found = []
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        readings = Readings()
        for data in inputs:
            with tracing.on():
                tracing.comparisons((data,))
            reading = readings.learn(data, tracing.slices)
            assert reading is not None
            found.append(reading)
    return found


def pieces(reading: Reading) -> set[bytes]:
    """What the calls of an input have read."""
    return {reading.data[begin:end] for _, begin, end in reading.calls}


def test_what_one_call_reads_ends_where_it_follows_a_pointer() -> None:
    data, _, wanted, source = READERS["labels, and pointers back"]
    assert pieces(*reading_of(source, data)) >= {*wanted}


def test_what_is_read_far_behind_has_been_pointed_to() -> None:
    source = """
def fuzz(data):
    return data[:2] == b"N\\xff" and [entry(data, at) for at in (2, 4)]

def entry(data, at):
    kind, place = data[at], data[at + 1]
    return kind, data[place : place + 2]
"""
    found = pieces(*reading_of(source, b"N\xff\1\x12\2\x14............abcd"))
    assert {b"\1\x12", b"\2\x14"} <= found
    assert not any(b"." in each for each in found)


def test_what_one_call_has_read_goes_into_the_place_of_what_another_has_and_lengths_are_right() -> None:
    data, right, _, source = READERS["labels, and pointers back"]
    assert right in list(Exchanges().learn(*reading_of(source, data)))


ELEMENTS = """
def fuzz(data):
    if data[0] != 0x80: return
    kind, at = element(data, 1)
    other, at = element(data, at)

def element(data, at):
    size = data[at]
    return data[at + 1 : at + 1 + size], at + 1 + size
"""


def test_what_is_new_in_one_input_goes_into_those_before_it_and_the_other_way_round() -> None:
    first, second = reading_of(ELEMENTS, b"\x80\2ab\1c", b"\x80\3xyz\1c")
    exchanges = Exchanges()
    assert [*exchanges.learn(first)] == [b"\x80\1c\1c", b"\x80\2ab\2ab"]
    made = [*exchanges.learn(second)]
    assert {b"\x80\3xyz\1c", b"\x80\2ab\3xyz"} <= {*made}, "into the one before it"
    assert {b"\x80\2ab\1c", b"\x80\3xyz\2ab"} <= {*made}, "into the one that is new"
    assert made[0] == b"\x80\1c\1c", "what stands in it comes first"


def test_no_more_pieces_of_a_function_are_remembered_than_the_latest() -> None:
    inputs = [b"\x80\2a%c\1c" % each for each in range(100, 120)]
    exchanges = Exchanges()
    for reading in reading_of(ELEMENTS, *inputs):
        exchanges.learn(reading)
    (known,) = exchanges._pieces.values()
    assert len(known) == MAX_PIECES
    assert b"\2aw" in known
    assert b"\2ad" not in known


def test_random_changes_exchange_what_calls_have_read() -> None:
    (reading,) = reading_of(ELEMENTS, b"\x80\2ab\5fghij")
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    aligned = Aligned(random.Random(2).getrandbits, mutator.mutate_bytes, ())
    made = [aligned.changed(reading, reading) for _ in range(400)]
    assert made.count(b"\x80\2ab\2ab") + made.count(b"\x80\5fghij\5fghij") > 30


def number_of(frames: Frames) -> int:
    return frames.number(sys._getframe(1))


def test_a_call_has_one_number_and_no_other_has_it() -> None:
    frames = Frames()

    def called() -> tuple[int, int]:
        return number_of(frames), number_of(frames)

    numbers = [called() for _ in range(3)]
    assert all(one == other for one, other in numbers)
    assert len({*numbers}) == 3
    before = number_of(frames)
    frames.clear()
    assert number_of(frames) != before


def test_a_call_that_is_debugged_is_left_alone() -> None:
    frame = sys._getframe()
    noted: list[object] = []
    mark = frame.f_trace
    try:
        frame.f_trace = lambda *event: noted.append(event)
        assert number_of(Frames()) == -id(frame)
    finally:
        frame.f_trace = mark
