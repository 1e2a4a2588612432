"""An input in a person's editor: as text where it is text, else in hexadecimal, and back. Pure but for the editor."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fuzztui.engine.show.text import NOTHING, Visible, os_error, say

WIDTH: Final = 16
"""Bytes of a line in hexadecimal."""


def is_text(data: bytes) -> bool:
    """Whether an editor shows all of it as what it is."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(text) and all(character.isprintable() or character in "\n\t" for character in text)


def to_hex(data: bytes) -> str:
    """Lines of bytes in hexadecimal, each with its characters behind a `#`."""
    lines = ["# Bytes in hexadecimal; what stands behind a # is not read."]
    for offset in range(0, len(data), WIDTH):
        row = data[offset : offset + WIDTH]
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{row.hex(' '):<{3 * WIDTH}} # {characters}")
    return "\n".join(lines) + "\n"


def from_hex(text: str) -> bytes:
    """The bytes of such lines. ValueError names the line that has none."""
    data = bytearray()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            data += bytes.fromhex(line.partition("#")[0])
        except ValueError:
            raise ValueError(f"line {number} is not hexadecimal: {line.strip()[:40]!r}, want digits in pairs") from None
    return bytes(data)


def edit(data: bytes, open_file: Callable[[Path], Visible]) -> tuple[bytes | None, Visible]:
    """What a person has made of an input, None where nothing was changed; and what went wrong, or nothing.

    `open_file` opens a file in the editor and waits for its end; it says what went wrong.
    """
    text = is_text(data)
    try:
        with tempfile.TemporaryDirectory(prefix="fuzztui-") as folder:
            file = Path(folder) / ("input.txt" if text else "input.hex")
            before = data if text else to_hex(data).encode()
            file.write_bytes(before)
            if problem := open_file(file):
                return None, problem
            after = file.read_bytes()
    except OSError as error:
        return None, os_error(error)
    if text:
        # Most editors end a file with a newline whether it had one or not.
        if after.endswith(b"\n") and not data.endswith(b"\n"):
            after = after[:-1]
        return (after if after != data else None), NOTHING
    try:
        made = from_hex(after.decode("utf-8", "replace"))
    except ValueError as error:
        return None, say("{}", error)
    return (made if made != data else None), NOTHING
