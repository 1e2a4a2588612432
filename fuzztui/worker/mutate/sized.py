"""Changes of length in formats whose parts are preceded by their length."""

from typing import Final

from fuzztui.protocol.own import OWN_BUILTINS

__builtins__ = OWN_BUILTINS

_MAX_LOOK_BACK: Final = 64
"""Bytes before a change among which lengths are looked for; each costs some 40 ns."""


def replace_sized(data: bytes, start: int, end: int, new: bytes) -> bytes:
    """`data[start:end]` replaced by `new`, and every byte adjusted that seems to count a part which encloses the range.

    A byte seems to be a length if as many bytes follow it and the range lies among them; a zero only right before the
    range, where it may be the length of a part that is empty. Where parts are nested, so are their lengths, and all of
    them have to change.
    """
    delta = len(new) - (end - start)
    size = len(data)
    head = bytearray(data[:start])
    for at in range(max(0, start - _MAX_LOOK_BACK), start):
        count = head[at]
        if end <= at + 1 + count <= size and (count or at + 1 == start) and 0 <= count + delta < 256:
            head[at] = count + delta
    return bytes(head) + new + data[end:]
