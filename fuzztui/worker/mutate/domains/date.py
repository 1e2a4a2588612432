"""The domain of `datetime.date`. Hot code, see `sequence`."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.date import date_class
from fuzztui.worker.mutate.adaptive import SLOTS_BITS, STOP, Bandit, Weighted
from fuzztui.worker.mutate.dictionary import Dictionary
from fuzztui.worker.mutate.domain import Domain, Finder, Occurrence, Surroundings
from fuzztui.worker.mutate.scalars import Scalar
from fuzztui.worker.mutate.sequence import RandomBits

if TYPE_CHECKING:
    from datetime import date

__builtins__ = PRIVATE_BUILTINS

_YEARS: Final = 9999
_DAYS: Final = 3_652_059
"""In the calendar: the ordinal of the last day, which the first one's, 1, is less than."""

_SPANS: Final = (1, 1, 1, 2, 6, 7, 7, 28, 30, 31, 90, 365, 366, 1461, 36_524, 146_097)
"""Days that calculations step by: to months, leap years and centuries."""

_INTERESTING: Final = (
    (1, 1, 1), (9999, 12, 31), (9999, 12, 1), (1970, 1, 1), (1969, 12, 31), (2038, 1, 19), (2106, 2, 7),
    (2000, 2, 29), (1900, 2, 28), (2100, 3, 1), (2024, 2, 29), (2023, 2, 28), (1999, 12, 31), (2000, 1, 1),
    (2024, 12, 30), (2021, 1, 3), (2020, 12, 31), (1582, 10, 4), (1582, 10, 15), (1752, 9, 3), (1901, 12, 13),
    (1999, 9, 9), (2001, 9, 9), (1000, 1, 1), (999, 12, 31), (99, 12, 31), (100, 1, 1), (4, 2, 29), (1904, 1, 1),
    (1899, 12, 30), (1601, 1, 1), (2262, 4, 11),
)  # fmt: skip
"""Ends of the calendar and of how systems count days, leap days and their absence, weeks of another year."""


class Days(Domain["date"]):
    """Of the kind `date`."""

    name = "date"

    def mutator(self, surroundings: Surroundings, /) -> "tuple[Callable[[date], date], Bandit[date]]":
        """A havoc stack."""
        random = surroundings.random
        getrandbits = random.getrandbits
        from_ordinal: Callable[[int], date] = date_class().fromordinal
        bandit = Bandit(date_operators(random, surroundings.dictionary))
        table, trail = bandit.table, bandit.trail
        last_slot = len(table) - 1

        def mutate(value: "date") -> "date":
            mutated = value
            depth = 0
            while True:
                trail[depth] = bits = getrandbits(30)
                depth += 1
                mutated = table[bits & last_slot](mutated, bits >> SLOTS_BITS)
                if bits < STOP:
                    break
            return mutated if mutated != value else from_ordinal(value.toordinal() % _DAYS + 1)

        return mutate, bandit

    def finder(self, value: "date", argument: int) -> Finder:
        """Finds an operand that is the day, a number that says something of it, or its text."""

        def find(old: Scalar) -> "Iterator[Occurrence]":
            if type(old) is type(value):
                if value == old:
                    yield Occurrence(0, argument, old, value, _day_of)
            elif isinstance(old, int):
                for rank, read, write in _NUMBERS:
                    if read(value) == old:
                        yield Occurrence(rank, argument, old, value, _writing(value, write))
                yield Occurrence(3, argument, old, value, _shifting(value, old))
            elif isinstance(old, str):
                for read_text, write_text in _TEXTS:
                    if old == read_text(value):
                        yield Occurrence(0, argument, old, value, write_text)

        return find

    def neighbors(self, scalar: "date", /) -> "tuple[date, ...]":
        """The next day, and the day before."""
        ordinal = scalar.toordinal()
        return tuple(type(scalar).fromordinal(each) for each in (ordinal + 1, ordinal - 1) if 1 <= each <= _DAYS)

    def rebuilt(self, value: "date", steps: Sequence[tuple[Scalar, Scalar]], /) -> "date | None":
        """The day with several of its numbers replaced, which stand in any order."""
        wanted = {}
        for old, new in steps:
            for name in ("year", "month", "day"):
                if name not in wanted and type(new) is int and getattr(value, name) == old:
                    wanted[name] = new
                    break
            else:
                return None
        return _with_numbers(value, **wanted)


# Operators --------------------------------------------------------------------------------------------------------


