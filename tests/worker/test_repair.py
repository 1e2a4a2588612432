"""Lengths and checksums are put right in what is made from an input that has them right."""

import hashlib
import os
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from fuzztui.protocol.memory import CONTROL, Control, SharedMemory, create
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.strays import Strays
from fuzztui.worker.guidance import input_to_state as guidance
from fuzztui.worker.guidance.autodictionary import AutoDictionary
from fuzztui.worker.guidance.input_to_state import REPAIRS_PER_CALL, Guidance
from fuzztui.worker.guidance.suggestions import Suggestions
from fuzztui.worker.guidance.tracing import Tracing
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.repair import MAX_ATTEMPTS, Broken, attempts, conditions_of, failed, holds, is_conditional
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Reports
from fuzztui.worker.runner import Runner
from tests.worker.world import inhabited


def test_an_equality_of_numbers_or_digests_that_holds_is_a_condition() -> None:
    assert is_conditional((b"\x00x",), [("same", 0, 0)])
    assert is_conditional((b"x\x01\x02\x03\x04",), [("same", b"\x01\x02\x03\x04", b"\x01\x02\x03\x04")])
    assert is_conditional(("#900150983cd24fb0",), [("same", "900150983cd24fb0", "900150983cd24fb0")])
    assert is_conditional((b"abc 1234567",), [("same", 1234567, 1234567)])
    assert is_conditional((7, 5), [("same", 5, 5)])
    assert is_conditional((struct.pack(">dd", 2.5, -2.5),), [("same", -2.5, -2.5)])


@pytest.mark.parametrize(
    ("argument", "comparison"),
    [
        (b"\x05", ("==", 5, 5)),
        (b"\x05", ("same", 5, 6)),
        (b"\x04", ("same", 5, 5)),
        (b"a text of 5 words", ("same", 5, 5)),
        ("a text of 5 words", ("same", 5, 5)),
        (b"content-type", ("same", "content-type", "content-type")),
        (b"\x01", ("same", 1, "1")),
        (b"ab", ("same", b"ab", b"ab")),
    ],
)
def test_other_comparisons_are_none(argument: Any, comparison: Any) -> None:
    assert not is_conditional((argument,), [comparison])


def test_the_beginning_of_a_digest_is_a_condition_and_a_short_name_is_none() -> None:
    assert failed([("same", b"\x90a", b"bc")], ()) == Broken(b"\x90a", b"bc", is_sum=False)
    assert failed([("same", b"ab", b"bc"), ("same", b"\x90", b"a"), ("same", b"\x90a", b"abc")], ()) is None


def test_what_failed_before_is_not_broken() -> None:
    assert failed([("same", 1, 2), ("same", 3, 4)], {("same", 1, 2)}) == Broken(3, 4, is_sum=False)
    assert failed([("same", 1, 2), ("same", 3, 3)], {("same", 1, 2)}) is None
    broken = Broken(2, 3, is_sum=False)
    assert holds(broken, 3, [("same", 3, 3)])
    assert not holds(broken, 3, [("same", 4, 4), ("==", 3, 3)])
    assert not holds(broken, 3, [("same", 3, 3), ("same", 2, 3)])  # equal elsewhere


def test_either_side_is_put_in_the_place_of_the_other() -> None:
    stored, computed = 0x01020304, 0x0A0B0C0D
    made = {
        attempt.arguments[0] for attempt in attempts((b"x\x01\x02\x03\x04y",), Broken(stored, computed, is_sum=False))
    }
    assert b"x\x0a\x0b\x0c\x0dy" in made
    made = {
        attempt.arguments[0] for attempt in attempts((b"x\x01\x02\x03\x04y",), Broken(computed, stored, is_sum=False))
    }
    assert b"x\x0a\x0b\x0c\x0dy" in made
    assert [attempt.arguments for attempt in attempts((7, True), Broken(7, 9, is_sum=False))] == [(9, True)]


def test_a_small_number_that_ends_a_line_is_a_condition_of_a_text() -> None:
    assert is_conditional((b"$AB,1*4f\nx",), [("same", 0x4F, 0x4F)])
    assert is_conditional(("$AB;79",), [("same", 79, 79)])
    for text in (b"4f", b"$AB 4f x", b"$AB,*4f,", b"a4f", b"$AB*4"):
        assert not is_conditional((text,), [("same", 0x4F, 0x4F), ("same", 4, 4)])


