"""Lengths that are compared, changed together with what they count.

Where one of two numbers that were compared stands in an input as a field, in binary or in digits, it may be the length
of what follows it. Another length alone is refused, since then the parts behind it are not where they should be.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_RESIZED: Final = 80
"""Inputs that the lengths of one entry lead to."""

_MAX_LENGTH: Final = 1024
_MAX_PAIRS: Final = 12
_MAX_PLACES: Final = 6
_GAPS: Final = (0, 1, 2, 4)
"""Bytes of other fields between a length and what it counts."""


def resized_parts(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_RESIZED` inputs of total size up to `max_len` with a length and as many bytes as it says then."""
    pairs: dict[tuple[int, int], None] = {}
    for operator, left, right in comparisons:
        if operator in ("==", "!=", *ORDERINGS) and type(left) is int and type(right) is int:
            for new in (right, *((right + 1, right - 1) if operator in ORDERINGS else ())):
                if 0 <= left < _MAX_LENGTH and 0 <= new < _MAX_LENGTH and left != new:
                    pairs.setdefault((left, new))
            if operator not in ORDERINGS and 0 <= left < _MAX_LENGTH and 0 <= right < _MAX_LENGTH and left != right:
                pairs.setdefault((right, left))
    room = max_len - sum(map(size, arguments))
    seen: set[Any] = set()
    for old, new in list(pairs)[:_MAX_PAIRS]:
        for index, value in enumerate(arguments):
            if type(value) is not bytes:
                continue
            for changed in _resized(value, old, new):
                if changed not in seen and len(changed) - len(value) <= room:
                    seen.add(changed)
                    yield (*arguments[:index], changed, *arguments[index + 1 :])
                    if len(seen) == MAX_RESIZED:
                        return


def _resized(value: bytes, old: int, new: int) -> Iterator[bytes]:
    for field, wanted in _fields(old, new):
        at = value.find(field)
        places = 0
        while at >= 0 and places < _MAX_PLACES:
            end = at + len(field)
            for gap in _GAPS:
                start = end + gap
                if start + old > len(value):
                    continue
                head, body, tail = (
                    value[:at] + wanted + value[end:start],
                    value[start : start + old],
                    value[start + old :],
                )
                yield head + (body + (body[-1:] or b"\1") * (new - old) if new > old else body[:new]) + tail
            places += 1
            at = value.find(field, at + 1)


def _fields(old: int, new: int) -> Iterator[tuple[bytes, bytes]]:
    for width in (4, 2, 1):
        if old < 256**width and new < 256**width:
            yield old.to_bytes(width, "big"), new.to_bytes(width, "big")
            if width > 1:
                yield old.to_bytes(width, "little"), new.to_bytes(width, "little")
    yield b"%d" % old, b"%d" % new
    yield b"%x" % old, b"%x" % new
