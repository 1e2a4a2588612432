"""Reads the dictionaries of AFL and libFuzzer: tokens that are worth trying in inputs of one format."""

import re
from pathlib import Path

_ENTRY = re.compile(rb'(?:[A-Za-z0-9_.-]+(?:@\d+)?\s*=\s*)?"(?P<token>(?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(rb'\\(?:x(?P<hex>[0-9A-Fa-f]{2})|(?P<plain>["\\]))')


class BadDictionary(Exception):  # noqa: N818 - reads as what happened
    """A line that is no entry; the message names file and line, and shows what one looks like."""


def read_dictionary(path: Path) -> tuple[bytes, ...]:
    """The tokens of a dictionary file, in order: one a line, `name="value"` or `"value"`, with `\\xNN`, `\\"`, `\\\\`.

    Raises BadDictionary, and OSError where the file cannot be read.
    """
    tokens = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None or b"\\" in _ESCAPE.sub(b"", entry["token"]):
            raise BadDictionary(f'{path}:{number}: not a dictionary entry, want one like keyword="\\x7fELF"')
        tokens.append(_ESCAPE.sub(_unescape, entry["token"]))
    return tuple(token for token in tokens if token)


def _unescape(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match["hex"].decode()) if match["hex"] else match["plain"]
