"""Fields of a fixed size, padded with zeros or spaces, filled with what their texts were compared with."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import ALONE, Comparison, scalars_of
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_FILLED: Final = 80
"""Inputs that one entry leads to."""

_LARGEST: Final = 512
"""Bytes of a field."""

_PADDING: Final = b"\0 "
_MAX_WANTED: Final = 24


def filled(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_FILLED` inputs of the same size, with a text in the place of one that stood in a padded field; those
    of what was compared last first.
    """
    return islice(_all_filled(data, comparisons, slices), MAX_FILLED)


def _all_filled(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    fields: dict[bytes, dict[tuple[int, int], None]] = {}
    for begin, end in slices.ranges:
        field = data[begin:end]
        if 1 < len(field) <= _LARGEST and field[-1] in _PADDING:
            fields.setdefault(field.rstrip(_PADDING), {}).setdefault((begin, end))
    if fields:
        for old, new in _wanted(comparisons):
            for begin, end in fields.get(old, ()):
                if 0 < len(new) <= end - begin:
                    yield data[:begin] + new.ljust(end - begin, data[end - 1 : end]) + data[end:]


def _wanted(comparisons: Sequence[Comparison]) -> list[tuple[bytes, bytes]]:
    """(a text, what it was compared with)"""
    found: dict[tuple[bytes, bytes], None] = {}
    for operator, left, right in reversed(comparisons):
        if operator in ALONE:
            for new in map(_text, scalars_of(left)):
                found.setdefault((b"", new))
            continue
        for one, others in ((left, right), (right, left)):
            if type(one) is bytes or type(one) is str:
                for new in map(_text, scalars_of(others)):
                    if new != _text(one):
                        found.setdefault((_text(one), new))
    return list(found)[:_MAX_WANTED]


def _text(operand: Any) -> bytes:
    """Nothing for a number."""
    if isinstance(operand, str):
        return operand.encode("utf-8", "surrogatepass")
    return operand if isinstance(operand, bytes) else b""
