"""Numbers of an input moved by what lacks to something that the program has worked out of them.

What is worked out of several numbers, as a sum, a span or a mean, mostly grows with one of them, at the same pace: it
becomes what it is compared with where that one becomes so much larger or smaller. What it keeps to itself (an order,
what touches what, a ratio) is kept where several move together: neighbors, and all before or behind a place.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import ORDERINGS, Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_MOVED: Final = 240
"""Inputs that one entry leads to."""

_MAX_PAIRS: Final = 8
"""Comparisons that are looked at, the last ones."""

_MAX_NUMBERS: Final = 24
"""Numbers of an input that are moved: half of them the first, half the last."""

_LARGEST: Final = 2**256

_Places: TypeAlias = tuple[int, ...]
_Change: TypeAlias = Callable[[Any], Any]


def moved_numbers(arguments: Arguments, comparisons: Sequence[Comparison]) -> Iterator[Arguments]:
    """At most `MAX_MOVED` inputs in which numbers are larger or smaller by the difference between two that were
    compared, by half of it, or by the factor between them; those of the last comparison first.
    """
    places = [index for index, value in enumerate(arguments) if _is_number(value)]
    if len(places) > _MAX_NUMBERS:
        places = places[: _MAX_NUMBERS // 2] + places[-_MAX_NUMBERS // 2 :]
    alone = [(place,) for place in places]
    together = [
        *[(one, other) for one, other in pairwise(places) if other == one + 1],
        *[tuple(places[:count]) for count in range(len(places), 1, -1)],
        *[tuple(places[-count:]) for count in range(len(places) - 1, 1, -1)],
    ]
    seen = {arguments}
    for one, other in compared(comparisons) if places else ():
        for changed in _all_moved(arguments, alone, together, one, other):
            if changed not in seen:
                seen.add(changed)
                yield changed
                if len(seen) > MAX_MOVED:
                    return


def _all_moved(
    arguments: Arguments, alone: Sequence[_Places], together: Sequence[_Places], one: Any, other: Any
) -> Iterator[Arguments]:
    """By one number, which suffices mostly, then by several, then by what would be right if one counted twice."""
    lacking = other - one
    for several, changes in (
        (alone, _added(lacking)),
        (together, _added(lacking)),
        (together, _factors(one, other)),
        (alone, _added(lacking // 2 if type(lacking) is int else lacking / 2)),
    ):
        for places in several:
            for change in changes:
                changed = _changed(arguments, places, change)
                if changed is not None:
                    yield changed


def _is_number(value: object) -> bool:
    """Whether it is one that any other can be added to: beyond its largest value a float takes no int."""
    if type(value) is int:
        return -_LARGEST <= value <= _LARGEST
    return type(value) is float and math.isfinite(value)


def compared(comparisons: Sequence[Comparison]) -> list[tuple[Any, Any]]:
    """Different numbers that were compared, alone or in rows, the last first: at most so many, and of those that are
    ordered what would be just beyond the other one, too.
    """
    found: dict[tuple[Any, Any], None] = {}
    for operator, one, other in reversed(comparisons):
        if operator not in ("==", "!=", *ORDERINGS):
            continue
        for left, right in _pairs(one, other):
            for wanted in (right, *((right + 1, right - 1) if operator in ORDERINGS else ())):
                if left != wanted:
                    found.setdefault((left, wanted))
        if len(found) >= _MAX_PAIRS:
            break
    return list(found)


def _pairs(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """Two numbers, or those in the same places of two rows of values."""
    if _is_number(one) and _is_number(other):
        yield one, other
    elif type(one) is type(other) is tuple and len(one) == len(other) <= _MAX_PAIRS:
        for left, right in zip(one, other, strict=True):
            if _is_number(left) and _is_number(right):
                yield left, right


def _added(number: Any) -> tuple[_Change, ...]:
    return (lambda value: value + number, lambda value: value - number) if number else ()


def _factors(one: Any, other: Any) -> tuple[_Change, ...]:
    """What multiplies by the factor from one of the two numbers to the other."""
    if type(one) is int and type(other) is int:
        found = [abs(large) // abs(small) for small, large in ((one, other), (other, one)) if small]
        return tuple([_times(number + more) for number in found if number for more in (0, 1)])
    return tuple([_times(large / small) for small, large in ((one, other), (other, one)) if small])


def _times(factor: Any) -> _Change:
    return lambda value: value * factor


def _changed(arguments: Arguments, places: _Places, change: _Change) -> Arguments | None:
    """The input with these numbers changed; None if one would be of another type, or no number at all."""
    changed = list(arguments)
    for place in places:
        new = changed[place] = change(arguments[place])
        if type(new) is not type(arguments[place]) or not _is_number(new):
            return None
    return tuple(changed)
