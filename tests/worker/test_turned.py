"""What was read turn by turn gets elements more and less, and pieces go from place to place."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator

import pytest

from fuzztui.worker.guidance.exploring import Exploring
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.structure.aligned import Aligned
from fuzztui.worker.structure.as_read import Reading, reading_of
from fuzztui.worker.structure.mutation import StructureMutator
from fuzztui.worker.structure.slices import Read, Slice, Slices
from fuzztui.worker.structure.turned import MAX_HOSTS, Turns
from tests.worker.world import inhabited


def reads(*told: tuple[int, int, str]) -> list[Read]:
    """(begin, end, from where), where what is called from within is told by signs behind."""
    return [Read(begin, end, hash(site), hash(site), len(site)) for begin, end, site in told]


def counted(*elements: bytes, count: Callable[[int], int] = lambda count: count) -> tuple[bytes, Reading]:
    """A number of elements, each with its length before it."""
    data = bytes((count(len(elements)),)) + b"".join(bytes((len(each),)) + each for each in elements)
    told, at = [(0, 1, "h")], 1
    for each in elements:
        told += [(at, at + 1, "e"), (at + 1, at + 1 + len(each), "eb")]
        at += 1 + len(each)
    places = [(begin, end) for begin, end, _ in told]
    slices = Slices(tuple([Slice(*each, each[1], 0) for each in places]), (), (), reads(*told))
    made = reading_of(data, slices, (), [hash((hash("e"), "calls"))])
    assert made is not None
    return data, made


def test_an_element_of_one_input_goes_into_the_runs_of_others_and_is_counted() -> None:
    turns = Turns()
    _, first = counted(b"ab", b"cde")
    _, second = counted(b"xyz1")
    assert list(turns.learn(first, is_entry=False)()) == []
    spread = list(turns.learn(second, is_entry=False)())
    assert counted(b"ab", b"cde", b"xyz1")[0] in spread
    assert counted(b"xyz1", b"ab", b"cde")[0] in spread
    assert counted(b"ab", b"xyz1", b"cde")[0] in spread, "before the last one, which may have to be that"
    assert {counted(b"xyz1", b"ab")[0], counted(b"xyz1", b"xyz1")[0]} <= set(turns.changed(second))
    assert b"\x01" + counted(b"xyz1", b"ab")[0][1:] in turns.changed(second), "it may be counted by nothing"


def test_an_element_is_left_out() -> None:
    _, found = counted(b"ab", b"cde", b"f")
    made = set(Turns().changed(found))
    assert {counted(b"ab", b"f")[0], counted(b"cde", b"f")[0], counted(b"ab", b"cde")[0]} <= made


@pytest.mark.parametrize("count", [lambda count: count + 1, lambda count: count | 0xA0], ids=["one more", "low bits"])
def test_a_count_may_be_one_more_or_the_low_bits_of_a_byte(count: Callable[[int], int]) -> None:
    _, found = counted(b"ab", b"cde", count=count)
    assert counted(b"ab", b"cde", b"cde", count=count)[0] in Turns().changed(found)


def test_an_element_that_is_pointed_to_goes_behind_all() -> None:
    element = struct.pack("<HH", 7, 0)
    data = struct.pack("<H", 2) + element
    slices = Slices((Slice(0, 2, 2, 0), Slice(2, 4, 4, 0), Slice(4, 6, 6, 0)), (), (), reads((2, 4, "e"), (4, 6, "ef")))
    found = reading_of(data, slices, (), [hash((hash("e"), "calls"))])
    assert found is not None
    little = struct.pack("<H", 2) + struct.pack("<HH", 7, 6) + element
    big = struct.pack("<H", 2) + struct.pack("<H", 7) + struct.pack(">H", 6) + element
    assert {little, big} & set(Turns().changed(found))


def test_an_element_more_points_to_what_the_one_points_to_that_it_is_a_copy_of() -> None:
    data = b"\2" + b"a\0\7" + b"b\0\x09" + b"AABB"
    told = [(0, 1, "h"), (1, 2, "e"), (2, 4, "eo"), (4, 5, "e"), (5, 7, "eo"), (7, 9, "t"), (9, 11, "t")]
    slices = Slices(tuple([Slice(begin, end, end, 0) for begin, end, _ in told]), (), (), reads(*told))
    found = reading_of(data, slices, ())
    assert found is not None
    assert b"\3" + b"a\0\x0a" + b"b\0\x0c" + b"b\0\x0c" + b"AABB" in set(Turns().changed(found))


def test_short_inputs_are_values_within_others() -> None:
    turns = Turns()
    data, found = counted(b"ab", b"cde")
    other, short = counted(b"x")
    assert list(turns.nested(found)) == []
    made = list(turns.nested(short))
    assert data[:5] + other in made, "in the place of what was read last, and counted"
    assert any(each.startswith(other[:2]) and data in each for each in made)
    long, last = counted(b"y" * 40)
    assert any(each.endswith(other) for each in turns.nested(last))
    assert not any(long in each for each in turns.nested(found)), "what is long is no value"


# Random changes


def test_pieces_go_from_place_to_place_with_lengths_and_counts_right() -> None:
    random_ = random.Random(1)
    aligned = Aligned(random_.getrandbits, lambda piece: piece + b"?", [77])
    data, found = counted(b"ab", b"cde")
    _, other = counted(b"xyz1", b"!")
    made = {aligned.changed(found, other) for _ in range(100_000)}
    assert {counted(b"ab", b"cde", b"xyz1")[0], counted(b"ab")[0], counted(b"ab", b"xyz1")[0]} <= made
    assert {b"\x4d" + data[1:], b"\x02\x03ab?\x03cde"} <= made
    assert any(each.startswith(bytes((len(data),))) and len(each) > len(data) for each in made), "pointed to"


COUNTED = """
def fuzz(data):
    at = 1
    for _ in range(data[0]):
        size = data[at]
        data[at + 1 : at + 1 + size].startswith(b"\\0\\0")
        at += 1 + size
