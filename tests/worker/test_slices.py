"""Which slices of an input a program takes, and what follows from where it took them."""

import struct
from io import BytesIO
from typing import Any

import pytest

from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.reads import End
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.whole import Plain
from fuzztui.worker.structure.fixed import filled
from fuzztui.worker.structure.in_place import fitting, put_in_place
from fuzztui.worker.structure.offsets import Offset, offsets_of, shifted
from fuzztui.worker.structure.relocated import disentangled, relocated
from fuzztui.worker.structure.slices import LATEST, Slice, Slices
from tests.worker.world import inhabited


def taken(*ranges: tuple[int, int], known: int = 0, compared: list[Comparison] | None = None) -> Slices:
    """Slices that were taken before anything was compared, unless so much was `known`, and had all that they asked."""
    return Slices(tuple([Slice(begin, end, end, known) for begin, end in ranges]), compared or [])


def ranges(trace: ComparisonTrace, size: int) -> list[tuple[int, int]]:
    return [(each.begin, each.end) for each in trace.slices(size).taken]


# What is noted


def test_slices_of_slices_are_told_by_where_they_stand_in_the_whole() -> None:
    trace, data = ComparisonTrace(), b"0123456789"
    part = trace.cut(data, 2, 8)
    inner: Any = trace.cut(part, 3, None)
    assert inner == b"567"
    assert trace.cut(inner, None, 2) == b"56"
    assert ranges(trace, 10) == [(2, 8), (5, 8), (5, 7)]
    assert ranges(trace, 6) == [], "what has another size is another whole"


def test_a_slice_tells_how_much_was_asked_for_and_what_was_known() -> None:
    trace, data = ComparisonTrace(), b"0123"
    trace.cut(data, 0, 2)
    trace.compare("==", b"01", b"ab")
    trace.cut(data, 2, 9)
    assert trace.slices(4) == Slices((Slice(0, 2, 2, 0), Slice(2, 4, 9, 1)), trace.comparisons)


def test_what_is_read_from_a_stream_is_a_slice() -> None:
    trace, stream = ComparisonTrace(), BytesIO(b"abcdef")
    trace.method(stream.read)(2)
    trace.method(stream.read)(3)
    assert ranges(trace, 6) == [(0, 2), (2, 5)]


@pytest.mark.parametrize(
    ("function", "arguments", "options"),
    [
        (struct.unpack_from, ("<HB", b"012345", 2), {}),
        (struct.unpack_from, ("<HB", b"012345"), {"offset": 2}),
        (struct.unpack_from, ("<HB",), {"buffer": b"012345", "offset": 2}),
        (struct.Struct("<HB").unpack_from, (b"012345", 2), {}),
        (struct.Struct("<HB").unpack_from, (b"012345",), {"offset": 2}),
        (struct.unpack_from, ("<HB", b"012345", -4), {}),
    ],
)
def test_what_is_unpacked_from_a_buffer_is_a_slice(function: Any, arguments: Any, options: Any) -> None:
    trace = ComparisonTrace()
    assert trace.method(function)(*arguments, **options) == struct.unpack("<HB", b"234")
    assert ranges(trace, 6) == [(2, 5)]


@pytest.mark.parametrize(
    ("function", "layouts"), [(struct.Struct("<HB").iter_unpack, []), (struct.iter_unpack, ["<HB"])]
)
def test_what_is_unpacked_turn_by_turn_is_a_slice_a_turn(function: Any, layouts: list[str]) -> None:
    trace, text = ComparisonTrace(), b"012345"
    made: Any = trace.method(function)(*layouts, text)
    assert list(made) == list(struct.iter_unpack("<HB", text))
    assert ranges(trace, 6) == [(0, 3), (3, 6)]
    assert trace.slices(6).numbers == ((0, 2), (2, 3), (3, 5), (5, 6))


def test_what_cannot_be_unpacked_turn_by_turn_lacks_the_rest_of_a_turn() -> None:
    trace = ComparisonTrace()
    with pytest.raises(struct.error):
        trace.method(struct.iter_unpack)("<HB", b"0123\0")
    assert [(end.at, lacking) for _, end, lacking in trace.comparisons if isinstance(end, End)] == [
        (5, b"\0"),
        (5, b"\1"),
    ]


@pytest.mark.parametrize("copy", [bytes, bytearray, memoryview])
def test_the_same_bytes_as_something_else_stand_where_they_stood(copy: Any) -> None:
    trace, data = ComparisonTrace(), b"0123456789"
    made: Any = trace.copying(copy)(trace.cut(bytearray(data), 2, 8))
    trace.cut(made, 1, 3)
    trace.item(made, -1)
    assert ranges(trace, 10) == [(2, 8), (3, 5)]
    assert trace.slices(10).numbers == ((7, 8),)


