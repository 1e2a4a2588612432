"""Exit statuses, as the reference documents them; those of signals are 128 and their number."""

from typing import Final

FAILING: Final = 1
"""Crashers, failing seeds, or inputs that fail when they are run again."""

USAGE: Final = 2

FAILED: Final = 70
"""The harness or the machinery failed (EX_SOFTWARE of sysexits.h)."""

UNSAVED: Final = 75
"""A crasher lies nowhere on disk (EX_TEMPFAIL)."""

READER_GONE: Final = 141
"""Whoever read our output has gone; what shells show of a program that SIGPIPE ends."""

SIGNALS: Final = 128
"""Statuses above this are those of signals."""


def of_both(earlier: int, later: int) -> int:
    """The exit status of two runs, one after the other: that of the later one, unless it would hide what became of the
    earlier one, as 0 and the end by a signal do. What lies nowhere on disk is never hidden.
    """
    if UNSAVED in (earlier, later):
        return UNSAVED
    return earlier if earlier and (later == 0 or later > SIGNALS) else later