"""


def test_an_input_with_an_element_that_is_new_is_traced_like_what_may_lead_further() -> None:
    with inhabited(COUNTED) as world:
        guidance = world.executor()._guidance
        exploring = guidance.exploring
        guidance.trace((b"\2\1a\2bc",), 1000, 100.0)
        list(drained(exploring))
        guidance.trace((b"\2\3xyz\1?",), 1000, 100.0)
        assert b"\3\1a\2bc\3xyz" in drained(exploring)


def test_what_an_entry_may_be_within_others_is_tried() -> None:
    with inhabited(COUNTED) as world:
        guidance = world.executor()._guidance
        guidance.trace((b"\2\1a\2bc",), 1000, 100.0)
        guidance.trace((b"\1\1x",), 1000, 100.0)
        speculation = guidance.exploring.speculation
        tried = [arguments[0] for arguments in iter(speculation.take, None)]
        assert b"\2\1a\3\1\1x" in tried


def test_entries_get_pieces_of_others_in_random_changes() -> None:
    with inhabited(COUNTED) as world:
        structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
        tracing = world.tracing(lambda arguments: None)
        entry = b"\2\1a\2bc"
        for data in (b"\2\3xyz\1?", entry):
            with tracing.on():
                compared = tracing.comparisons((data,))
            structure.remember((data,), compared, tracing.slices)
        mutate = structure.beside(lambda value: value, (entry,), raw=True, is_in_leg=True)
        made = {mutate(entry) for _ in range(50_000)}
        assert {b"\2\1a\2bc\3xyz\1?", b"\3\1a\2bc\2bc"} <= made


def test_what_has_parts_with_sums_of_their_own_is_changed_by_these_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Aligned, "changed", lambda self, reading, other: b"by pieces")
    shares = []
    for source, entry in ((COUNTED, b"\2\1a\2bc"), (FRAMES, frame(b"abcd") + frame(b"xyz12"))):
        with inhabited(source) as world:
            structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
            tracing = world.tracing(lambda arguments: None)
            with tracing.on():
                compared = tracing.comparisons((entry,))
            structure.remember((entry,), compared, tracing.slices)
            mutate = structure.beside(lambda value: value, (entry,), raw=True, is_in_leg=True)
            shares.append([mutate(entry) for _ in range(4000)].count(b"by pieces") / 4000)
    assert 0.4 < shares[0] < 0.6
    assert 0.15 < shares[1] < 0.35


FRAMES = """
import zlib
def fuzz(data):
    at = 0
    while at < len(data):
        size = data[at]
        body, check = data[at + 1 : at + 1 + size], data[at + 1 + size : at + 5 + size]
        if zlib.crc32(body) != int.from_bytes(check, "big"): return
        body.startswith(b"head")
        at += 5 + size
