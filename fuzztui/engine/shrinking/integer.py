"""Integers, towards 0."""

from collections.abc import Iterator
from typing import Final

from fuzztui.engine.shrinking.search import Search, first_of

FACTORS: Final = (3, 5, 7)
"""By multiples of which a number is lowered, besides by powers of two."""


def shrink(value: int) -> Search[int]:
    """0 where that fails, else the nearest to 0 that single steps and halvings find."""
    while True:
        found = yield from first_of(value, _nearer(value))
        if found == value:
            return value
        value = found


def _nearer(value: int) -> Iterator[int]:
    if value == 0:
        return
    yield 0
    if value < 0:
        yield -value
    sign, size = (1, value) if value > 0 else (-1, -value)
    step = size >> 1
    while step:  # a bisection, if what fails is all from some number on
        yield sign * (size - step)
        step >>= 1
    for bit in range(size.bit_length() - 1, -1, -1):
        if size >> bit & 1 and size != 1 << bit:
            yield sign * (size ^ 1 << bit)
    for factor in FACTORS:  # where only every third, fifth or seventh fails, as of days one in a week
        step = factor << max(0, (size // factor).bit_length() - 1)
        while step >= factor:
            if step <= size:
                yield sign * (size - step)
            step >>= 1
