"""Bookings `from/to guests code`, with dates that C code reads, and a difference between them."""

from datetime import date


class PlantedError(Exception):
    """A stay of exactly four weeks is booked with the code of the weekend."""


class MalformedError(Exception):
    """The text is no booking."""


def fuzz_booking(data: bytes) -> None:
    try:
        span, guests, code = data.decode("ascii").split(" ")
        first, slash, last = span.partition("/")
        if not slash:
            raise MalformedError("span")
        stay = date.fromisoformat(last) - date.fromisoformat(first)
        if stay.days < 1 or not 1 <= int(guests) <= 6:
            raise MalformedError("stay")
        if code.casefold() == "weekend" and stay.days == 28:
            raise PlantedError
    except (MalformedError, ValueError):
        return
