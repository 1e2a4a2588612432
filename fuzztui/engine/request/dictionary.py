"""Reads the dictionaries of AFL and libFuzzer: tokens that are worth trying in inputs of one format."""

import os
import re
import select
from pathlib import Path
from typing import Final

_ENTRY = re.compile(rb'(?:[A-Za-z0-9_.-]+(?:@\d+)?\s*=\s*)?"(?P<token>(?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(rb'\\(?:x(?P<hex>[0-9A-Fa-f]{2})|(?P<plain>["\\]))')

LARGEST = 16 << 20
"""Bytes of a dictionary: the largest that AFL++ comes with have a hundred thousand."""


PATIENCE: Final = 10.0
"""Seconds that nothing may come from a dictionary which is no file: a FIFO that nobody writes to, a terminal."""

_PORTION: Final = 1 << 20


class BadDictionary(Exception):  # noqa: N818 - reads as what happened
    """No dictionary; the message names the file, and where a line is no entry that line and what one looks like."""


def read_dictionary(path: Path) -> tuple[bytes, ...]:
    """The tokens of a dictionary file, in order: one a line, `name="value"` or `"value"`, with `\\xNN`, `\\"`, `\\\\`.

    The user names the path, so it may be a FIFO (`--dict <(command)`) as well. Raises BadDictionary, also for more than
    `LARGEST` bytes and where nothing comes for `PATIENCE`, and OSError where the file cannot be read.
    """
    content = _read(path)
    if len(content) > LARGEST:
        raise BadDictionary(f"{path}: more than {LARGEST >> 20} MiB, which no dictionary has")
    tokens = []
    for number, line in enumerate(content.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None or b"\\" in _ESCAPE.sub(b"", entry["token"]):
            raise BadDictionary(f'{path}:{number}: not a dictionary entry, want one like keyword="\\x7fELF"')
        tokens.append(_ESCAPE.sub(_unescape, entry["token"]))
    return tuple(token for token in tokens if token)


def _read(path: Path) -> bytes:
    """The content, up to a little more than `LARGEST` bytes."""
    # Opened so that the FIFO waits for no writer: then a poll does, which knows a limit.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        content = bytearray()
        while len(content) <= LARGEST:
            if not waiting.poll(PATIENCE * 1000):
                raise BadDictionary(f"{path}: nothing has come from it for {PATIENCE:.0f} s, want a file of tokens")
            portion = os.read(descriptor, _PORTION)
            if not portion:
                break
            content += portion
        return bytes(content)
    finally:
        os.close(descriptor)


def _unescape(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match["hex"].decode()) if match["hex"] else match["plain"]
