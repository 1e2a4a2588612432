"""The domain of bytes, with the operators for binary formats. Hot code, see `sequence`."""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.grammar.counted import may_count, recounted
from fuzztui.worker.mutate.adaptive import Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.domains.sequence import SequenceDomain
from fuzztui.worker.mutate.encodings import ByteOrder
from fuzztui.worker.mutate.interesting import BYTE, BYTES, BYTES_PAIRS, BYTES_SEPARATORS, BYTES_WORDS, PACKED
from fuzztui.worker.mutate.offsets import inserted, pointed
from fuzztui.worker.mutate.pool import Pool
from fuzztui.worker.mutate.sequence import Material, RandomBits
from fuzztui.worker.mutate.sized import LEAST_MASK, is_binary, replace_headed, replace_sized, shortening

__builtins__ = PRIVATE_BUILTINS

_MAX_HEADER: Final = 64
"""Bytes from the start on in which an offset is put."""


class Binary(SequenceDomain[bytes]):
    """Of the kind `bytes`."""

    name = "bytes"
    widest = 1
    filler = b"\0"

    def size(self, value: bytes, /) -> int:
        """The number of bytes."""
        return len(value)

    def clip(self, value: bytes, limit: int, /) -> bytes:
        """The longest prefix of at most `limit` bytes."""
        return value[:limit]

    def material(self, dictionary: Dictionary, pool: Pool) -> Material[bytes]:
        """What is inserted."""
        return bytes_material(dictionary, pool)

    def operators(self, random: RandomBits, pick: Callable[[int], bytes]) -> Weighted[bytes]:
        """Those for binary formats."""
        return binary_operators(random, pick)

    def beginnings(self, random: RandomBits) -> tuple[Callable[[int], bytes], Callable[[int], bytes]]:
        """Up to eight random bytes, or one that is often found in files."""
        getrandbits = random.getrandbits

        def some(bits: int) -> bytes:
            return getrandbits(64).to_bytes(8, "little")[: 1 + (bits & 7)]

        def one(bits: int) -> bytes:
            return BYTES[bits % len(BYTES)]

        return some, one

    def has_lengths(self, value: bytes, /) -> bool:
        """Whether it looks like a binary format."""
        return is_binary(value)

    def with_lengths(self, value: bytes, start: int, end: int, new: bytes, /) -> Iterator[bytes]:
        """The bytes before that count what encloses the range are adjusted."""
        if is_binary(value):
            yield replace_sized(value, start, end, new)
            yield from replace_headed(value, start, end, new)
        yield from recounted(value, start, end, new)

    def cuts(self, value: bytes, /) -> Callable[[int, int], Iterator[bytes]]:
        """The value without the piece, and if it looks like a binary format with the lengths adjusted of what encloses
        that, as `with_lengths` does it.
        """
        if not is_binary(value):
            return super().cuts(value)
        size, shortened = len(value), shortening(value)

        def without(at: int, piece: int) -> Iterator[bytes]:
            cut = value[:at] + value[at + piece :]
            yield cut
            end = min(at + piece, size)
            adjusted = shortened(at, end)
            if adjusted != cut:
                yield adjusted
            if at and not (value[at - 1] ^ end - at) & LEAST_MASK:
                yield from replace_headed(value, at, end, b"")
            if may_count(value):
                yield from recounted(value, at, end, b"")

        return without

    def of_text(self, text: str) -> bytes:
        """Its ASCII codes."""
        return text.encode()


def bytes_material(dictionary: Dictionary, pool: Pool) -> Material[bytes]:
    """What is inserted into bytes. Text formats are assumed to be ASCII or UTF-8."""
    near, words, common = dictionary.near_words, dictionary.words, list(BYTES_WORDS)
    return Material(
        sources=(near, near, words, words, words, dictionary.packed, common, common),
        words=common,
        pool=pool.values("bytes"),
        ints=dictionary.ints,
        separators=BYTES_SEPARATORS,
        pairs=BYTES_PAIRS,
        cases=(bytes.upper, bytes.lower, bytes.swapcase, bytes.title),
        find_digits=re.compile(rb"[0-9]{1,19}").search,
        find_word=re.compile(rb"[A-Za-z_][0-9A-Za-z_]*").search,
        decimal=lambda number: b"%d" % number,
    )


