"""Make text that a target wrote fit to be shown, and numbers fit to be read. Pure functions.

A terminal obeys control characters no matter which widget prints them, and bidirectional overrides show a reader what
is not there. So text that may be shown has a type of its own, which only this module makes: snapshots and events hold
no other text, front ends print and draw no other.
"""

import codecs
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Never, Self

DEFAULT_LIMIT = 20_000
"""Characters: more than anybody reads, few enough to be laid out between two frames."""

LINE_LIMIT = 200
"""Characters of a text that shares its line with others."""

_TAB = 4

_SUSPECT = re.compile(r"[^ -~]")
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Fillers and variation selectors: printable by their category, but drawn as nothing."""


class Visible(str):
    """Text in which everything has a glyph; newlines may be in it. Made by the functions of this module alone."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __new__(cls, text: Never) -> Self: ...


def _vouch(text: str) -> Visible:
    """The text as it is: whoever calls has seen to it that it may be shown."""
    return str.__new__(Visible, text)


NOTHING = _vouch("")


def visible(text: str, limit: int = DEFAULT_LIMIT, *, multiline: bool = False) -> Visible:
    r"""The text with everything that has no glyph spelled as Python does: `\x1b`, `\u202e`, `\ud800`.

    That is controls, format characters, separators other than the space, lone surrogates, private and unassigned code
    points. `multiline` keeps newlines, and turns tabs into spaces. At most `limit` characters come out, followed by a
    note on how many of the text's were left out; the work is bounded by `limit`, not by the text. What is visible
    already stays as it is.
    """
    if isinstance(text, Visible) and len(text) <= limit and (multiline or "\n" not in text):
        return text
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
    return _vouch(f"{kept}… (+{left_out:,} characters)" if left_out else kept)


def one_line(text: str, limit: int = LINE_LIMIT) -> Visible:
    """`visible` on a single line: the first line that is not empty, cut with `…` to at most `limit` characters."""
    line = text.lstrip()[: limit * 8].partition("\n")[0].rstrip()
    kept, consumed = _spell(line, limit, False)
    if consumed == len(line):
        return _vouch(kept)
    return _vouch(_spell(line, limit - 1, False)[0] + "…")


def _is_plain(text: str, multiline: bool) -> bool:
    flat = text.replace("\n", "") if multiline else text
    return flat.isprintable() and _BLANK.search(flat) is None


def _spell(text: str, limit: int, multiline: bool) -> tuple[str, int]:
    """As much of the text as fits into `limit` once it is spelled out, and how many of its characters that is."""
    if text.isascii() and text.isprintable():
        kept = text[:limit]
        return kept, len(kept)
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


# Sentences --------------------------------------------------------------------------------------------------------


def say(template: str, *values: object) -> Visible:
    """`template.format(*values)` with every value made visible: a number as it is, other things as `str` has them.

    The template is a constant of the source, which a test sees to: so it may have newlines, as values cannot unless
    they are visible already.
    """
    words = label(template)
    if not values:
        return words
    # Every cell of every table is made here, four times a second: most values need nothing done to them.
    for value in values:
        if type(value) not in _READY:
            return _NEW(Visible, words.format(*map(_value, values)))
    return _NEW(Visible, words.format(*values))


_READY = frozenset((Visible, int, float))
_NEW = str.__new__


def _value(value: object) -> object:
    if type(value) in _READY:
        return value
    return visible(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=1024)
def label(constant: str) -> Visible:
    """A constant of the source, an enumeration's value for one, made visible once for all times that it is drawn."""
    return visible(constant, multiline=True)


def joined(separator: str, parts: Iterable[Visible]) -> Visible:
    """Texts with a constant between them."""
    return _vouch(label(separator).join(parts))


def lines_of(text: Visible) -> list[Visible]:
    """The lines of a text, without their ends."""
    return [_vouch(line) for line in text.splitlines()]


def piece(text: Visible, start: int, end: int | None = None) -> Visible:
    """Characters of a text, by their indices."""
    return _vouch(text[start:end])


def repeated(text: Visible, times: int) -> Visible:
    """A text several times, as bars and margins have it."""
    return _vouch(text * times)


def os_error(error: OSError, place: object = None) -> Visible:
    """What the system refused: `path: reason`, or the reason alone where the system names no path and `place` is none.

    `place` is named instead of what the error itself names; an empty one, where the sentence has it already.
    """
    reason = error.strerror or str(error) or type(error).__name__
    named = error.filename if place is None else place
    return (
        say("{}: {}", os.fsdecode(named) if isinstance(named, bytes) else named, reason) if named else say("{}", reason)
    )


