"""Sums at the end of an input over all that stands before them."""

from zlib import crc32

import pytest

from fuzztui.worker.guidance.reads import End
from fuzztui.worker.mutate.operands import READS
from fuzztui.worker.mutate.trailing import MAX_BEHIND, MAX_ROOMS, with_room, with_zeros
from tests.worker.world import inhabited

DIGEST = bytes(range(100, 120))


@pytest.mark.parametrize(
    ("data", "there", "wanted", "longer"),
    [
        (b"PACK", b"PACK", DIGEST, b"PACK" + DIGEST),
        (b"PACKbody", b"body", DIGEST, b"PACKbody" + DIGEST),
        (b"PACK", b"", DIGEST, b"PACK" + DIGEST),
        (b"PACKend", b"PACK", DIGEST, b"PACKend" + DIGEST + b"end"),
        ("PACK:", "", "0123456789abcdef", "PACK:0123456789abcdef"),
        (b"PACK:", "", "0123456789abcdef", b"PACK:0123456789abcdef"),
        (b"PACK", 0x5041434B, 0x01020304, b"PACK\1\2\3\4"),
        (b"PACK", 0x4B434150, 0x01020304, b"PACK\4\3\2\1"),
        (b"PACK", 0x434B, 0x0102, b"PACK\1\2"),
        (b"PACK", 0x4B, 0x7F, b"PACK\x7f"),
    ],
)
def test_what_the_last_bytes_should_be_stands_behind_them(
    data: bytes | str, there: object, wanted: object, longer: bytes | str
) -> None:
    for pair in ((there, wanted), (wanted, there)):
        assert (longer,) in list(with_room((data,), [("same", *pair)]))


@pytest.mark.parametrize(
    ("data", "comparison"),
    [
        (b"PACK", ("==", b"PACK", DIGEST)),
        (b"PACK", ("same", b"PACK", b"PACK")),
        (b"PACK", ("same", b"PACK", b"abc")),
        (b"PACK" + DIGEST, ("same", b"PACK", DIGEST)),
        (b"PACK" + b"x" * (MAX_BEHIND + 1), ("same", b"PACK", DIGEST)),
        (b"PACK", ("same", b"KCAP", DIGEST)),
        (b"PACK", ("same", 0x4B4B4B4B, 0x01020304)),
        (b"PACK", ("same", -1, 75)),
        (b"PACK", ("same", "PACK", DIGEST)),
        (1.5, ("same", b"PACK", DIGEST)),
    ],
)
def test_there_is_no_room_for_what_is_no_sum_or_stands_elsewhere(
    data: bytes | str | float, comparison: tuple[str, object, object]
) -> None:
    assert list(with_room((data,), [comparison])) == []


def test_each_room_is_made_once_and_no_more_than_some() -> None:
    comparisons: list[tuple[str, object, object]] = [("same", b"PACK", bytes([65 + at]) * 4) for at in range(8)]
    made = list(with_room((b"PACK",), [comparisons[0], *comparisons]))
    assert len(made) == len(set(made)) == MAX_ROOMS


SUMS = {
    "a digest": "hashlib.sha1(data[:-20]).digest() != data[-20:]",
    "a digest in letters": "hashlib.md5(data[:-32]).hexdigest().encode() != data[-32:]",
    "a CRC, the last byte first": "zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], 'little')",
    "a CRC of a layout": "len(data) < 4 or zlib.crc32(data[:-4]) != struct.unpack('>I', data[-4:])[0]",
    "a sum of bytes": "sum(data[:-2]) & 0xFFFF != int.from_bytes(data[-2:], 'big')",
    "a sum before the length": "len(data) < 8 or zlib.crc32(data[:-8]) != int.from_bytes(data[-8:-4], 'big')",
}


@pytest.mark.parametrize("check", SUMS.values(), ids=SUMS)
def test_what_lies_behind_a_sum_over_all_is_found_though_the_shortest_input_has_no_room_for_it(check: str) -> None:
    with inhabited(
        "import hashlib, struct, zlib\n"
        "def fuzz(data):\n"
        f"    if data[:4] != b'PACK' or {check}:\n"
        "        return\n"
        "    raise ValueError(data)\n"
    ) as world:
        found = world.search(b"", 4_000)
        assert found is not None
        assert found.startswith(b"PACK")


@pytest.mark.parametrize("at", range(3))
def test_a_sum_that_is_cut_out_of_another_number_is_put_right_wherever_it_stands(at: int) -> None:
    def record(kind: int) -> bytes:
        head = bytes([0, kind])
        return head + (crc32(head) & 0xFFFF).to_bytes(2, "big")

    with inhabited(RECORDS) as world:
        executor = world.executor()
        guidance, entry = executor._guidance, record(0) * 3
        guidance.begin_call(1.0, 0, 0)
        guidance.trace((entry,), 5000, 3600.0)
        changed = bytearray(entry)
        changed[4 * at + 1] = 4
        with executor._tracing.on():
            repaired, comparisons = guidance._repaired((bytes(changed),), (entry,), 10_000)
        assert comparisons is not None
        assert repaired == (b"".join(record(4 * (number == at)) for number in range(3)),)


RECORDS = """
import zlib
def fuzz(data):
    at = 0
    while at < len(data):
        n = data[at]
        if zlib.crc32(data[at:at + 2 + n]) & 0xFFFF != int.from_bytes(data[at + 2 + n:at + 4 + n], "big"):
            return
        at += 4 + n
"""


def test_there_are_zeros_where_a_number_was_to_be_read() -> None:
    end = End(2, 2)
    assert list(with_zeros((b"BM",), [(READS, end, b"A"), (READS, end, b"AAAA"), (READS, end, b"11")])) == [
        (b"BM\0\0\0\0",)
    ]
    for comparison in ((READS, End(4, 2), b"AAAA"), (READS, end, b"AAA"), ("==", end, b"AAAA"), (READS, end, "AAAA")):
        assert list(with_zeros((b"BM",), [comparison])) == []
    assert list(with_zeros(("BM",), [(READS, end, b"AAAA")])) == []


def test_an_offset_is_found_in_data_that_look_like_text_as_long_as_it_is_not_there() -> None:
    with inhabited(
        "import io\n"
        "def fuzz(data):\n"
        "    file = io.BytesIO(data)\n"
        "    if file.read(2) != b'BM':\n"
        "        return\n"
        "    at = int.from_bytes(file.read(4), 'little')\n"
        "    file.seek(at)\n"
        "    if file.read(3) == b'end' and at > 10:\n"
        "        raise ValueError(data)\n"
    ) as world:
        assert world.search(b"", 6_000) is not None
