"""Checksums that programs compute over a part of an input, by how many bytes they are stored in."""

from binascii import crc_hqx
from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias
from zlib import adler32, crc32

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS, ByteOrder

try:
    # hashlib would load OpenSSL, which takes long.
    from _md5 import md5  # type: ignore[import-not-found]
    from _sha1 import sha1  # type: ignore[import-not-found]

    try:
        from _sha2 import sha256  # type: ignore[import-not-found]
    except ImportError:  # before Python 3.12
        from _sha256 import sha256  # type: ignore[import-not-found]
except ImportError:  # Python can be built without them
    from hashlib import md5, sha1, sha256

__builtins__ = PRIVATE_BUILTINS


_MAX_HEAD: Final = 32
"""Bytes of an input in which what a sum covers may begin, and in which a sum may stand that covers what follows it."""

_MAX_PLACES: Final = 4
_MAX_VALUES: Final = 24
FILLERS: Final = (b"\0", b" ")
"""What stands in the place of a sum while it is computed over itself."""

_SMALL: Final = 256
_MAX_DIGITS: Final = 12
_MAX_HEADER: Final = 512
"""Bytes of a header that holds its sum in digits."""

_ALIGNED: Final = 8
"""Of what its size is a multiple."""


def _xor(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value


def _fletcher(modulus: int) -> Callable[[bytes], int]:
    def fletcher(data: bytes) -> int:
        low = high = 0
        for byte in data:
            low += byte
            high += low
        return high % modulus << 8 | low % modulus

    return fletcher


def _internet(data: bytes) -> int:
    """RFC 1071: the complement of the ones' complement sum of big-endian words."""
    total = sum(data[::2]) * 256 + sum(data[1::2])
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _ccitt(initial: int) -> Callable[[bytes], int]:
    return lambda data: crc_hqx(data, initial)


def _reflected(polynomial: int, initial: int, inverted: int) -> Callable[[bytes], int]:
    """A CRC of 16 bits that takes the lowest bit first, as its polynomial is written then (Williams 1993)."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value)

    def crc(data: bytes) -> int:
        value = initial
        for byte in data:
            value = value >> 8 ^ table[(value ^ byte) & 0xFF]
        return value ^ inverted

    return crc


def _begun(digest: Callable[[bytes], Any], width: int) -> Callable[[bytes], int]:
    """The first bytes of a digest."""
    return lambda data: int.from_bytes(digest(data).digest()[:width], "big")


Function: TypeAlias = Callable[[bytes], int]

_DIGESTS: Final = (md5, sha1, sha256)

_SLOWER: Final = (
    _reflected(0x8408, 0xFFFF, 0xFFFF),  # X.25, HDLC, PPP
    _reflected(0x8408, 0, 0),  # Kermit
    _reflected(0xA001, 0xFFFF, 0),  # Modbus
    _reflected(0xA001, 0, 0),  # ARC
    *[_begun(each, 2) for each in _DIGESTS],
)

FUNCTIONS: Final[dict[int, tuple[Function, ...]]] = {
    1: (sum, _xor, lambda data: -sum(data), lambda data: ~sum(data), crc32),
    2: (sum, _fletcher(255), _fletcher(256), _internet, _ccitt(0xFFFF), _ccitt(0), crc32, adler32, *_SLOWER),
    4: (crc32, adler32, sum, lambda data: crc32(data) ^ 0xFFFFFFFF, *[_begun(each, 4) for each in _DIGESTS]),
    8: tuple([_begun(each, 8) for each in _DIGESTS]),
    **{width: (_begun(each, width),) for each, width in ((md5, 16), (sha1, 20), (sha256, 32))},
}
"""By bytes that a sum is stored in, the functions; the low bytes of what they return count."""

WIDTHS: Final = (32, 20, 16, 8, 4, 2, 1)

HEX_DIGITS: Final = b"0123456789abcdefABCDEF"

HEX_WIDTHS: Final = frozenset([2 * width for width in WIDTHS if width > 1])
"""Of sums in hexadecimal digits."""

_WIDEST_NUMBER: Final = 4
"""Wider sums are digests, whose first bytes are hardly zeros."""


def may_fill(value: int, width: int) -> bool:
    """Whether a sum of so many bytes may be this number."""
    return 0 < value < 256**width and (width <= _WIDEST_NUMBER or value >= 256 ** (width - 2))


class Sum(NamedTuple):
    """A sum over an input that stands in the input, with places that stay right when the input grows."""

    function: Callable[[bytes], int]
    width: int
    order: ByteOrder
    at: int
    """Where it stands; negative ones count from the end."""
    start: int
    """Of what it covers."""
    stop: int
    """Of what it covers, counted from the end: 0 is the end; negative ones count from the start."""
    filler: bytes
    """One byte that stands in its place when it is computed, where it covers itself."""
    digits: str = ""
    """How it is spelled in digits, as `format` has it; empty where it stands in binary."""
    is_sure: bool = False
    """Whether it is hardly there by chance: the program has asked what all of it comes out as, it is of several bytes,
    or other inputs have it in the same place.
    """

    def lies_outside(self, data: bytes, start: int, end: int) -> bool:
        """Whether it does not stand in a range of the data."""
        at = self.at if self.at >= 0 else len(data) + self.at
        return at + self.width <= start or at >= end

    def stands(self, data: bytes) -> bytes:
        """What stands in its place."""
        at = self.at if self.at >= 0 else len(data) + self.at
        return data[at : at + self.width] if at >= 0 else b""

    def written(self, data: bytes) -> bytes:
        """The data with this sum put right; as they are, if they are too short for it."""
        size = len(data)
        at = self.at if self.at >= 0 else size + self.at
        stop = size - self.stop if self.stop >= 0 else -self.stop
        if at < 0 or at + self.width > size or self.start > stop:
            return data
        if self.start < at + self.width and at < stop:
            covered = data[self.start : at] + self.filler * self.width + data[at + self.width : stop]
        else:
            covered = data[self.start : stop]
        value = self.function(covered)
        if self.digits:
            spelled = format(value, self.digits).encode()[: self.width].ljust(self.width, b"\0")
        else:
            spelled = (value % 256**self.width).to_bytes(self.width, self.order)
        return data[:at] + spelled + data[at + self.width :]


def sum_of(value: bytes, covered: bytes) -> tuple[Callable[[bytes], int], ByteOrder] | None:
    """The function that makes `value` of what is covered, and the order of its bytes; None if none is known, or if this
    may be chance.
    """
    width = len(value)
    for order in BYTE_ORDERS[: 1 + (width > 1)]:
        number = int.from_bytes(value, order)
        if width > 1 and number < _SMALL:
            continue  # of nothing, and of a few small bytes, some sum is any small number
        for function in FUNCTIONS[width]:
            if function(covered) % 256**width == number:
                return function, order
    return None


def sums_of(data: bytes, values: Collection[int]) -> list[Sum]:
    """Sums over most of the data, near either end of it. `values`: what was compared with itself, so that sums are
    among these.
    """
    found: dict[tuple[int, int], Sum] = {}
    for value in sorted(values, reverse=True)[:_MAX_VALUES]:
        for spelled in _in_digits(data, value):
            if not found:
                found[spelled.at, spelled.at + spelled.width] = spelled
        for width in WIDTHS:
            if not may_fill(value, width) or (width > 1 and value < _SMALL):
                continue
            for order in BYTE_ORDERS[: 1 + (width > 1)]:
                for at in _places(data, value.to_bytes(width, order)):
                    made = next(_spans(data, at, width, order, value), None)
                    if made is not None and not any(low < at + width and at < high for low, high in found):
                        found[at, at + width] = made
    # What covers another sum is put right after that one.
    return sorted(found.values(), key=lambda each: each.start, reverse=True)


def totals_of(data: bytes, totals: Collection[int], known: Collection[int] = ()) -> list[Sum]:
    """Sums that make a total over all data what it is now, one of `totals`: of which the first may be the one that is
    there for it. Words that are large come first: other fields mostly are not. `known`: places of bytes that have
    another meaning.
    """
    found: list[tuple[int, Sum]] = []
    size, elsewhere = len(data), frozenset(known)
    for function, width, of_all, total in TOTALS:
        if total not in totals:
            continue
        for start in range(min(_MAX_PLACES, size)):
            if of_all(data[start:]) != total:
                continue
            for at in (*range(start, min(size - width + 1, _MAX_HEAD), width), size - width):
                if at >= start and not (at - start) % width and elsewhere.isdisjoint(range(at, at + width)):
                    number = int.from_bytes(data[at : at + width], "big")
                    place = at - size if at == size - width else at
                    found.append((number, Sum(function, width, "big", place, start, 0, b"\0", is_sure=True)))
    found.sort(key=lambda each: each[0], reverse=True)
    return [each for _, each in found[:_MAX_TOTALS]]


_MAX_TOTALS: Final = 3

TOTALS: Final[tuple[tuple[Function, int, Function, int], ...]] = (
    (_internet, 2, lambda data: _internet(data) ^ 0xFFFF, 0xFFFF),
    (_internet, 2, _internet, 0),
    (lambda data: -sum(data), 1, lambda data: sum(data) & 0xFF, 0),
    (lambda data: ~sum(data), 1, lambda data: sum(data) & 0xFF, 0xFF),
    (_xor, 1, _xor, 0),
)
"""(what the number that is there for it has to be, over all else; its bytes; the total; what that has to be)"""


def _places(data: bytes, piece: bytes) -> Iterator[int]:
    """Where a sum may stand, first at the end."""
    if data.endswith(piece):
        yield len(data) - len(piece)
    at = data.find(piece)
    while 0 <= at < _MAX_HEAD:
        yield at
        at = data.find(piece, at + 1)


def _in_digits(data: bytes, value: int) -> Iterator[Sum]:
    """Sums of bytes over a header that hold themselves in octal or decimal digits, as in tar's."""
    for digits in ("o", "d") if value >= _SMALL else ():
        piece = format(value, digits).encode()
        at = data.find(piece)
        while at >= 0:
            start = at
            while start and data[start - 1 : start] == b"0":
                start -= 1
            for width in range(at + len(piece) - start, _MAX_DIGITS + 1):
                field = data[start : start + width]
                if field[at + len(piece) - start :].strip(b"\0 "):
                    break
                top = min(len(data), _MAX_HEADER)
                rest = sum(data[:start]) + sum(data[start + width : top])
                # What is behind the header need not be zeros, but more of them belong to it than do not.
                for stop in range(top, start + width - 1, -1):
                    for filler in FILLERS:
                        if rest + filler[0] * width == value and (stop == len(data) or not stop % _ALIGNED):
                            yield Sum(sum, width, "big", start, 0, -stop, filler, digits, is_sure=True)
                    rest -= data[stop - 1]
            at = data.find(piece, at + 1)


def _spans(data: bytes, at: int, width: int, order: ByteOrder, value: int) -> Iterator[Sum]:
    size, end = len(data), at + width
    place = at - size if end == size else at
    functions = FUNCTIONS[width]
    before = ((start, at) for start in range(min(at, _MAX_HEAD if width > 1 else _MAX_PLACES)))
    after = ((start, size) for start in range(end, min(end + 1 + _MAX_PLACES, size)))
    for start, stop in chain(before if end == size else (), after):
        for function in functions:
            if function(data[start:stop]) % 256**width == value:
                yield Sum(function, width, order, place, start, size - stop, b"\0", is_sure=width > 1)
    for filler in FILLERS:
        masked = data[:at] + filler * width + data[end:]
        for start in range(min(at + 1, _MAX_PLACES)):
            for function in functions:
                if function(masked[start:]) % 256**width == value:
                    yield Sum(function, width, order, place, start, 0, filler, is_sure=width > 1)
