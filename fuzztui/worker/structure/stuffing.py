"""Bytes that frames may not hold as they are, since they end a frame: written as an escape and the byte changed.

HDLC and PPP invert the sixth bit behind an escape (RFC 1662). A program that looks for such a byte in what it has
unpacked never meets it where it is written as it is: that ends the frame.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

_INVERTED: Final = 0x20
_FEWEST: Final = 3
_MAX_SIGNS: Final = 3
"""Bytes that each byte of an input is compared with."""

_MAX_PLACES: Final = 24
"""Bytes of an input that others take the place of, the last ones."""


def stuffed(data: bytes, comparisons: Sequence[Comparison]) -> Iterator[bytes]:
    """Data with a byte that may not stand there as it is, behind an escape, in the place of one byte or before it; the
    last byte first.
    """
    signs = _signs(data, comparisons)
    if len(signs) < 2:
        return
    pieces = [bytes((escape, sign ^ _INVERTED)) for escape in signs for sign in signs if sign != escape]
    for at in range(len(data) - 1, max(-1, len(data) - 1 - _MAX_PLACES), -1):
        if data[at] not in signs:
            for piece in pieces:
                yield data[:at] + piece + data[at + 1 :]
                yield data[:at] + piece + data[at:]


def _signs(data: bytes, comparisons: Sequence[Comparison]) -> list[int]:
    """Bytes that most bytes of the data were compared with."""
    others: dict[int, set[int]] = {}
    present = set(data)
    for operator, left, right in comparisons:
        if operator in ("==", "!=") and type(left) is int and type(right) is int:
            for one, other in ((left, right), (right, left)):
                if one in present and 0 <= other < 256:
                    others.setdefault(other, set()).add(one)
    least = max(_FEWEST, 2 * len(present) // 3)
    return [sign for sign, met in others.items() if len(met) >= least][:_MAX_SIGNS]
