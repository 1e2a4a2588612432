"""Executions to bugs behind values that are objects of classes: `datetime`, `Decimal`, members of enumerations."""

from typing import Final

from benchmarks.behind import Suite

SUITE: Final = Suite(
    "objects",
    "an object",
    (
        *("deadline", "amount", "token", "route", "ratio"),
        *("path", "window", "country", "host", "birthday"),
    ),
    limit=5_000,
)
