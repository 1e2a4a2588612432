"""Executions to bugs behind a `FuzzedDataProvider`: one for each way in which it reads, twice.

Over raw bytes such a bug takes tens of thousands to millions of executions.
"""

from typing import Final

from benchmarks.behind import Suite

SUITE: Final = Suite(
    "provider",
    "a FuzzedDataProvider",
    (
        *("slice", "beyond_ascii", "two_texts", "counted", "ranges", "wide", "floats", "picks", "bools", "lists"),
        *("suffix", "greek", "three_texts", "frames", "serial", "measures", "choices", "switches", "series", "dates"),
        *("scaled", "rates"),
    ),
    limit=5_000,
)
