"""Exit statuses, as the reference documents them; those of signals are 128 and their number."""

from typing import Final

FAILING: Final = 1
"""Crashers, failing seeds, or inputs that fail when they are run again."""

USAGE: Final = 2

FAILED: Final = 70
"""The harness or the machinery failed (EX_SOFTWARE of sysexits.h)."""

UNSAVED: Final = 75
"""A crasher lies nowhere on disk (EX_TEMPFAIL)."""
