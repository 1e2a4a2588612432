"""Binary inputs taken apart into parts with lengths and sums, and written again."""

import hashlib
import random
import struct
import zlib

import pytest

from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.offsets import inserted, pointed
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.structure.anatomy import Anatomy, Layouts
from fuzztui.worker.structure.editing import followed, part_at, paths, spliced
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.numbers import put_in
from fuzztui.worker.structure.offsets import Offset
from fuzztui.worker.structure.parts import Group, Layout, Part, parsed, written
from fuzztui.worker.structure.slices import Slice, Slices
from fuzztui.worker.structure.stuffing import stuffed
from fuzztui.worker.structure.suggested import suggested, values_of
from fuzztui.worker.structure.sums import sum_of, sums_of
from fuzztui.worker.structure.vocabulary import Vocabulary


def chunk(kind: bytes, body: bytes) -> bytes:
    """Length, type, body, CRC-32 of type and body."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def same(*values: int) -> list[Comparison]:
    """The comparisons of a run in which these were what they had to be."""
    return [("same", value, value) for value in values]


PICTURE = b"\x8aPIC" + chunk(b"HEAD", b"\1\2") + chunk(b"DATA", b"\3")

SUMS = same(zlib.crc32(b"HEAD\1\2"), zlib.crc32(b"DATA\3"))


def anatomy_of(data: bytes, comparisons: list[Comparison]) -> Anatomy:
    return Layouts().anatomies(data, values_of(comparisons))[0]


@pytest.mark.parametrize(
    ("layout", "data"),
    [
        (Layout(1, 1, "big", 0, 0), b"\1\2ab\5\0"),
        (Layout(2, 4, "little", 1, 0), b"ab\1\0\0\0xA"),
        (Layout(1, 2, "big", 0, 3), b"\7\0\5ab"),
        (Layout(1, -1, "big", 0, 0), b"\x30\x81\x80" + bytes(128)),
        (Layout(-1, -1, "big", 0, 0), b"\x9f\x4d\1a\x84\0\x5f\x81\x02\2bc"),
        (Layout(1, 0, "little", 0, 0), b"\x0a\x80\x01" + bytes(128)),
        (Layout(0, 1, "big", 0, 0, 2), b"\1a\0\2ab"),
    ],
)
def test_what_is_written_again_is_what_was_read(layout: Layout, data: bytes) -> None:
    made = parsed(data, 0, len(data), layout)
    assert made is not None
    assert written(Group(b"", made[0])) == data


def test_a_length_takes_as_many_bytes_as_it_needs() -> None:
    made = parsed(b"\x30\2ab", 0, 4, Layout(1, -1, "big", 0, 0))
    assert made is not None
    longer = made[0][0]._replace(body=Group(bytes(300)))
    assert written(Group(b"", (longer,))) == b"\x30\x82\x01\x2c" + bytes(300)


def test_chunks_are_found_by_their_sums() -> None:
    anatomy = anatomy_of(PICTURE, SUMS)
    assert anatomy.group.head == b"\x8aPIC"
    assert [part.between for part in anatomy.group.parts] == [b"HEAD", b"DATA"]
    assert anatomy.together(anatomy.group) == PICTURE


def frame(kind: bytes, body: bytes) -> bytes:
    """Two bytes by which frames are told, a kind, a length, a body, and two sums that do not cover the first."""
    covered = kind + struct.pack("<H", len(body)) + body
    low = high = 0
    for byte in covered:
        low = (low + byte) & 255
        high = (high + low) & 255
    return b"\xb5b" + covered + bytes((low, high))


def sums_of_frames(*frames: bytes) -> list[Comparison]:
    return [("same", each[-2:], each[-2:]) for each in frames]


LONG = frame(b"\1\2", b"long enough to tell the one sum from another")
EMPTY = frame(b"\5\6", b"")


def test_a_sum_need_not_cover_what_frames_are_told_by() -> None:
    data = LONG + EMPTY
    anatomy = anatomy_of(data, sums_of_frames(LONG, EMPTY))
    assert [part.before for part in anatomy.group.parts] == [b"\xb5b\1\2", b"\xb5b\5\6"]
    longer = anatomy.group.parts[1]._replace(body=Group(b"ab"))
    made = anatomy.together(anatomy.group._replace(parts=(anatomy.group.parts[0], longer)))
    assert made == LONG + frame(b"\5\6", b"ab")


def test_an_input_too_short_to_tell_its_sum_has_that_of_earlier_ones() -> None:
    layouts = Layouts()
    layouts.anatomies(LONG, values_of(sums_of_frames(LONG)))
    anatomy = layouts.anatomies(EMPTY, values_of(sums_of_frames(EMPTY)))[0]
    longer = anatomy.group.parts[0]._replace(body=Group(b"\xff" * 9))
    assert anatomy.together(anatomy.group._replace(parts=(longer,))) == frame(b"\5\6", b"\xff" * 9)


def test_parts_of_earlier_inputs_are_learned_when_a_later_one_tells_their_layout() -> None:
    structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    structure.remember((EMPTY,), sums_of_frames(EMPTY))
    structure.remember((LONG,), sums_of_frames(LONG))
    made = [data for (data,) in structure.suggested((LONG,), [*sums_of_frames(LONG), ("==", 0, 9)])]
    assert LONG + frame(b"\5\6", b"\x09\0") in made, "with what a number was compared with"
    assert frame(b"\5\6", b"\x09\0") + LONG in made, "before what may ask for it"


def test_a_length_may_count_a_name_that_follows_it() -> None:
    data = b"RIFF" + struct.pack("<I", 4 + 10) + b"WAVE" + b"fmt " + struct.pack("<I", 2) + b"ab"
    anatomy = anatomy_of(data, [])
    assert anatomy.group.parts[0].between == b"WAVE"
    changed = data[:-2] + b"abcdef"
    group = followed(anatomy.group, data, changed)
    assert group is not None
    assert struct.unpack_from("<I", anatomy.together(group), 4) == (len(changed) - 8,)


def test_offsets_are_kept_right_in_what_is_made_of_an_input() -> None:
    structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    data = b"HD\0\0" + struct.pack("<I", 12) + b"\xffabc" + b"there"
    slices = Slices((Slice(0, 4, 4, 0), Slice(4, 8, 8, 0), Slice(12, 17, 17, 0)))
    structure.remember((data,), [], slices)
    longer = data[:9] + b"abcabc" + data[9:]
    made = [each for (each,) in structure.kept_right((data,), iter([(longer,)]))]
    assert longer[:4] + struct.pack("<I", 18) + longer[8:] in made
    assert longer in made, "no sum tells that it is one"


def test_offsets_are_kept_right_within_parts_and_where_a_change_lies_in_no_part_alone() -> None:
    data = b"\2ab\2cd" + struct.pack("<I", 5)
    parts = parsed(data, 0, 6, Layout(0, 1, "big", 0, 0))
    assert parts is not None
    structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    structure._known[data] = [Anatomy(Group(b"", parts[0], data[6:]), (), (Offset(6, 4, "little", 5),))]
    within, across = data.replace(b"ab", b"abcd"), data.replace(b"\2cd", b"cd")
    made = [each for (each,) in structure.kept_right((data,), iter([(within,), (across,)]))]
    assert made[0] == b"\4abcd\2cd" + struct.pack("<I", 7)
    assert b"\2abcd" + struct.pack("<I", 4) in made


def test_what_follows_from_slices_is_suggested() -> None:
    structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    data = b"\6\0....AB\1\0\0\0\0\0"
    compared: list[Comparison] = [("!=", b"AB", b"XY"), ("==", 1, 7), ("lacks", b"key", ())]
    slices = Slices((Slice(0, 2, 2, 0), Slice(6, 8, 8, 0), Slice(8, 9, 9, 0), Slice(9, 14, 14, 0)), compared)
    made = [each for (each,) in structure.suggested((data,), compared, slices)]
    assert b"\x0e\0....AB\1\0\0\0\0\0XY" in made
    assert b"\6\0....AB\7\0\0\0\0\0" in made
    assert b"\6\0....AB\1key\0\0" in made
    assert b"\6\0....AB\7\0\0\0\0\0" not in [each for (each,) in structure.suggested((data,), compared[:1], slices)]


def test_a_sum_need_not_cover_the_length_between() -> None:
    data = b"SND" + b"fmt " + struct.pack("<I", 2) + b"ab" + struct.pack("<I", zlib.adler32(b"fmt ab"))
    anatomy = anatomy_of(data, same(zlib.adler32(b"fmt ab")))
    part = anatomy.group.parts[0]
    longer = anatomy.together(anatomy.group._replace(parts=(part._replace(body=Group(b"abc")),)))
    assert longer == b"SND" + b"fmt " + struct.pack("<I", 3) + b"abc" + struct.pack("<I", zlib.adler32(b"fmt abc"))


def test_a_part_is_found_within_a_part() -> None:
    data = b"\x30\x08\x02\x01\x07\x30\x03\x04\x01\x05"
    found = Layouts().anatomies(data, ())
    assert (0, 1, 0) in list(paths(found[0].group))
    assert written(part_at(found[0].group, (0, 1, 0)).body) == b"\x05"


def test_a_change_within_a_part_changes_lengths_and_sums_around_it() -> None:
    anatomy = anatomy_of(PICTURE, SUMS)
    at = PICTURE.index(b"\3", 20)
    changed = PICTURE[:at] + b"\3\4\5" + PICTURE[at + 1 :]
    group = followed(anatomy.group, PICTURE, changed)
    assert group is not None
    assert anatomy.together(group) == b"\x8aPIC" + chunk(b"HEAD", b"\1\2") + chunk(b"DATA", b"\3\4\5")


def test_changes_in_place_keep_sums_right() -> None:
    anatomy = anatomy_of(PICTURE, SUMS)
    changed = PICTURE.replace(b"\1\2", b"\7\2").replace(b"DATA", b"DOTA")
    group = followed(anatomy.group, PICTURE, changed)
    assert group is not None
    assert anatomy.together(group) == b"\x8aPIC" + chunk(b"HEAD", b"\7\2") + chunk(b"DOTA", b"\3")


def test_a_change_across_parts_is_none_of_theirs() -> None:
    anatomy = anatomy_of(PICTURE, SUMS)
    assert spliced(anatomy.group, 0, 10, len(PICTURE) - 6, b"") is None


@pytest.mark.parametrize(
    ("data", "value", "longer", "right"),
    [
        (b"ab\x03\x04\x07", 7, b"abc\x03\x04\x00", b"abc\x03\x04\x64"),
        (
            b"Pk" + struct.pack(">I", zlib.crc32(b"body")) + b"body",
            zlib.crc32(b"body"),
            b"Pk\0\0\0\0bodies",
            b"Pk" + struct.pack(">I", zlib.crc32(b"bodies")) + b"bodies",
        ),
    ],
)
def test_a_sum_over_all_else_is_put_right(data: bytes, value: int, longer: bytes, right: bytes) -> None:
    sums = sums_of(data, [value])
    assert sums
    assert sums[0].written(data) == data
    made = [each.written(longer) for each in sums]
    assert right in made or made[0][:-1] == longer[:-1]


@pytest.mark.parametrize(
    ("covered", "sum_"),
    [
        (b"123456789", b"\x6e\x90"),  # X.25
        (b"123456789", b"\x4b\x37"),  # Modbus
        (b"123456789", b"\x21\x89"),  # Kermit
        (b"body", hashlib.sha1(b"body").digest()[:2]),
        (b"body", hashlib.md5(b"body").digest()[:4]),
        (b"body", hashlib.sha256(b"body").digest()[:8]),
    ],
)
def test_a_sum_of_a_kind_that_is_in_use_is_put_right(covered: bytes, sum_: bytes) -> None:
    data = b"\xff" + covered + sum_
    found = sums_of(data, [int.from_bytes(sum_, "big"), int.from_bytes(sum_, "little")])
    assert any(each.start == 1 and each.written(b"\xff" + covered + b"\0" * len(sum_)) == data for each in found)


def test_a_sum_in_octal_digits_over_a_header_that_holds_it_is_put_right() -> None:
    header = bytearray(b"name".ljust(20, b"\0") + b" " * 8 + b"magic".ljust(20, b"\0"))
    total = sum(header)
    header[20:28] = b"%o" % total + bytes(8 - len(b"%o" % total))
    data = bytes(header)
    made = [each.written(b"N" + data[1:]) for each in sums_of(data, [total])]
    assert any(b"%o" % (total - 32) in each for each in made)


def test_a_total_over_all_is_put_right_by_a_word_that_may_be_there_for_it() -> None:
    data = bytearray(b"\0\x07\0\x35\0\x0a\0\0\x08\x01")
    data[6:8] = struct.pack(">H", 0xFFFF - (7 + 0x35 + 0x0A + 0x0801))
    found = Layouts().anatomies(bytes(data), (), [0xFFFF])
    longer = [each.together(Group(bytes(data) + b"\1\2")) for each in found]
    right = bytes(data[:6]) + struct.pack(">H", 0xFFFF - (7 + 0x35 + 0x0A + 0x0801 + 0x0102)) + b"\x08\x01\1\2"
    assert right in longer


def test_an_empty_part_gets_what_nothing_was_compared_with() -> None:
    data = b"\x30\x05\x02\x01\x01\x06\x00"
    found = Layouts().anatomies(data, ())
    made = list(suggested(found, [("==", b"", b"\x2a\x86")], Vocabulary()))
    assert b"\x30\x07\x02\x01\x01\x06\x02\x2a\x86" in made


def test_a_part_gets_the_size_that_it_was_compared_with() -> None:
    anatomy = anatomy_of(PICTURE, SUMS)
    made = list(suggested([anatomy], [("!=", 2, 4)], Vocabulary()))
    assert b"\x8aPIC" + chunk(b"HEAD", b"\1\2\2\2") + chunk(b"DATA", b"\3") in made


def test_parts_of_kinds_that_types_were_compared_with_are_added() -> None:
    anatomy = anatomy_of(PICTURE, SUMS)
    vocabulary = Vocabulary()
    vocabulary.learn(anatomy.group, [("==", b"DATA", b"DONE")])
    assert PICTURE + chunk(b"DONE", b"") in list(suggested([anatomy], [], vocabulary))


def test_a_part_of_a_kind_that_was_looked_up_in_vain_is_added_with_what_was_wanted() -> None:
    data = b"\1\2ab\2\1c"
    found = Layouts().anatomies(data, ())
    vocabulary = Vocabulary()
    comparisons: list[Comparison] = [("lacks", 8, ()), ("wants", b"\x0e", ())]
    for anatomy in found:
        vocabulary.learn(anatomy.group, comparisons)
    made = list(suggested(found, comparisons, vocabulary))
    assert data + b"\x08\x01\x0e" in made


def test_a_part_with_a_longer_tag_is_added_where_a_short_one_was_compared_with_it() -> None:
    data = b"\x6f\x04\x84\x02ab"
    found = Layouts().anatomies(data, ())
    vocabulary = Vocabulary()
    comparisons: list[Comparison] = [("in", 0x84, (0x84, 0x9F4D, 0x9F81, 0x1234))]
    for anatomy in found:
        vocabulary.learn(anatomy.group, comparisons)
    made = list(suggested(found, comparisons, vocabulary))
    assert b"\x6f\x07\x84\x02ab\x9f\x4d\0" in made
    assert not [each for each in made if b"\x9f\x81" in each or b"\x12\x34" in each]  # which are no tags


def test_an_empty_part_alone_gets_what_was_looked_up_in_it_in_vain() -> None:
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 64)
    structure = StructureMutator(mutator, 64)
    comparisons: list[Comparison] = [("!=", 0x6F, 0x6F), ("lacks", 0x84, ())]
    structure.remember((b"\x6f\0",), comparisons)
    assert (b"\x6f\x02\x84\0",) in list(structure.suggested((b"\x6f\0",), comparisons))


def test_what_is_made_of_an_entry_keeps_its_lengths_and_sums() -> None:
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    structure = StructureMutator(mutator, 200)
    entry = (PICTURE,)
    structure.remember(entry, SUMS)
    mutate = structure.beside(mutator.mutate_bytes, entry, raw=True)
    made = [mutate(PICTURE) for _ in range(400)]
    assert all(each != PICTURE and len(each) <= 200 for each in made)
    layout = anatomy_of(PICTURE, SUMS).group.parts[0].layout
    right = {each for each in made if parsed(each, 4, len(each), layout) is not None}
    assert len(right) > 60
    at = PICTURE.index(b"\1\2")
    repaired = next(structure.kept_right(entry, iter([(PICTURE[:at] + b"\1\7\2" + PICTURE[at + 2 :],)])))
    assert repaired == (b"\x8aPIC" + chunk(b"HEAD", b"\1\7\2") + chunk(b"DATA", b"\3"),)


def test_what_has_lengths_by_chance_is_tried_as_it_is_too() -> None:
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    structure = StructureMutator(mutator, 200)
    entry = (b"\xff\3abc",)
    structure.remember(entry, [])
    made = list(structure.kept_right(entry, iter([(b"\xff\3abcd",)])))
    assert made == [(b"\xff\4abcd",), (b"\xff\3abcd",)]


def test_a_byte_that_ends_a_frame_is_put_into_one_behind_an_escape() -> None:
    data = b"\1\2abc\x7e"
    compared: list[Comparison] = [("==", byte, sign) for byte in data[:-1] for sign in (0x7E, 0x7D)]
    made = list(stuffed(data, compared))
    assert b"\1\2ab\x7d\x5e\x7e" in made
    assert b"\1\2ab\x7d\x5ec\x7e" in made
    assert not list(stuffed(data, [("==", byte, 0x7E) for byte in data]))  # an end without an escape
    assert not list(stuffed(data, [("==", 1, 0x7E), ("==", 1, 0x7D)]))


def test_texts_and_several_arguments_are_left_alone() -> None:
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    structure = StructureMutator(mutator, 200)
    for entry in ((b"a plain text",), ("text",), (PICTURE, PICTURE)):
        structure.remember(entry, SUMS)
        assert structure.beside(mutator.mutate_bytes, entry, raw=len(entry) == 1) is mutator.mutate_bytes
        inputs = iter([entry])
        assert structure.kept_right(entry, inputs) is inputs


def test_a_number_that_was_read_from_nothing_is_put_there() -> None:
    assert b"SVM\0\4" in list(put_in(b"SVM", [("<", 0, 4)]))
    blank = b"head" + bytes(8) + b"tail"
    assert b"head" + b"1311".ljust(8, b"\0") + b"tail" in list(put_in(blank, [("!=", 0, 0o1311)]))
    assert b"head" + b"14".ljust(8, b"\0") + b"tail" + b"\1" * 12 in list(put_in(blank, [("==", 0, 12)]))


def test_a_number_goes_into_the_blank_fields_that_were_read_before_any_others_narrow_ones_first() -> None:
    data = b"name" + bytes(24) + b"tail"
    ranges = [(0, 32), (4, 20), (20, 28), (4, 12), (12, 20)]
    slices = Slices(tuple([Slice(begin, end, end, 0) for begin, end in ranges]))
    made = [each for each in put_in(data, [("==", 0, 73)], slices) if len(each) == len(data)]
    assert made[:3] == [data[:at] + b"111" + data[at + 3 :] for at in (20, 4, 12)]


def test_an_offset_points_at_what_was_put_behind() -> None:
    assert pointed(b"HEAD\0\0\0\0", 4, 4, "little", b"new") == b"HEAD\x08\0\0\0new"


def test_offsets_move_with_what_they_point_at() -> None:
    assert inserted(b"HEAD\0\0\0\x0cxxxxEND", 8, b"more") == b"HEAD\0\0\0\x10morexxxxEND"


def test_all_parts_have_paths() -> None:
    layout = Layout(0, 1, "big", 0, 0)
    inner = Part(layout, b"", b"", Group(b"a"))
    group = Group(b"", (Part(layout, b"", b"", Group(b"", (inner, inner))),))
    assert list(paths(group)) == [(0,), (0, 0), (0, 1)]


def test_a_byte_that_was_changed_itself_is_not_changed_again_for_a_sum() -> None:
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    structure = StructureMutator(mutator, 200)
    entry = (b"kind\0Z",)
    assert sum(entry[0]) & 0xFF == 0
    structure.remember(entry, [("remainder", 0, 0), ("==", b"kind", b"kind")])
    changed = [b"kind\xc8Z", b"kind\0Y"]
    right = [value for (value,) in structure.kept_right(entry, iter([(each,) for each in changed]))]
    assert right == [b"kind\xc8\x92", b"kind\0Y"]


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_whole_digest_at_the_end_is_put_right(name: str) -> None:
    data = b"PACK\0\1some"
    digest = hashlib.new(name, data).digest()
    (found,) = sums_of(data + digest, values_of([("same", digest, digest)]))
    assert found.written(b"PACK\0\2other" + digest) == b"PACK\0\2other" + hashlib.new(name, b"PACK\0\2other").digest()


def test_a_part_of_an_odd_size_is_tried_with_padding_where_nothing_had_to_be_padded_yet() -> None:
    def chunk(body: bytes) -> bytes:
        total = zlib.adler32(b"kind" + body)
        return b"SND2kind" + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) + struct.pack("<I", total)

    entry, total = chunk(b""), zlib.adler32(b"kind")
    compared: list[Comparison] = [("same", total, total), ("!=", 0, 3)]
    structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
    structure.remember((entry,), compared)
    assert (chunk(b"\1\1\1"),) in list(structure.suggested((entry,), compared))


def test_a_small_number_is_no_sum_of_nothing_or_of_a_few_bytes() -> None:
    assert sum_of(b"\0\1", b"") is None  # zlib.adler32(b"") is one
    assert sum_of(b"\0\0\0\5", b"\2\3") is None
    assert sum_of(b"\1\5", b"\xff\6") is not None


def test_a_sum_of_one_byte_in_a_single_part_is_no_reason_to_leave_other_ways_to_take_data_apart() -> None:
    mutator = Mutator(("bytes",), random.Random(1), Dictionary(), 200)
    structure = StructureMutator(mutator, 200)
    data = b"\x10\2ab\xc3"
    anatomies = Layouts().anatomies(data, {0xC3})
    assert any(each.is_checked for each in anatomies)
    assert not any(each.is_sure for each in anatomies)
    structure.remember((data,), same(0xC3))
    assert structure.checked(mutator.mutate_bytes, (data,), raw=True) is mutator.mutate_bytes
    changed = b"\x10\2xy\xc3"
    assert (changed,) in list(structure.kept_right((data,), iter([(changed,)])))


def test_sums_of_one_byte_in_several_parts_are_taken_for_sums() -> None:
    frames = [bytes((kind, len(body), *body)) for kind, body in ((1, b"ab"), (2, b"cde"), (3, b"f"))]
    data = b"".join([frame + bytes((sum(frame) & 255,)) for frame in frames])
    anatomy = Layouts().anatomies(data, [sum(frame) & 255 for frame in frames])[0]
    assert anatomy.is_checked
    assert anatomy.is_sure


def test_a_sum_of_one_byte_that_several_inputs_have_in_one_place_is_taken_for_one() -> None:
    layouts = Layouts()
    texts = [b"\x80first", b"\x81second", b"\x82third"]
    sums = [sum(text) & 255 for text in texts]
    found = [layouts.anatomies(text + bytes((each,)), {each})[0] for text, each in zip(texts, sums, strict=True)]
    assert [each.is_sure for each in found] == [False, False, True]