def test_numbers_of_another_length_keep_the_width_of_their_field() -> None:
    made = [attempt.arguments[0] for attempt in attempts((b"a;0715",), Broken(715, 1204, is_sum=False))]
    assert made[:2] == [b"a;1204", b"a;01204"] or made[0] == b"a;1204"
    made = [attempt.arguments[0] for attempt in attempts((b"a;715",), Broken(715, 14, is_sum=False))]
    assert made[:2] == [b"a;014", b"a;14"]


def test_attempts_are_bounded() -> None:
    assert len(list(attempts((bytes(1000),) * 4, Broken(0, 5, is_sum=False)))) == MAX_ATTEMPTS


SOURCES: dict[str, tuple[str, bytes]] = {
    "length and CRC": (
        """
import struct, zlib
def f(data):
    if len(data) < 8: return
    magic, length, checksum = struct.unpack_from(">2sHI", data)
    body = data[8:]
    if magic != b"Pk" or length != len(body): return
    if checksum != zlib.crc32(body): return
    if body[:4] == b"drop": raise LookupError
""",
        struct.pack(">2sHI", b"Pk", 0, 0),
    ),
    "digest in front": (
        """
import hashlib
def f(data):
    if hashlib.md5(data[16:]).digest() != data[:16]: return
    if data[16:].endswith(b"drop"): raise LookupError
""",
        hashlib.md5(b"abc").digest() + b"abc",
    ),
    "hex digest behind": (
        """
import hashlib
def f(data):
    body, _, digest = data.rpartition(b"#")
    if digest.decode("ascii", "replace") != hashlib.sha1(body).hexdigest(): return
    if body.startswith(b"drop"): raise LookupError
""",
        b"abc#" + hashlib.sha1(b"abc").hexdigest().encode(),
    ),
    "sum in octal": (
        """
def f(data):
    if len(data) < 16: return
    total = sum(data[8:])
    try:
        stored = int(data[:6], 8)
    except ValueError:
        return
    if stored != total: return
    if data[8:12] == b"drop": raise LookupError
""",
        b"%06o" % sum(b"x" * 40) + b"\x00 " + b"x" * 40,
    ),
    "checksum first, over a length": (
        """
import zlib
def f(data):
    body = data[:-4]
    if len(data) < 6 or zlib.crc32(body) != int.from_bytes(data[-4:], "big"): return
    length = body[0]
    if length != len(body) - 1: return
    if body[3:] == b"dropped": raise LookupError
""",
        b"\x05xyabc" + zlib.crc32(b"\x05xyabc").to_bytes(4, "big"),
    ),
    "one checksum over another": (
        """
import struct, zlib
def f(data):
    if len(data) < 8: return
    outer, inner = struct.unpack_from("<II", data)
    if inner != zlib.crc32(data[8:]): return
    if outer != zlib.adler32(data[4:]): return
    if data[8:12] == b"drop": raise LookupError
""",
        struct.pack("<II", zlib.adler32(struct.pack("<I", zlib.crc32(b"body")) + b"body"), zlib.crc32(b"body"))
        + b"body",
    ),
}

CAPACITY = MAX_LEN = 4096


class World:
    """A target `f` of one `bytes`, which raises LookupError for what is to be found."""

    def __init__(self, source: str) -> None:
        made = instrument(source.encode(), "m.py")
        probes = ProbeMap()
        base = probes.register("m", "m.py", made.lines, made.constants)
        namespace: dict[str, Any] = {"__name__": "m"}
        probes.attach("m", namespace)
        exec(made.at(base), namespace)
        self.function: Callable[[bytes], object] = namespace["f"]
        fd = create(CAPACITY)
        self.memory = SharedMemory(fd, CAPACITY)
        os.close(fd)
        executions = Executions(self.memory)
        seen = SeenCells(probes)
        target = LoadedTarget(self.function, ("bytes",), [], (LookupError,), None)
        runner = Runner(
            target,
            executions,
            Reports(lambda result: None, executions),
            seen,
            Buckets(lambda *module: True),
            Strays(executions.memory.words, Buckets(lambda *module: True)),
        )
        queue = Suggestions()
        self.queue = queue.inputs
        dictionary = Dictionary()
        self.mutator = Mutator(("bytes",), random.Random(1), dictionary, MAX_LEN)
        tracing = Tracing(probes, Retirement(probes), runner, seen, lambda arguments: None)
        self.guidance = Guidance(tracing, queue, dictionary, AutoDictionary(probes, dictionary), MAX_LEN)

    def fails(self, arguments: tuple[Any, ...]) -> bool:
        try:
            self.function(*arguments)
        except LookupError:
            return True
        return False


