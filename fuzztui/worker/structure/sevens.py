"""Numbers of seven bits a byte, put where a program has read them byte by byte: a larger one has more bytes."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.elements import zigzag
from fuzztui.worker.mutate.encodings import in_sevens
from fuzztui.worker.mutate.operands import Comparison, replacements_of
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_PUT: Final = 32
"""Inputs that one leads to."""

_MAX_COMPARISONS: Final = 24
_MAX_ALTERNATIVES: Final = 4
_MAX_PLACES: Final = 3
"""Places in which a number may stand, those that were read last."""

_LONGEST: Final = 256
"""Bytes of a slice in which there may be some."""

_SHORT: Final = 128
"""What needs more than one byte; less is put wherever a byte is."""

_BITS: Final = 64
_MAX_READ: Final = 2048
"""Bytes that are looked at, those that were read last."""

_Places: TypeAlias = dict[int, int]
"""Bytes that were read one by one, and which of them was read later."""


def with_sevens(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_PUT` inputs in which a number of seven bits a byte, be it signed, is one that it was compared with,
    each once, those of the last comparison first. Lengths are as they were.
    """
    seen = {data}
    for changed in _all(data, comparisons, slices):
        if changed not in seen:
            seen.add(changed)
            yield changed
            if len(seen) > MAX_PUT:
                return


def _all(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    single = {begin: number for number, (begin, end) in enumerate(slices.numbers) if end == begin + 1}
    # Who takes one byte after another of a slice reads them one by one, too.
    texts = [at for begin, end in slices.ranges if end - begin <= _LONGEST for at in range(begin, end)]
    places = dict.fromkeys(texts, -1) | single
    latest = sorted(places, key=lambda each: (-places[each], each))[:_MAX_READ]
    for comparison in [*reversed(comparisons)][:_MAX_COMPARISONS] if places else ():
        for old, alternatives in replacements_of(*comparison):
            if type(old) is not int or abs(old) >> _BITS:
                continue
            for new in islice(alternatives, _MAX_ALTERNATIVES):
                if type(new) is not int or abs(new) >> _BITS:
                    continue
                for one, other, read in (*_large(old, new, places), *_signed(old, new, single)):
                    at = (each for each in latest if data.startswith(one, each))
                    there = (each for each in at if read.keys() >= {*range(each, each + len(one))})
                    for place in islice(there, _MAX_PLACES):
                        yield data[:place] + other + data[place + len(one) :]


def _large(old: int, new: int, read: _Places) -> Iterator[tuple[bytes, bytes, _Places]]:
    """Both numbers in each form in which one of them has several bytes, and where these may have been read."""
    if min(old, new) >= 0 and max(old, new) >= _SHORT:
        yield in_sevens(old), in_sevens(new), read
        yield in_sevens(old, is_high_first=True), in_sevens(new, is_high_first=True), read


def _signed(old: int, new: int, read: _Places) -> Iterator[tuple[bytes, bytes, _Places]]:
    """The same of what is not what a byte of it says."""
    yield in_sevens(zigzag(old)), in_sevens(zigzag(new)), read
