"""Days, towards the first of January 2000."""

from collections.abc import Iterator
from datetime import date

from fuzztui.engine.shrinking import integer
from fuzztui.engine.shrinking.search import Search, first_of, within

PLAINEST = date(2000, 1, 1)


def shrink(value: date) -> Search[date]:
    """A day that fails with as much as possible as in `PLAINEST`; where not all can be, the nearest day to it."""
    value = yield from first_of(value, _plainer(value))
    days = yield from within(integer.shrink((value - PLAINEST).days), lambda days: _after(days, value))
    nearest = _after(days, value)
    return (yield from first_of(nearest, _plainer(nearest)))


def _plainer(value: date) -> Iterator[date]:
    for year in dict.fromkeys((PLAINEST.year, value.year)):
        for month in dict.fromkeys((1, value.month)):
            for day in dict.fromkeys((1, value.day)):
                try:
                    plainer = date(year, month, day)
                except ValueError:  # the 29th of February
                    continue
                if plainer != value:
                    yield plainer


def _after(days: int, otherwise: date) -> date:
    try:
        return date.fromordinal(PLAINEST.toordinal() + days)
    except (ValueError, OverflowError):  # the mirror image of a day may lie before the year 1
        return otherwise