@pytest.mark.parametrize("name", SOURCES)
def test_what_lies_behind_a_condition_is_found_from_an_input_that_fulfils_it(name: str) -> None:
    source, entry = SOURCES[name]
    world = World(source)
    assert not world.fails((entry,))
    used = world.guidance.trace((entry,), 100_000, 100.0)
    assert used == world.memory.executions < 1500
    assert any(world.fails(made) for made in world.queue)


def test_mutations_are_repaired_too() -> None:
    source, entry = SOURCES["one checksum over another"]
    world = World(source)
    world.guidance.trace((entry,), 100_000, 100.0)
    world.queue.clear()
    used = world.guidance.repair((entry,), world.mutator.mutate, 100_000, 100.0)
    assert 0 < used <= REPAIRS_PER_CALL
    right = 0
    for (data,) in world.queue:
        if isinstance(data, bytes) and len(data) >= 8:
            outer, inner = struct.unpack_from("<II", data)
            right += inner == zlib.crc32(data[8:]) and outer == zlib.adler32(data[4:]) and data != entry
    assert right > len(world.queue) // 2 > 0


def test_a_sum_is_put_right_again_that_covers_what_has_been_put_right() -> None:
    source, entry = SOURCES["checksum first, over a length"]
    world = World(source)
    world.guidance.trace((entry,), 1000, 100.0)
    world.queue.clear()
    world.guidance.repair((entry,), lambda _: (entry[:3] + b"dropped" + entry[-4:],), 1000, 100.0)
    assert any(world.fails(made) for made in world.queue)


IN_STEPS = """
import zlib
def f(data):
    if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "big"): return
    first, second = data[4:6], data[6:8]
    if first == b"GO":
        if second == b"ON": raise LookupError
"""


def test_what_has_come_further_when_it_was_repaired_is_traced_too() -> None:
    world = World(IN_STEPS)
    world.guidance.trace((zlib.crc32(b"\1\2\3\4\5").to_bytes(4, "big") + b"\1\2\3\4\5",), 1000, 100.0)
    assert not any(world.fails(made) for made in world.queue)
    assert world.guidance.take_further() is None, "other inputs wait"
    found = False
    world.queue.clear()
    while not found and (further := world.guidance.take_further()) is not None:
        world.guidance.trace(further, 1000, 100.0)
        found = any(world.fails(made) for made in world.queue)
        world.queue.clear()
    assert found


LINKS = """
import zlib
def f(data):
    if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "big"): return
    names, at = {}, 4
    while at < len(data):
        kind, name, link = data[at:at + 1], data[at + 1:at + 5], data[at + 5:at + 9]
        if len(link) < 4: return
        if kind == b"n": names[name] = data[at + 5]
        elif kind == b"l" and names.get(link, 0) & 64: raise LookupError
        at += 9
"""


def test_what_has_come_to_a_name_that_was_given_before_is_gone_on_from_when_it_was_repaired() -> None:
    world = World(LINKS)
    body = b"nabcd\0\0\0\0" + b"lwxyz\1\1\1\1"
    world.guidance.trace((zlib.crc32(body).to_bytes(4, "big") + body,), 1000, 100.0)
    known = [each[0][4:] for each in world.guidance.exploring._progress.entries if isinstance(each[0], bytes)]
    assert any(each.endswith(b"lwxyzabcd") for each in known)
    assert world.guidance.take_further() is None, "it is not traced like an entry"