"""


def test_what_may_lead_further_has_its_sums_right() -> None:
    with inhabited(FRAMES) as world:
        guidance = world.executor()._guidance
        guidance.trace((frame(b"abcd") + frame(b"xyz12"),), 1000, 100.0)
        made = set(drained(guidance.exploring))
        assert {frame(b"head") + frame(b"xyz12"), frame(b"abcd") + frame(b"head2")} <= made


HEADERS = """
def fuzz(data):
    for at in range(0, len(data), 16):
        head = data[at : at + 16]
        total = int(head[8:14].rstrip(b"\\0"), 8)
        if sum(head[:8]) + 6 * 32 + sum(head[14:]) != total: return
"""


def header(name: bytes, kind: bytes) -> bytes:
    front = name.ljust(8, b"\0")
    return front + b"%05o\0" % (sum(front) + sum(kind) + 6 * 32) + kind


def test_what_entries_suggest_has_the_sums_right_that_were_read() -> None:
    with inhabited(HEADERS) as world:
        tracing, entry = world.tracing(lambda arguments: None), (header(b"one", b"a ") + header(b"two", b"b "),)
        with tracing.on():
            compared = tracing.comparisons(entry)
        structure = StructureMutator(Mutator(("bytes",), random.Random(1), Dictionary(), 200), 200)
        structure.remember(entry, compared, tracing.slices)
        changed = entry[0][:30] + b"c" + entry[0][31:]
        assert structure.right(entry)((changed,)) == (header(b"one", b"a ") + header(b"two", b"c "),)
        made = structure.kept_right(entry, iter([(changed,)]))
        assert next(made) == (header(b"one", b"a ") + header(b"two", b"c "),)


def frame(body: bytes) -> bytes:
    return bytes((len(body),)) + body + zlib.crc32(body).to_bytes(4, "big")


def drained(exploring: Exploring) -> Iterator[bytes]:
    """What waits to be traced since it may lead further."""
    while exploring._leads:
        made = exploring._leads.next()
        if made is not None and isinstance(made[0], bytes):
            yield made[0]


def test_the_first_elements_of_one_input_and_the_last_ones_of_another_are_put_together() -> None:
    turns = Turns()
    _, first = counted(b"ab", b"cde", b"f")
    _, second = counted(b"1", b"234", b"56")
    turns.learn(first, is_entry=True)
    turns.learn(second, is_entry=False)
    spliced = set(turns.spliced(second))
    assert counted(b"1", b"234", b"56", b"cde", b"f")[0] in spliced
    assert counted(b"1", b"234", b"cde", b"f")[0] in spliced
    assert counted(b"1", b"ab", b"cde", b"f")[0] in spliced
    assert counted(b"ab", b"cde", b"234", b"56")[0] in spliced, "the other way round"
    assert b"\3" + counted(b"1", b"234", b"56", b"cde", b"f")[0][1:] in spliced, "it may be counted by nothing"
    assert set(turns.spliced(first)) == spliced


def test_inputs_of_the_corpus_are_not_forgotten_for_those_that_have_come_further() -> None:
    turns = Turns()
    _, entry = counted(b"ab", b"cde", b"f")
    turns.learn(entry, is_entry=True)
    for number in range(MAX_HOSTS + 1):
        turns.learn(counted(b"x%d" % number, b"y")[1], is_entry=False)
    _, last = counted(b"12", b"345")
    turns.learn(last, is_entry=True)
    spliced = list(turns.spliced(last))
    assert counted(b"12", b"345", b"cde", b"f")[0] in spliced
    assert not any(b"\2x0" in each for each in spliced)
    assert any(b"x%d" % MAX_HOSTS in each for each in spliced)
