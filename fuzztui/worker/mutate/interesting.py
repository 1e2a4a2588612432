"""Values that break programs more often than others do: limits of types, signs, separators, odd characters."""

import struct
from typing import Final

INTS: Final[tuple[int, ...]] = tuple(
    sorted(
        {
            *range(-2, 20),
            32, 64, 100, 127, 128, 129, 255, 256, 257, 512, 1000, 1024, 4096, 9999, 10_000, 65_535, 65_536,
            *(2**power + delta for power in (7, 8, 15, 16, 31, 32, 53, 63, 64) for delta in (-1, 0, 1)),
            *(-(2**power) + delta for power in (7, 8, 15, 16, 31, 32, 53, 63, 64) for delta in (-1, 0, 1)),
            0xD800, 0xDFFF, 0x10FFFF, 0x110000,  # edges of Unicode
            10**9, 10**10, 10**18, 10**19, 10**100,
        }
    )
)  # fmt: skip

FLOATS: Final[tuple[float, ...]] = (
    0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1e-3, 1e10, 1e15, 1e16, 1e22, 1e23, 1e100, 3.0, 100.0,
    2.0**53, 2.0**53 + 2, -(2.0**63), 2.0**64, float("inf"), float("-inf"),
    5e-324, -5e-324, 2.2250738585072009e-308, 2.2250738585072014e-308,  # subnormal: smallest, largest; normal: smallest
    1.7976931348623157e308, -1.7976931348623157e308, 1 + 2.0**-52, 1 - 2.0**-53,
    *(  # NaNs: quiet, negative, with payloads, signalling
        struct.unpack("<d", bits.to_bytes(8, "little"))[0]
        for bits in (0x7FF8 << 48, 0xFFF8 << 48, (0x7FF8 << 48) + 1, (0x8000 << 48) - 1, (0x7FF0 << 48) + 1)
    ),
)  # fmt: skip

BYTE: Final[tuple[bytes, ...]] = tuple(bytes((value,)) for value in range(256))
"""The 256 byte strings of length one: indexing is faster than building."""

_PUNCTUATION = bytes(value for value in range(32, 127) if not chr(value).isalnum())

BYTES: Final[tuple[bytes, ...]] = (
    BYTE
    + tuple(BYTE[value] for value in range(32, 127))
    + tuple(BYTE[value] for value in _PUNCTUATION * 4 + b"0123456789" * 3 + b"\0\t\n\r\x7f\x80\xff" * 3)
)
"""Single bytes to write: each at least once, printable ones more often, since most targets parse text."""

PACKED: Final[tuple[bytes, ...]] = tuple(
    dict.fromkeys(
        (value & (256**width - 1)).to_bytes(width, order)
        for width in (1, 2, 4, 8)
        for value in INTS
        if -(256**width // 2) <= value < 256**width
        for order in ("little", "big")
    )
)
"""`INTS` as they lie in binary formats."""

_WORDS = (
    "null", "true", "false", "None", "True", "nan", "NaN", "inf", "-Infinity", "undefined",
    "\\", "\\u", "\\x", "\\n", '\\"',
    "//", "/*", "*/", "<!", "<!--", "-->", "<![", "]]>", "<?", "?>", "</", "/>", "&#", "&#x", "&amp;",
    "${", "{{", "}}", "%s", "%d",
    "%00", "'", '"', '"""', "'''", "..", "../", "...", "::", "==", "=>", "->",
    "\r\n", "\n\n", "\n ", "\n\t", "\r", "0x", "0b", "1e", "e+",
    "-", "+", "-0", "0.", ".0", "1_0", "e999", "#", "[[", "]]",
    "--", "~", "*", "?", ";", ":", ",", "@", "|", "&", "()", "[]", "{}", "\0",
    "T00:00:00Z", "1970-01-01", "\ufeff",
)  # fmt: skip

TEXT_WORDS: Final[tuple[str, ...]] = _WORDS
BYTES_WORDS: Final[tuple[bytes, ...]] = (
    *(word.encode() for word in _WORDS),
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
)
"""Pieces of the common text formats; for bytes also byte order marks and sequences that are no UTF-8."""

TEXT_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ('"', '"'), ("'", "'"), ("`", "`"), ('"""', '"""'), ("/*", "*/"),
    ("<!--", "-->"), ("<a>", "</a>"), ("\n", "\n"), ("${", "}"), ("<![CDATA[", "]]>"),
)  # fmt: skip
BYTES_PAIRS: Final[tuple[tuple[bytes, bytes], ...]] = tuple(
    (left.encode(), right.encode()) for left, right in TEXT_PAIRS
)
"""What text formats put around things."""

TEXT_SEPARATORS: Final[tuple[str, ...]] = (
    "\n",
    ",",
    " ",
    ";",
    ":",
    "=",
    "&",
    "/",
    ".",
    "|",
    "\t",
    '"',
    "\n\n",
    "\r\n",
    "<",
    "]",
)
BYTES_SEPARATORS: Final[tuple[bytes, ...]] = tuple(separator.encode() for separator in TEXT_SEPARATORS)
"""What text formats put between things."""

_ODD_CHARACTERS = (
    "\0\x01\x1b\x7f\x85\xa0\xad\ufeff\ufffd\ufffe\u2028\u2029\u3000\u200b\u200d"  # controls, spaces, invisible ones
    "\u202e\u200f\u05d0\u0627\u061c"  # right to left
    "\u0301\u0308\u20dd\u0345\ufe0f"  # combining
    "\u0665\u06f5\u096b\uff15\U0001d7d3\u00b2\u00bd\u2167\u4e94"  # digits and numbers that are not ASCII
    "\u00df\u0130\u0131\u01c5\u017f\u1e9e\ufb03\u03c2\u0149\u212a"  # change length or class with their case
    "\xe9\xff\u0100\u20ac\uff1c\uff0e\uff0f\u2024\u037e"  # widths of UTF-8 and PEP 393; look or normalize like ASCII
    "\U0001f600\U00010000\U0010ffff\U000e0041\U0001f468"  # beyond the basic plane
)
CHARACTERS: Final[tuple[str, ...]] = (
    tuple(chr(value) for value in range(32, 127)) * 2
    + tuple(_PUNCTUATION.decode() * 2 + "0123456789" * 3 + "\t\n\r" * 3)
    + tuple(_ODD_CHARACTERS)
    + ("\ud800", "\udfff")
)
"""Single characters to write: mostly ASCII, some of each class that programs tend to forget; rarely lone surrogates."""

DIGITS: Final[tuple[dict[int, int], ...]] = tuple(
    {ord("0") + value: zero + value for value in range(10)}
    for zero in (0x660, 0x6F0, 0x966, 0xE50, 0xFF10, 0x1D7CE, 0x2080)
)
"""`str.translate` tables from ASCII digits to others: all but the last (subscripts) are decimals that `int` accepts."""
