"""A day in a class, and another one after it."""

from dataclasses import dataclass
from datetime import date

FIRST = date(1961, 4, 12)


@dataclass(frozen=True)
class Person:
    born: date
    seen: set[date]


class PlantedError(Exception):
    """It is the one."""


def fuzz_birthday(person: Person) -> None:
    if person.born == FIRST and date(1969, 7, 20) in person.seen:
        raise PlantedError
