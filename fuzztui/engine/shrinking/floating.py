"""Floats, towards small whole numbers, then few digits."""

import math
from collections.abc import Iterator

from fuzztui.engine.shrinking import integer
from fuzztui.engine.shrinking.search import Search, first_of, within

MOST_DIGITS = 17
"""Digits that tell any two floats apart."""


def shrink(value: float) -> Search[float]:
    """The plainest float that fails."""
    while True:
        found = yield from first_of(value, (one for one in _plainer(value) if _rank(one) < _rank(value)))
        if math.isfinite(found) and found == int(found) and abs(found) < 2**53:
            whole = yield from within(integer.shrink(int(found)), float)
            found = math.copysign(float(whole), found) if not whole else float(whole)
        if _rank(found) >= _rank(value):
            return value
        value = found


def _plainer(value: float) -> Iterator[float]:
    yield from (0.0, 1.0, -1.0, 0.5)
    if not math.isfinite(value):
        yield from (1e308, math.inf)
        return
    yield abs(value)
    if abs(value) < 1e300:
        yield from (float(math.trunc(value)), float(math.floor(value)), float(math.ceil(value)))
    yield math.fmod(value, 1.0)
    if abs(value) < 1e15:
        yield math.trunc(value) + math.copysign(0.5, value)
    for digits in range(1, MOST_DIGITS):
        yield float(f"{value:.{digits}g}")
    yield value / 2
    yield math.sqrt(abs(value))


def _rank(value: float) -> tuple[int, int, float, bool]:
    """Order of plainness: whole, short, near 0, positive; what is no number comes last."""
    if not math.isfinite(value):
        return (3 if math.isnan(value) else 2, 0, 0.0, math.copysign(1, value) < 0)
    is_whole = value == math.trunc(value)
    digits = len(repr(abs(value)).rstrip("0").rstrip("."))
    return (not is_whole, digits, abs(value), math.copysign(1, value) < 0)
