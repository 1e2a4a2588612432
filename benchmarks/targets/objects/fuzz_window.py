"""A time within a millisecond of a day."""

from datetime import time, timedelta

CLOSES = time(17, 59, 59, 999_000)


class PlantedError(Exception):
    """It is the one."""


def fuzz_window(closes: time, grace: timedelta) -> None:
    if closes.tzinfo is None and closes >= CLOSES and closes < time(18) and grace == timedelta(minutes=2, seconds=30):
        raise PlantedError
