"""Where a line of a source is after the source was edited. Pure functions."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import read_file
from fuzztui.protocol.digest import digest_of

LONGEST: Final = 4 << 20
"""Bytes of a source in which a line is looked for; nobody writes a longer one by hand."""

CONTEXT: Final = 40
"""Lines above and below that are compared."""


def source_lines(file: str, digest: bytes | None = None) -> tuple[str, ...]:
    """The lines of a source as it is on the disk; none where it cannot be read, or is not that of a digest."""
    try:
        content = read_file(Path(file), LONGEST)
    except OSError:
        return ()
    if digest not in (None, digest_of(content)):
        return ()
    return tuple(content.decode("utf-8", "replace").splitlines())


def line_now(before: Sequence[str], line: int, now: Sequence[str]) -> int | None:
    """The number that a line has now, from 1; None if it is not there any more.

    It is a line of the same text, however far it is indented. Of several it is the one that stands between the most
    lines which were around it before, then the one that has moved least.
    """
    if not 1 <= line <= len(before) or not before[line - 1].strip():
        return None
    old, new = [each.strip() for each in before], [each.strip() for each in now]
    at = line - 1
    candidates = [number for number, each in enumerate(new) if each == old[at]]
    if not candidates:
        return None

    def alike(number: int) -> int:
        above = zip(
            reversed(old[max(0, at - CONTEXT) : at]), reversed(new[max(0, number - CONTEXT) : number]), strict=False
        )
        below = zip(old[at + 1 : at + 1 + CONTEXT], new[number + 1 : number + 1 + CONTEXT], strict=False)
        return sum(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) for pairs in (above, below))

    return max(candidates, key=lambda number: (alike(number), -abs(number - at))) + 1
