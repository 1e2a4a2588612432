"""Datetimes: two of one minute of a leap day."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st


def booked(times: list[datetime]) -> int:
    """How many a calendar keeps, which rounds to minutes on leap days."""
    kept = set()
    for time in times:
        if time.month == 2 and time.day == 29 and time.hour >= 12:
            kept.add(time.replace(second=0, microsecond=0))
        else:
            kept.add(time)
    return len(kept)


@given(st.lists(st.datetimes(), unique=True, max_size=6))
def test_calendar(times: list[datetime]) -> None:
    assert booked(times) == len(times)
