"""python-dateutil 2.8.2, which reads dates as people write them.

It raises `ParserError` (a ValueError) for what is no date, and OverflowError for one out of range. Known to be found:
a `decimal.InvalidOperation` that escapes for some strings of digits.
"""

import warnings
from contextlib import suppress

from dateutil import parser  # type: ignore[import-untyped]

# An unknown time zone's name is only warned of.
warnings.simplefilter("ignore", parser.UnknownTimezoneWarning)


def fuzz_dateutil(text: str) -> None:
    with suppress(ValueError, OverflowError):
        parser.parse(text)
