"""What a program has read in one call of one of its functions: a name, an object, whatever the function is for.

What the same function has read elsewhere, in this input or in another one, is of the same kind and can stand in its
place, as in a grammar the productions of one symbol can: where two of them have to be equal, one is put in the place of
the other. (Gopinath et al., Mining input grammars from dynamic control flow, FSE 2020, take calls for symbols, too.)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.structure.slices import Read

__builtins__ = PRIVATE_BUILTINS

MAX_CALLS: Final = 96
"""Of one input, the first ones."""

_NEAR: Final = 8
"""Bytes behind what a call has read: what begins farther away, or before that, has been pointed to."""


class Call(NamedTuple):
    """One of them."""

    function: int
    """Tells which."""
    begin: int
    end: int


def calls_of(reads: Sequence[Read], size: int) -> tuple[Call, ...]:
    """Those that have read a part of so many bytes, each once, in the order in which they began."""
    ranges: dict[tuple[int, int], list[int]] = {}
    for read in reads:
        for each in read.frames:
            known = ranges.get(each)
            if known is None:
                ranges[each] = [read.begin, read.end]
            elif known[0] <= read.begin <= known[1] + _NEAR and read.end > known[1]:
                known[1] = read.end
    found = dict.fromkeys(
        [
            Call(function, begin, end)
            for (function, _), (begin, end) in ranges.items()
            if begin < end <= size and (begin, end) != (0, size)
        ]
    )
    return tuple([*found][:MAX_CALLS])


def pieces_of(data: bytes, calls: Sequence[Call]) -> Mapping[int, Sequence[bytes]]:
    """By function what its calls have read of data, each once."""
    found: dict[int, dict[bytes, None]] = {}
    for function, begin, end in calls:
        found.setdefault(function, {})[data[begin:end]] = None
    return {function: [*pieces] for function, pieces in found.items()}


def ranges_of_several_sizes(calls: Sequence[Call]) -> Iterator[tuple[int, int]]:
    """(begin, end) of what functions have read that do not read as much each time: a number may say how much."""
    sizes: dict[int, set[int]] = {}
    for function, begin, end in calls:
        sizes.setdefault(function, set()).add(end - begin)
    return ((begin, end) for function, begin, end in calls if len(sizes[function]) > 1)
