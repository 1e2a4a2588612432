"""The functions whose inverse is known, and the inverse of each."""

import zlib
from binascii import b2a_base64, b2a_qp
from collections.abc import Callable
from time import gmtime, strftime
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class Codec(NamedTuple):
    """A way in which one text stands for another."""

    name: str
    encode: "Callable[[bytes], bytes] | None"
    """What is decoded into these bytes; None where parts of the encoded form are as good as the decoded one."""
    charset: str = ""
    """Of decoded texts: how they are bytes before they are encoded; empty for UTF-8."""
    starts: tuple[bytes, ...] = (b"", b"a", b"1")
    """Decoded forms to begin with where what there is cannot be decoded, or is nothing."""


def base32(data: bytes) -> bytes:
    """In groups of eight characters."""
    out = b""
    for start in range(0, len(data), 5):
        group = data[start : start + 5]
        number = int.from_bytes(group.ljust(5, b"\0"), "big")
        digits = bytes([_BASE32[number >> shift & 31] for shift in range(35, -1, -5)])
        out += digits[: (len(group) * 8 + 4) // 5].ljust(8, b"=")
    return out


def base64(data: bytes) -> bytes:
    """In one line."""
    return b2a_base64(data, newline=False)


def base64_for_addresses(data: bytes) -> bytes:
    """With the characters that addresses may hold."""
    return base64(data).translate(_FOR_ADDRESSES)


def hexadecimal(data: bytes) -> bytes:
    """Two digits a byte."""
    return data.hex().encode()


def percent(data: bytes) -> bytes:
    """Letters and digits as they are."""
    return b"".join(bytes((byte,)) if byte in _UNRESERVED else b"%%%02X" % byte for byte in data)


def quoted_printable(data: bytes) -> bytes:
    """As mail has it."""
    return b2a_qp(data)


def compressed(wbits: int) -> Callable[[bytes], bytes]:
    """By zlib, with or without a header."""

    def encode(data: bytes) -> bytes:
        compressor = zlib.compressobj(1, zlib.DEFLATED, wbits)
        return compressor.compress(data) + compressor.flush()

    return encode


def _bz2(data: bytes) -> bytes:
    from _bz2 import BZ2Compressor  # the target has it loaded

    compressor = BZ2Compressor(1)
    return compressor.compress(data) + compressor.flush()


def _lzma(data: bytes) -> bytes:
    from _lzma import LZMACompressor  # the target has it loaded

    compressor: Any = LZMACompressor(preset=0)
    made: bytes = compressor.compress(data) + compressor.flush()
    return made


_BASE32: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_FOR_ADDRESSES: Final = bytes.maketrans(b"+/", b"-_")

_BASE64: Final = Codec("base64", base64)
_PERCENT: Final = Codec("percent", percent)
_HEX: Final = Codec("hex", hexadecimal)
_QUOTED: Final = Codec("quoted-printable", quoted_printable)
_DEFLATED: Final = Codec("zlib", compressed(15))

CODECS: Final[dict[tuple[str, str], Codec]] = {
    ("base64", "b64decode"): _BASE64,
    ("base64", "standard_b64decode"): _BASE64,
    ("base64", "decodebytes"): _BASE64,
    ("base64", "urlsafe_b64decode"): Codec("base64", base64_for_addresses),
    ("base64", "b32decode"): Codec("base32", base32),
    ("base64", "b16decode"): Codec("hex", lambda data: hexadecimal(data).upper()),
    ("binascii", "a2b_base64"): _BASE64,
    ("binascii", "a2b_hex"): _HEX,
    ("binascii", "unhexlify"): _HEX,
    ("binascii", "a2b_qp"): _QUOTED,
    ("quopri", "decodestring"): _QUOTED,
    ("urllib.parse", "unquote"): _PERCENT,
    ("urllib.parse", "unquote_plus"): _PERCENT,
    ("urllib.parse", "unquote_to_bytes"): _PERCENT,
    ("zlib", "decompress"): _DEFLATED,
    ("gzip", "decompress"): Codec("gzip", compressed(31)),
    ("bz2", "decompress"): Codec("bz2", _bz2),
    ("lzma", "decompress"): Codec("lzma", _lzma),
    ("json", "loads"): Codec("json", None, starts=(b"{}", b"[]", b'""', b"1")),
}
"""(module, function) -> how to undo it."""

_ISO: Final = Codec("iso date", None, starts=(b"2024-01-31", b"2023-12-01", b"12:30:00", b"2024-01-31T12:30:00"))

NUMBER: Final = Codec("number", None, starts=(b"1", b"12", b"0"))
"""Said of what is no number; there is nothing to tell of one that is."""

_DECOMPRESSOR: Final = type(zlib.decompressobj())
_METHOD: Final = type(zlib.decompressobj().decompress)

_MOMENTS: Final = (1_706_659_200, 1_701_432_000)
"""Seconds since 1970."""

_WIDE: Final = {
    name: Codec(name, lambda data: data, charset=name)
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
}


def codec_of(function: object, arguments: tuple[object, ...], options: dict[str, object]) -> Codec | None:
    """The codec of a call, if what is called is one of these functions; runs no code of the target's."""
    kind = type(function)
    called: Any = function
    if function is int or function is float:
        return NUMBER if len(arguments) == 1 and type(arguments[0]) in (str, bytes) else None
    if kind is BuiltinMethodType or kind is BuiltinFunctionType:  # one type, in fact
        receiver = called.__self__
        if called.__name__ == "fromhex" and (receiver is bytes or receiver is bytearray):
            return _HEX
        if called.__name__ == "fromisoformat" and issubclass(type(receiver), type):
            return _ISO
        if called.__name__ == "strptime" and issubclass(type(receiver), type) and len(arguments) > 1:
            return _formatted(arguments[1])
        if called.__name__ == "decode" and (type(receiver) is bytes or type(receiver) is bytearray):
            return _wide(arguments[0] if arguments else options.get("encoding"))
        module = called.__module__
    elif kind is FunctionType:
        module = called.__module__
    else:
        return None
    if type(module) is not str:
        return None
    codec = CODECS.get((module, called.__name__))
    if codec is _DEFLATED:
        return deflated(arguments[1] if len(arguments) > 1 else options.get("wbits"))
    return codec


def decompressor_of(function: object) -> Any:
    """The object that decompresses piece by piece, whose method this is; None if it is none."""
    called: Any = function
    is_one = type(function) is _METHOD and type(called.__self__) is _DECOMPRESSOR and called.__name__ == "decompress"
    return called.__self__ if is_one else None


def deflated(wbits: object) -> Codec:
    """The codec of what zlib has compressed with such a window: with its own header, another or none."""
    if type(wbits) is int and (9 <= abs(wbits) <= 15 or 25 <= wbits <= 31):
        return Codec(f"zlib {wbits}", compressed(wbits))
    return _DEFLATED


def _formatted(layout: object) -> Codec | None:
    """What is read by a format of dates."""
    if type(layout) is not str or len(layout) > 100:
        return None
    try:
        starts = tuple([strftime(layout, gmtime(seconds)).encode() for seconds in _MOMENTS])
    except ValueError:
        return None
    return Codec(f"date {layout}", None, starts=starts)


def _wide(encoding: object) -> Codec | None:
    if type(encoding) is not str:
        return None
    name = encoding.lower().replace("_", "-").replace("utf1", "utf-1").replace("utf3", "utf-3")
    return _WIDE.get({"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.get(name, name))