def test_what_is_left_of_a_buffer_stands_where_it_stood_and_another_content_nowhere() -> None:
    trace, data = ComparisonTrace(), b"0123456789"
    buffer: Any = trace.copying(bytearray)(trace.cut(data, 2, None))
    del buffer[:3]
    trace.cut(buffer, 0, 2)
    buffer += b"more"
    trace.cut(buffer, 0, 2)
    assert ranges(trace, 10) == [(2, 10), (5, 7)]


def test_streams_and_copies_of_parts_stand_where_these_do() -> None:
    trace, data = ComparisonTrace(), b"0123456789"
    view: Any = trace.cut(memoryview(data), 2, 8)
    assert trace.cut(trace.method(view.tobytes)(), 0, 1) == b"2"
    stream: Any = trace.method(BytesIO)(view)
    assert trace.method(stream.read)(2) == b"23"
    assert trace.method(stream.read)() == b"4567"
    assert trace.copying(list)(view) == [50, 51, 52, 53, 54, 55]
    assert ranges(trace, 10) == [(2, 8), (2, 3), (2, 4), (4, 8)]


@pytest.mark.parametrize(("size", "found"), [(4, [(0, 4)]), (7, [(0, 6)])])
def test_what_is_read_into_a_buffer_is_a_slice(size: int, found: list[tuple[int, int]]) -> None:
    trace, buffer = ComparisonTrace(), bytearray(size)
    stream = BytesIO(b"\0bcdef")
    assert trace.method(stream.readinto)(buffer) == min(size, 6)
    assert ranges(trace, 6) == found
    lacking = [(end.at, text) for _, end, text in trace.comparisons if isinstance(end, End)]
    assert lacking == ([] if size == 4 else [(6, b"\0"), (6, b"\1")])


def test_what_cannot_be_unpacked_is_none() -> None:
    trace = ComparisonTrace()
    with pytest.raises(struct.error):
        trace.method(struct.unpack_from)("<I", b"ab", 0)
    with pytest.raises(TypeError):
        trace.method(struct.unpack_from)("<I")
    assert ranges(trace, 2) == []


def test_instrumented_code_tells_of_its_slices_where_the_input_is_binary_data() -> None:
    source = """
import struct
def fuzz(data):
    rest = data[1:]
    struct.unpack_from("B", rest, 1)
    return rest[:2]
"""
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            for data, expected in (
                (b"\0" * 20, {(1, 20): None, (2, 3): None, (1, 3): None}),
                (b"text of some length!", {}),
                (b"short", {(1, 5): None, (2, 3): None, (1, 3): None}),
            ):
                tracing.comparisons((data,))
                assert tracing.slices.ranges == expected


# The latest


def test_the_latest_slices_before_a_comparison_come_first_and_each_once() -> None:
    compared: list[Comparison] = [("==", 1, 2), ("==", 3, 4)]
    slices = Slices((Slice(0, 1, 1, 0), Slice(1, 2, 2, 0), Slice(0, 1, 1, 0), Slice(5, 6, 6, 1)), compared)
    before = slices.before()
    assert before == {compared[0]: 3, compared[1]: 4}
    assert [each.begin for each in slices.latest(before[compared[0]])] == [0, 1]
    assert [each.begin for each in slices.latest(before[compared[1]])] == [5, 0, 1]
    many = Slices(tuple([Slice(at, at + 1, at + 1, 0) for at in range(50)]))
    assert [each.begin for each in many.latest(40)] == list(range(39, 39 - LATEST, -1))


def test_what_does_not_follow_what_was_taken_before_has_been_jumped_to() -> None:
    assert taken((0, 4), (4, 8), (10, 12), (40, 42), (2, 4), (4, 6)).jumps() == [2, 40]


# Operands where they were read


def test_a_number_is_replaced_where_it_was_read() -> None:
    data = bytes((0, 0, 0, 0, 0, 0, 0, 0))
    slices = taken((4, 6), compared=[("==", 0, 7)])
    assert list(put_in_place(data, [("==", 0, 7)], slices)) == [
        b"\0\0\0\0\0\7\0\0",
        b"\0\0\0\0\7\0\0\0",
    ], "as a whole in either order; a byte of it would be the same"


