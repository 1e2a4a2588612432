"""Make text that a target wrote fit to be shown, and numbers fit to be read. Pure functions.

Everything that a target or a file name brings passes through `visible` before it leaves the engine: a terminal obeys
control characters no matter which widget prints them, and bidirectional overrides show a reader what is not there.
"""

import re

DEFAULT_LIMIT = 20_000
"""Characters: more than anybody reads, few enough to be laid out between two frames."""

LINE_LIMIT = 200
"""Characters of a text that shares its line with others."""

_TAB = 4

_SUSPECT = re.compile(r"[^ -~]")
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Fillers and variation selectors: printable by their category, but drawn as nothing."""


def visible(text: str, limit: int = DEFAULT_LIMIT, *, multiline: bool = False) -> str:
    r"""The text with everything that has no glyph spelled as Python does: `\x1b`, `\u202e`, `\ud800`.

    That is controls, format characters, separators other than the space, lone surrogates, private and unassigned code
    points. `multiline` keeps newlines, and turns tabs into spaces. At most `limit` characters come out, followed by a
    note on how many of the text's were left out; the work is bounded by `limit`, not by the text.
    """
    head = text[: limit + 1]
    if multiline:
        head = head.replace("\r\n", "\n").expandtabs(_TAB)
    rest = len(text) - len(text[: limit + 1])
    if _is_plain(head, multiline):
        kept = head[:limit]
        left_out = len(head) - len(kept) + rest
    else:
        kept, consumed = _spell(head, limit, multiline)
        left_out = len(head) - consumed + rest
    return f"{kept}… (+{left_out:,} characters)" if left_out else kept


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """`visible` on a single line: the first line that is not empty, cut with `…` to at most `limit` characters."""
    line = text.lstrip()[: limit * 8].partition("\n")[0].rstrip()
    kept, consumed = _spell(line, limit, False)
    if consumed == len(line):
        return kept
    return _spell(line, limit - 1, False)[0] + "…"


def _is_plain(text: str, multiline: bool) -> bool:
    flat = text.replace("\n", "") if multiline else text
    return flat.isprintable() and _BLANK.search(flat) is None


def _spell(text: str, limit: int, multiline: bool) -> tuple[str, int]:
    """As much of the text as fits into `limit` once it is spelled out, and how many of its characters that is."""
    spelled: list[str] = []
    room = limit
    for character in text:
        piece = character
        if not (multiline and character == "\n") and _SUSPECT.match(character):
            piece = _escape(character)
        room -= len(piece)
        if room < 0:
            break
        spelled.append(piece)
    return "".join(spelled), len(spelled)


def _escape(character: str) -> str:
    if character.isprintable() and not _BLANK.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


# Numbers ----------------------------------------------------------------------------------------------------------


def size(n_bytes: int) -> str:
    """Bytes: `12 B`, `2.1 kB`, `1.5 GB`."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    value = float(n_bytes)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95 or unit == "TB":
            break
    return f"{value:.1f} {unit}"


def count(n: float) -> str:
    """A number in three digits: `950`, `31.2k`, `7.41M`."""
    if n < 999.5:
        return f"{n:.0f}"
    value = float(n)
    for unit in ("k", "M", "G", "T"):
        value /= 1000
        if value < 999.5 or unit == "T":
            break
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f}{unit}"


def duration(seconds: float) -> str:
    """Whole seconds in at most two units: `8s`, `2m 05s`, `1h 03m`, `2d 07h`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole // 60 % 60:02}m"
    return f"{whole // 86400}d {whole // 3600 % 24:02}h"


def clock(seconds: float) -> str:
    """`00:04:12`; hours go on beyond 99."""
    minutes, whole = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{whole:02}"


def hexdump(data: bytes, width: int = 16, limit: int = 4096) -> list[str]:
    """Lines of offset, `width` bytes in hexadecimal and in ASCII; then the number of bytes beyond `limit`."""
    lines = []
    for offset in range(0, min(len(data), limit), width):
        row = data[offset : min(offset + width, limit)]
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{offset:08x}  {row.hex(' '):<{3 * width - 1}}  |{characters}|")
    if len(data) > limit:
        lines.append(f"… {len(data) - limit:,} more bytes")
    return lines