def binary_operators(random: RandomBits, pick: Callable[[int], bytes]) -> Weighted[bytes]:
    """The operators that only bytes have, with weights. `pick` chooses a token."""
    getrandbits = random.getrandbits

    def flip_bit(data: bytes, bits: int) -> bytes:
        at = (bits >> 3) % len(data)
        return data[:at] + BYTE[data[at] ^ 1 << (bits & 7)] + data[at + 1 :]

    def set_byte(data: bytes, bits: int) -> bytes:
        at = bits % len(data)
        return data[:at] + BYTES[getrandbits(30) % len(BYTES)] + data[at + 1 :]

    def nudge_byte(data: bytes, bits: int) -> bytes:
        at = (bits >> 6) % len(data)
        delta = (bits >> 1 & 31) + 1
        return data[:at] + BYTE[data[at] + (delta if bits & 1 else -delta) & 255] + data[at + 1 :]

    def nudge_integer(data: bytes, bits: int) -> bytes:
        width = (2, 4, 8, 3)[bits & 3]
        if len(data) < width:
            return nudge_byte(data, bits)
        order: Literal["big", "little"] = "big" if bits & 4 else "little"
        at = (bits >> 9) % (len(data) - width + 1)
        delta = (bits >> 4 & 31) + 1
        field = int.from_bytes(data[at : at + width], order) + (delta if bits & 8 else -delta)
        return data[:at] + (field & (1 << 8 * width) - 1).to_bytes(width, order) + data[at + width :]

    def set_integer(data: bytes, bits: int) -> bytes:
        packed = PACKED[getrandbits(30) % len(PACKED)]
        at = bits % len(data)
        return data[:at] + packed + data[at + len(packed) :]

    def insert_bytes(data: bytes, bits: int) -> bytes:
        at = (bits >> 5) % (len(data) + 1)
        if bits & 16:  # one, often printable
            return data[:at] + BYTES[getrandbits(30) % len(BYTES)] + data[at:]
        return data[:at] + getrandbits(128).to_bytes(16, "little")[: 1 + (bits & 15)] + data[at:]

    def set_bytes(data: bytes, bits: int) -> bytes:
        at = (bits >> 3) % len(data)
        length = 1 + (bits & 7)
        return data[:at] + getrandbits(64).to_bytes(8, "little")[:length] + data[at + length :]

    def set_length(data: bytes, bits: int) -> bytes:
        # A byte that counts what follows it, to the end or less.
        at = (bits >> 3) % len(data)
        rest = len(data) - at - 1
        if bits & 1:
            rest = (bits >> 1) % (rest + 1)
        return data[:at] + BYTE[rest & 255] + data[at + 1 :]

    def resize_sized(data: bytes, bits: int) -> bytes:
        start = (bits >> 8) % len(data)
        end = min(start + (bits & 7), len(data))
        new = getrandbits(64).to_bytes(8, "little")[: bits >> 3 & 7] if bits & 64 else data[start:end] * (bits >> 3 & 3)
        return replace_sized(data, start, end, new)

    def wrap_sized(data: bytes, bits: int) -> bytes:
        # Tag and length before a range: one more level of a nested format.
        start = (bits >> 3) % len(data)
        end = len(data) if bits & 1 else min(start + getrandbits(4), len(data))
        length = BYTE[(end - start) & 255]
        header = length if bits & 2 else BYTE[data[getrandbits(30) % len(data)]] + length
        new = header + data[start:end]
        return replace_sized(data, start, end, new) if bits & 4 else data[:start] + new + data[end:]

    def insert_token_sized(data: bytes, bits: int) -> bytes:
        at = bits % (len(data) + 1)
        return replace_sized(data, at, at, pick(getrandbits(30)))

    def pad(data: bytes, bits: int) -> bytes:
        # Something for offsets to point at, which trimming leaves out where nothing does.
        return data + bytes(8 << (bits & 3))

    def point_behind(data: bytes, bits: int) -> bytes:
        # An offset needs something to point at: zeros, a token before them, or a copy of what is there.
        if not is_binary(data):
            return insert_bytes(data, bits)
        width = (4, 2, 4, 1)[bits & 3]
        order: ByteOrder = "big" if bits & 4 else "little"
        at = (bits >> 8) % max(1, min(len(data) - width, _MAX_HEADER))
        piece = bytes(8 << (bits >> 3 & 3)) if bits & 32 else data[-(8 << (bits >> 3 & 3)) :]
        if not bits & 192:
            piece = pick(getrandbits(30)) + piece
        return pointed(data, at, width, order, piece)

    def insert_moving_offsets(data: bytes, bits: int) -> bytes:
        if not is_binary(data):
            return insert_bytes(data, bits)
        at = (bits >> 3) % (len(data) + 1)
        size = 1 + (bits & 7)
        new = data[at : at + size] if getrandbits(1) else pick(getrandbits(30))
        return inserted(data, at, new)

    return {
        flip_bit: 4,
        set_byte: 5,
        nudge_byte: 3,
        nudge_integer: 2,
        set_integer: 3,
        insert_bytes: 5,
        set_bytes: 1,
        set_length: 1,
        resize_sized: 1,
        wrap_sized: 1,
        insert_token_sized: 1,
        pad: 1,
        point_behind: 1,
        insert_moving_offsets: 1,
    }