def test_a_number_in_digits_is_replaced_in_its_field() -> None:
    data = b"\xff\xfe000011\0\1end"
    compared: list[Comparison] = [("!=", 604, 9)]
    made = list(put_in_place(data, compared, taken((2, 9), compared=compared)))
    assert made[0] == b"\xff\xfe001134\0\1end"
    compared = [("!=", 11, 70_000)]
    made = list(put_in_place(data, compared, taken((2, 9), compared=compared)))
    assert made[0] == b"\xff\xfe070000\0\1end"


def test_numbers_that_are_whole_slices_come_before_those_in_slices() -> None:
    compared: list[Comparison] = [("of", 5, (6,))]
    data = b"\5\0\0\5" + b"\5"
    made = list(put_in_place(data, compared, taken((0, 4), (4, 5), compared=compared)))
    assert made[0] == b"\5\0\0\5\6"
    assert b"\6\0\0\5\5" in made
    assert b"\5\0\0\6\5" in made


def test_what_was_taken_after_a_comparison_has_not_led_to_it() -> None:
    compared: list[Comparison] = [("==", 5, 6)]
    data = b"\5\5"
    assert list(put_in_place(data, compared, taken((0, 1), known=1, compared=compared))) == []


def test_a_text_is_put_in_with_its_length_wherever_that_was_read() -> None:
    compared: list[Comparison] = [("==", b"root", b"administrator")]
    data = b"\4\0\0\7root/bin"
    made = list(put_in_place(data, compared, taken((0, 2), (2, 4), (4, 8), compared=compared)))
    assert b"\x0d\0\0\7administrator/bin" in made
    assert b"\4\0\0\7administrator/bin" in made


def test_a_text_where_nothing_stands_gets_its_length_too() -> None:
    compared: list[Comparison] = [("==", b"", b"/sh")]
    made = list(put_in_place(b"\4\0root", compared, taken((0, 2), (2, 6), (6, 6), compared=compared)))
    assert made[0] == b"\4\3root/sh"


def test_what_is_as_long_as_a_number_that_was_compared_gets_another_size() -> None:
    compared: list[Comparison] = [("not in", 2, (4,))]
    made = list(put_in_place(b"\0\2ab.", compared, taken((0, 2), (2, 4), compared=compared)))
    assert b"\0\4abbb." in made


def test_what_is_of_another_size_has_a_length_that_was_read_as_a_number() -> None:
    compared: list[Comparison] = [("==", 2, 4)]
    slices = taken((3, 5), compared=compared)._replace(numbers=((1, 2), (2, 3)))
    assert b"\0\2\4abbb." in list(put_in_place(b"\0\2\2ab.", compared, slices))
    assert b"\0\4\x09abbb." in list(put_in_place(b"\0\2\x09ab.", compared, slices))


def test_a_length_that_promises_more_than_there_is_says_how_much_there_is() -> None:
    slices = Slices((Slice(0, 2, 2, 0), Slice(2, 6, 68, 0)))
    assert list(fitting(b"B\0root", slices)) == [b"\4\0root"]
    assert next(put_in_place(b"B\0root", (), slices)) == b"\4\0root"
    assert list(fitting(b"B\0root", taken((0, 2), (2, 6)))) == []


def test_a_number_that_says_where_something_ends_says_where_all_ends() -> None:
    slices = Slices((Slice(0, 2, 2, 0), Slice(2, 6, 68, 0)))
    assert list(fitting(b"D\0root", slices)) == [b"\6\0root"]


def test_a_number_is_replaced_in_the_byte_that_was_read() -> None:
    compared: list[Comparison] = [("==", 5, 9)]
    slices = Slices(compared=compared, numbers=((0, 1), (2, 3)))
    assert list(put_in_place(b"\5\5\5\5", compared, slices)) == [b"\5\5\x09\5", b"\x09\5\5\5"]


@pytest.mark.parametrize(
    ("data", "number", "place", "made"),
    [
        (b"\1ab.", (0, 1), (1, 3), b"\3abcd."),  # one less than there are
        (b"\0\6ab.", (0, 2), (2, 4), b"\0\x08abcd."),  # with what stands before it
        (b"\4\0ab.", (0, 2), (2, 4), b"\6\0abcd."),
    ],
)
def test_a_number_right_before_a_text_counts_as_much_besides_as_it_did(
    data: bytes, number: tuple[int, int], place: tuple[int, int], made: bytes
) -> None:
    compared: list[Comparison] = [("==", b"ab", b"abcd")]
    slices = taken(place, compared=compared)._replace(numbers=(number,))
    assert made in list(put_in_place(data, compared, slices))