def json_line(value: object) -> Visible:
    """The value in JSON on one line: its ASCII escapes leave nothing that a terminal could obey."""
    return _vouch(json.dumps(value))


# Commands ---------------------------------------------------------------------------------------------------------


def command(*words: str) -> Visible:
    """A command line that a POSIX shell reads as these words; where one cannot be shown as it is, bash, zsh or ksh."""
    return joined(" ", map(shell_word, words))


def shell_word(word: str) -> Visible:
    r"""The word as a shell has to be given it: quoted where it must be, `$'ab'` where it is not visible."""
    if visible(word, len(word)) == word:
        return _vouch(shlex.quote(word))
    return _dollar_quoted(word, _is_shown)


def path_word(path: str) -> str:
    """A path that no program takes for an option."""
    return f"./{path}" if path.startswith("-") else path


def command_in(encoding: str, line: Visible) -> Visible:
    """The same command for a stream of this encoding; in ASCII where names of files have another one."""
    is_of_names = codecs.lookup(encoding) == codecs.lookup(sys.getfilesystemencoding())
    return line if is_of_names else ascii_command(line)


def ascii_command(line: Visible) -> Visible:
    """The same command in ASCII: quoted parts with other characters are quoted anew."""
    return _vouch(_QUOTED.sub(_in_ascii, line))


_QUOTED = re.compile(r"""\$'(?:[^'\\]|\\.)*'|'[^']*'|"[^"]*\"""")


def _in_ascii(match: "re.Match[str]") -> str:
    quoted = match[0]
    if quoted.isascii():
        return quoted
    if quoted.startswith("'"):
        return _dollar_quoted(quoted[1:-1], str.isascii)
    return "".join(character if character.isascii() else _bytes_of(character) for character in quoted)


def _dollar_quoted(word: str, is_kept: Callable[[str], bool]) -> Visible:
    inner = (
        f"\\{character}" if character in "\\'" else character if is_kept(character) else _bytes_of(character)
        for character in word
    )
    return _vouch(f"$'{''.join(inner)}'")


def _is_shown(character: str) -> bool:
    return _escape(character) == character


def _bytes_of(character: str) -> str:
    """Its bytes in a file name, as `$'...'` takes them."""
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))


# Numbers ----------------------------------------------------------------------------------------------------------


def size(n_bytes: int) -> Visible:
    """Bytes: `12 B`, `2.1 kB`, `1.5 GB`."""
    if n_bytes < 1000:
        return _vouch(f"{n_bytes} B")
    value = float(n_bytes)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95 or unit == "TB":
            break
    return _vouch(f"{value:.1f} {unit}")


def count(n: float) -> Visible:
    """A number in three digits: `950`, `31.2k`, `7.41M`."""
    if n < 999.5:
        return _vouch(f"{n:.0f}")
    value = float(n)
    for unit in ("k", "M", "G", "T"):
        value /= 1000
        if value < 999.5 or unit == "T":
            break
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return _vouch(f"{value:.{decimals}f}{unit}")


def duration(seconds: float) -> Visible:
    """Whole seconds in at most two units: `8s`, `2m 05s`, `1h 03m`, `2d 07h`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return _vouch(f"{whole}s")
    if whole < 3600:
        return _vouch(f"{whole // 60}m {whole % 60:02}s")
    if whole < 86400:
        return _vouch(f"{whole // 3600}h {whole // 60 % 60:02}m")
    return _vouch(f"{whole // 86400}d {whole // 3600 % 24:02}h")


def clock(seconds: float) -> Visible:
    """`00:04:12`; hours go on beyond 99."""
    minutes, whole = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return _vouch(f"{hours:02}:{minutes:02}:{whole:02}")


def hexdump(data: bytes, width: int = 16, limit: int = 4096) -> list[Visible]:
    """Lines of offset, `width` bytes in hexadecimal and in ASCII; then the number of bytes beyond `limit`."""
    lines = []
    for offset in range(0, min(len(data), limit), width):
        row = data[offset : min(offset + width, limit)]
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(_vouch(f"{offset:08x}  {row.hex(' '):<{3 * width - 1}}  |{characters}|"))
    if len(data) > limit:
        lines.append(_vouch(f"… {len(data) - limit:,} more bytes"))
    return lines
