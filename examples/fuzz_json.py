"""The standard library's JSON decoder in its pure-Python form, the one that runs where there is no C accelerator.

By its contract it raises `JSONDecodeError`, and `RecursionError` for deep nesting. Known to be found on CPython 3.11 to
3.13: the escape in `"\\u-123"` is read as a negative number, and `chr()` raises a plain ValueError.
"""

from json import JSONDecodeError, JSONDecoder, decoder, scanner
from typing import Any

import fuzztui

pure: Any = JSONDecoder()
pure.parse_string = decoder.py_scanstring  # type: ignore[attr-defined]
pure.scan_once = scanner.py_make_scanner(pure)  # type: ignore[attr-defined]

SEEDS = [b"{}", b"[1, -2.5e3, true, null]", b'{"a": {"b": ["\\u00e9", "\\n"]}}', b'"\\ud83d\\ude00"']


@fuzztui.fuzz(seeds=SEEDS, raises=(JSONDecodeError, RecursionError))
def fuzz_json(data: bytes) -> None:
    # Bytes that are not UTF-8 become replacement characters: what is under test begins at the text.
    pure.decode(data.decode("utf-8", "replace"))
