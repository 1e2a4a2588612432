"""A moment, in a class."""

from dataclasses import dataclass
from datetime import UTC, datetime

OPENS = datetime(2031, 4, 1, 9, 30, 15, tzinfo=UTC)


@dataclass
class Offer:
    name: str
    opens: datetime


class PlantedError(Exception):
    """It is the one."""


def fuzz_deadline(offers: list[Offer]) -> None:
    for offer in offers:
        if offer.opens == OPENS:
            raise PlantedError
