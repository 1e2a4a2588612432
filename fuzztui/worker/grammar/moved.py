"""Numbers and dates that stand in texts, moved by what lacks to something that the program has worked out of them.

What `mutate.moving` does with numbers that are arguments. A date is moved by days: what code in C has made of it (a
weekday, a span) is a number again where it is compared. A time of day is moved as a whole, and with all that follow. A
number is moved with another one that was what it had to be, too, as the total of a bill is, which would not be right
any longer.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.moving import compared
from fuzztui.worker.mutate.operands import Comparison
from fuzztui.worker.mutate.sizes import Arguments, size

__builtins__ = PRIVATE_BUILTINS

MAX_MOVED: Final = 120
"""Inputs that one entry leads to."""

_MAX_PLACES: Final = 12
_MAX_RIGHT: Final = 2
_MAX_TEXT: Final = 2048
_MAX_DIFFERENCE: Final = 10**9
_DAY: Final = 86_400
"""Seconds."""

_LAST_DAY: Final = 3_652_059
"""The ordinal of 9999-12-31, as `datetime` counts: 0001-01-01 is 1."""

_NUMBERS: Final = re.compile(r"(?<!\d)(?:(\d{4})-([01]\d)-([0-3]\d)|\d{1,9})(?!\d)", re.ASCII)


_TIMES: Final = re.compile(r"(?<![\d:])(\d\d):([0-5]\d)(?::([0-5]\d)(?:([.,])(\d{3}))?)?(?![\d:])", re.ASCII)
_MAX_TIMES: Final = 6
_LAST_HOUR: Final = 99


class Place(NamedTuple):
    """Where a number or a date stands."""

    start: int
    stop: int
    value: int
    """The number, the day as an ordinal, or a time of day in the smallest unit that it has."""
    is_date: bool
    is_time: bool = False


def ordinal(year: int, month: int, day: int) -> int:
    """The day, counted from 0001-01-01, which is 1. (H. Hinnant, chrono-compatible low-level date algorithms.)"""
    year -= month <= 2
    era, of_era = year // 400, year % 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 305


def iso_date(day: int) -> str:
    """An ordinal as `2024-02-29`; the inverse of `ordinal`."""
    era, of_era = (day + 305) // 146_097, (day + 305) % 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return f"{year + era * 400 + (month <= 2):04}-{month:02}-{of_year - (153 * shifted + 2) // 5 + 1:02}"


def places(text: str) -> list[Place]:
    """The numbers and dates of a text, the last first."""
    found = []
    for match in _NUMBERS.finditer(text):
        is_date = match[1] is not None
        value = ordinal(int(match[1]), int(match[2]), int(match[3])) if is_date else int(match[0])
        found.append(Place(match.start(), match.end(), value, is_date))
    return found[: -_MAX_PLACES - 1 : -1]


def times(text: str) -> list[Place]:
    """The times of day of a text, the last first, as `09:30`, `09:30:15` or `09:30:15,250`."""
    found = []
    for match in _TIMES.finditer(text):
        value = int(match[1]) * 60 + int(match[2])
        if match[3] is not None:
            value = value * 60 + int(match[3])
        if match[5] is not None:
            value = value * 1000 + int(match[5])
        found.append(Place(match.start(), match.end(), value, is_date=False, is_time=True))
    return found[: -_MAX_TIMES - 1 : -1]


def moved_in_texts(arguments: Arguments, comparisons: Sequence[Comparison], max_len: int) -> Iterator[Arguments]:
    """At most `MAX_MOVED` inputs of total size up to `max_len` in which a number, a date or a time of day of a text,
    all dates, the last times, or a number and one that was right are larger or smaller by the difference between two
    numbers that were compared; those of the last comparison first.
    """
    differences = list(
        dict.fromkeys([abs(other - one) for one, other in compared(comparisons) if _is_near(one, other)])
    )
    equal = [one for operator, one, other in comparisons if operator in ("==", "!=") and _is_same(one, other)]
    room = max_len - sum(map(size, arguments))
    seen = {arguments}
    for difference in differences:
        for index, value in enumerate(arguments):
            if (type(value) is not bytes and type(value) is not str) or len(value) > _MAX_TEXT:
                continue
            text = value if isinstance(value, str) else value.decode("latin-1")
            for changed in _moved(text, places(text), difference, equal):
                made: Any = changed if isinstance(value, str) else changed.encode("latin-1")
                whole = (*arguments[:index], made, *arguments[index + 1 :])
                if whole not in seen and len(changed) - len(text) <= room:
                    seen.add(whole)
                    yield whole
                    if len(seen) > MAX_MOVED:
                        return


def _is_near(one: Any, other: Any) -> bool:
    return type(one) is int and type(other) is int and abs(one - other) <= _MAX_DIFFERENCE


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is int and type(other) is int and one == other


def _moved(text: str, found: Sequence[Place], difference: int, equal: Collection[object]) -> Iterator[str]:
    """By one difference; `equal`: numbers that were what they had to be."""
    dates = [place for place in found if place.is_date]
    right = [place for place in found if place.value in equal and not place.is_date][:_MAX_RIGHT]
    with_right = [[max(one, other), min(one, other)] for one in right for other in found if other != one]
    clocks = times(text)
    at_end = [clocks[:count] for count in range(1, len(clocks) + 1)]
    at_end = [each for each in at_end if len({place.stop - place.start for place in each}) == 1]
    # A number that is a part of a time comes last: alone it is mostly out of bounds then.
    apart = [place for place in found if not any(each.start <= place.start < each.stop for each in clocks)]
    alone = [[place] for place in (*apart, *clocks[1:])]
    parts = [[place] for place in found if place not in apart]
    for several in (*at_end, *alone, *([dates] if len(dates) > 1 else []), *with_right, *parts):
        units = (difference, difference // _DAY) if several[0].is_date and difference >= _DAY else (difference,)
        for unit in units:
            for by in (unit, -unit):
                changed = text
                for place in several:  # the last first, so that what stands before stays where it is
                    new = _spelled(place, by, text)
                    changed = changed if new is None else changed[: place.start] + new + changed[place.stop :]
                yield changed


def _time(value: int, like: str) -> str | None:
    """A time of day in the smallest unit that another one has, spelled as that is."""
    behind = ""
    if len(like) > len("00:00:00"):
        value, behind = value // 1000, f"{like[8]}{value % 1000:03}"
    if len(like) > len("00:00"):
        value, behind = value // 60, f":{value % 60:02}{behind}"
    hour = value // 60
    return f"{hour:02}:{value % 60:02}{behind}" if 0 <= hour <= _LAST_HOUR else None


def _spelled(place: Place, by: int, text: str) -> str | None:
    value = place.value + by
    if place.is_time:
        return _time(value, text[place.start : place.stop])
    if place.is_date:
        return iso_date(value) if 0 < value <= _LAST_DAY else None
    return str(value).rjust(place.stop - place.start, "0") if text[place.start] == "0" and value >= 0 else str(value)
