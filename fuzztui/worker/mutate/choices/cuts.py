"""Sequences of choices with spans left out: to trim them."""

from collections.abc import Callable, Iterator
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.mutate.choices.operators import movable
from fuzztui.worker.mutate.choices.record import Record

__builtins__ = PRIVATE_BUILTINS


def trim(
    plain: Plain, keeps: Callable[[Plain], bool], record_of: Callable[[Plain], Record | None], drawn: Any, tries: int
) -> Plain:
    """Leave spans out, the longest ones first, while `keeps` is true of what is left; then shorten texts.

    Calls `keeps` at most `tries` times. `drawn` tells what was drawn then: the canonical form, and `record_of` knows of
    it. Returns that of the shortest input that `keeps` was true of.
    """
    used = 0
    is_shorter = True
    while is_shorter and used < tries:
        is_shorter = False
        record = record_of(plain)
        if record is None:
            break
        for candidate in shorter(plain, record):
            if used == tries:
                break
            used += 1
            if keeps(candidate):
                found = drawn()
                if len(found) < len(plain) or _length(found) < _length(plain):
                    plain = found
                    is_shorter = True
                    break
    return plain


def shorter(plain: Plain, record: Record) -> Iterator[Plain]:
    """The input without a span, then with a shorter text."""
    for start, end, _, _ in sorted(movable(record, len(plain)), key=lambda span: span.start - span.end):
        yield plain[:start] + plain[end:]
    for at, constraint in enumerate(record.constraints[: len(plain)]):
        value = plain[at]
        if constraint is not None and type(value) in (str, bytes):
            piece = (len(value) + 1) // 2
            least = int(constraint.low or 0)
            while piece and len(value) - piece >= least:
                yield (*plain[:at], value[piece:], *plain[at + 1 :])
                yield (*plain[:at], value[:-piece], *plain[at + 1 :])
                piece //= 2


def _length(plain: Plain) -> int:
    return sum([len(each) for each in plain if type(each) in (str, bytes)])
