"""Which parts of an input can be anything while it fails alike, and which are needed: a pure search.

As in Hypothesis' explain phase, a few others that have little in common are put in place of a part. If the input fails
alike with each of them, the part is free. At the end all free parts are varied together, since of two bytes either may
be free while the other one is there.
"""

import math
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

from fuzztui.engine.show.needed import Needed, Part, extent, place
from fuzztui.engine.shrinking.arguments import Arguments
from fuzztui.target.typed.composite import Composite
from fuzztui.target.typed.parts import leaves, put
from fuzztui.target.typed.plain import fitted
from fuzztui.target.typed.spec import Choice, Scalar, Spec

Freedom = Generator[list[Arguments], int | None, Needed]
"""Yields variations of an input, is sent the position of the first that does *not* fail or None, and returns what is
needed.
"""

MOST_PARTS: Final = 64
"""Parts that are tried by themselves: of a longer input several elements make one."""

VARIATIONS: Final = 6
"""How much is tried in place of each part."""

_BYTES: Final = b"0a <\xff\x00\n~\x80"
_CHARACTERS: Final = "0a <\u00e9\x00\n~\u4e2d"
"""Of kinds that programs tell apart: digit, letter, space, sign, not ASCII, control, end of line."""

_STRIDE: Final = 5
"""By how many places neighbours differ where several elements are put in place of several."""

S = TypeVar("S", bytes, str)


def explore(arguments: Arguments, most_parts: int = MOST_PARTS) -> Freedom:
    """Find out what of these arguments, which fail, is needed."""
    parts: list[Part] = []
    for part in _divided(arguments, most_parts):
        variations = [_put(arguments, part, value) for value in _others(arguments, part)]
        is_free = bool(variations) and (yield variations) is None
        parts.append(replace(part, is_free=is_free))
    free = [part for part in parts if part.is_free]
    is_joint = len(free) < 2 or (yield list(_together(arguments, free))) is None
    return Needed(_merged(parts), is_joint)


def _divided(arguments: Arguments, most: int) -> Iterator[Part]:
    """The parts that are tried by themselves."""
    extents = [extent(value) for value in arguments]
    width = max(1, math.ceil(sum(length for length, _ in extents) / most))
    for argument, (length, unit) in enumerate(extents):
        for start in range(0, length, width):
            end = min(length, start + width)
            value = arguments[argument]
            yield Part(argument, start, end, unit, False, place(value, start), place(value, end - 1))


def _put(arguments: Arguments, part: Part, value: Any) -> Arguments:
    """The arguments with something else in place of a part."""
    whole: Any = arguments[part.argument]
    if isinstance(whole, Composite):
        value = _composite_with(whole, part, value)
    elif isinstance(whole, bytes | str):
        value = whole[: part.start] + value + whole[part.end :]
    return (*arguments[: part.argument], value, *arguments[part.argument + 1 :])


def _others(arguments: Arguments, part: Part) -> list[Any]:
    """What is put in place of a part, `VARIATIONS` at most; all of the part's kind and length."""
    value: Any = arguments[part.argument]
    match value:
        case bytes():
            return _filled(value[part.start : part.end], _BYTES)
        case str():
            return _filled(value[part.start : part.end], _CHARACTERS)
        case Composite():
            return _other_parts(value, part)
        case bool():
            return [not value]
        case int():
            others: list[Any] = [0, 1, -1, value + 1, value - 1, -value, 2 * value + 100, 2**31, -(2**64)]
        case float():
            others = [0.0, 1.0, -1.5, value + 1, -value, value / 2, 1e300, math.inf, math.nan]
        case date():
            ordinal = value.toordinal()
            near = (min(max(1, ordinal + days), date.max.toordinal()) for days in (1, -1, 40, 400))
            others = [date(2000, 1, 1), date(1999, 12, 31), *map(date.fromordinal, near), date(1, 1, 1)]
        case _:
            return []
    return [other for other in dict.fromkeys(others) if other != value][:VARIATIONS]


def _other_parts(value: Composite, part: Part) -> list[tuple[Any, ...]]:
    """What is put in place of leaves of a typed value: for each of them something else, where there is anything."""
    inner = leaves(value.spec, value.plain)[part.start : part.end]
    others = [_other_leaves(leaf.spec, leaf.value) for leaf in inner]
    if not all(others):
        return []
    return [
        tuple(each[number % len(each)] for each in others) for number in range(min(VARIATIONS, max(map(len, others))))
    ]


def _other_leaves(spec: Spec, value: Any) -> list[Any]:
    if isinstance(spec, Choice):
        return [each for each in spec.options if type(each) is not type(value) or each != value][:VARIATIONS]
    assert isinstance(spec, Scalar), "a leaf"
    length = len(value) if isinstance(value, bytes | str) else 1
    alone = Part(0, 0, length, "", False)
    if not length:
        return []
    others = (fitted(spec, other) for other in _others((value,), alone))
    return [other for other in dict.fromkeys(others) if other != value]


def _composite_with(value: Composite, part: Part, others: tuple[Any, ...]) -> Composite:
    plain = value.plain
    for leaf, other in zip(leaves(value.spec, plain)[part.start : part.end], others, strict=True):
        plain = put(plain, leaf.path, other)
    return value.like(plain)


def _filled(elements: S, kinds: S) -> list[S]:
    """As many other elements, none of them as it was, each time of other kinds."""
    return [
        elements[:0].join(_other(elements[at : at + 1], kinds, shift + _STRIDE * at) for at in range(len(elements)))
        for shift in range(VARIATIONS)
    ]


def _other(element: S, kinds: S, place: int) -> S:
    other = kinds[place % len(kinds) :][:1]
    return other if other != element else kinds[(place + 1) % len(kinds) :][:1]


def _together(arguments: Arguments, free: list[Part]) -> Iterator[Arguments]:
    """All free parts varied at once."""
    for shift in range(VARIATIONS):
        varied = arguments
        for number, part in enumerate(free):
            others = _others(arguments, part)
            varied = _put(varied, part, others[(shift + number) % len(others)])
        yield varied


def _merged(parts: list[Part]) -> tuple[Part, ...]:
    """Neighbours that are alike as one."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if last is not None and (last.argument, last.is_free) == (part.argument, part.is_free):
            merged[-1] = replace(last, end=part.end, last=part.last)
        else:
            merged.append(part)
    return tuple(merged)
