"""A day."""

import datetime


def fuzz_date(day: datetime.date) -> None: ...