def test_what_was_compared_takes_the_place_of_what_was_read_in_what_follows() -> None:
    data, compared = b"\3\0", list[Comparison]([("==", (b"",), (b"abcd", b"xy"))])
    slices = taken((2, 2), compared=compared)._replace(numbers=((0, 1), (1, 2)))
    following = Following(200)
    steps = following.steps(Plain((data,)), compared, (), slices)
    assert (b"\3\4abcd",) in list(steps)
    read = Slices(compared=[("==", 3, 4)], numbers=((0, 1), (1, 2)))
    assert (b"\4\0",) in list(following.followers(Plain((data,)), [("==", 3, 4)], iter(()), 0, read))


@pytest.mark.parametrize(
    ("data", "number", "place", "wanted", "made"),
    [
        (b"\2\0.", (1, 2), (2, 2), 131, b"\2\1\x83."),
        (b"\2\1\7.", (1, 2), (2, 3), 0x1234, b"\2\2\x12\x34."),
        (b"\2\2\x12\x34.", (1, 2), (2, 4), 7, b"\2\1\7."),
        (b"\2\0.", (0, 1), (2, 2), 131, b"\2\0\x83."),
    ],
)
def test_a_number_of_another_width_stands_in_its_place_with_its_length(
    data: bytes, number: tuple[int, int], place: tuple[int, int], wanted: int, made: bytes
) -> None:
    compared: list[Comparison] = [("==", int.from_bytes(data[slice(*place)], "big"), wanted)]
    assert made in list(put_in_place(data, compared, taken(number, place, compared=compared)))


# Offsets


def test_a_number_that_says_where_a_slice_begins_is_an_offset() -> None:
    data = b"HD" + struct.pack("<HI", 12, 20) + bytes(4) + b"x" * 20
    assert offsets_of(data, taken((0, 2), (2, 4), (4, 8), (12, 14), (20, 24))) == (
        Offset(4, 4, "little", 20),
        Offset(2, 2, "little", 12),
    )


def test_in_one_byte_an_offset_is_only_where_it_was_jumped_to() -> None:
    data = b"\x14\2" + b"." * 30
    assert offsets_of(data, taken((0, 1), (1, 2), (2, 3), (20, 21))) == (Offset(0, 1, "big", 20),)


def test_what_was_read_in_part_with_something_else_is_no_offset() -> None:
    data = b"one\0\x0a\x02....hi"
    assert offsets_of(data, taken((0, 4), (10, 12))) == ()
    assert offsets_of(data, taken((0, 3), (10, 12))) == (Offset(3, 2, "big", 10),)
    data = b"HDR" + bytes(3) + b"\3" + b"\0\3"
    assert offsets_of(data, taken((3, 5), (5, 7))) == (Offset(5, 2, "big", 3), Offset(7, 2, "big", 3))
    assert offsets_of(data, taken((3, 7))) == (Offset(3, 4, "big", 3), Offset(7, 2, "big", 3))


def test_offsets_of_what_lies_behind_a_change_move() -> None:
    data = b"\x04\x08AABBCCDD"
    offsets = (Offset(0, 1, "big", 4), Offset(1, 1, "big", 8))
    assert shifted(data, b"\x04\x08AABB++CCDD", offsets) == b"\x04\x0aAABB++CCDD"
    assert shifted(data, b"\x04\x08BBCCDD", offsets) == b"\x02\x06BBCCDD"
    assert shifted(data, b"\x09\x08AABB++CCDD", offsets) == b"\x09\x08AABB++CCDD", "more than one range has changed"
    assert shifted(data, b"\x04\x08XXBBCCDD", offsets) == b"\x04\x08XXBBCCDD"


def test_an_offset_that_stands_behind_a_change_is_found_there() -> None:
    data = b"AABB\x02"
    assert shifted(data, b"A+ABB\x02", (Offset(4, 1, "big", 2),)) == b"A+ABB\x03"


def test_what_is_wanted_somewhere_is_pointed_to_elsewhere() -> None:
    data = b"\6\0....AB12..XY34"
    compared: list[Comparison] = [("!=", b"AB", b"XY"), ("!=", b"AB", b"ZZ")]
    made = list(relocated(data, compared, taken((0, 2), (6, 8))))
    assert b"\x0c\0....AB12..XY34" in made, "where it stands"
    assert b"\x10\0....AB12..XY34ZZ" in made, "behind all"
    assert b"\6\0....ZZAB12..XY34" in made, "put in there"
    assert b"\x08\0....ZZAB12..XY34" in made, "put in before what was meant"
    twice = list(relocated(b"\6\0\6\0..AB12", [("!=", b"AB", b"ZZ")], taken((0, 2), (2, 4), (6, 8))))
    assert b"\x08\0\6\0..ZZAB12" in twice, "and another means what is put in"


