"""The standard library's JSON decoder in its pure-Python form."""

from json import JSONDecoder, decoder, scanner
from typing import Any

SEEDS = (b"{}", b"[1, -2.5e3, true, null]", b'{"a": {"b": ["\\u00e9", "\\n"]}}', b'"\\ud83d\\ude00"')

pure: Any = JSONDecoder()
pure.parse_string = decoder.py_scanstring  # type: ignore[attr-defined]
pure.scan_once = scanner.py_make_scanner(pure)  # type: ignore[attr-defined]


def fuzz_json(data: bytes) -> None:
    try:
        pure.decode(data.decode("utf-8", "replace"))
    except Exception:
        return
