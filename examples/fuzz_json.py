"""The standard library's JSON decoder in its pure-Python form, as PyPy and others use it.

By its contract it raises `JSONDecodeError`, and `RecursionError` for deep nesting. Known to be found on CPython up to
at least 3.13: `"\\u-123"` is read as a negative number, and `chr()` raises a plain ValueError.
"""

from json.decoder import JSONDecodeError, JSONDecoder, py_scanstring
from json.scanner import py_make_scanner

import fuzztui

decoder = JSONDecoder()
decoder.parse_string = py_scanstring  # type: ignore[attr-defined]
decoder.scan_once = py_make_scanner(decoder)  # type: ignore[attr-defined]

SEEDS = [b"{}", b"[1, -2.5e3, true, null]", b'{"a": {"b": ["\\u00e9", "\\n"]}}', b'"\\ud83d\\ude00"']


@fuzztui.fuzz(seeds=SEEDS, raises=(JSONDecodeError, RecursionError))
def fuzz_json(data: bytes) -> None:
    # Bytes that are not UTF-8 become replacement characters: what is under test begins at the text.
    decoder.decode(data.decode("utf-8", "replace"))