BOTH = """
import zlib
TABLE = {b"GO": 1, b"STAY": 0}
def fuzz(data):
    if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "big"): return
    if TABLE.get(data[4:6], 0) + TABLE.get(data[6:8], 0) > 1: raise LookupError
"""


def test_behind_a_sum_one_step_leads_to_the_next_without_covering_anything_new() -> None:
    with inhabited(BOTH) as world:
        assert world.search(zlib.crc32(b"\1\2\3\4\5").to_bytes(4, "big") + b"\1\2\3\4\5", 6000) is not None


def test_no_more_executions_are_used_than_granted_and_none_once_it_is_to_stop() -> None:
    source, entry = SOURCES["length and CRC"]
    world = World(source)
    assert (
        world.guidance.trace((entry,), 21, 100.0) == world.memory.executions == 11
    )  # half is left to try what is queued
    world.memory.words[CONTROL] = Control.STOP
    world.guidance.trace((entry,), 1000, 100.0)
    assert world.memory.executions == 11 + 1


def test_where_repair_does_not_pay_it_ends_and_nothing_suggested_is_lost() -> None:
    source = """
def f(data):
    first, second = sorted(data[:2]) if len(data) > 1 else (0, 0)
    if len(data[:5]) != len(data[5:10]): return
    if data[20:24] == b"word": raise LookupError
    if data[10:14] == b"\\x01\\x02\\x03\\x04": return
"""
    world = World(source)
    entry = bytes(range(65, 95))
    used = world.guidance.trace((entry,), 100_000, 100.0)
    assert used < 200
    assert any(world.fails(made) for made in world.queue)
    assert world.guidance.repair((bytes(3),), world.mutator.mutate, 1000, 1.0) == 0


def test_nothing_is_repaired_while_inputs_wait() -> None:
    source, entry = SOURCES["one checksum over another"]
    world = World(source)
    world.guidance.trace((entry,), 100_000, 100.0)
    assert world.queue
    assert world.guidance.repair((entry,), world.mutator.mutate, 500, 3600.0) == 0
    world.queue.clear()
    assert 0 < world.guidance.repair((entry,), world.mutator.mutate, 500, 3600.0) <= 166


def test_what_has_long_led_to_no_find_is_repaired_seldom_until_it_does() -> None:
    source, entry = SOURCES["one checksum over another"]
    world = World(source)
    world.guidance.trace((entry,), 100_000, 100.0)

    def repairs(calls: int, finds: int = 0) -> int:
        done = 0
        for _ in range(calls):
            world.queue.clear()
            done += world.guidance.repair((entry,), world.mutator.mutate, 500, 3600.0) > 0
            world.guidance.settle(finds)
        return done

    barren = guidance.BARREN
    assert repairs(barren) == barren
    assert repairs(2 * barren) == barren
    assert repairs(100 * barren) < 20 * barren
    assert repairs(guidance.MOST_SELDOM * barren, finds=1) >= barren
    assert repairs(barren) == barren


def test_entries_with_conditions_are_remembered_up_to_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    source, entry = SOURCES["one checksum over another"]
    inner = struct.pack("<I", zlib.crc32(b"kind")) + b"kind"
    other = struct.pack("<I", zlib.adler32(inner)) + inner
    monkeypatch.setattr(guidance, "MAX_CONDITIONAL_BYTES", 2 * len(entry) + 1)

    def repairs(world: World, *traced: bytes) -> list[bool]:
        for data in traced:
            world.guidance.trace((data,), 100_000, 100.0)
        found = []
        for data in (entry, other):
            world.queue.clear()
            found.append(world.guidance.repair((data,), world.mutator.mutate, 500, 3600.0) > 0)
        return found

    assert repairs(World(source), entry, entry, other) == [True, True]
    monkeypatch.setattr(guidance, "MAX_CONDITIONAL_BYTES", 2 * len(entry) - 1)
    assert repairs(World(source), entry, other) == [False, True]


def test_what_is_remembered_of_an_entry_is_bounded() -> None:
    many: list[Any] = [("same", number, number + 1) for number in range(5000)]
    assert len(conditions_of(many)) < 500
    assert conditions_of([("same", b"x" * 4000, b"y" * 4000), ("==", 1, 2)]) == frozenset()