def test_slices_over_each_other_get_bytes_of_their_own() -> None:
    assert b"ABCDCDEF" in list(disentangled(b"ABCDEF", taken((0, 4), (2, 6)))) or b"ABCDABCDEF" in list(
        disentangled(b"ABCDEF", taken((0, 4), (2, 6)))
    )
    assert list(disentangled(b"ABCDEF", taken((0, 4), (4, 6), (1, 3), (0, 4)))) == []


def test_what_is_jumped_to_gets_room_behind_all() -> None:
    data = b"\2\0" + bytes(range(10, 40))
    made = list(disentangled(data, taken((0, 2), (20, 22), (2, 4))))
    assert any(each.startswith(b"\x20\0") and each[32:].startswith(b"\1\0\0\0") for each in made)
    assert any(each.startswith(b"\x20\0") and each[32:36] == data[2:6] for each in made)


# Fields of a fixed size


def test_a_padded_field_is_filled_and_keeps_its_size() -> None:
    data = b"name\0\0\0\0" + bytes(8) + b"end"
    slices = taken((0, 8), (8, 16), (16, 19))
    assert list(filled(data, [("==", "name", b"other")], slices)) == [b"other\0\0\0" + bytes(8) + b"end"]
    assert list(filled(data, [("in", "", ("one",))], slices)) == [b"name\0\0\0\0one\0\0\0\0\0end"]
    assert list(filled(data, [("lacks", "key", ())], slices)) == [b"name\0\0\0\0key\0\0\0\0\0end"]
    assert list(filled(data, [("==", "name", "longer than that")], slices)) == []
    assert list(filled(data, [("==", "end", "END")], slices)) == [], "it is not padded"


def test_a_field_padded_with_spaces_stays_so() -> None:
    assert list(filled(b"ab  .", [("==", b"ab", b"c")], taken((0, 4)))) == [b"c   ."]


# Searches

IN_A_TABLE = """
import struct
def fuzz(data):
    try:
        place, slots = struct.unpack_from("<HB", data, 2)
        if slots and data[:2] == b"CB":
            found, at = struct.unpack_from("<HH", data, place)
            if found == 739 and at:
                size, length = struct.unpack_from("<BB", data, at)
                if data[at + 2 : at + 2 + size] == b"root":
                    if data[at + 2 + size : at + 2 + size + length] == b"/bin/sh": raise LookupError
    except struct.error: return
"""

IN_PADDED_FIELDS = """
def fuzz(data):
    if len(data) != 48: return
    name, link = data[:16].rstrip(b"\\0"), data[16:32].rstrip(b"\\0")
    if name == b"longer":
        if link == b"name":
            if data[32:48].rstrip(b"\\0") == b"third": raise LookupError
"""

ELSEWHERE = """
def fuzz(data):
    at = data.rfind(b"END")
    if at < 0 or len(data) < at + 5: return
    begin = int.from_bytes(data[at + 3 : at + 5], "little")
    if data[begin : begin + 4] != b"DIR1": return
    where = int.from_bytes(data[begin + 4 : begin + 6], "little")
    if data[where : where + 4] == b"LOCL": raise LookupError
"""


@pytest.mark.parametrize(
    ("source", "entry", "executions"),
    [
        (IN_A_TABLE, b"CB\5\0\1\xe3\2\x09\0B\0root", 6000),
        (IN_PADDED_FIELDS, bytes(48), 4000),
        (ELSEWHERE, b"DIR1\1\0END\0\0", 4000),
    ],
)
def test_what_chance_does_not_find_follows_from_where_slices_were_taken(
    source: str, entry: bytes, executions: int
) -> None:
    with inhabited(source) as world:
        assert world.search(entry, executions) is not None


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"\x93:\0\x80", b"\x93:\xa6select\x80"),
        (b"\x83\x62ab\0\x40", b"\x83\x62ab\x66select\x40"),
        (b"\x93:\0\x80", b"\x93:\x06select\x80"),
    ],
)
def test_a_text_takes_the_place_of_a_number_that_was_read_behind_a_byte_that_says_how_long_it_is(
    data: bytes, wanted: bytes
) -> None:
    at = data.index(0)
    compared: list[Comparison] = [("==", 0, "select")]
    made = list(put_in_place(data, compared, taken((0, 1), (at, at + 1), compared=compared)))
    assert wanted in made
    assert list(put_in_place(data, [("<", 0, "select")], taken((at, at + 1)))) == []