def date_operators(random: RandomBits, dictionary: Dictionary) -> "Weighted[date]":
    """The operators on date, with weights."""
    cls = date_class()
    getrandbits = random.getrandbits
    from_ordinal: Callable[[int], date] = cls.fromordinal
    interesting_days: list[date] = [cls(*each) for each in _INTERESTING]
    days: list[date] = dictionary.values("date")
    ints = dictionary.ints

    def step_days(value: "date", bits: int) -> "date":
        span = _SPANS[bits >> 1 & 15]
        return from_ordinal((value.toordinal() - 1 + (span if bits & 1 else -span)) % _DAYS + 1)

    def set_year(value: "date", bits: int) -> "date":
        return _clamped(value, 1 + bits % _YEARS, value.month, value.day)

    def nudge_year(value: "date", bits: int) -> "date":
        delta = (bits >> 1 & 7) + 1
        return _clamped(value, value.year + (delta if bits & 1 else -delta), value.month, value.day)

    def set_month(value: "date", bits: int) -> "date":
        return _clamped(value, value.year, 1 + bits % 12, value.day)

    def set_day(value: "date", bits: int) -> "date":
        return _clamped(value, value.year, value.month, 1 + bits % 31)

    def edge_of_month(value: "date", bits: int) -> "date":
        return _clamped(value, value.year, value.month, 31 if bits & 1 else 1)

    def edge_of_year(value: "date", bits: int) -> "date":
        return _clamped(value, value.year, *((12, 31) if bits & 1 else (1, 1)))

    def leap_day(value: "date", bits: int) -> "date":
        return _clamped(value, value.year // 4 * 4 + 4 * (bits & 1), 2, 29)

    def interesting(_value: "date", bits: int) -> "date":
        return interesting_days[bits % len(interesting_days)]

    def from_dictionary(value: "date", bits: int) -> "date":
        if days and (bits & 1 or not ints):
            return days[(bits >> 1) % len(days)]
        if not ints:
            return interesting(value, bits)
        number = ints[(bits >> 3) % len(ints)]
        choice = bits >> 1 & 3
        if choice == 0 and 1 <= number <= _DAYS:
            return from_ordinal(number)
        if choice == 1:
            return _clamped(value, value.year, number, value.day)
        if choice == 2:
            return _clamped(value, value.year, value.month, number)
        return _clamped(value, number, value.month, value.day)

    def randomize(_value: "date", _bits: int) -> "date":
        return from_ordinal(1 + getrandbits(30) % _DAYS)

    return {
        step_days: 5,
        set_year: 2,
        nudge_year: 2,
        set_month: 3,
        set_day: 3,
        edge_of_month: 1,
        edge_of_year: 1,
        leap_day: 1,
        interesting: 3,
        from_dictionary: 4,
        randomize: 2,
    }


def _clamped(value: "date", year: int, month: int, day: int) -> "date":
    """The nearest day that the calendar has."""
    year, month, day = min(max(year, 1), _YEARS), min(max(month, 1), 12), min(max(day, 1), 31)
    while True:
        try:
            return value.replace(year, month, day)
        except ValueError:  # a month of fewer days: at most three times
            day -= 1


# Input-to-state ---------------------------------------------------------------------------------------------------


def _with_numbers(value: "date", **numbers: int) -> "date | None":
    try:
        return value.replace(**numbers)
    except (OverflowError, ValueError):
        return None


def _at(value: "date", ordinal: int) -> "date | None":
    return type(value).fromordinal(ordinal) if 1 <= ordinal <= _DAYS else None


def _with_year(value: "date", number: int) -> "date | None":
    # On a 29th of February, of most years the day before.
    return _with_numbers(value, year=number) or _with_numbers(value, year=number, day=28)


def _with_month(value: "date", number: int) -> "date | None":
    return _clamped(value, value.year, number, value.day) if 1 <= number <= 12 else None


def _with_day(value: "date", number: int) -> "date | None":
    if not 1 <= number <= 31:
        return None
    return _with_numbers(value, day=number) or _with_numbers(
        value, month=1, day=number
    )  # a month that has so many days


def _with_weekday(value: "date", number: int) -> "date | None":
    return _at(value, value.toordinal() - value.weekday() + number) if 0 <= number <= 6 else None


def _with_iso_weekday(value: "date", number: int) -> "date | None":
    return _with_weekday(value, number - 1)


def _with_day_of_year(value: "date", number: int) -> "date | None":
    return _at(value, value.toordinal() - _day_of_year(value) + number) if 1 <= number <= 366 else None


def _day_of_year(value: "date") -> int:
    return value.toordinal() - value.replace(month=1, day=1).toordinal() + 1


def _week(value: "date") -> int:
    return value.isocalendar().week


def _with_week(value: "date", number: int) -> "date | None":
    return _at(value, value.toordinal() + 7 * (number - _week(value))) if 1 <= number <= 53 else None


_NUMBERS: "Final[tuple[tuple[int, Callable[[date], int], Callable[[date, int], date | None]], ...]]" = (
    (0, lambda value: value.year, _with_year),
    (0, lambda value: value.toordinal(), _at),
    (1, lambda value: value.month, _with_month),
    (1, lambda value: value.day, _with_day),
    (1, lambda value: value.weekday(), _with_weekday),
    (1, lambda value: value.isoweekday(), _with_iso_weekday),
    (2, _day_of_year, _with_day_of_year),
    (2, _week, _with_week),
    (2, lambda value: value.year % 100, lambda value, number: _with_year(value, value.year // 100 * 100 + number)),
)
"""(rank, what number a day shows, the day that shows another)"""


def _writing(value: "date", write: "Callable[[date, int], date | None]") -> Callable[[Any], Any]:
    def encode(number: Any) -> "date | None":
        return write(value, number) if isinstance(number, int) else None

    return encode


def _shifting(value: "date", old: int) -> Callable[[Any], Any]:
    """The operand was a number of days, counted from some other one."""

    def encode(number: Any) -> "date | None":
        return _at(value, value.toordinal() + number - old) if isinstance(number, int) else None

    return encode


def _day_of(operand: Any) -> "date | None":
    return operand if type(operand) is date_class() else None


def _day_of_text(text: Any) -> "date | None":
    if not isinstance(text, str):
        return None
    try:
        day: date = date_class().fromisoformat(text)
    except ValueError:
        return None
    return day


_TEXTS: "Final[tuple[tuple[Callable[[date], str], Callable[[Any], date | None]], ...]]" = (
    (lambda value: value.isoformat(), _day_of_text),
    (lambda value: value.isoformat().replace("-", ""), _day_of_text),
)
"""(how a day is written, the day that is written so)"""
