"""Parts with their length in digits before and a sign of their kind behind: `5:12345#`, `12:3:key,3:two,}`.

Which signs there are is told by the table in which the program looks one up.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_MAX_PARTS: Final = 32
_MAX_PLACES: Final = 4
_HEADS: Final = re.compile(r"([0-9]{1,4})([^0-9A-Za-z])")


class Marked(NamedTuple):
    """A part, and where its length stands."""

    start: int
    """Of the digits."""
    end: int
    begin: int
    """Of the part."""
    stop: int
    """Of the part; the sign stands there."""


def marked(text: str, marks: Sequence[str]) -> list[Marked]:
    """The parts of a text, those within others too."""
    found: list[Marked] = []
    at = 0
    while len(found) < _MAX_PARTS:
        match = _HEADS.search(text, at)
        if match is None:
            break
        stop = match.end() + int(match[1])
        if text[stop : stop + 1] in marks and stop < len(text):
            found.append(Marked(match.start(), match.end(1), match.end(), stop))
            at = match.end()
        else:
            at = match.start() + 1
    return found


def inserted(text: str, at: int, new: str, parts: Sequence[Marked]) -> str:
    """The text with more in it, and the lengths of all parts around that changed."""
    changed, delta = text[:at] + new + text[at:], len(new)
    for part in sorted(parts, reverse=True):
        if part.begin <= at <= part.stop:
            digits = str(int(text[part.start : part.end]) + delta)
            changed = changed[: part.start] + digits + changed[part.end :]
            delta += len(digits) - (part.end - part.start)
    return changed


def with_marked(text: str, key: str, values: Sequence[str], marks: Sequence[str]) -> Iterator[str]:
    """The text with a key and a value more, each a part of its own of any kind, within parts that there are."""
    parts = marked(text, marks)
    if not parts:
        return
    sign = text[parts[0].end : parts[0].begin]
    places = _places(parts)[:_MAX_PLACES]
    for mark, other, value in product(marks, marks, values):
        element = f"{len(key)}{sign}{key}{mark}{len(value)}{sign}{value}{other}"
        for at in places:
            yield inserted(text, at, element, parts)


def with_copies(text: str, marks: Sequence[str]) -> Iterator[str]:
    """The text with a part that is there once or twice more, within any of them."""
    parts = marked(text, marks)
    places = _places(parts)
    for times in (1, 2):
        for part in parts[-_MAX_PLACES:]:
            for at in places[: 2 * _MAX_PLACES]:
                yield inserted(text, at, text[part.start : part.stop + 1] * times, parts)


def _places(parts: Sequence[Marked]) -> list[int]:
    """The ends of parts, the outermost first, then their beginnings."""
    by_end = sorted(parts, key=lambda part: (-part.stop, part.start))
    return list(dict.fromkeys([*[part.stop for part in by_end], *[part.begin for part in by_end]]))
